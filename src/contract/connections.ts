import { z } from 'zod';
import { idSchema, instantSchema } from './basics.ts';

export const connectionSchema = z.object({
  id: idSchema,
  sessionId: idSchema,
  machineId: idSchema,
  kind: z.literal('terminal'),
  /** `user@address:port` as shown. */
  target: z.string(),
  state: z.enum(['connecting', 'asking', 'connected', 'lost', 'closed']),
  /** Why it is lost or closed, a sentence. */
  reason: z.string().optional(),
  since: instantSchema,
  /** Round trip of the SSH connection, milliseconds. */
  roundTrip: z.number().optional(),
});
export type Connection = Readonly<z.infer<typeof connectionSchema>>;

/** A question that a connection waits on. */
export const questionSchema = z.discriminatedUnion('kind', [
  z.object({
    id: idSchema,
    kind: z.literal('host-key-unknown'),
    connectionId: idSchema,
    target: z.string(),
    keyType: z.string(),
    /** `SHA256:…` as OpenSSH prints it. */
    fingerprint: z.string(),
  }),
  z.object({
    id: idSchema,
    kind: z.literal('host-key-changed'),
    connectionId: idSchema,
    target: z.string(),
    keyType: z.string(),
    /** The one on file. The new one is not told: the technician gets it elsewhere and types it. */
    previous: z.string(),
  }),
  z.object({
    id: idSchema,
    kind: z.literal('prompts'),
    connectionId: idSchema,
    target: z.string(),
    title: z.string(),
    instructions: z.string(),
    prompts: z.array(z.object({ text: z.string(), echo: z.boolean() })).readonly(),
  }),
]);
export type Question = Readonly<z.infer<typeof questionSchema>>;

export const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('trust-host-key'), trust: z.boolean() }),
  z.object({ kind: z.literal('replace-host-key'), fingerprint: z.string().trim(), reason: z.string().trim().min(1) }),
  z.object({ kind: z.literal('prompts'), answers: z.array(z.string()) }),
  z.object({ kind: z.literal('cancel') }),
]);
export type Answer = Readonly<z.infer<typeof answerSchema>>;
