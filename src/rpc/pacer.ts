import type { Transport } from './transport.ts';

/** Bytes of binary streams that may wait inside the transport; calls overtake everything behind it. */
const window = 128 * 1024;

/** Sends control frames at once, and the pieces of binary streams in turn while the transport keeps up. */
export class Pacer {
  private readonly queues = new Map<number, Uint8Array[]>();
  private readonly afterStream = new Map<number, Uint8Array>();
  private inTransport = 0;
  private pumping = false;

  constructor(private readonly transport: Transport) {}

  control(frame: Uint8Array): void {
    this.transport.send(frame);
  }

  bytes(id: number, frame: Uint8Array): void {
    const queue = this.queues.get(id);
    if (queue) queue.push(frame);
    else this.queues.set(id, [frame]);
    this.pump();
  }

  /** A frame that must not overtake the stream's own bytes: its end or its result. */
  last(id: number, frame: Uint8Array): void {
    if (this.queues.has(id)) this.afterStream.set(id, frame);
    else this.control(frame);
  }

  drop(id: number): void {
    this.queues.delete(id);
    this.afterStream.delete(id);
  }

  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    while (this.inTransport < window) {
      const turn = this.queues.entries().next().value;
      if (!turn) break;
      const [id, queue] = turn;
      const frame = queue.shift()!;
      // Re-inserting moves the stream behind the others: round-robin.
      this.queues.delete(id);
      if (queue.length > 0) this.queues.set(id, queue);
      this.inTransport += frame.byteLength;
      this.transport.send(frame, () => {
        this.inTransport -= frame.byteLength;
        this.pump();
      });
      if (queue.length === 0) this.finishStream(id);
    }
    this.pumping = false;
  }

  private finishStream(id: number): void {
    const frame = this.afterStream.get(id);
    if (!frame) return;
    this.afterStream.delete(id);
    this.control(frame);
  }
}
