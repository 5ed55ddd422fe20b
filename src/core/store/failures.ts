import { AppError } from '#contract/errors';

/** SQLite result codes (sqlite.org/rescode.html). */
const full = 13;
const foreignKey = 787;

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;

/** Does `work`, with what the database refuses told as AppError: `disk-full`, `not-found`. */
export const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === full)
      throw new AppError('disk-full', 'The disk is full, so nothing was saved. Free some space, then save again.');
    if (code === foreignKey)
      throw new AppError(
        'not-found',
        'What this refers to is not there any more. Read it again, then repeat the change.',
      );
    throw error;
  }
};
