import type { Note, NoteRevision } from '#contract/sessions';

/** One note a session; every saved version stays. */
export interface NoteRepository {
  /** Version 0 and an empty text while nothing was saved. */
  get(sessionId: string): Promise<Note>;
  /** `revision.version` is the new one, one above the version it was based on. On disk when it returns. @throws `stale`, `not-found` */
  save(revision: NoteRevision): Promise<Note>;
  /** Newest first. */
  revisions(sessionId: string): Promise<readonly NoteRevision[]>;
}
