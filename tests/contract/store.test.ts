import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, nat, property, string } from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#contract/ids';
import type { Machine } from '#contract/machines';
import type { Session } from '#contract/sessions';
import type { EntryDraft, TimelineEntry } from '#contract/timeline';
import { canonicalJson, linkEntry, verifyChain } from '#core/store/chain';
import { migrations, openStore, type Store } from '#core/store/store';

const at = '2026-01-05T09:00:00.000Z';
const technicianId = newId();
const consoleId = newId();

const machine = (): Machine => ({
  id: newId(),
  version: 1,
  name: 'lt-0412',
  addresses: ['10.0.0.4', 'lt-0412.example'],
  ssh: true,
  port: 22,
  userName: 'root',
  signIn: { kind: 'agent' },
  legacyAlgorithms: false,
  tags: ['finance', 'laptop'],
  osFamily: 'linux',
  purchasedOn: '2022-03-01',
  createdAt: at,
  updatedAt: at,
  technicianId,
});

const session = (): Session => ({
  id: newId(),
  version: 1,
  channel: 'phone',
  reason: 'Cannot print',
  state: 'active',
  startedAt: at,
  technicianId,
});

const draft = (sessionId: string, text: string): EntryDraft => ({
  sessionId,
  consoleId,
  technicianId,
  at,
  payload: { kind: 'chat', from: 'technician', text },
});

const chainOf = (texts: readonly string[]): TimelineEntry[] => {
  const entries: TimelineEntry[] = [];
  for (const text of texts) entries.push(linkEntry(draft(technicianId, text), entries.at(-1), 'ab'.repeat(16)));
  return entries;
};

let directory: string;
const stores: Store[] = [];
const open = async (...steps: Parameters<typeof openStore>[1][]): Promise<Store> => {
  const store = await openStore(directory, ...steps);
  stores.push(store);
  return store;
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'deskside-store-'));
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Closes the newest store and opens its directory again. */
const reopen = async (): Promise<Store> => {
  await stores.pop()?.close();
  return open();
};

describe('rows', () => {
  it('come back as they were, after a restart too', async () => {
    const row = machine();
    expect(await (await open()).machines.insert(row)).toEqual(row);
    const store = await reopen();
    expect(await store.machines.get(row.id)).toEqual(row);
    expect(await store.machines.list()).toEqual([row]);
    expect(await store.machines.get(newId())).toBeUndefined();
  });

  it('are inserted once, whatever a retry brings', async () => {
    const store = await open();
    const row = machine();
    await store.machines.insert(row);
    expect(await store.machines.insert({ ...row, name: 'retried' })).toEqual(row);
  });

  it('are replaced over the version they name only', async () => {
    const store = await open();
    const row = await store.machines.insert(machine());
    const renamed = await store.machines.replace({ ...row, name: 'lt-0500', userName: undefined });
    expect(renamed).toMatchObject({ version: 2, name: 'lt-0500' });
    expect((await store.machines.get(row.id))?.userName).toBeUndefined();
    await expect(store.machines.replace({ ...row, name: 'late' })).rejects.toMatchObject({
      code: 'stale',
      data: { current: { version: 2, name: 'lt-0500' } },
    });
    await expect(store.machines.replace(machine())).rejects.toMatchObject({ code: 'not-found' });
  });

  it('cannot refer to what is not there', async () => {
    const store = await open();
    await expect(store.machines.insert({ ...machine(), ownerId: newId() })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await store.machines.list()).toEqual([]);
  });

  it('refuse a NUL character, behind which SQLite would cut the text', async () => {
    const store = await open();
    const row = { ...machine(), remarks: 'before\u0000after' };
    await expect(store.machines.insert(row)).rejects.toMatchObject({ code: 'invalid' });
    expect(await store.machines.list()).toEqual([]);
  });

  it('keep text of every other kind', async () => {
    const store = await open();
    await assert(
      asyncProperty(string({ unit: 'binary', maxLength: 60 }), async (text) => {
        const name = text.replaceAll('\u0000', '');
        const person = { id: newId(), version: 1, createdAt: at, updatedAt: at, technicianId, name: `x${name}x` };
        await store.people.insert(person);
        expect((await store.people.get(person.id))?.name).toBe(person.name);
      }),
      { numRuns: 50 },
    );
  });
});

describe('notes', () => {
  it('keep every revision, newest first, and refuse an older base with the current text', async () => {
    const store = await open();
    const { id: sessionId } = (await store.sessions.insert(session(), [])).session;
    expect(await store.notes.get(sessionId)).toEqual({ sessionId, version: 0, text: '' });
    for (const version of [1, 2, 3])
      await store.notes.save({ sessionId, version, text: `text ${version}`, savedAt: at, technicianId });
    await expect(store.notes.save({ sessionId, version: 3, text: 'mine', technicianId })).rejects.toMatchObject({
      code: 'stale',
      data: { current: { version: 3, text: 'text 3' } },
    });
    expect((await store.notes.revisions(sessionId)).map(({ text }) => text)).toEqual(['text 3', 'text 2', 'text 1']);
    await expect(
      store.notes.save({ sessionId: newId(), version: 1, text: 'lost', technicianId }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the timeline', () => {
  it('shares a transaction with the change it tells', async () => {
    const store = await open();
    const { session: row, entries } = await store.sessions.insert(session(), [draft('', 'x')].slice(1));
    expect(entries).toEqual([]);
    const ended = await store.sessions.replace({ ...row, state: 'ended' }, [
      draft(row.id, 'one'),
      draft(row.id, 'two'),
    ]);
    expect(ended.entries.map(({ sequence }) => sequence)).toEqual([1, 2]);
    await expect(store.sessions.replace(row, [draft(row.id, 'never')])).rejects.toMatchObject({ code: 'stale' });
    await expect(
      store.sessions.replace({ ...row, version: 2, state: 'active' }, [draft(newId(), 'of another')]),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect((await store.sessions.get(row.id))?.state).toBe('ended');
    expect(verifyChain(await store.timeline.list(row.id))).toEqual({ entries: 2, state: 'intact' });
    expect(await store.timeline.heads()).toMatchObject([{ sessionId: row.id, consoleId, sequence: 2 }]);
  });

  it('has one chain a console, without gaps under many writers at once', async () => {
    const store = await open();
    const { id } = (await store.sessions.insert(session(), [])).session;
    const other = newId();
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        store.timeline.append({ ...draft(id, `entry ${index}`), consoleId: index % 3 === 0 ? other : consoleId }),
      ),
    );
    const entries = await store.timeline.list(id);
    for (const [chain, length] of [
      [consoleId, 40],
      [other, 20],
    ])
      expect(verifyChain(entries.filter((entry) => entry.consoleId === chain))).toEqual({
        entries: length,
        state: 'intact',
      });
  });
});

describe('the hash chain', () => {
  const chains = array(string(), { minLength: 2, maxLength: 12 }).map(chainOf);

  it('is intact as written, and with payloads erased', () => {
    assert(
      property(chains, nat(), (entries, choice) => {
        const { payload: _, salt: __, ...erased } = entries[choice % entries.length] as TimelineEntry;
        const some = entries.with(choice % entries.length, erased);
        expect([verifyChain(entries).state, verifyChain(some).state]).toEqual(['intact', 'intact']);
      }),
    );
  });

  it('shows any change, removal, reordering, and a cut tail against its anchor', () => {
    assert(
      property(chains, nat(), (entries, choice) => {
        const index = choice % entries.length;
        const entry = entries[index] as TimelineEntry;
        const last = entries.at(-1) as TimelineEntry;
        const changed = entries.with(index, { ...entry, payload: { kind: 'chat', from: 'guest', text: 'other' } });
        expect(verifyChain(changed)).toMatchObject({ state: 'broken', brokenAt: index + 1 });
        expect(verifyChain(entries.with(index, { ...entry, at: '2026-01-05T09:00:00.001Z' })).state).toBe('broken');
        expect(verifyChain(entries.toReversed()).state).toBe('broken');
        expect(verifyChain(entries.toSpliced(index, 1), last).state).not.toBe('intact');
        expect(verifyChain(entries.slice(0, -1), last)).toMatchObject({ state: 'cut', brokenAt: entries.length });
        expect(verifyChain(entries, last).state).toBe('intact');
      }),
    );
  });

  it('writes JSON as RFC 8785 does', () => {
    expect(canonicalJson({ b: [1, 'é\u0007', true], a: { d: undefined, c: 1e21 } })).toBe(
      '{"a":{"c":1e+21},"b":[1,"é\\u0007",true]}',
    );
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('no such number');
  });
});

describe('a full disk', () => {
  it('refuses what does not fit, keeps what was saved, and goes on once there is room', async () => {
    const small = join(directory, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    const store = await openStore(small);
    try {
      const { id: sessionId } = (await store.sessions.insert(session(), [])).session;
      const save = (version: number, text: string) => store.notes.save({ sessionId, version, text, technicianId });
      await save(1, 'kept');
      const filler = join(small, 'filler');
      expect(() => writeFileSync(filler, Buffer.alloc(2_000_000))).toThrow('ENOSPC');
      await expect(save(2, 'x'.repeat(200_000))).rejects.toMatchObject({ code: 'disk-full' });
      expect(await store.notes.get(sessionId)).toMatchObject({ version: 1, text: 'kept' });
      rmSync(filler);
      await save(2, 'after');
      expect(await store.notes.get(sessionId)).toMatchObject({ version: 2, text: 'after' });
    } finally {
      await store.close();
      // Lazy: statements not yet collected keep the closed database's file open.
      execFileSync('umount', ['--lazy', small]);
    }
  });
});

describe('the data directory', () => {
  it('has one owner', async () => {
    await open();
    await expect(openStore(directory)).rejects.toMatchObject({ code: 'conflict', data: { pid: process.pid } });
    expect((await reopen()).afterCrash).toBe(false);
  });

  it('is free again, and checked, when its owner was killed', async () => {
    const script = join(directory, 'owner.mjs');
    const sqlite = import.meta.resolve('@photostructure/sqlite');
    writeFileSync(
      script,
      `import { DatabaseSync } from ${JSON.stringify(sqlite)};
       import { writeFileSync } from 'node:fs';
       const lock = new DatabaseSync(${JSON.stringify(join(directory, 'lock.sqlite'))});
       lock.exec('begin exclusive');
       writeFileSync(${JSON.stringify(join(directory, 'owner'))}, String(process.pid));
       process.send('ready');
       // Named here, because a database that nobody names may be collected, and its lock with it.
       process.on('message', () => lock.close());`,
    );
    const owner = fork(script, { execArgv: [] });
    await new Promise((done) => owner.once('message', done));
    await expect(openStore(directory)).rejects.toMatchObject({ code: 'conflict', data: { pid: owner.pid } });
    const gone = new Promise((done) => owner.once('exit', done));
    owner.kill('SIGKILL');
    await gone;
    expect((await open()).afterCrash).toBe(true);
  });

  it('is backed up before a later migration, and unchanged when the migration fails', async () => {
    const row = machine();
    await (await open()).machines.insert(row);
    await stores.pop()?.close();
    const failing = {
      name: '0002-fails',
      up: async (queries: Parameters<(typeof migrations)[0]['up']>[0]) => {
        await sql`delete from machines`.execute(queries);
        throw new Error('no');
      },
    };
    await expect(openStore(directory, [...migrations, failing])).rejects.toThrow('no');
    expect(await (await open()).machines.list()).toEqual([row]);
    const [copy] = readdirSync(join(directory, 'backups'));
    expect(
      readFileSync(join(directory, 'backups', copy ?? ''))
        .subarray(0, 15)
        .toString(),
    ).toBe('SQLite format 3');
  });

  it('refuses what a newer Deskside wrote', async () => {
    await open([...migrations, { name: '0099-later', up: () => Promise.resolve() }]);
    await stores.pop()?.close();
    await expect(openStore(directory)).rejects.toMatchObject({ code: 'conflict' });
  });
});
