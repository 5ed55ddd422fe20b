import { z } from 'zod';
import { daySchema, idSchema, instantSchema, longText, shortText, versionSchema } from './basics.ts';

export const channels = ['ssh', 'share', 'phone', 'chat', 'e-mail', 'on-site'] as const;
export const channelSchema = z.enum(channels);

export const outcomeCodes = [
  'resolved',
  'workaround',
  'escalated',
  'follow-up',
  'no-fault-found',
  'user-withdrew',
] as const;
export const outcomeCodeSchema = z.enum(outcomeCodes);

export const outcomeSchema = z.object({
  code: outcomeCodeSchema,
  cause: shortText.optional(),
  done: longText,
  minutes: z.int().min(0).max(100_000),
  followUpOn: daySchema.optional(),
  escalatedTo: shortText.optional(),
});
export type Outcome = Readonly<z.infer<typeof outcomeSchema>>;

/** What the form holds while it is being filled in. */
export const outcomeDraftSchema = outcomeSchema.partial();
export type OutcomeDraft = Readonly<z.infer<typeof outcomeDraftSchema>>;

export const sessionInputSchema = z.object({
  channel: channelSchema,
  machineId: idSchema.optional(),
  personId: idSchema.optional(),
  /** What the user asked for, in one line; the guest page shows it. */
  reason: shortText,
});
export type SessionInput = z.infer<typeof sessionInputSchema>;

export const sessionSchema = sessionInputSchema.extend({
  id: idSchema,
  version: versionSchema,
  /** `interrupted`: the host stopped without ending it; the next start offers it again. */
  state: z.enum(['active', 'interrupted', 'ended']),
  startedAt: instantSchema,
  endedAt: instantSchema.optional(),
  draft: outcomeDraftSchema.optional(),
  outcome: outcomeSchema.optional(),
  technicianId: idSchema,
});
export type Session = Readonly<z.infer<typeof sessionSchema>>;

export const noteSchema = z.object({
  sessionId: idSchema,
  /** 0 while nothing has been saved. */
  version: z.int().min(0),
  text: z.string().max(1_000_000),
  savedAt: instantSchema.optional(),
});
export type Note = Readonly<z.infer<typeof noteSchema>>;

export const noteRevisionSchema = noteSchema.extend({ technicianId: idSchema });
export type NoteRevision = Readonly<z.infer<typeof noteRevisionSchema>>;

/** SHA-256 of the content, lower-case hex: an attachment is named by what it holds. */
export const contentHashSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const attachmentSchema = z.object({
  hash: contentHashSchema,
  sessionId: idSchema,
  name: shortText,
  mime: z.enum(['image/png', 'image/jpeg', 'image/webp']),
  /** bytes */
  size: z.int().min(0),
  addedAt: instantSchema,
});
export type Attachment = Readonly<z.infer<typeof attachmentSchema>>;
