import type { ClientChannel } from 'ssh2';
import { AppError } from '#contract/errors';
import { Listeners } from '#core/listeners';
import type { Disposable } from '#rpc/transport';

/** Bytes that may wait unread before the server counts as one that ignores its window (an honest one: 3 MiB). */
export const unreadLimit = 4 * 1024 * 1024;

export interface ChannelEnd {
  readonly exitCode: number | undefined;
}

/** A shell on the other side. Only calls, events and bytes, so that it can live in another thread. */
export class ShellChannel {
  private readonly received = new Listeners<Uint8Array>();
  private readonly closed = new Listeners<ChannelEnd>();
  private end: ChannelEnd | undefined;
  private exitCode: number | undefined;
  private readonly whenClosed = new Promise<void>((resolve) => this.closed.add(() => resolve()));

  constructor(private readonly channel: ClientChannel) {
    channel.on('data', (chunk: Buffer) => this.received.fire(chunk));
    channel.stderr.on('data', (chunk: Buffer) => this.received.fire(chunk));
    channel.on('exit', (code: number | null) => (this.exitCode = code ?? undefined));
    channel.on('error', () => undefined);
    channel.on('close', () => {
      if (this.end !== undefined) return;
      this.end = { exitCode: this.exitCode };
      this.closed.fire(this.end);
    });
  }

  onDidReceive(listener: (chunk: Uint8Array) => void): Disposable {
    return this.received.add(listener);
  }

  onDidClose(listener: (end: ChannelEnd) => void): Disposable {
    return this.closed.add(listener);
  }

  /** Bytes that arrived and wait, because the reader paused. */
  get unread(): number {
    return this.channel.readableLength + this.channel.stderr.readableLength;
  }

  /** Stops reading; once its window is full the remote blocks. */
  pause(): void {
    this.channel.pause();
    this.channel.stderr.pause();
  }

  resume(): void {
    this.channel.resume();
    this.channel.stderr.resume();
  }

  /** Resolves when the channel has room for more. @throws AppError `connection-lost` when it closed. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.end !== undefined) throw new AppError('connection-lost', 'This terminal is closed.');
    await Promise.race([new Promise<void>((resolve) => this.channel.write(chunk, () => resolve())), this.whenClosed]);
  }

  resize(columns: number, rows: number): void {
    this.channel.setWindow(rows, columns, 0, 0);
  }

  /** Also lets go of what waits unread, without which ssh2 would never say that it closed. */
  close(): void {
    this.resume();
    this.channel.close();
  }
}
