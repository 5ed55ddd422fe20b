import type { Transport } from './transport.ts';

/** What a MessagePort of node:worker_threads offers and this needs. */
export interface PortLike {
  postMessage(message: Uint8Array): void;
  on(event: 'message', listener: (message: Uint8Array) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
}

/** A started MessagePort as a transport. */
export const messagePortTransport = (port: PortLike): Transport => ({
  send: (frame, done) => {
    port.postMessage(frame);
    if (done) queueMicrotask(done);
  },
  onDidReceive: (listener) => void port.on('message', listener),
  onDidClose: (listener) => void port.on('close', listener),
  close: () => port.close(),
});
