import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { AppError } from '#contract/errors';
import type { Connection } from './driver.ts';
import type { Tables } from './tables.ts';

export interface Migration {
  /** Number and name of its file; applied in this order, once. */
  readonly name: string;
  up(queries: Kysely<Tables>): Promise<void>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** @throws AppError `internal` when the file is damaged. */
export const checkIntegrity = (connection: Connection, file: string): void => {
  const rows = connection.prepare('pragma integrity_check').all();
  const [row] = rows;
  if (rows.length === 1 && typeof row === 'object' && row !== null && Object.values(row)[0] === 'ok') return;
  throw new AppError(
    'internal',
    `The database ${file} is damaged. Restore a backup from the backups folder beside it.`,
  );
};

/** A copy of the open database that was read back and found sound. */
export const backup = (connection: Connection, open: (file: string) => Connection, file: string): void => {
  connection.exec(`vacuum into ${quoted(file)}`);
  const copy = open(file);
  try {
    checkIntegrity(copy, file);
  } finally {
    copy.close();
  }
};

/** Applies what is missing, each in its own transaction; first a verified backup if there is anything to lose. */
export const migrate = async (
  connection: Connection,
  queries: Kysely<Tables>,
  open: (file: string) => Connection,
  migrations: readonly Migration[],
  directory: string,
): Promise<readonly string[]> => {
  await sql`create table if not exists migrations (name text primary key, applied_at text not null)`.execute(queries);
  const done = new Set((await queries.selectFrom('migrations').select('name').execute()).map((row) => row.name));
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = [...done].find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new AppError(
      'conflict',
      `This data was last used by a newer Deskside (${unknown}). Start that version instead.`,
    );
  const missing = migrations.filter((migration) => !done.has(migration.name));
  const next = missing[0];
  if (next && done.size > 0) {
    const folder = join(directory, 'backups');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    backup(connection, open, join(folder, `before-${next.name}-${stamp}.sqlite`));
  }
  for (const migration of missing)
    await queries.transaction().execute(async (transaction) => {
      await migration.up(transaction);
      await transaction
        .insertInto('migrations')
        .values({ name: migration.name, appliedAt: new Date().toISOString() })
        .execute();
    });
  return missing.map((migration) => migration.name);
};
