import { AppError } from '#contract/errors';
import type { ByteStream } from '#rpc/handlers';
import type { Clock } from '#core/ports';
import type { OutputRing } from './output.ts';

/** Milliseconds and bytes of one batch; the first chunk after a rest goes at once. */
const batchTime = 16;
const batchSize = 64 * 1024;

/** One attached viewer: it follows the ring as fast as its credit allows. */
export class Viewer {
  private wake: () => void = () => undefined;
  private done = false;
  private position: number;

  constructor(
    private readonly ring: OutputRing,
    private readonly clock: Clock,
    private readonly didAdvance: () => void,
  ) {
    this.position = ring.start;
  }

  /** Bytes that this viewer has still to take. */
  get lag(): number {
    return this.ring.end - this.position;
  }

  /** Says that the ring grew. */
  notify(): void {
    this.wake();
  }

  /** Ends after what is kept has been written. */
  finish(): void {
    this.done = true;
    this.wake();
  }

  /** @throws AppError `resync` when the output overtook this viewer. */
  async follow(stream: ByteStream, signal: AbortSignal): Promise<void> {
    const stop = (): void => this.wake();
    signal.addEventListener('abort', stop);
    let lastWrite = -Infinity;
    try {
      while (!signal.aborted) {
        if (this.lag === 0) {
          if (this.done) return;
          await this.woken();
          continue;
        }
        const rest = batchTime - (this.clock.now() - lastWrite);
        if (rest > 0 && this.lag < batchSize && !this.done) {
          await this.gathered(rest, signal);
          if (signal.aborted) return;
        }
        if (this.position < this.ring.start)
          throw new AppError('resync', 'This view fell behind the terminal. Open it again.');
        const batch = this.ring.read(this.position, batchSize);
        lastWrite = this.clock.now();
        await stream.write(batch);
        this.position += batch.byteLength;
        this.didAdvance();
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private gathered(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(milliseconds, resolve);
      this.wake = () => {
        if (this.lag < batchSize && !this.done && !signal.aborted) return;
        cancel();
        resolve();
      };
    });
  }
}
