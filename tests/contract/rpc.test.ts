import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bytes, defineApi, events, query } from '#contract/define';
import { AppError } from '#contract/errors';
import type { Client } from '#rpc/client';
import { connect } from '#rpc/connect';
import { encodeFrame, encodeJson, maximumFrame, protocolVersion } from '#rpc/frames';
import type { ByteStream, CallContext, Emit, Handlers } from '#rpc/handlers';
import { serve } from '#rpc/serve';
import type { Transport } from '#rpc/transport';
import { transports, type TransportPair } from './rpc-transports.ts';

const empty = z.object({});
const testApi = defineApi({
  add: query(z.object({ a: z.number(), b: z.number() }), z.number()),
  fail: query(z.object({ how: z.enum(['app', 'other']) }), z.undefined()),
  hang: query(empty, z.undefined()),
  wrong: query(empty, z.number()),
  count: events(z.object({ to: z.number() }), z.number()),
  open: events(empty, z.string()),
  download: bytes(z.object({ size: z.number() }), z.string()),
  upload: bytes(empty, z.string()),
  stall: bytes(empty, z.string()),
});
type TestApi = typeof testApi;

const sha = (chunks: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};

const deferred = <T>() => {
  const handles: { resolve?: (value: T) => void } = {};
  const promise = new Promise<T>((resolve) => (handles.resolve = resolve));
  return { promise, resolve: (value: T) => handles.resolve?.(value) };
};

/** The server's side: handlers, and what they saw. */
class TestServer {
  readonly logged: unknown[] = [];
  readonly hanging = deferred<AbortSignal>();
  readonly opened = deferred<Emit<string>>();
  readonly disposed = deferred<string>();
  readonly stalled = deferred<CallContext>();
  written = 0;
  readonly handlers: Handlers<TestApi> = {
    add: ({ a, b }) => a + b,
    fail: ({ how }) => {
      throw how === 'app' ? new AppError('not-found', 'There is no such row.', { id: 7 }) : new Error('secret reason');
    },
    hang: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        this.hanging.resolve(signal);
      }),
    wrong: () => 'not a number' as unknown as number,
    count: ({ to }, emit) => {
      for (let index = 0; index < to; index++) emit(index);
      return { dispose: () => this.disposed.resolve('count') };
    },
    open: (_, emit) => {
      this.opened.resolve(emit);
      return { dispose: () => this.disposed.resolve('open') };
    },
    download: async ({ size }, stream) => {
      const content = randomBytes(size);
      for (let offset = 0; offset < size; offset += 100_000) {
        const piece = content.subarray(offset, offset + 100_000);
        await stream.write(piece);
        this.written += piece.byteLength;
      }
      return sha([content]);
    },
    upload: async (_, stream: ByteStream) => {
      const hash = createHash('sha256');
      for await (const chunk of stream.chunks) hash.update(chunk);
      return hash.digest('hex');
    },
    stall: (_, _stream, context) =>
      new Promise((_resolve, reject) => {
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
        this.stalled.resolve(context);
      }),
  };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'fulfilled',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );

describe.each(transports)('RPC over %s', (_name, makePair) => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const pairUp = async (): Promise<TransportPair> => {
    const pair = await makePair();
    closing.push(() => pair.close());
    return pair;
  };

  const start = async (
    clientApi: TestApi = testApi,
  ): Promise<{ server: TestServer; client: Client<TestApi>; pair: TransportPair }> => {
    const pair = await pairUp();
    const server = new TestServer();
    serve(testApi, server.handlers, pair.server, {
      onInternalError: (error) => void server.logged.push(error),
      checkOutputs: true,
    });
    return { server, client: connect(clientApi, pair.client), pair };
  };

  /** A server whose client is written by hand, frame by frame. */
  const startRaw = async (): Promise<{ send: Transport['send']; closed: Promise<boolean>; server: TestServer }> => {
    const pair = await pairUp();
    const server = new TestServer();
    const end = deferred<boolean>();
    pair.client.onDidClose(() => end.resolve(true));
    pair.client.onDidReceive(() => {});
    serve(testApi, server.handlers, pair.server, { onInternalError: (error) => void server.logged.push(error) });
    return { send: (frame) => pair.client.send(frame), closed: end.promise, server };
  };

  it('answers calls, a thousand at once', async () => {
    const { client } = await start();
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, a) => client.call('add', { a, b: 1 })));
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, a) => a + 1));
  });

  it('carries an AppError whole and tells nothing of any other error', async () => {
    const { client, server } = await start();
    await expect(client.call('fail', { how: 'app' })).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no such row.',
      data: { id: 7 },
    });
    const error = await client.call('fail', { how: 'other' }).catch((caught: unknown) => caught as AppError);
    expect(error).toMatchObject({ code: 'internal' });
    expect(JSON.stringify([(error as AppError).message, (error as AppError).data])).not.toContain('secret');
    expect(server.logged).toMatchObject([{ message: 'secret reason' }]);
  });

  it('refuses wrong input, wrong output and names that are not its own', async () => {
    const { client, server } = await start();
    const text = 'one' as unknown as number;
    await expect(client.call('add', { a: text, b: 1 })).rejects.toMatchObject({
      code: 'invalid',
      data: { issues: [{ path: 'a' }] },
    });
    expect(await codeOf(client.call('wrong', {}))).toBe('internal');
    expect(server.logged).toHaveLength(1);
  });

  it.each(['toString', '__proto__', 'constructor', 'nothing'])('has no method %s', async (name) => {
    const { client } = await start({ ...testApi, [name]: testApi.hang });
    expect(await codeOf(client.call(name as 'hang', {}))).toBe('unknown-method');
  });

  it('aborts the handler when the caller does', async () => {
    const { client, server } = await start();
    const abort = new AbortController();
    const code = codeOf(client.call('hang', {}, abort.signal));
    const signal = await server.hanging.promise;
    const seen = new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    abort.abort();
    expect(await code).toBe('cancelled');
    await seen;
    expect(signal.aborted).toBe(true);
  });

  it('delivers events in order and stops when the subscriber does', async () => {
    const { client, server } = await start();
    const items: number[] = [];
    const all = deferred<true>();
    const subscription = client.events('count', { to: 1000 }, (item) => {
      items.push(item);
      if (items.length === 1000) all.resolve(true);
    });
    await all.promise;
    expect(items).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    subscription.dispose();
    expect(await server.disposed.promise).toBe('count');
  });

  it('ends a subscription that falls behind with resync, and the source with it', async () => {
    const { client, server } = await start();
    const ended = deferred<Error | undefined>();
    client.events('open', {}, () => {}, ended.resolve);
    const emit = await server.opened.promise;
    // All in one turn: no credit can come back in between.
    for (let index = 0; index < 5000; index++) emit(`item ${index}`);
    expect(await ended.promise).toMatchObject({ code: 'resync' });
    expect(await server.disposed.promise).toBe('open');
  });

  it('streams 8 MB down and 8 MB up, both whole, both at once', async () => {
    const { client } = await start();
    const size = 8 * 1024 * 1024;
    const down = client.bytes('download', { size });
    const up = client.bytes('upload', {});
    const content = randomBytes(size);
    const uploading = up.write(content).then(() => up.end());
    const hash = createHash('sha256');
    for await (const chunk of down.chunks) hash.update(chunk);
    await uploading;
    expect(hash.digest('hex')).toBe(await down.result);
    expect(await up.result).toBe(sha([content]));
  });

  it('lets a writer no further than its credit, and a call past a stream that nobody reads', async () => {
    const { client, server } = await start();
    const stream = client.bytes('download', { size: 4 * 1024 * 1024 });
    // The answers come behind whatever the stream was able to send.
    for (let turn = 0; turn < 50; turn++) expect(await client.call('add', { a: turn, b: 1 })).toBe(turn + 1);
    expect(server.written).toBeLessThanOrEqual(256 * 1024);
    stream.dispose();
    expect(await codeOf(stream.result)).toBe('cancelled');
  });

  it('serves two streams in turn', async () => {
    const { client } = await start();
    const order: string[] = [];
    const read = async (name: string): Promise<void> => {
      for await (const chunk of client.bytes('download', { size: 2 * 1024 * 1024 }).chunks)
        if (chunk.byteLength > 0 && order.at(-1) !== name) order.push(name);
    };
    await Promise.all([read('one'), read('two')]);
    expect(order.length).toBeGreaterThan(4);
  });

  it('ends a stream that the caller cancels, on both sides', async () => {
    const { client, server } = await start();
    const stream = client.bytes('stall', {});
    const { signal } = await server.stalled.promise;
    const aborted = new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    stream.dispose();
    await aborted;
    expect(await codeOf(stream.result)).toBe('cancelled');
    await expect(stream.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'cancelled' });
    expect(await client.call('add', { a: 1, b: 1 })).toBe(2);
  });

  it('rejects everything that is pending when the other side goes away', async () => {
    const { client, server, pair } = await start();
    const ended = deferred<Error | undefined>();
    client.events('open', {}, () => {}, ended.resolve);
    const stream = client.bytes('stall', {});
    const code = codeOf(client.call('hang', {}));
    const signal = await server.hanging.promise;
    await server.stalled.promise;
    const aborted = new Promise((done) => signal.addEventListener('abort', () => done(signal.reason), { once: true }));
    pair.server.close();
    expect(await code).toBe('disconnected');
    expect(await codeOf(stream.result)).toBe('disconnected');
    expect(await ended.promise).toMatchObject({ code: 'disconnected' });
    expect(await aborted).toMatchObject({ code: 'disconnected' });
    expect(await codeOf(client.call('add', { a: 1, b: 1 }))).toBe('disconnected');
  });

  const hello = encodeJson('hello', 0, protocolVersion);
  const hostile: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['speaks before hello', [encodeJson('open', 1, ['add', { a: 1, b: 1 }])]],
    ['speaks another version', [encodeJson('hello', 0, protocolVersion + 1)]],
    ['sends an unknown type', [hello, new Uint8Array([99, 0, 0, 0, 1])]],
    ['sends a frame without a header', [hello, new Uint8Array([1, 0])]],
    ['sends text that is not JSON', [hello, encodeFrame('open', 1, new TextEncoder().encode('{"a'))]],
    ['sends bytes that are not UTF-8', [hello, encodeFrame('open', 1, new Uint8Array([0xff, 0xfe]))]],
    ['opens nothing', [hello, encodeJson('open', 1, 7)]],
    ['gives a negative credit', [hello, encodeJson('open', 1, ['open', {}]), encodeJson('credit', 1, -1)]],
    ['plays the server', [hello, encodeJson('ok', 1, 1)]],
    ['reuses an id', [hello, encodeJson('open', 1, ['hang', {}]), encodeJson('open', 1, ['hang', {}])]],
    ['sends a frame above the limit', [hello, new Uint8Array(maximumFrame + 1)]],
    [
      'ignores its credit',
      [
        hello,
        encodeJson('open', 1, ['stall', {}]),
        ...Array.from({ length: 5 }, () => encodeFrame('bytes', 1, new Uint8Array(64 * 1024))),
      ],
    ],
  ];
  it.each(hostile)('closes on a client that %s', async (_what, frames) => {
    const { send, closed, server } = await startRaw();
    for (const frame of frames) send(frame);
    expect(await closed).toBe(true);
    expect(server.logged).toEqual([]);
  });
});
