import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';

const entries = (paths: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(paths).filter(([, path]) => existsSync(resolve(path))));

/**
 * The shell's main process and preload. The renderer is the page that the serve host shows too, so src/cli/build.mjs
 * builds it once for both.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: entries({
          index: 'src/main/index.ts',
          'store-worker': 'src/core/store/worker.ts',
          'ssh-worker': 'src/core/ssh/worker.ts',
        }),
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  // A sandboxed window cannot load an ES module as its preload.
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: entries({ index: 'src/preload/index.ts' }),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
});
