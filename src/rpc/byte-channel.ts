import { AppError } from '#contract/errors';
import { encodeFrame, encodeJson } from './frames.ts';
import type { ByteStream } from './handlers.ts';
import type { Pacer } from './pacer.ts';

/** Unread bytes that one direction of a stream may hold. */
export const streamCredit = 256 * 1024;

/** Larger chunks are cut, so that streams share a transport fairly. */
const pieceSize = 64 * 1024;

/** One end of a binary stream: credit both ways, nothing dropped. */
export class ByteChannel implements ByteStream {
  private readonly received: Uint8Array[] = [];
  private unread = 0;
  private credit = streamCredit;
  private finished = false;
  private failure: Error | undefined;
  private wakeReader: (() => void) | undefined;
  private readonly waitingWriters: (() => void)[] = [];

  constructor(
    private readonly id: number,
    private readonly pacer: Pacer,
  ) {}

  /** The other side wrote. @throws AppError `protocol` when it ignores its credit. */
  receive(chunk: Uint8Array): void {
    if (this.finished) return;
    this.unread += chunk.byteLength;
    if (this.unread > streamCredit) throw new AppError('protocol', 'The other side sent more than it was allowed to.');
    this.received.push(chunk.slice());
    this.wakeReader?.();
  }

  grant(bytes: number): void {
    this.credit += bytes;
    for (const wake of this.waitingWriters.splice(0)) wake();
  }

  /** No more will come; with an error, readers and writers get it. */
  finish(error?: Error): void {
    this.finished = true;
    this.failure ??= error;
    this.wakeReader?.();
    if (error) for (const wake of this.waitingWriters.splice(0)) wake();
  }

  /** Ends both directions without waiting. */
  abort(error: Error): void {
    this.finish(error);
    this.received.length = 0;
    this.pacer.drop(this.id);
  }

  async write(chunk: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < chunk.byteLength) {
      if (this.failure) throw this.failure;
      if (this.credit === 0) {
        await new Promise<void>((wake) => this.waitingWriters.push(wake));
        continue;
      }
      const size = Math.min(pieceSize, this.credit, chunk.byteLength - offset);
      this.credit -= size;
      this.pacer.bytes(this.id, encodeFrame('bytes', this.id, chunk.subarray(offset, offset + size)));
      offset += size;
    }
    if (this.failure) throw this.failure;
  }

  readonly chunks: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => {
      let taken = 0;
      return {
        next: async (): Promise<IteratorResult<Uint8Array>> => {
          if (taken > 0) {
            this.unread -= taken;
            this.pacer.control(encodeJson('credit', this.id, taken));
            taken = 0;
          }
          for (;;) {
            const chunk = this.received.shift();
            if (chunk) {
              taken = chunk.byteLength;
              return { value: chunk, done: false };
            }
            if (this.failure) throw this.failure;
            if (this.finished) return { value: undefined, done: true };
            await new Promise<void>((wake) => (this.wakeReader = wake));
            this.wakeReader = undefined;
          }
        },
      };
    },
  };
}
