import type { Api, Method } from '#contract/define';
import { AppError } from '#contract/errors';
import { ByteChannel } from './byte-channel.ts';
import { EventQueue } from './event-queue.ts';
import { decodeFrame, decodeJson, encodeJson, protocolVersion, type Frame } from './frames.ts';
import type { CallContext, Emit, Handlers, ByteStream } from './handlers.ts';
import { Pacer } from './pacer.ts';
import type { Disposable, Transport } from './transport.ts';

export interface ServeOptions {
  /** Gets what callers are not told: the reason behind an `internal`. */
  readonly onInternalError: (error: unknown, method: string) => void;
  /** Validates what handlers return as well; on in tests. */
  readonly checkOutputs?: boolean;
}

interface Running {
  readonly abort: AbortController;
  readonly channel?: ByteChannel;
  readonly queue?: EventQueue;
}

type AnyHandler = (input: unknown, second: unknown, third?: CallContext) => unknown;

/** Methods one client may have open at a time. */
const maximumOpen = 1000;

const parse = (method: Method, input: unknown): unknown => {
  const parsed = method.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new AppError('invalid', issues.map((issue) => issue.message).join(' '), { issues });
};

/** Answers the methods of `api` on one transport. Disposing closes the transport and aborts what runs. */
export const serve = <A extends Api>(
  api: A,
  handlers: Handlers<A>,
  transport: Transport,
  options: ServeOptions,
): Disposable => {
  const running = new Map<number, Running>();
  const pacer = new Pacer(transport);
  const table = handlers as unknown as Readonly<Record<string, AnyHandler>>;
  let greeted = false;

  const stop = (): void => {
    const error = new AppError('disconnected', 'The client went away.');
    for (const one of running.values()) {
      one.abort.abort(error);
      one.channel?.abort(error);
      one.queue?.dispose();
    }
    running.clear();
  };

  const fail = (id: number, name: string, error: unknown): void => {
    if (!running.delete(id)) return;
    const told = error instanceof AppError ? error : new AppError('internal', 'Deskside failed to do this. The reason is in its log.');
    if (told !== error) options.onInternalError(error, name);
    pacer.drop(id);
    pacer.control(encodeJson('err', id, { code: told.code, message: told.message, data: told.data }));
  };

  const output = (schema: { parse(value: unknown): unknown }, value: unknown): unknown =>
    options.checkOutputs ? schema.parse(value) : value;

  const start = async (id: number, name: string, input: unknown): Promise<void> => {
    const abort = new AbortController();
    const context: CallContext = { signal: abort.signal };
    const method = Object.hasOwn(api, name) ? api[name] : undefined;
    const handler = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!method || !handler || running.size >= maximumOpen) {
      running.set(id, { abort });
      throw method && handler
        ? new AppError('conflict', 'Too many things are being asked at once.')
        : new AppError('unknown-method', 'There is no such method.');
    }
    if (method.kind === 'call') {
      running.set(id, { abort });
      const value = output(method.output, await handler(parse(method, input), context));
      const frame = encodeJson('ok', id, value);
      if (running.delete(id)) pacer.control(frame);
    } else if (method.kind === 'events') {
      const queue = new EventQueue(
        (item) => pacer.control(encodeJson('next', id, item)),
        () => fail(id, name, new AppError('resync', 'Too much changed at once. Read it again.')),
      );
      running.set(id, { abort, queue });
      const emit: Emit<unknown> = (item) => queue.push(output(method.item, item));
      const subscription = (await handler(parse(method, input), emit, context)) as Disposable;
      if (abort.signal.aborted || !running.has(id)) subscription.dispose();
      else queue.onDidDispose(() => subscription.dispose());
    } else {
      const channel = new ByteChannel(id, pacer);
      running.set(id, { abort, channel });
      const stream: ByteStream = channel;
      const value = output(method.result, await handler(parse(method, input), stream, context));
      if (running.delete(id)) pacer.last(id, encodeJson('end', id, value));
    }
  };

  const cancel = (id: number): void => {
    const one = running.get(id);
    if (!one) return;
    running.delete(id);
    const error = new AppError('cancelled', 'The caller cancelled this.');
    one.abort.abort(error);
    one.channel?.abort(error);
    one.queue?.dispose();
  };

  const openMethod = (frame: Frame): void => {
    const opening = decodeJson(frame.payload);
    if (!Array.isArray(opening) || typeof opening[0] !== 'string' || running.has(frame.id))
      throw new AppError('protocol', 'This is not a way to open a method.');
    const name = opening[0];
    start(frame.id, name, opening[1]).catch((error: unknown) => {
      running.get(frame.id)?.queue?.dispose();
      fail(frame.id, name, error);
    });
  };

  const receive = (frame: Frame): void => {
    const one = running.get(frame.id);
    if (frame.type === 'hello') {
      if (decodeJson(frame.payload) !== protocolVersion) throw new AppError('protocol', 'Another version.');
      greeted = true;
    } else if (!greeted) throw new AppError('protocol', 'The first frame is hello.');
    else if (frame.type === 'open') openMethod(frame);
    else if (frame.type === 'cancel') cancel(frame.id);
    else if (frame.type === 'credit') {
      const granted = decodeJson(frame.payload);
      if (typeof granted !== 'number' || !(granted > 0)) throw new AppError('protocol', 'This is not a credit.');
      one?.channel?.grant(granted);
      one?.queue?.grant(granted);
    } else if (frame.type === 'bytes') one?.channel?.receive(frame.payload);
    else if (frame.type === 'end') one?.channel?.finish();
    else throw new AppError('protocol', `A client does not send ${frame.type}.`);
  };

  transport.onDidReceive((bytes) => {
    try {
      receive(decodeFrame(bytes));
    } catch (error) {
      if (!(error instanceof AppError)) options.onInternalError(error, 'receive');
      stop();
      transport.close();
    }
  });
  transport.onDidClose(stop);
  transport.send(encodeJson('hello', 0, protocolVersion));
  return {
    dispose: () => {
      stop();
      transport.close();
    },
  };
};
