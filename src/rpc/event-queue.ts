import type { Disposable } from './transport.ts';

/** Items that may be on their way without an answer, and items that may wait behind them. */
const inFlight = 256;
const waitingLimit = 1024;

/** Keeps a subscription bounded: a slow reader gets `overflow` once instead of an endless backlog. */
export class EventQueue implements Disposable {
  private readonly waiting: unknown[] = [];
  private readonly disposals: (() => void)[] = [];
  private credit = inFlight;
  private disposed = false;

  constructor(
    private readonly send: (item: unknown) => void,
    private readonly overflow: () => void,
  ) {}

  push(item: unknown): void {
    if (this.disposed) return;
    if (this.credit > 0) {
      this.credit--;
      this.send(item);
    } else if (this.waiting.length < waitingLimit) this.waiting.push(item);
    else {
      this.dispose();
      this.overflow();
    }
  }

  grant(items: number): void {
    this.credit = Math.min(inFlight, this.credit + items);
    while (this.credit > 0 && this.waiting.length > 0 && !this.disposed) {
      this.credit--;
      this.send(this.waiting.shift());
    }
  }

  onDidDispose(listener: () => void): void {
    if (this.disposed) listener();
    else this.disposals.push(listener);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.waiting.length = 0;
    for (const listener of this.disposals.splice(0)) listener();
  }
}
