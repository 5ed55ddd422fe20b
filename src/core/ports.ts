/** What a host must provide. The core knows no other way to the outside. */

export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Calls back once after `milliseconds`; the returned function cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Never given a secret. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Preferences only (conf, electron-store). */
export interface KeyValueStore {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

export interface Paths {
  /** Absolute; owned by this process alone. */
  readonly data: string;
}

/** A way to seal the vault's data key with something the host has: safeStorage, a keyring. */
export interface SecretVault {
  readonly kind: 'safe-storage' | 'keyring';
  /** False where the system offers nothing better than plain text. */
  available(): Promise<boolean>;
  seal(key: Uint8Array): Promise<Uint8Array>;
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/** A message port of a worker thread, or its equal. */
export interface WorkerPort {
  postMessage(message: Uint8Array): void;
  on(event: 'message', listener: (message: Uint8Array) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
}

export interface Workers {
  /** Starts the worker whose built entry has this name; `data` arrives as its workerData. */
  spawn(name: 'store-worker' | 'ssh-worker', data: unknown): WorkerPort;
}

export interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly preferences: KeyValueStore;
  readonly paths: Paths;
  readonly vaults: readonly SecretVault[];
  readonly workers: Workers;
}
