import type { Disposable } from '#rpc/transport';

/** The listeners of one event. */
export class Listeners<T> {
  private readonly listeners = new Set<(value: T) => void>();

  add(listener: (value: T) => void): Disposable {
    const own = (value: T): void => listener(value);
    this.listeners.add(own);
    return { dispose: () => void this.listeners.delete(own) };
  }

  fire(value: T): void {
    // A copy: a listener may dispose itself or another.
    for (const listener of Array.from(this.listeners)) listener(value);
  }
}
