import { defineConfig } from 'vitest/config';

const project = (name: string, timeout: number) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`, `tests/${name}/**/*.test.tsx`],
    environment: 'node',
    testTimeout: timeout,
    hookTimeout: timeout,
  },
});

/** Times in milliseconds. The `#room/name` imports resolve through package.json "imports". A DOM test asks for its
 * environment in its first line: `// @vitest-environment happy-dom`. */
export default defineConfig({
  resolve: { alias: [{ find: /^simple-peer$/, replacement: 'simple-peer/simplepeer.min.js' }] },
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', 10_000),
      project('contract', 20_000),
      project('integration', 60_000),
      project('shell', 20_000),
    ],
  },
});
