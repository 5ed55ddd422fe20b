import { CamelCasePlugin, Kysely, SqliteDialect, type SqliteDatabase } from 'kysely';
import { AppError } from '#contract/errors';
import type { Tables } from './tables.ts';

type Value = string | number | bigint | Uint8Array | null;

interface Statement {
  columns(): readonly unknown[];
  all(...values: readonly Value[]): unknown[];
  run(...values: readonly Value[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  iterate(...values: readonly Value[]): IterableIterator<unknown>;
}

/** What `node:sqlite` and its twin have in common. */
export interface Connection {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
  readonly isTransaction: boolean;
}

type Open = (file: string, options?: { readonly timeout?: number }) => Connection;

interface Builtins {
  getBuiltinModule?(
    name: string,
  ):
    | { DatabaseSync: (new (file: string, options?: object) => Connection) & { readonly prototype: object } }
    | undefined;
}

/** `node:sqlite` where this Node has it, else the twin that ships its own binary. */
export const loadDriver = async (): Promise<Open> => {
  const host: Builtins = process as unknown as Builtins;
  const builtin = host.getBuiltinModule?.('node:sqlite');
  // Node 22 before 22.16 cannot tell whether a transaction is open.
  if (builtin && 'isTransaction' in builtin.DatabaseSync.prototype)
    return (file, options = {}) => new builtin.DatabaseSync(file, options);
  const twin = await import('@photostructure/sqlite');
  return (file, options = {}) => new twin.DatabaseSync(file, options) as unknown as Connection;
};

const asValue = (value: unknown): Value => {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && value.includes('\u0000'))
    throw new AppError('invalid', 'This text holds a NUL character, which cannot be kept. Remove it, then save again.');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`A ${typeof value} cannot be a value in the database.`);
};

/** The database as Kysely's SQLite dialect wants it. */
const adapt = (connection: Connection): SqliteDatabase => ({
  close: () => connection.close(),
  prepare: (sql) => {
    const statement = connection.prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (values) => statement.all(...values.map(asValue)),
      run: (values) => {
        // SQLite has already rolled back after some errors, a full disk among them; the first error is the one to tell.
        if (sql === 'rollback' && !connection.isTransaction) return { changes: 0, lastInsertRowid: 0 };
        return statement.run(...values.map(asValue));
      },
      iterate: (values) => statement.iterate(...values.map(asValue)),
    };
  },
});

export const queriesOver = (connection: Connection): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adapt(connection) }),
    plugins: [new CamelCasePlugin()],
  });
