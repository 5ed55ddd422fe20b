import { z } from 'zod';
import { contentHashSchema, outcomeCodeSchema, channelSchema } from './sessions.ts';
import { idSchema, instantSchema, longText } from './basics.ts';

const connectionId = idSchema;

/** What happened, one shape a kind. New kinds are added; existing ones never change, because their hashes stand. */
export const timelinePayloadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session-started'), channel: channelSchema, reason: z.string() }),
  z.object({ kind: z.literal('session-resumed') }),
  z.object({ kind: z.literal('session-ended'), code: outcomeCodeSchema, minutes: z.int() }),
  z.object({ kind: z.literal('connected'), connectionId, target: z.string(), method: z.string() }),
  z.object({ kind: z.literal('connect-failed'), connectionId, target: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('disconnected'), connectionId, target: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('host-key-accepted'), target: z.string(), fingerprint: z.string() }),
  z.object({ kind: z.literal('host-key-refused'), target: z.string(), fingerprint: z.string() }),
  z.object({
    kind: z.literal('host-key-replaced'),
    target: z.string(),
    previous: z.string(),
    fingerprint: z.string(),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('share-invited'), connectionId, via: z.enum(['ssh', 'network']) }),
  z.object({ kind: z.literal('share-joined'), connectionId, browser: z.string() }),
  z.object({ kind: z.literal('share-refused'), connectionId, reason: z.string() }),
  z.object({ kind: z.literal('share-verified'), connectionId, phrase: z.string() }),
  z.object({ kind: z.literal('consent'), connectionId, allowed: z.array(z.enum(['see', 'point'])) }),
  z.object({ kind: z.literal('share-ended'), connectionId, by: z.enum(['guest', 'technician', 'lost']) }),
  z.object({
    kind: z.literal('share-quality'),
    connectionId,
    framesPerSecond: z.number(),
    delayMilliseconds: z.number().optional(),
    width: z.int(),
    height: z.int(),
    kilobitsPerSecond: z.number(),
  }),
  z.object({ kind: z.literal('chat'), from: z.enum(['guest', 'technician']), text: longText }),
  z.object({ kind: z.literal('capture'), attachment: contentHashSchema, width: z.int(), height: z.int() }),
  z.object({ kind: z.literal('restored'), from: z.string() }),
]);
export type TimelinePayload = Readonly<z.infer<typeof timelinePayloadSchema>>;

/**
 * One link of a chain. `hash` = SHA-256 over the canonical JSON (RFC 8785) of version, previous hash, header and
 * H(salt, payload), all hex. `payload` and `salt` are absent once erased; the chain still proves the entry was there.
 */
export const timelineEntrySchema = z.object({
  sessionId: idSchema,
  consoleId: idSchema,
  /** from 1, without gaps, per (session, console) */
  sequence: z.int().min(1),
  at: instantSchema,
  technicianId: idSchema,
  kind: z.string(),
  salt: z.string().optional(),
  payload: timelinePayloadSchema.optional(),
  payloadHash: contentHashSchema,
  previousHash: contentHashSchema,
  hash: contentHashSchema,
});
export type TimelineEntry = Readonly<z.infer<typeof timelineEntrySchema>>;

/** What becomes an entry: whoever keeps the chain adds sequence, salt and hashes inside the transaction. */
export interface EntryDraft {
  readonly sessionId: string;
  readonly consoleId: string;
  readonly technicianId: string;
  readonly at: string;
  readonly payload: TimelinePayload;
}

export const chainStateSchema = z.object({
  entries: z.int(),
  state: z.enum(['intact', 'broken', 'cut']),
  /** First sequence that does not verify. */
  brokenAt: z.int().optional(),
});
export type ChainState = Readonly<z.infer<typeof chainStateSchema>>;
