import { createHash } from 'node:crypto';
import type { ChainState, EntryDraft, TimelineEntry, TimelinePayload } from '#contract/timeline';
import type { ChainHead } from '#core/timeline/repository';

const chainVersion = 1;

/** What the first entry names as its predecessor. */
export const genesisHash = '0'.repeat(64);

/** RFC 8785 for JSON values: keys sorted by UTF-16 code units, no white space; undefined members are left out. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no such number.');
  return JSON.stringify(value) ?? 'null';
};

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export const hashPayload = (salt: string, payload: TimelinePayload): string => sha256(canonicalJson({ salt, payload }));

type Header = Pick<TimelineEntry, 'sessionId' | 'consoleId' | 'sequence' | 'at' | 'technicianId' | 'kind'>;

export const hashEntry = (header: Header, previousHash: string, payloadHash: string): string => {
  const { sessionId, consoleId, sequence, at, technicianId, kind } = header;
  return sha256(
    canonicalJson({
      version: chainVersion,
      previousHash,
      header: { sessionId, consoleId, sequence, at, technicianId, kind },
      payloadHash,
    }),
  );
};

/** The next link after `head`. `salt` is 128 random bits, hex. */
export const linkEntry = (
  draft: EntryDraft,
  head: Pick<ChainHead, 'sequence' | 'hash'> | undefined,
  salt: string,
): TimelineEntry => {
  const previousHash = head?.hash ?? genesisHash;
  const payloadHash = hashPayload(salt, draft.payload);
  const { sessionId, consoleId, technicianId, at, payload } = draft;
  const header = { sessionId, consoleId, sequence: (head?.sequence ?? 0) + 1, at, technicianId, kind: payload.kind };
  return { ...header, salt, payload, payloadHash, previousHash, hash: hashEntry(header, previousHash, payloadHash) };
};

const holds = (entry: TimelineEntry, sequence: number, previousHash: string): boolean =>
  entry.sequence === sequence &&
  entry.previousHash === previousHash &&
  (entry.payload === undefined ||
    (entry.payload.kind === entry.kind && hashPayload(entry.salt ?? '', entry.payload) === entry.payloadHash)) &&
  hashEntry(entry, previousHash, entry.payloadHash) === entry.hash;

/** Verifies one console's chain, entries in order, against its anchor if there is one. */
export const verifyChain = (entries: readonly TimelineEntry[], anchor?: ChainHead): ChainState => {
  let previousHash = genesisHash;
  for (const [index, entry] of entries.entries()) {
    if (!holds(entry, index + 1, previousHash))
      return { entries: entries.length, state: 'broken', brokenAt: index + 1 };
    previousHash = entry.hash;
  }
  if (anchor && anchor.sequence > entries.length)
    return { entries: entries.length, state: 'cut', brokenAt: entries.length + 1 };
  if (anchor && entries[anchor.sequence - 1]?.hash !== anchor.hash)
    return { entries: entries.length, state: 'broken', brokenAt: anchor.sequence };
  return { entries: entries.length, state: 'intact' };
};
