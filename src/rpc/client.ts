import type { Api } from '#contract/define';
import type { BytesName, CallName, EventsName, InputOf, ItemOf, OutputOf, ResultOf } from './api-types.ts';
import type { ByteStream } from './handlers.ts';
import type { Disposable } from './transport.ts';

/** The client's end of a binary stream. */
export interface ClientByteStream<R> extends ByteStream, Disposable {
  /** Says that nothing more will be written; the server answers with its result. */
  end(): void;
  /** Rejects with the server's AppError, `disconnected`, or `cancelled` after `dispose`. */
  readonly result: Promise<R>;
}

export interface Client<A extends Api> extends Disposable {
  /** @throws AppError, also `disconnected` and `cancelled`. */
  call<K extends CallName<A>>(name: K, input: InputOf<A, K>, signal?: AbortSignal): Promise<OutputOf<A, K>>;
  /** `onEnd` is called once, with the AppError when it was not the caller who ended it. */
  events<K extends EventsName<A>>(
    name: K,
    input: InputOf<A, K>,
    onItem: (item: ItemOf<A, K>) => void,
    onEnd?: (error?: Error) => void,
  ): Disposable;
  bytes<K extends BytesName<A>>(name: K, input: InputOf<A, K>): ClientByteStream<ResultOf<A, K>>;
  onDidClose(listener: () => void): void;
}
