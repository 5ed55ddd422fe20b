import type { OperatorApi } from '#contract/operator-api';
import type { Handlers } from '#rpc/handlers';
import type { QuestionBoard } from './question-board.ts';

/** What connections ask a person, and the answers. */
export const questionHandlers = (
  questions: QuestionBoard,
): Pick<Handlers<OperatorApi>, 'connections.questions' | 'connections.answer'> => ({
  'connections.questions': (_, emit) => questions.watch(emit),
  'connections.answer': ({ questionId, answer }) => {
    questions.answer(questionId, answer);
    return undefined;
  },
});
