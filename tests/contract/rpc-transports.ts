import { mkdtempSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { WebSocket, WebSocketServer } from 'ws';
import { memoryTransports } from '#rpc/memory';
import { messagePortTransport } from '#rpc/message-port';
import { streamTransport } from '#rpc/stream-socket';
import type { Transport } from '#rpc/transport';
import { webSocketTransport } from '#rpc/websocket';

/** Two connected ends and what must be closed after a test. */
export interface TransportPair {
  readonly client: Transport;
  readonly server: Transport;
  close(): Promise<void>;
}

const closed = (server: { close(done: () => void): unknown }): Promise<void> =>
  new Promise((done) => void server.close(() => done()));

const memory = async (): Promise<TransportPair> => {
  const [client, server] = memoryTransports();
  return { client, server, close: async () => client.close() };
};

const messagePort = async (): Promise<TransportPair> => {
  const { port1, port2 } = new MessageChannel();
  return {
    client: messagePortTransport(port1),
    server: messagePortTransport(port2),
    close: async () => port1.close(),
  };
};

const webSocket = async (): Promise<TransportPair> => {
  const http = createHttpServer();
  const server = new WebSocketServer({ server: http });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const accepted = new Promise<WebSocket>((done) => server.once('connection', done));
  const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  await new Promise((done) => socket.once('open', done));
  return {
    client: webSocketTransport(socket),
    server: webSocketTransport(await accepted, true),
    close: async () => {
      socket.terminate();
      await closed(server);
      await closed(http);
    },
  };
};

const unixSocket = async (): Promise<TransportPair> => {
  const path = join(mkdtempSync(join(tmpdir(), 'deskside-rpc-')), 'socket');
  const server = createServer();
  await new Promise<void>((done) => server.listen(path, done));
  const accepted = new Promise<Socket>((done) => server.once('connection', done));
  const socket = connectSocket(path);
  const far = await accepted;
  return {
    client: streamTransport(socket),
    server: streamTransport(far),
    close: async () => {
      socket.destroy();
      far.destroy();
      await closed(server);
    },
  };
};

/** Every transport that runs under Node, by name. */
export const transports: readonly (readonly [string, () => Promise<TransportPair>])[] = [
  ['in-memory', memory],
  ['MessagePort', messagePort],
  ['WebSocket', webSocket],
  ['private socket', unixSocket],
];
