import type { Clock } from '#core/ports';

/** Time that passes only when the test says so. */
export class ManualClock implements Clock {
  private time = Date.UTC(2026, 0, 5, 9);
  private readonly waiting = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.time;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const entry = { at: this.time + milliseconds, callback };
    this.waiting.add(entry);
    return () => void this.waiting.delete(entry);
  }

  /** Calls what became due, in order, also what that sets up. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const [next] = [...this.waiting].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.waiting.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = end;
  }
}
