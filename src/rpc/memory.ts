import type { Transport } from './transport.ts';

const end = () => {
  const listeners: ((frame: Uint8Array) => void)[] = [];
  const deliver = (frame: Uint8Array) => {
    for (const listener of listeners) listener(frame);
  };
  return { listeners, deliver };
};

/** Two ends of one pipe in this process; frames arrive in a later microtask, as they would elsewhere. */
export const memoryTransports = (): readonly [Transport, Transport] => {
  const closeAll: (() => void)[] = [];
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    for (const listener of closeAll) queueMicrotask(listener);
  };
  const one = end();
  const two = end();
  const transport = (own: ReturnType<typeof end>, other: ReturnType<typeof end>): Transport => ({
    send: (frame, done) => {
      if (closed) return;
      queueMicrotask(() => {
        if (closed) return;
        other.deliver(frame);
        done?.();
      });
    },
    onDidReceive: (listener) => void own.listeners.push(listener),
    onDidClose: (listener) => void closeAll.push(listener),
    close,
  });
  return [transport(one, two), transport(two, one)];
};
