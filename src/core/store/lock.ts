import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#contract/errors';
import type { Connection } from './driver.ts';

export interface DirectoryLock {
  /** True when the previous owner did not close: it was killed or the power went. */
  readonly unclean: boolean;
  release(): void;
}

const readOwner = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/**
 * One owner a data directory. The lock is SQLite's own exclusive file lock, which the system drops with its process,
 * so that a killed owner never blocks and no pid has to be guessed at; the file `owner` only names the holder.
 * @throws AppError `conflict` naming the pid of the owner
 */
export const lockDirectory = (open: (file: string) => Connection, directory: string): DirectoryLock => {
  const owner = join(directory, 'owner');
  const connection = open(join(directory, 'lock.sqlite'));
  try {
    connection.exec('pragma journal_mode = delete');
    connection.exec('begin exclusive');
  } catch {
    connection.close();
    const pid = readOwner(owner);
    throw new AppError(
      'conflict',
      `${directory} is already in use by process ${pid ?? '(unknown)'}. Use that one, or close it first.`,
      pid === undefined ? {} : { pid: Number(pid) },
    );
  }
  const unclean = readOwner(owner) !== undefined;
  writeFileSync(owner, `${process.pid}\n`, { mode: 0o600 });
  return {
    unclean,
    release: () => {
      rmSync(owner, { force: true });
      connection.exec('rollback');
      connection.close();
    },
  };
};
