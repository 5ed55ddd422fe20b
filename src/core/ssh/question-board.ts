import type { Changes } from '#contract/basics';
import type { Answer, Question } from '#contract/connections';
import { AppError } from '#contract/errors';
import { newId } from '#contract/ids';
import { Listeners } from '#core/listeners';
import type { Disposable } from '#rpc/transport';
import type { LinkQuestion } from './questions.ts';

interface Open {
  readonly question: Question;
  readonly settle: (answer: Answer) => void;
}

const fitting: Readonly<Record<Question['kind'], Answer['kind']>> = {
  'host-key-unknown': 'trust-host-key',
  'host-key-changed': 'replace-host-key',
  prompts: 'prompts',
};

/** The questions that connections wait on. */
export class QuestionBoard {
  private readonly open = new Map<string, Open>();
  private readonly settled = new Set<string>();
  private readonly changes = new Listeners<Changes<Question>>();

  watch(listener: (change: Changes<Question>) => void): Disposable {
    listener({ type: 'snapshot', rows: [...this.open.values()].map(({ question }) => question) });
    return this.changes.add(listener);
  }

  /** Resolves with the answer; rejects with `cancelled` when `signal` aborts, and takes the question back. */
  ask(connectionId: string, put: LinkQuestion, signal: AbortSignal): Promise<Answer> {
    const question: Question = { ...put, id: newId(), connectionId };
    return new Promise((resolve, reject) => {
      const close = (): void => {
        this.open.delete(question.id);
        signal.removeEventListener('abort', onAbort);
        this.changes.fire({ type: 'removed', id: question.id });
      };
      const onAbort = (): void => {
        close();
        reject(new AppError('cancelled', 'Nobody waits for this answer any more.'));
      };
      if (signal.aborted) return reject(new AppError('cancelled', 'Nobody waits for this answer any more.'));
      signal.addEventListener('abort', onAbort);
      const settle = (answer: Answer): void => {
        this.settled.add(question.id);
        close();
        resolve(answer);
      };
      this.open.set(question.id, { question, settle });
      this.changes.fire({ type: 'changed', row: question });
    });
  }

  /** Once; a repeated answer is ignored. @throws AppError `not-found`, `invalid`. */
  answer(questionId: string, answer: Answer): void {
    const open = this.open.get(questionId);
    if (open === undefined) {
      if (this.settled.has(questionId)) return;
      throw new AppError('not-found', 'This question is no longer open.');
    }
    if (answer.kind !== 'cancel' && answer.kind !== fitting[open.question.kind])
      throw new AppError('invalid', 'This answer does not fit the question.', { issues: [] });
    open.settle(answer);
  }
}
