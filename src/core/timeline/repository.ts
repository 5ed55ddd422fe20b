import type { EntryDraft, TimelineEntry } from '#contract/timeline';

/** The last link of one chain. */
export interface ChainHead {
  readonly sessionId: string;
  readonly consoleId: string;
  readonly sequence: number;
  readonly hash: string;
}

/** Append-only. */
export interface TimelineRepository {
  /** All consoles' entries of a session by time, each console's in its own order. */
  list(sessionId: string): Promise<readonly TimelineEntry[]>;
  /** @throws `not-found` when there is no such session */
  append(draft: EntryDraft): Promise<TimelineEntry>;
  heads(): Promise<readonly ChainHead[]>;
}
