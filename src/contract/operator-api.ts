import { z } from 'zod';
import { changesOf, emptySchema, idSchema, versionSchema } from './basics.ts';
import { answerSchema, connectionSchema, questionSchema } from './connections.ts';
import { bytes, defineApi, events, mutation, query } from './define.ts';
import { machineInputSchema, machineSchema, personInputSchema, personSchema } from './machines.ts';
import { credentialSchema, credentialSecretSchema, vaultStatusSchema } from './secrets.ts';
import {
  attachmentSchema,
  contentHashSchema,
  noteRevisionSchema,
  noteSchema,
  outcomeDraftSchema,
  outcomeSchema,
  sessionInputSchema,
  sessionSchema,
} from './sessions.ts';
import { invitationSchema, shareSchema, signalSchema } from './shares.ts';
import { consoleInfoSchema, preferencesSchema, profileSchema } from './settings.ts';
import { chainStateSchema, timelineEntrySchema, timelinePayloadSchema } from './timeline.ts';

const row = z.object({ id: idSchema, version: versionSchema });
const ofSession = z.object({ sessionId: idSchema });
const terminalSize = { columns: z.int().min(2).max(1000), rows: z.int().min(1).max(1000) };

/** Everything the technician's console may ask of the core. */
export const operatorApi = defineApi({
  'console.info': query(emptySchema, consoleInfoSchema),
  'profile.get': query(emptySchema, profileSchema.optional()),
  'profile.set': mutation(profileSchema.omit({ technicianId: true }), profileSchema),
  'preferences.watch': events(emptySchema, preferencesSchema),
  'preferences.set': mutation(z.object({ preferences: preferencesSchema.partial() }), preferencesSchema),

  'machines.watch': events(emptySchema, changesOf(machineSchema)),
  'machines.create': mutation(z.object({ id: idSchema, machine: machineInputSchema }), machineSchema),
  'machines.update': mutation(row.extend({ machine: machineInputSchema }), machineSchema),
  'machines.archive': mutation(row.extend({ archived: z.boolean() }), machineSchema),
  'people.watch': events(emptySchema, changesOf(personSchema)),
  'people.create': mutation(z.object({ id: idSchema, person: personInputSchema }), personSchema),
  'people.update': mutation(row.extend({ person: personInputSchema }), personSchema),

  'vault.watch': events(emptySchema, vaultStatusSchema),
  'vault.create': mutation(z.object({ passphrase: z.string().min(8).max(1024) }), vaultStatusSchema),
  'vault.unlock': mutation(z.object({ passphrase: z.string().max(1024) }), vaultStatusSchema),
  'vault.lock': mutation(emptySchema, vaultStatusSchema),
  'credentials.watch': events(emptySchema, changesOf(credentialSchema)),
  'credentials.create': mutation(
    z.object({
      id: idSchema,
      name: z.string().trim().min(1).max(200),
      userName: z.string().trim().max(200).optional(),
      secret: credentialSecretSchema,
    }),
    credentialSchema,
  ),
  'credentials.remove': mutation(row),

  'sessions.watch': events(emptySchema, changesOf(sessionSchema)),
  'sessions.start': mutation(z.object({ id: idSchema, session: sessionInputSchema }), sessionSchema),
  'sessions.resume': mutation(row, sessionSchema),
  'sessions.draft': mutation(row.extend({ draft: outcomeDraftSchema }), sessionSchema),
  'sessions.end': mutation(row.extend({ outcome: outcomeSchema }), sessionSchema),

  'notes.watch': events(ofSession, noteSchema),
  /** `version` is the one the text was based on; a newer one on disk fails with `stale` and data `{ current }`. */
  'notes.save': mutation(ofSession.extend({ version: z.int().min(0), text: z.string().max(1_000_000) }), noteSchema),
  'notes.revisions': query(ofSession, z.array(noteRevisionSchema).readonly()),

  'timeline.watch': events(
    ofSession,
    z.object({ entries: z.array(timelineEntrySchema).readonly(), chain: chainStateSchema }),
  ),
  /** What only the console's window knows: chat, captures, measured quality, checks. */
  'timeline.append': mutation(ofSession.extend({ payload: timelinePayloadSchema }), timelineEntrySchema),

  'attachments.put': bytes(
    ofSession.extend({ name: z.string().max(200), mime: attachmentSchema.shape.mime }),
    attachmentSchema,
  ),
  'attachments.get': bytes(z.object({ hash: contentHashSchema })),

  'connections.watch': events(ofSession, changesOf(connectionSchema)),
  'connections.questions': events(emptySchema, changesOf(questionSchema)),
  'connections.answer': mutation(z.object({ questionId: idSchema, answer: answerSchema })),
  /** Opens a terminal on a machine; what it needs to know comes as questions. */
  'terminals.open': mutation(
    z.object({ id: idSchema, sessionId: idSchema, machineId: idSchema, ...terminalSize }),
    connectionSchema,
  ),
  'terminals.reconnect': mutation(z.object({ id: idSchema }), connectionSchema),
  'terminals.resize': query(z.object({ id: idSchema, ...terminalSize }), z.undefined()),
  'terminals.close': mutation(z.object({ id: idSchema })),
  /** Output down, keystrokes up. Starts with the retained end of the output. */
  'terminals.attach': bytes(z.object({ id: idSchema })),

  'shares.watch': events(ofSession, changesOf(shareSchema)),
  'shares.invite': mutation(z.object({ shareId: idSchema, sessionId: idSchema }), invitationSchema),
  'shares.end': mutation(z.object({ shareId: idSchema })),
  'shares.secret': query(z.object({ shareId: idSchema }), z.object({ pairingSecret: z.string() })),
  'shares.signals': events(z.object({ shareId: idSchema }), signalSchema),
  'shares.signal': query(z.object({ shareId: idSchema, signal: signalSchema }), z.undefined()),
});

export type OperatorApi = typeof operatorApi;
