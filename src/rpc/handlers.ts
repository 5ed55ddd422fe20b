import type { Api } from '#contract/define';
import type { BytesName, CallName, EventsName, ItemOf, OutputOf, ParsedOf, ResultOf } from './api-types.ts';
import type { Disposable } from './transport.ts';

export interface CallContext {
  /** Aborted when the caller cancels or its transport closes. */
  readonly signal: AbortSignal;
}

/** One binary stream, the same on both sides. */
export interface ByteStream {
  /** What the other side wrote; its credit is given back when the loop asks for the next chunk. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when the other side has given credit for more, so await it before reading the source again. */
  write(chunk: Uint8Array): Promise<void>;
}

/** Called as long as the subscription lives; an item too many ends it with `resync`. */
export type Emit<T> = (item: T) => void;

/** One handler a method. An AppError crosses as it is, anything else as `internal`. */
export type Handlers<A extends Api> = {
  readonly [K in CallName<A>]: (
    input: ParsedOf<A, K>,
    context: CallContext,
  ) => Promise<OutputOf<A, K>> | OutputOf<A, K>;
} & {
  readonly [K in EventsName<A>]: (
    input: ParsedOf<A, K>,
    emit: Emit<ItemOf<A, K>>,
    context: CallContext,
  ) => Disposable | Promise<Disposable>;
} & {
  readonly [K in BytesName<A>]: (
    input: ParsedOf<A, K>,
    stream: ByteStream,
    context: CallContext,
  ) => Promise<ResultOf<A, K>>;
};
