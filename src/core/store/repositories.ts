import type { Kysely } from 'kysely';
import { machineSchema, personSchema } from '#contract/machines';
import type { Machine, Person } from '#contract/machines';
import { credentialSchema } from '#contract/secrets';
import type { Credential } from '#contract/secrets';
import { sessionSchema } from '#contract/sessions';
import type { Note, NoteRevision, Session } from '#contract/sessions';
import type { MachineRepository } from '#core/machines/repository';
import type { NoteRepository } from '#core/notes/repository';
import type { PersonRepository } from '#core/people/repository';
import type { CredentialRepository } from '#core/secrets/repository';
import type { SessionChange, SessionRepository } from '#core/sessions/repository';
import type { MetaRepository } from '#core/settings/repository';
import type { EntryDraft } from '#contract/timeline';
import { guarded } from './failures.ts';
import { RowStore, stale } from './row-store.ts';
import { RowCodec } from './rows.ts';
import type { Tables } from './tables.ts';
import { appendEntries } from './timeline.ts';

export const storedMachines = (queries: Kysely<Tables>): MachineRepository => {
  const codec = new RowCodec<Machine>(machineSchema, Object.keys(machineSchema.shape), {
    json: ['addresses', 'tags', 'signIn'],
    flags: ['ssh', 'legacyAlgorithms'],
  });
  const rows = new RowStore(queries, 'machines', codec);
  return {
    list: () => rows.list(),
    get: (id) => rows.get(id),
    insert: async (machine) => (await rows.insert(machine)).row,
    replace: (machine) => rows.replace(machine),
  };
};

export const storedPeople = (queries: Kysely<Tables>): PersonRepository => {
  const rows = new RowStore(queries, 'people', new RowCodec<Person>(personSchema, Object.keys(personSchema.shape)));
  return {
    list: () => rows.list(),
    get: (id) => rows.get(id),
    insert: async (person) => (await rows.insert(person)).row,
    replace: (person) => rows.replace(person),
  };
};

export const storedCredentials = (queries: Kysely<Tables>): CredentialRepository => {
  const codec = new RowCodec<Credential>(credentialSchema, Object.keys(credentialSchema.shape));
  const rows = new RowStore(queries, 'credentials', codec);
  return {
    list: () => rows.list(),
    get: (id) => rows.get(id),
    insert: async (credential) => (await rows.insert(credential)).row,
    remove: (id, version) => rows.remove(id, version),
  };
};

export class StoredSessions implements SessionRepository {
  private readonly rows: RowStore<Session>;

  constructor(private readonly queries: Kysely<Tables>) {
    const codec = new RowCodec<Session>(sessionSchema, Object.keys(sessionSchema.shape), {
      json: ['draft', 'outcome'],
    });
    this.rows = new RowStore(queries, 'sessions', codec);
  }

  list(): Promise<readonly Session[]> {
    return this.rows.list();
  }

  get(id: string): Promise<Session | undefined> {
    return this.rows.get(id);
  }

  insert(session: Session, drafts: readonly EntryDraft[]): Promise<SessionChange> {
    return guarded(() =>
      this.queries.transaction().execute(async (transaction) => {
        const { row, added } = await this.rows.insert(session, transaction);
        return { session: row, entries: added ? await appendEntries(transaction, drafts) : [] };
      }),
    );
  }

  replace(session: Session, drafts: readonly EntryDraft[]): Promise<SessionChange> {
    return guarded(() =>
      this.queries.transaction().execute(async (transaction) => {
        const row = await this.rows.replace(session, transaction);
        return { session: row, entries: await appendEntries(transaction, drafts) };
      }),
    );
  }
}

export class StoredNotes implements NoteRepository {
  constructor(private readonly queries: Kysely<Tables>) {}

  async get(sessionId: string): Promise<Note> {
    return (await this.newest(sessionId, this.queries)) ?? { sessionId, version: 0, text: '' };
  }

  save(revision: NoteRevision): Promise<Note> {
    return guarded(() =>
      this.queries.transaction().execute(async (transaction) => {
        const { sessionId, version, text, technicianId } = revision;
        const savedAt = revision.savedAt ?? new Date().toISOString();
        const current = (await this.newest(sessionId, transaction)) ?? { sessionId, version: 0, text: '' };
        if (current.version !== version - 1) throw stale(current);
        await transaction
          .insertInto('noteRevisions')
          .values({ sessionId, version, text, savedAt, technicianId })
          .execute();
        return { sessionId, version, text, savedAt };
      }),
    );
  }

  revisions(sessionId: string): Promise<readonly NoteRevision[]> {
    return this.queries
      .selectFrom('noteRevisions')
      .selectAll()
      .where('sessionId', '=', sessionId)
      .orderBy('version', 'desc')
      .execute();
  }

  private newest(sessionId: string, within: Kysely<Tables>): Promise<Note | undefined> {
    return within
      .selectFrom('noteRevisions')
      .select(['sessionId', 'version', 'text', 'savedAt'])
      .where('sessionId', '=', sessionId)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
  }
}

export const storedMeta = (queries: Kysely<Tables>): MetaRepository => ({
  get: async (key) =>
    (await queries.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst())?.value,
  set: (key, value) =>
    guarded(async () => {
      await queries
        .insertInto('meta')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
        .execute();
    }),
});
