import { z } from 'zod';

/**
 * Every failure that may cross a process has one of these codes. The message is a sentence for the technician that
 * says what happened and what to do; `data` carries what a program needs (see the comment beside each code).
 */
export const errorCodes = [
  'internal', // something we did not foresee; details are only in the log
  'cancelled', // the caller aborted
  'disconnected', // the transport closed before the answer
  'protocol', // a frame or a version that this side does not speak
  'resync', // an event subscription overflowed: read the snapshot again
  'unknown-method', //
  'invalid', // data: { issues: [{ path, message }] }
  'not-found', //
  'stale', // data: { current }: the row as it is now
  'conflict', // the state does not allow it (a session that already ended, a second owner of a data directory)
  'vault-locked', //
  'vault-unavailable', //
  'wrong-passphrase', // data: { field }
  'unreadable-key', // data: { field, line? }
  'unknown-host', // the name does not resolve
  'unreachable', // refused, no route, or timed out
  'no-common-algorithm', // data: { kind, offered }
  'host-key-refused', //
  'authentication-failed', // data: { tried, left }
  'connection-lost', //
  'forwarding-refused', // the SSH server does not allow TCP forwarding
  'code-wrong', // data: { left }
  'code-used', //
  'code-expired', //
  'code-burnt', //
  'disk-full', //
  'unauthorised', //
] as const;

export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

export type ErrorData = Readonly<Record<string, unknown>>;

/** The only error whose text crosses a process. Anything else arrives as `internal` without its message. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data: ErrorData = {},
  ) {
    super(message);
  }
}

export const isAppError = (error: unknown, code?: ErrorCode): error is AppError =>
  error instanceof AppError && (code === undefined || error.code === code);
