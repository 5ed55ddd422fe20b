/**
 * The few globals that Node and every browser share and that `contract` and `rpc` use. Those two rooms are compiled
 * with neither the DOM nor Node, so that nothing else from either can slip in.
 */
declare var crypto: { getRandomValues<T extends Uint8Array>(array: T): T };

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean });
  decode(bytes?: Uint8Array): string;
}

declare class AbortSignal {
  static abort(reason?: unknown): AbortSignal;
  static any(signals: readonly AbortSignal[]): AbortSignal;
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare function queueMicrotask(callback: () => void): void;
