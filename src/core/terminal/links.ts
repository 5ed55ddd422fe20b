import type { Answer, Question } from '#contract/connections';
import type { AppError } from '#contract/errors';
import type { Machine } from '#contract/machines';
import type { Disposable } from '#rpc/transport';

/** A shell on the other side. Every `AppError` of a link and its shells is a sentence for the technician. */
export interface Shell {
  onDidReceive(listener: (chunk: Uint8Array) => void): Disposable;
  onDidClose(listener: (end: { readonly exitCode: number | undefined }) => void): Disposable;
  /** Stops reading, so that the remote blocks. */
  pause(): void;
  resume(): void;
  /** Resolves when there is room for more. @throws AppError `connection-lost`. */
  write(chunk: Uint8Array): Promise<void>;
  resize(columns: number, rows: number): void;
  close(): void;
}

/** A signed-in connection to a machine. */
export interface Link {
  readonly isOpen: boolean;
  /** Milliseconds, once measured. */
  readonly roundTrip: number | undefined;
  shell(size: { readonly columns: number; readonly rows: number }): Promise<Shell>;
  onDidMeasure(listener: (roundTrip: number) => void): Disposable;
  onDidClose(listener: (error: AppError | undefined) => void): Disposable;
}

type Without<Q, K extends PropertyKey> = Q extends unknown ? Omit<Q, K> : never;
export type LinkQuestion = Without<Question, 'id' | 'connectionId'>;

/** Where terminals get their links from: one for each (session, machine), kept while somebody uses it. */
export interface Links {
  /** `user@address:port` as far as it is known before connecting. */
  targetOf(machine: Machine): string;
  take(
    sessionId: string,
    machine: Machine,
    userId: string,
    ask: (question: LinkQuestion, signal: AbortSignal) => Promise<Answer>,
  ): Promise<{ readonly link: Link; readonly info: { readonly target: string; readonly method: string } }>;
  release(userId: string): void;
}
