import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadDriver, queriesOver } from './driver.ts';
import { lockDirectory } from './lock.ts';
import { checkIntegrity, migrate, type Migration } from './migrate.ts';
import { initial } from './migrations/0001-initial.ts';
import {
  StoredNotes,
  StoredSessions,
  storedCredentials,
  storedMachines,
  storedMeta,
  storedPeople,
} from './repositories.ts';
import { StoredTimeline } from './timeline.ts';

export const migrations: readonly Migration[] = [initial];

/** Milliseconds a statement waits for another connection's lock (a backup reading back). */
const busyTimeout = 5_000;

/**
 * Opens the data directory, which this process then owns until `close`.
 * @throws AppError `conflict` when another process owns it or a newer Deskside wrote it, `internal` when it is damaged.
 */
export const openStore = async (directory: string, steps: readonly Migration[] = migrations) => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const open = await loadDriver();
  const lock = lockDirectory(open, directory);
  const file = join(directory, 'deskside.sqlite');
  const connection = open(file, { timeout: busyTimeout });
  const queries = queriesOver(connection);
  const close = async (): Promise<void> => {
    await queries.destroy();
    lock.release();
  };
  try {
    connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
    if (lock.unclean) checkIntegrity(connection, file);
    await migrate(connection, queries, open, steps, directory);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    /** The last owner did not close: it was killed or the power went. */
    afterCrash: lock.unclean,
    machines: storedMachines(queries),
    people: storedPeople(queries),
    credentials: storedCredentials(queries),
    sessions: new StoredSessions(queries),
    notes: new StoredNotes(queries),
    timeline: new StoredTimeline(queries),
    meta: storedMeta(queries),
    close,
  };
};

export type Store = Awaited<ReturnType<typeof openStore>>;
