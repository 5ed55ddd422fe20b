import { z } from 'zod';

/** UUIDv7 made by whoever creates the row (RFC 9562). */
export const idSchema = z.uuid();

/** UTC, ISO 8601, milliseconds: `2026-11-24T09:16:07.123Z`. */
export const instantSchema = z.iso.datetime({ precision: 3 });

/** Calendar day without a zone: `2026-11-24`. */
export const daySchema = z.iso.date();

/** Grows by one with every change; a write that names an older one fails with `stale`. */
export const versionSchema = z.int().min(1);

export const shortText = z.string().trim().max(200);
export const longText = z.string().max(20_000);

/** One row changed: a snapshot first, then what changed. `removed` means that it left the watched set. */
export const changesOf = <R extends z.ZodType>(row: R) =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('snapshot'), rows: z.array(row).readonly() }),
    z.object({ type: z.literal('changed'), row }),
    z.object({ type: z.literal('removed'), id: z.string() }),
  ]);

export type Changes<R> =
  | { readonly type: 'snapshot'; readonly rows: readonly R[] }
  | { readonly type: 'changed'; readonly row: R }
  | { readonly type: 'removed'; readonly id: string };

export const emptySchema = z.object({});
