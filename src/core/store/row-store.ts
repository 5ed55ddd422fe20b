import { sql, type Kysely } from 'kysely';
import { AppError } from '#contract/errors';
import { guarded } from './failures.ts';
import type { RowCodec } from './rows.ts';
import type { Tables } from './tables.ts';

interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** The rows of one table by id, with optimistic concurrency. Inside a transaction, pass it as `within`. */
export class RowStore<R extends Versioned> {
  constructor(
    private readonly queries: Kysely<Tables>,
    private readonly table: keyof Tables & string,
    private readonly codec: RowCodec<R>,
  ) {}

  list(): Promise<readonly R[]> {
    return guarded(async () => {
      const { rows } = await sql<object>`select * from ${sql.table(this.table)} order by id`.execute(this.queries);
      return rows.map((row) => this.codec.decode(row));
    });
  }

  async get(id: string, within: Kysely<Tables> = this.queries): Promise<R | undefined> {
    const { rows } = await sql<object>`select * from ${sql.table(this.table)} where id = ${id}`.execute(within);
    return rows[0] && this.codec.decode(rows[0]);
  }

  /** Gives the row that is there when the id is taken; `added` tells which. */
  insert(row: R, within: Kysely<Tables> = this.queries): Promise<{ readonly row: R; readonly added: boolean }> {
    return guarded(async () => {
      const cells = Object.entries(this.codec.encode(row));
      const names = sql.join(cells.map(([name]) => sql.ref(name)));
      const values = sql.join(cells.map(([, value]) => value));
      const { numAffectedRows } =
        await sql`insert into ${sql.table(this.table)} (${names}) values (${values}) on conflict (id) do nothing`.execute(
          within,
        );
      const added = numAffectedRows === 1n;
      return { row: added ? row : await this.present(row.id, within), added };
    });
  }

  /** Writes `row` over the version it names, one version up. @throws AppError `stale` with `{ current }`, `not-found`. */
  replace(row: R, within: Kysely<Tables> = this.queries): Promise<R> {
    return guarded(async () => {
      const next = { ...row, version: row.version + 1 };
      const changes = Object.entries(this.codec.encode(next))
        .filter(([name]) => name !== 'id')
        .map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
      const { numAffectedRows } =
        await sql`update ${sql.table(this.table)} set ${sql.join(changes)} where id = ${row.id} and version = ${row.version}`.execute(
          within,
        );
      if (numAffectedRows !== 1n) throw stale(await this.present(row.id, within));
      return next;
    });
  }

  /** @throws AppError `stale` with `{ current }`, `not-found`. */
  remove(id: string, version: number): Promise<void> {
    return guarded(async () => {
      const { numAffectedRows } =
        await sql`delete from ${sql.table(this.table)} where id = ${id} and version = ${version}`.execute(this.queries);
      if (numAffectedRows !== 1n) throw stale(await this.present(id, this.queries));
    });
  }

  private async present(id: string, within: Kysely<Tables>): Promise<R> {
    const row = await this.get(id, within);
    if (row === undefined) throw new AppError('not-found', 'This is not there any more.');
    return row;
  }
}

export const stale = (current: unknown): AppError =>
  new AppError('stale', 'Somebody changed this meanwhile. Compare with the row as it is now, then save again.', {
    current,
  });
