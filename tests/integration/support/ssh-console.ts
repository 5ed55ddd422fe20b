import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, Connection, Question } from '#contract/connections';
import { newId } from '#contract/ids';
import type { Machine } from '#contract/machines';
import type { CredentialSecret } from '#contract/secrets';
import type { TimelinePayload } from '#contract/timeline';
import type { Clock, Log } from '#core/ports';
import { LinkPool } from '#core/ssh/link-pool';
import { QuestionBoard } from '#core/ssh/question-board';
import { TerminalService } from '#core/terminal/service';
import type { ByteStream } from '#rpc/handlers';

export const realClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Goes on when `condition` holds, told by `poke`, never by time. */
export class Conditions {
  private readonly waiting = new Set<() => void>();

  poke(): void {
    for (const check of Array.from(this.waiting)) check();
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
      check();
    });
  }
}

export type Answering = (question: Question) => Answer | undefined;

/** A terminal service as a host would compose it, with one machine and everything it said kept for looking at. */
export class Console {
  readonly directory = mkdtempSync(join(tmpdir(), 'deskside-console-'));
  readonly sessionId = newId();
  readonly machineId = newId();
  readonly questions: Question[] = [];
  readonly timeline: TimelinePayload[] = [];
  readonly states: Connection[] = [];
  readonly touched: string[] = [];
  readonly conditions = new Conditions();
  readonly board = new QuestionBoard();
  readonly links: LinkPool;
  readonly service: TerminalService;
  answering: Answering = (question) =>
    question.kind === 'host-key-unknown' ? { kind: 'trust-host-key', trust: true } : { kind: 'cancel' };
  machine: Machine;

  constructor(
    machine: Partial<Machine>,
    public secret?: CredentialSecret,
    linkClock: Clock = realClock,
  ) {
    const now = new Date().toISOString();
    this.machine = {
      id: this.machineId,
      version: 1,
      name: 'Desk',
      addresses: ['127.0.0.1'],
      ssh: true,
      port: 22,
      signIn: secret === undefined ? { kind: 'ask' } : { kind: 'credential', credentialId: newId() },
      legacyAlgorithms: false,
      tags: [],
      osFamily: 'linux',
      createdAt: now,
      updatedAt: now,
      technicianId: newId(),
      ...machine,
    };
    const record = (_: string, payload: TimelinePayload): Promise<void> => {
      this.timeline.push(payload);
      this.conditions.poke();
      return Promise.resolve();
    };
    this.links = new LinkPool({
      clock: linkClock,
      log: silentLog,
      dataDirectory: this.directory,
      resolveSecret: () => {
        if (this.secret === undefined) throw new Error('no secret');
        return Promise.resolve({ secret: this.secret });
      },
      record,
      touched: (id) => {
        this.touched.push(id);
        return Promise.resolve();
      },
    });
    this.service = new TerminalService({
      clock: realClock,
      log: silentLog,
      links: this.links,
      ask: (connectionId, question, signal) => this.board.ask(connectionId, question, signal),
      resolveMachine: () => Promise.resolve(this.machine),
      record,
    });
    this.board.watch((change) => {
      if (change.type !== 'changed') return;
      const question = change.row;
      this.questions.push(question);
      queueMicrotask(() => {
        const answer = this.answering(question);
        if (answer !== undefined) this.board.answer(question.id, answer);
        this.conditions.poke();
      });
    });
    this.service.watch(this.sessionId, (change) => {
      if (change.type === 'changed') this.states.push(change.row);
      this.conditions.poke();
    });
  }

  async open(): Promise<string> {
    const id = newId();
    const { sessionId, machineId } = this;
    await this.service.open({ id, sessionId, machineId, columns: 80, rows: 24 });
    return id;
  }

  /** The connection once it is in one of these states, and what led there has been recorded. */
  async reaches(id: string, ...states: Connection['state'][]): Promise<Connection> {
    const last = (): Connection | undefined => this.states.filter((row) => row.id === id).at(-1);
    await this.conditions.until(() => states.includes(last()?.state ?? 'connecting'));
    return last() as Connection;
  }

  recorded(kind: TimelinePayload['kind']): Promise<void> {
    return this.conditions.until(() => this.timeline.some((entry) => entry.kind === kind));
  }

  dispose(): void {
    this.service.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The server's end of a byte stream, with credit that the test gives. */
export class TestStream implements ByteStream {
  received = 0;
  text = '';
  credit = Number.POSITIVE_INFINITY;
  readonly conditions = new Conditions();
  private readonly typed: Uint8Array[] = [];
  private ended = false;

  readonly chunks: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async (): Promise<IteratorResult<Uint8Array>> => {
        await this.conditions.until(() => this.typed.length > 0 || this.ended);
        const value = this.typed.shift();
        return value === undefined ? { done: true, value: undefined } : { done: false, value };
      },
    }),
  };

  async write(chunk: Uint8Array): Promise<void> {
    this.received += chunk.byteLength;
    if (this.text.length < 2_000_000) this.text += Buffer.from(chunk).toString('latin1');
    this.conditions.poke();
    await this.conditions.until(() => this.received <= this.credit);
  }

  type(text: string): void {
    this.typed.push(Buffer.from(text));
    this.conditions.poke();
  }

  give(credit: number): void {
    this.credit = credit;
    this.conditions.poke();
  }

  end(): void {
    this.ended = true;
    this.conditions.poke();
  }

  shows(text: string | RegExp): Promise<void> {
    return this.conditions.until(() => (typeof text === 'string' ? this.text.includes(text) : text.test(this.text)));
  }
}
