import { AppError, errorCodeSchema } from '#contract/errors';
import type { Api } from '#contract/define';
import { ByteChannel } from './byte-channel.ts';
import type { Client, ClientByteStream } from './client.ts';
import { decodeFrame, decodeJson, encodeFrame, encodeJson, protocolVersion, type Frame } from './frames.ts';
import { Pacer } from './pacer.ts';
import type { Disposable, Transport } from './transport.ts';

/** What one open method does with the frames that answer it. */
interface Open {
  readonly channel?: ByteChannel;
  next?(value: unknown): void;
  done(value: unknown): void;
  failed(error: Error): void;
}

const toError = (value: unknown): AppError => {
  const { code, message, data } = (value ?? {}) as { code?: unknown; message?: unknown; data?: unknown };
  const known = errorCodeSchema.safeParse(code);
  return new AppError(
    known.success ? known.data : 'internal',
    typeof message === 'string' ? message : 'Deskside failed without saying why.',
    typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {},
  );
};

const disconnected = () => new AppError('disconnected', 'The connection to Deskside closed before it answered.');
const cancelled = () => new AppError('cancelled', 'This was cancelled.');

const deferred = () => {
  const handles: { settle?: (value: unknown) => void; fail?: (error: Error) => void } = {};
  const result = new Promise<unknown>((resolve, reject) => {
    handles.settle = resolve;
    handles.fail = reject;
  });
  return { result, settle: (value: unknown) => handles.settle?.(value), fail: (error: Error) => handles.fail?.(error) };
};

/** Speaks `api` over `transport`. Answers may come in any order; every pending one rejects when the transport closes. */
export const connect = <A extends Api>(api: A, transport: Transport): Client<A> => {
  const open = new Map<number, Open>();
  const pacer = new Pacer(transport);
  const closeListeners: (() => void)[] = [];
  let nextId = 1;
  let closed = false;

  const close = (error: Error): void => {
    if (closed) return;
    closed = true;
    const pending = [...open.values()];
    open.clear();
    for (const one of pending) one.failed(error);
    for (const listener of closeListeners) listener();
  };

  const begin = (name: string, input: unknown, answer: (id: number) => Open): number => {
    if (!Object.hasOwn(api, name)) throw new AppError('unknown-method', `There is no method ${name}.`);
    const id = nextId++;
    const one = answer(id);
    if (closed) {
      queueMicrotask(() => one.failed(disconnected()));
      return id;
    }
    let frame;
    try {
      frame = encodeJson('open', id, [name, input]);
    } catch (error) {
      queueMicrotask(() => one.failed(error as Error));
      return id;
    }
    open.set(id, one);
    pacer.control(frame);
    return id;
  };

  const cancel = (id: number, error?: Error): void => {
    const one = open.get(id);
    if (!one) return;
    open.delete(id);
    pacer.drop(id);
    pacer.control(encodeFrame('cancel', id));
    if (error) one.failed(error);
  };

  const settle = (id: number, how: (one: Open) => void): void => {
    const one = open.get(id);
    open.delete(id);
    if (one) how(one);
  };

  const receive = (frame: Frame): void => {
    const one = open.get(frame.id);
    if (frame.type === 'hello') {
      if (decodeJson(frame.payload) !== protocolVersion)
        throw new AppError('protocol', 'Deskside was updated. Reload this window.');
    } else if (frame.type === 'ok' || frame.type === 'end')
      settle(frame.id, (settled) => settled.done(decodeJson(frame.payload)));
    else if (frame.type === 'err') settle(frame.id, (settled) => settled.failed(toError(decodeJson(frame.payload))));
    else if (frame.type === 'next') {
      one?.next?.(decodeJson(frame.payload));
      if (open.has(frame.id)) pacer.control(encodeJson('credit', frame.id, 1));
    } else if (frame.type === 'bytes') one?.channel?.receive(frame.payload);
    else if (frame.type === 'credit') one?.channel?.grant(Number(decodeJson(frame.payload)));
    else throw new AppError('protocol', `A server does not send ${frame.type}.`);
  };

  transport.onDidReceive((bytes) => {
    try {
      receive(decodeFrame(bytes));
    } catch (error) {
      transport.close();
      close(error instanceof AppError ? error : disconnected());
      if (!(error instanceof AppError)) throw error;
    }
  });
  transport.onDidClose(() => close(disconnected()));
  transport.send(encodeJson('hello', 0, protocolVersion));

  const bytes = (name: string, input: unknown): ClientByteStream<unknown> => {
    const { result, settle: settleResult, fail: failResult } = deferred();
    // A caller that only reads the chunks sees the same error there.
    result.catch(() => {});
    let channel!: ByteChannel;
    const id = begin(name, input, (own) => {
      channel = new ByteChannel(own, pacer);
      return {
        channel,
        done: (value) => {
          channel.finish();
          settleResult(value);
        },
        failed: (error) => {
          channel.abort(error);
          failResult(error);
        },
      };
    });
    return {
      chunks: channel.chunks,
      write: (chunk) => channel.write(chunk),
      end: () => {
        if (open.has(id)) pacer.last(id, encodeFrame('end', id));
      },
      result,
      dispose: () => cancel(id, cancelled()),
    };
  };

  const client = {
    call: (name: string, input: unknown, signal?: AbortSignal): Promise<unknown> =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(cancelled());
        const onAbort = () => cancel(id, cancelled());
        const settled = () => signal?.removeEventListener('abort', onAbort);
        const id = begin(name, input, () => ({
          done: (value) => (settled(), resolve(value)),
          failed: (error) => (settled(), reject(error)),
        }));
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    events: (name: string, input: unknown, onItem: (item: unknown) => void, onEnd?: (error?: Error) => void): Disposable => {
      const id = begin(name, input, () => ({
        next: onItem,
        done: () => onEnd?.(),
        failed: (error) => onEnd?.(error),
      }));
      return { dispose: () => cancel(id) };
    },
    bytes,
    onDidClose: (listener: () => void) => void closeListeners.push(listener),
    dispose: () => {
      transport.close();
      close(disconnected());
    },
  };
  // The frames carry no types: the names and shapes are checked against `api` by the server and by Client<A> here.
  return client as unknown as Client<A>;
};
