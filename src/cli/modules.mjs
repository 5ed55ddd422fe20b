import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Installs the locked packages when node_modules is missing or older than the lock. Returns whether they are there. */
export const ensureModules = (root) => {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return true;
  const why = existsSync(installed) ? 'package-lock.json is newer than node_modules' : 'node_modules is missing';
  console.error(`deskside: ${why}; running npm ci --ignore-scripts (about a minute)`);
  const shell = process.platform === 'win32';
  return (
    spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: root, stdio: ['ignore', 2, 2], shell })
      .status === 0
  );
};
