import type { z } from 'zod';

interface Shape {
  readonly json?: readonly string[];
  readonly flags?: readonly string[];
}

export type Cell = string | number | null;

/** From the contract's row to the database's and back; what comes back is validated. */
export class RowCodec<R extends object> {
  constructor(
    private readonly schema: z.ZodType<R>,
    private readonly columns: readonly string[],
    private readonly shape: Shape = {},
  ) {}

  encode(row: R): Record<string, Cell> {
    const source = new Map<string, unknown>(Object.entries(row));
    return Object.fromEntries(this.columns.map((column) => [column, this.cell(column, source.get(column))]));
  }

  decode(row: object): R {
    const entries = Object.entries(row)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([column, value]): [string, unknown] => {
        if (this.shape.json?.includes(column)) return [column, JSON.parse(String(value))];
        return [column, this.shape.flags?.includes(column) ? value === 1 : value];
      });
    return this.schema.parse(Object.fromEntries(entries));
  }

  private cell(column: string, value: unknown): Cell {
    if (value === undefined || value === null) return null;
    if (this.shape.json?.includes(column)) return JSON.stringify(value);
    if (typeof value === 'boolean') return value ? 1 : 0;
    return typeof value === 'number' ? value : String(value);
  }
}
