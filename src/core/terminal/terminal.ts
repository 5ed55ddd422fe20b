import type { Connection } from '#contract/connections';
import type { Clock } from '#core/ports';
import type { ByteStream } from '#rpc/handlers';
import type { Shell } from './links.ts';
import { OutputRing } from './output.ts';
import { Viewer } from './viewer.ts';

/** Bytes the governing viewer may lag behind before the channel is no longer read, and when reading goes on. */
const pauseAbove = 256 * 1024;
const resumeBelow = 64 * 1024;

/** Leaves full-screen, mouse, paste and colour modes that the lost shell had set; the scrollback stays. */
const softReset = new TextEncoder().encode(
  '\u001b[?1049l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[!p\u001b[0m\r\n',
);

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** One terminal: its output is kept over reconnects, its viewers come and go. */
export class Terminal {
  readonly ring = new OutputRing();
  size: TerminalSize;
  private shell: Shell | undefined;
  private paused = false;
  /** The newest viewer is last, and its credit governs. */
  private readonly viewers: Viewer[] = [];

  constructor(
    public connection: Connection,
    size: TerminalSize,
    private readonly clock: Clock,
  ) {
    this.size = size;
  }

  get isConnected(): boolean {
    return this.shell !== undefined;
  }

  use(shell: Shell): void {
    if (this.ring.end > 0) this.receive(softReset);
    this.shell = shell;
    this.paused = false;
    shell.onDidReceive((chunk) => this.receive(chunk));
    this.pace();
  }

  /** Takes the shell away: it ended or was lost. */
  leave(shell: Shell): void {
    if (this.shell === shell) this.shell = undefined;
  }

  resize(size: TerminalSize): void {
    this.size = size;
    this.shell?.resize(size.columns, size.rows);
  }

  close(): void {
    this.shell?.close();
    this.shell = undefined;
    for (const viewer of this.viewers) viewer.finish();
  }

  /** Output down, keystrokes up, until the terminal is closed, the caller ends its side or `signal` aborts. */
  async attach(stream: ByteStream, signal: AbortSignal): Promise<void> {
    const viewer = new Viewer(this.ring, this.clock, () => this.pace());
    const ended = new AbortController();
    this.viewers.push(viewer);
    this.pace();
    const typing = this.type(stream).finally(() => ended.abort());
    typing.catch(() => undefined);
    try {
      await viewer.follow(stream, AbortSignal.any([signal, ended.signal]));
    } finally {
      this.viewers.splice(this.viewers.indexOf(viewer), 1);
      this.pace();
    }
  }

  /** One chunk after the other, each when the channel had room; what is typed into a lost terminal is gone. */
  private async type(stream: ByteStream): Promise<void> {
    for await (const chunk of stream.chunks) await this.shell?.write(chunk).catch(() => undefined);
  }

  private receive(chunk: Uint8Array): void {
    this.ring.append(chunk);
    for (const viewer of this.viewers) viewer.notify();
    this.pace();
  }

  private pace(): void {
    const lag = this.viewers.at(-1)?.lag ?? 0;
    if (!this.paused && lag > pauseAbove) {
      this.paused = true;
      this.shell?.pause();
    } else if (this.paused && lag < resumeBelow) {
      this.paused = false;
      this.shell?.resume();
    }
  }
}
