import type { Changes } from '#contract/basics';
import type { Answer, Connection } from '#contract/connections';
import { AppError, isAppError } from '#contract/errors';
import type { Machine } from '#contract/machines';
import type { TimelinePayload } from '#contract/timeline';
import { Listeners } from '#core/listeners';
import type { Clock, Log } from '#core/ports';
import type { ByteStream } from '#rpc/handlers';
import type { Disposable } from '#rpc/transport';
import type { LinkQuestion, Links } from './links.ts';
import { Terminal } from './terminal.ts';
import type { TerminalSize } from './terminal.ts';

export interface TerminalDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly links: Links;
  /** Asks a person; rejects when `signal` aborts. */
  ask(connectionId: string, question: LinkQuestion, signal: AbortSignal): Promise<Answer>;
  /** @throws AppError `not-found`. */
  resolveMachine(machineId: string): Promise<Machine>;
  record(sessionId: string, payload: TimelinePayload): Promise<void>;
}

export interface OpenTerminal extends TerminalSize {
  readonly id: string;
  readonly sessionId: string;
  readonly machineId: string;
}

/** The terminals of all sessions. */
export class TerminalService implements Disposable {
  private readonly terminals = new Map<string, Terminal>();
  private readonly links: Links;
  private readonly changes = new Listeners<{ readonly sessionId: string; readonly change: Changes<Connection> }>();
  /** Waits for the person or the machine; told apart by this number when the terminal was reconnected meanwhile. */
  private readonly attempts = new Map<string, AbortController>();

  constructor(private readonly dependencies: TerminalDependencies) {
    this.links = dependencies.links;
  }

  watch(sessionId: string, listener: (change: Changes<Connection>) => void): Disposable {
    const rows = [...this.terminals.values()].map(({ connection }) => connection);
    listener({ type: 'snapshot', rows: rows.filter((row) => row.sessionId === sessionId) });
    return this.changes.add((told) => {
      if (told.sessionId === sessionId) listener(told.change);
    });
  }

  /**
   * Returns at once, `connecting`; how it goes is told by `watch`. A failed connect is `lost` with its reason, and may
   * be reconnected. Opening the same id again returns what is there.
   * @throws AppError `not-found`, `conflict` for a machine without SSH.
   */
  async open({ id, sessionId, machineId, columns, rows }: OpenTerminal): Promise<Connection> {
    const existing = this.terminals.get(id);
    if (existing !== undefined) return existing.connection;
    const machine = await this.dependencies.resolveMachine(machineId);
    if (!machine.ssh)
      throw new AppError('conflict', `${machine.name} is marked as having no SSH. Change that in its details first.`);
    const raced = this.terminals.get(id);
    if (raced !== undefined) return raced.connection;
    const connection: Connection = {
      id,
      sessionId,
      machineId,
      kind: 'terminal',
      target: this.links.targetOf(machine),
      state: 'connecting',
      since: this.now(),
    };
    const terminal = new Terminal(connection, { columns, rows }, this.dependencies.clock);
    this.terminals.set(id, terminal);
    this.tell(connection);
    void this.connect(terminal, machine);
    return connection;
  }

  /** @throws AppError `not-found`. */
  async reconnect(id: string): Promise<Connection> {
    const terminal = this.find(id);
    if (terminal.isConnected || this.attempts.has(id)) return terminal.connection;
    const abort = new AbortController();
    this.attempts.set(id, abort);
    try {
      const machine = await this.dependencies.resolveMachine(terminal.connection.machineId);
      if (abort.signal.aborted) throw new AppError('cancelled', 'This terminal was closed.');
      this.update(terminal, { state: 'connecting', target: this.links.targetOf(machine), reason: undefined });
      void this.connect(terminal, machine);
      return terminal.connection;
    } catch (error) {
      this.attempts.delete(id);
      throw error;
    }
  }

  /** @throws AppError `not-found`. */
  resize(id: string, size: TerminalSize): void {
    this.find(id).resize(size);
  }

  /** Closes it and forgets its output; closing what is gone does nothing. */
  async close(id: string, reason = 'Closed by the technician.'): Promise<void> {
    const terminal = this.terminals.get(id);
    if (terminal === undefined) return;
    const wasConnected = terminal.isConnected;
    this.terminals.delete(id);
    this.attempts.get(id)?.abort();
    this.attempts.delete(id);
    terminal.close();
    this.links.release(id);
    this.update(terminal, { state: 'closed', reason });
    const { sessionId, target } = terminal.connection;
    this.changes.fire({ sessionId, change: { type: 'removed', id } });
    if (wasConnected) await this.record(sessionId, { kind: 'disconnected', connectionId: id, target, reason });
  }

  /** Ends every connection of a session, as when the session ends. */
  async closeSession(sessionId: string): Promise<void> {
    const own = [...this.terminals.values()].filter(({ connection }) => connection.sessionId === sessionId);
    await Promise.all(own.map(({ connection }) => this.close(connection.id, 'The session ended.')));
  }

  /** First what the ring holds, then live. @throws AppError `not-found`, `resync`. */
  async attach(id: string, stream: ByteStream, signal: AbortSignal): Promise<void> {
    await this.find(id).attach(stream, signal);
  }

  dispose(): void {
    for (const terminal of Array.from(this.terminals.values())) {
      void this.close(terminal.connection.id, 'The console was closed.');
    }
  }

  private async connect(terminal: Terminal, machine: Machine): Promise<void> {
    const { id, sessionId } = terminal.connection;
    const abort = this.attempts.get(id) ?? new AbortController();
    this.attempts.set(id, abort);
    try {
      const ask = async (question: LinkQuestion, signal: AbortSignal): Promise<Answer> => {
        this.update(terminal, { state: 'asking' });
        const answer = await this.dependencies.ask(id, question, signal);
        this.update(terminal, { state: 'connecting' });
        return answer;
      };
      const { link, info } = await this.links.take(sessionId, machine, id, ask);
      if (abort.signal.aborted) return;
      const shell = await link.shell(terminal.size);
      if (abort.signal.aborted) return shell.close();
      const measured = link.onDidMeasure((roundTrip) => this.update(terminal, { roundTrip }, false));
      let why: AppError | undefined;
      const gone = link.onDidClose((error) => (why = error));
      shell.onDidClose(({ exitCode }) => {
        measured.dispose();
        queueMicrotask(() => {
          gone.dispose();
          terminal.leave(shell);
          if (this.terminals.get(id) === terminal) void this.ended(terminal, link.isOpen, exitCode, why);
        });
      });
      terminal.use(shell);
      this.attempts.delete(id);
      this.update(terminal, { state: 'connected', target: info.target, reason: undefined, roundTrip: link.roundTrip });
      await this.record(sessionId, { kind: 'connected', connectionId: id, target: info.target, method: info.method });
    } catch (error) {
      if (abort.signal.aborted || this.terminals.get(id) !== terminal) return;
      this.attempts.delete(id);
      this.links.release(id);
      if (!isAppError(error)) this.dependencies.log.error('connect failed', { connectionId: id, error: String(error) });
      const reason = isAppError(error) ? error.message : 'Something unexpected went wrong; the log has the details.';
      this.update(terminal, { state: 'lost', reason });
      const { target } = terminal.connection;
      await this.record(sessionId, { kind: 'connect-failed', connectionId: id, target, reason });
    }
  }

  private async ended(
    terminal: Terminal,
    linkOpen: boolean,
    exitCode: number | undefined,
    why: AppError | undefined,
  ): Promise<void> {
    const { id, sessionId, target } = terminal.connection;
    const exited = linkOpen || exitCode !== undefined;
    const code = exitCode === undefined || exitCode === 0 ? '' : ` with code ${exitCode}`;
    const reason = exited ? `The shell ended${code}.` : (why?.message ?? 'The connection to the machine was lost.');
    this.links.release(id);
    this.update(terminal, { state: exited ? 'closed' : 'lost', reason });
    await this.record(sessionId, { kind: 'disconnected', connectionId: id, target, reason });
  }

  private async record(sessionId: string, payload: TimelinePayload): Promise<void> {
    try {
      await this.dependencies.record(sessionId, payload);
    } catch (error) {
      this.dependencies.log.error('timeline not written', { kind: payload.kind, error: String(error) });
    }
  }

  private find(id: string): Terminal {
    const terminal = this.terminals.get(id);
    if (terminal === undefined) throw new AppError('not-found', 'This terminal is closed.');
    return terminal;
  }

  private update(terminal: Terminal, change: Partial<Connection>, newState = true): void {
    const since = newState ? { since: this.now() } : {};
    terminal.connection = { ...terminal.connection, ...change, ...since };
    if (this.terminals.get(terminal.connection.id) === terminal || change.state === 'closed')
      this.tell(terminal.connection);
  }

  private tell(connection: Connection): void {
    this.changes.fire({ sessionId: connection.sessionId, change: { type: 'changed', row: connection } });
  }

  private now(): string {
    return new Date(this.dependencies.clock.now()).toISOString();
  }
}
