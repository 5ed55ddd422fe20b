import type { Answer, Question } from '#contract/connections';

type Without<Q, K extends PropertyKey> = Q extends unknown ? Omit<Q, K> : never;

/** A question as a link puts it; whoever shows it adds its id and the connection that waits. */
export type LinkQuestion = Without<Question, 'id' | 'connectionId'>;

/** Puts a question to a person. Rejects when `signal` aborts, because nobody waits for the answer any more. */
export type Ask = (question: LinkQuestion, signal: AbortSignal) => Promise<Answer>;

const unseen = /[\p{Cc}\p{Bidi_Control}]/gu;

/** Text from a server as a dialog may show it: no control characters but line ends, cut to `limit`. */
export const shown = (text: string, limit = 2_000): string =>
  text.replace(unseen, (character) => (character === '\n' ? '\n' : '')).slice(0, limit);
