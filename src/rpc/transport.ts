/**
 * A pipe of whole frames. Order is kept; a frame is either delivered whole or the transport closes.
 * `done` is called when the frame has left this process, so that the sender can pace byte streams.
 */
export interface Transport {
  send(frame: Uint8Array, done?: () => void): void;
  onDidReceive(listener: (frame: Uint8Array) => void): void;
  onDidClose(listener: () => void): void;
  close(): void;
}

/** Anything that must be undone. */
export interface Disposable {
  dispose(): void;
}
