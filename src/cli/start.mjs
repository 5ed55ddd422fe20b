/**
 * `npm start [-- ARGUMENTS]`: installs what is missing, builds what changed, then opens the desktop window where
 * Electron's runtime and a display exist, and otherwise serves the same console to a browser.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureModules } from './modules.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const isRoot = process.getuid?.() === 0;
const hasDisplay =
  process.platform !== 'linux' || Boolean(process.env['DISPLAY']) || Boolean(process.env['WAYLAND_DISPLAY']);

/** The runtime's path, or undefined: it comes from Electron's own site and the package alone does not hold it. */
const electronRuntime = () => {
  const folder = join(root, 'node_modules', 'electron');
  const named = join(folder, 'path.txt');
  const name = existsSync(named) ? readFileSync(named, 'utf8').trim() : 'electron';
  const path = join(folder, 'dist', name);
  return existsSync(path) ? path : undefined;
};

/** Runs `command` in this terminal until it ends; signals go through, and its exit code becomes ours. */
const become = (command, args) => {
  const child = spawn(command, args, { cwd: process.cwd(), stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`deskside: cannot start ${command}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
};

const start = () => {
  if (!ensureModules(root)) {
    console.error('deskside: npm ci failed; see its message above, then run npm start again');
    return 1;
  }
  const build = spawnSync(process.execPath, [join(root, 'src/cli/build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (build.status !== 0) return 1;
  const args = process.argv.slice(2);
  const runtime = electronRuntime();
  if (runtime !== undefined && hasDisplay && !isRoot && existsSync(join(root, 'out/main/index.js'))) {
    become(runtime, [root, ...args]);
    return undefined;
  }
  const host = join(root, 'out/serve/deskside.js');
  if (!existsSync(host)) {
    console.error('deskside: this tree has no serve host to start (src/serve/deskside.ts)');
    return 1;
  }
  const why =
    runtime === undefined
      ? "Electron's runtime is not installed"
      : isRoot
        ? 'running as root'
        : !hasDisplay
          ? 'no display'
          : 'the desktop shell is not built';
  const open = hasDisplay && !isRoot;
  console.error(
    `deskside: ${why}, so no desktop window; serving the console ${open ? 'to your browser' : 'at the address below'}`,
  );
  become(process.execPath, [host, 'serve', ...(open && !args.includes('--open') ? ['--open'] : []), ...args]);
  return undefined;
};

const code = start();
if (code !== undefined) process.exitCode = code;
