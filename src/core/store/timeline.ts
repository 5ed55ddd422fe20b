import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { timelineEntrySchema } from '#contract/timeline';
import type { EntryDraft, TimelineEntry } from '#contract/timeline';
import type { ChainHead, TimelineRepository } from '#core/timeline/repository';
import { linkEntry } from './chain.ts';
import { guarded } from './failures.ts';
import { RowCodec } from './rows.ts';
import type { Tables } from './tables.ts';

const codec = new RowCodec<TimelineEntry>(timelineEntrySchema, Object.keys(timelineEntrySchema.shape), {
  json: ['payload'],
});

/** Appends within the caller's transaction, so that a change and the entries that tell of it stand or fall together. */
export const appendEntries = async (
  transaction: Kysely<Tables>,
  drafts: readonly EntryDraft[],
): Promise<readonly TimelineEntry[]> => {
  const entries: TimelineEntry[] = [];
  for (const draft of drafts) {
    const head = await transaction
      .selectFrom('timeline')
      .select(['sequence', 'hash'])
      .where('sessionId', '=', draft.sessionId)
      .where('consoleId', '=', draft.consoleId)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst();
    const entry = linkEntry(draft, head, randomBytes(16).toString('hex'));
    await transaction
      .insertInto('timeline')
      .values({ ...entry, salt: entry.salt ?? null, payload: JSON.stringify(entry.payload) })
      .execute();
    entries.push(entry);
  }
  return entries;
};

export class StoredTimeline implements TimelineRepository {
  constructor(private readonly queries: Kysely<Tables>) {}

  async list(sessionId: string): Promise<readonly TimelineEntry[]> {
    const rows = await this.queries
      .selectFrom('timeline')
      .selectAll()
      .where('sessionId', '=', sessionId)
      .orderBy('at')
      .orderBy('consoleId')
      .orderBy('sequence')
      .execute();
    return rows.map((row) => codec.decode(row));
  }

  append(draft: EntryDraft): Promise<TimelineEntry> {
    return guarded(async () => {
      const [entry] = await this.queries.transaction().execute((transaction) => appendEntries(transaction, [draft]));
      return entry as TimelineEntry;
    });
  }

  async heads(): Promise<readonly ChainHead[]> {
    return this.queries
      .selectFrom('timeline as entry')
      .select(['sessionId', 'consoleId', 'sequence', 'hash'])
      .where('sequence', '=', (query) =>
        query
          .selectFrom('timeline as other')
          .whereRef('other.sessionId', '=', 'entry.sessionId')
          .whereRef('other.consoleId', '=', 'entry.consoleId')
          .select(({ fn }) => fn.max('other.sequence').as('last')),
      )
      .execute();
  }
}
