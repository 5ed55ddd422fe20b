import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { Client, ClientChannel } from 'ssh2';
import { AppError } from '#contract/errors';
import type { Clock, Log } from '#core/ports';
import type { Disposable } from '#rpc/transport';
import { ShellChannel, unreadLimit } from './channel.ts';
import { handshake } from './handshake.ts';
import type { ConnectOptions, LinkInfo } from './handshake.ts';
import type { KnownHosts } from './known-hosts.ts';
import { Listeners } from '#core/listeners';
import type { Ask } from './questions.ts';
import { dial, endpoint } from './dial.ts';

/** Milliseconds between two signs of life, and how many may stay unanswered: lost within 15 s. */
export const keepaliveInterval = 5_000;
const keepaliveMisses = 2;

/** Milliseconds a server may take to answer a request for a channel or a forward. */
const requestDeadline = 10_000;

export interface LinkDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly knownHosts: KnownHosts;
  readonly ask: Ask;
}

/** A TCP connection that the other side's listener accepted for us. */
export interface Forwarded {
  readonly channel: Duplex;
  readonly originAddress: string;
  readonly originPort: number;
}

/** What ssh2 1.17.0 keeps to itself and we need: a global request whose answer is awaited in order. */
interface Internals {
  readonly _protocol: { ping(): void };
  readonly _callbacks: (() => void)[];
}

/** One SSH connection. Several terminals and forwards may use it. */
export class SshLink {
  private client: Client | undefined;
  private readonly lost = new Listeners<AppError | undefined>();
  private readonly measured = new Listeners<number>();
  private readonly shells = new Set<ShellChannel>();
  private readonly forwards = new Map<number, (forwarded: Forwarded) => void>();
  private stopKeepalive: () => void = () => undefined;
  private ended = false;
  private failure: AppError | undefined;
  private linkInfo: LinkInfo | undefined;
  private lastRoundTrip: number | undefined;

  constructor(private readonly dependencies: LinkDependencies) {}

  get info(): LinkInfo | undefined {
    return this.linkInfo;
  }

  get isOpen(): boolean {
    return this.linkInfo !== undefined && !this.ended;
  }

  /** Milliseconds, of the last sign of life. */
  get roundTrip(): number | undefined {
    return this.lastRoundTrip;
  }

  /** Once; with the error when it was not `close` that ended it. */
  onDidClose(listener: (error: AppError | undefined) => void): Disposable {
    return this.lost.add(listener);
  }

  onDidMeasure(listener: (milliseconds: number) => void): Disposable {
    return this.measured.add(listener);
  }

  /**
   * @throws AppError `unknown-host`, `unreachable`, `no-common-algorithm`, `host-key-refused`,
   * `authentication-failed`, `wrong-passphrase`, `unreadable-key`, `connection-lost`, `cancelled`.
   */
  async connect(options: ConnectOptions, signal: AbortSignal): Promise<LinkInfo> {
    const { clock } = this.dependencies;
    const { socket, address } = await dial(clock, options.addresses, options.port, signal);
    const client = new ssh2.Client();
    const target = endpoint(address, options.port);
    try {
      this.linkInfo = await handshake(client, socket, target, options, this.dependencies, signal);
    } catch (error) {
      client.destroy();
      socket.destroy();
      throw error;
    }
    this.client = client;
    client.on('error', (error) => (this.failure ??= lostBecause(error.message)));
    client.once('close', () => this.finish());
    client.on('tcp connection', (details, accept, reject) => {
      const taken = this.forwards.get(details.destPort);
      if (taken === undefined) return void reject();
      taken({ channel: accept(), originAddress: details.srcIP, originPort: details.srcPort });
    });
    this.guard(socket);
    if (socket.destroyed) this.finish();
    else this.keepAlive(socket, 0);
    return this.linkInfo;
  }

  /** @throws AppError `connection-lost`. */
  async shell(size: { readonly columns: number; readonly rows: number }): Promise<ShellChannel> {
    const client = this.use();
    const window = { term: 'xterm-256color', cols: size.columns, rows: size.rows, width: 0, height: 0 };
    const channel = await this.request<ClientChannel>('a shell', (done) => client.shell(window, done));
    const shell = new ShellChannel(channel);
    this.shells.add(shell);
    shell.onDidClose(() => this.shells.delete(shell));
    return shell;
  }

  /**
   * Listens on the machine; `port` 0 lets it choose. `accept` gets every connection.
   * @throws AppError `forwarding-refused`, `connection-lost`.
   */
  async forwardIn(address: string, port: number, accept: (forwarded: Forwarded) => void): Promise<ForwardedPort> {
    const client = this.use();
    const bound = await this.request<number | undefined>('a forward', (done) =>
      client.forwardIn(address, port, done),
    ).catch((error: unknown) => {
      if (!this.isOpen) throw error;
      throw new AppError(
        'forwarding-refused',
        `The SSH server does not allow port ${port === 0 ? 'forwarding' : port} to be forwarded. Set AllowTcpForwarding there, or use another way to share.`,
      );
    });
    const taken = port === 0 ? (bound ?? 0) : port;
    this.forwards.set(taken, accept);
    return {
      port: taken,
      dispose: () => {
        if (this.forwards.delete(taken) && this.isOpen) client.unforwardIn(address, taken);
      },
    };
  }

  /** Milliseconds until the server answered. Never settles later than the link does. */
  measure(): Promise<number> {
    const { _callbacks: answers, _protocol: protocol } = this.use() as unknown as Internals;
    const sent = this.dependencies.clock.now();
    return new Promise((resolve, reject) => {
      const gone = this.onDidClose((error) => reject(error ?? lostBecause('')));
      answers.push(() => {
        gone.dispose();
        resolve(this.dependencies.clock.now() - sent);
      });
      protocol.ping();
    });
  }

  close(): void {
    if (this.ended) return;
    this.client?.end();
    this.finish(true);
  }

  private use(): Client {
    if (this.client === undefined || this.ended) throw this.failure ?? lostBecause('');
    return this.client;
  }

  private request<T>(what: string, start: (done: (error: Error | undefined, value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = this.dependencies.clock.after(requestDeadline, () =>
        reject(new AppError('connection-lost', `The machine did not answer the request for ${what}.`)),
      );
      const gone = this.onDidClose((error) => reject(error ?? lostBecause('')));
      start((error, value) => {
        stop();
        gone.dispose();
        if (error === undefined || error === null) return resolve(value);
        reject(new AppError('connection-lost', `The machine refused ${what}.`));
      });
    });
  }

  private keepAlive(socket: Socket, missed: number): void {
    let answered = false;
    this.measure().then(
      (milliseconds) => {
        answered = true;
        this.lastRoundTrip = milliseconds;
        this.measured.fire(milliseconds);
      },
      () => undefined,
    );
    this.stopKeepalive = this.dependencies.clock.after(keepaliveInterval, () => {
      const misses = answered ? 0 : missed + 1;
      if (misses < keepaliveMisses) return this.keepAlive(socket, misses);
      this.failure ??= lostBecause('It did not answer for 10 seconds.');
      socket.destroy();
    });
  }

  /** Cuts off a server that sends more than its window allows. */
  private guard(socket: Socket): void {
    socket.on('data', () => {
      for (const shell of this.shells) {
        if (shell.unread <= unreadLimit) continue;
        this.failure ??= lostBecause('It sent more than it was allowed to, so it was cut off.');
        socket.destroy();
        return;
      }
    });
  }

  private finish(byUs = false): void {
    if (this.ended) return;
    this.ended = true;
    this.stopKeepalive();
    for (const shell of this.shells) shell.resume();
    this.lost.fire(byUs ? undefined : (this.failure ?? lostBecause('')));
  }
}

export interface ForwardedPort extends Disposable {
  /** Where the machine listens. */
  readonly port: number;
}

const lostBecause = (why: string): AppError =>
  new AppError('connection-lost', `The connection to the machine was lost.${why === '' ? '' : ` ${why}`}`);
