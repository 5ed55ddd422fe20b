import type { Transport } from './transport.ts';

interface MessageEventLike {
  readonly data: unknown;
}

/** What the browser's WebSocket and the one of `ws` have in common. */
export interface SocketLike {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>, done?: (error?: Error) => void): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: MessageEventLike) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

/** An open socket as a transport. `pacing` tells that `send` calls back (the server's side, `ws`). */
export const webSocketTransport = (socket: SocketLike, pacing = false): Transport => {
  socket.binaryType = 'arraybuffer';
  let open = true;
  return {
    send: (frame, done) => {
      if (!open) return;
      const data = frame as Uint8Array<ArrayBuffer>;
      if (pacing) return socket.send(data, () => done?.());
      socket.send(data);
      if (done) queueMicrotask(done);
    },
    onDidReceive: (listener) =>
      socket.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) listener(new Uint8Array(data));
        else socket.close();
      }),
    onDidClose: (listener) =>
      socket.addEventListener('close', () => {
        open = false;
        listener();
      }),
    close: () => {
      open = false;
      socket.close();
    },
  };
};
