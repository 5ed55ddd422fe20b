import type { Session } from '#contract/sessions';
import type { EntryDraft, TimelineEntry } from '#contract/timeline';

export interface SessionChange {
  readonly session: Session;
  readonly entries: readonly TimelineEntry[];
}

/** Where sessions are kept. A change and the entries that tell of it share one transaction. */
export interface SessionRepository {
  list(): Promise<readonly Session[]>;
  get(id: string): Promise<Session | undefined>;
  /** A second insert of the same id gives the row that is there, without entries. */
  insert(session: Session, entries: readonly EntryDraft[]): Promise<SessionChange>;
  /** `session.version` is the version it was based on. @throws `stale` with `{ current }`, `not-found` */
  replace(session: Session, entries: readonly EntryDraft[]): Promise<SessionChange>;
}
