/**
 * `npm run build`: the serve host, the two pages and, where its sources exist, the Electron shell, into out/. What has
 * no source yet is left out, and a target whose inputs have not changed since its last build is skipped.
 * `--force` builds everything.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const inRoot = (...parts) => join(root, ...parts);
const force = process.argv.includes('--force');
const stampFile = inRoot('out', '.built.json');

/** Without this alias the browser build asks for Node's `global`. */
const alias = [{ find: /^simple-peer$/, replacement: 'simple-peer/simplepeer.min.js' }];

const existing = (entries) => Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path)));

const serveEntries = existing({
  deskside: inRoot('src/serve/deskside.ts'),
  'store-worker': inRoot('src/core/store/worker.ts'),
  'ssh-worker': inRoot('src/core/ssh/worker.ts'),
});

const pagePlan = (name) => ({
  name,
  inputs: [`src/${name}`, 'src/contract', 'src/rpc', 'src/peer', 'resources'],
  output: inRoot('out', name, 'index.html'),
  present: existsSync(inRoot('src', name, 'index.html')),
  run: async () => {
    const { build } = await import('vite');
    const { default: react } = await import('@vitejs/plugin-react');
    await build({
      configFile: false,
      logLevel: 'warn',
      root: inRoot('src', name),
      base: './',
      resolve: { alias },
      plugins: [react()],
      build: { outDir: inRoot('out', name), emptyOutDir: true, minify: true, chunkSizeWarningLimit: 4096 },
    });
  },
});

const plans = [
  {
    name: 'serve',
    inputs: ['src/serve', 'src/cli', 'src/core', 'src/rpc', 'src/contract', 'resources'],
    output: inRoot('out/serve', `${Object.keys(serveEntries)[0]}.js`),
    present: Object.keys(serveEntries).length > 0,
    run: async () => {
      const { build } = await import('vite');
      await build({
        configFile: false,
        logLevel: 'warn',
        root,
        publicDir: false,
        build: {
          ssr: true,
          target: 'node20',
          outDir: inRoot('out/serve'),
          emptyOutDir: true,
          minify: false,
          rolldownOptions: {
            input: serveEntries,
            output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
          },
        },
      });
    },
  },
  pagePlan('guest'),
  pagePlan('renderer'),
  {
    name: 'electron',
    inputs: ['src/main', 'src/preload', 'src/core', 'src/rpc', 'src/contract', 'electron.vite.config.ts', 'resources'],
    output: inRoot('out/main/index.js'),
    present: existsSync(inRoot('electron.vite.config.ts')) && existsSync(inRoot('src/main/index.ts')),
    // Electron's build runs in its own process: electron-vite sets process-wide state while it reads its configuration.
    run: async () => {
      const tool = inRoot('node_modules/electron-vite/bin/electron-vite.js');
      const { status } = spawnSync(process.execPath, [tool, 'build', '--logLevel', 'warn'], {
        cwd: root,
        stdio: 'inherit',
      });
      if (status !== 0) throw new Error('electron-vite build failed');
    },
  },
];

const filesOf = (path) => {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
};

const hashOf = (inputs) => {
  const hash = createHash('sha256').update(process.version);
  for (const path of [...inputs, 'package.json', 'package-lock.json', 'src/cli/build.mjs'])
    for (const file of filesOf(inRoot(path))) hash.update(relative(root, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
};

const readStamps = () => {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
};

const stamps = readStamps();
const failed = [];
for (const plan of plans.filter(({ present }) => present)) {
  const hash = hashOf(plan.inputs);
  if (!force && stamps[plan.name] === hash && existsSync(plan.output)) {
    console.log(`build: ${plan.name} is up to date`);
    continue;
  }
  const started = performance.now();
  try {
    await plan.run();
    stamps[plan.name] = hash;
    console.log(`build: ${plan.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    delete stamps[plan.name];
    rmSync(plan.output, { force: true });
    failed.push(plan.name);
    console.error(`build: ${plan.name} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
const absent = plans.filter(({ present }) => !present).map(({ name }) => name);
if (absent.length > 0) console.log(`build: no source yet for ${absent.join(', ')}`);
mkdirSync(dirname(stampFile), { recursive: true });
writeFileSync(stampFile, JSON.stringify(stamps, undefined, 2));
process.exitCode = failed.length === 0 ? 0 : 1;
