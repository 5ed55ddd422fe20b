import { maximumFrame } from './frames.ts';
import type { Transport } from './transport.ts';

/** A connected socket of node:net: a Unix socket, a named pipe, or any Duplex. */
export interface StreamLike {
  write(data: Uint8Array, done?: () => void): unknown;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
  destroy(): unknown;
}

/** Frames on a byte stream, each behind its length in four bytes (big endian). */
export const streamTransport = (stream: StreamLike): Transport => {
  const listeners: ((frame: Uint8Array) => void)[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  stream.on('error', () => stream.destroy());
  stream.on('data', (chunk) => {
    const joined = new Uint8Array(rest.byteLength + chunk.byteLength);
    joined.set(rest);
    joined.set(chunk, rest.byteLength);
    let offset = 0;
    while (joined.byteLength - offset >= 4) {
      const size = new DataView(joined.buffer, offset).getUint32(0);
      if (size > maximumFrame) return void stream.destroy();
      if (joined.byteLength - offset - 4 < size) break;
      for (const listener of listeners) listener(joined.slice(offset + 4, offset + 4 + size));
      offset += 4 + size;
    }
    rest = joined.slice(offset);
  });
  return {
    send: (frame, done) => {
      const packet = new Uint8Array(4 + frame.byteLength);
      new DataView(packet.buffer).setUint32(0, frame.byteLength);
      packet.set(frame, 4);
      stream.write(packet, done);
    },
    onDidReceive: (listener) => void listeners.push(listener),
    onDidClose: (listener) => void stream.on('close', listener),
    close: () => void stream.destroy(),
  };
};
