import { AppError, isAppError } from '#contract/errors';
import { newId } from '#contract/ids';
import { operatorApi, type OperatorApi } from '#contract/operator-api';
import type { CallName, EventsName, InputOf, ItemOf, OutputOf } from '#rpc/api-types';
import type { Client } from '#rpc/client';
import { connect } from '#rpc/connect';
import type { Disposable, Transport } from '#rpc/transport';

export type LinkState = 'connecting' | 'connected' | 'lost';

type WithoutOperation<T> = Omit<T, 'operationId'>;

interface Watch {
  open(client: Client<OperatorApi>): void;
  close(): void;
}

/** Waits in milliseconds before the next attempt; the last one repeats. */
const waits = [250, 500, 1000, 2000, 4000] as const;

/** The console's way to the core: connects again by itself, opens subscriptions again, and retries a mutation once. */
export class Link implements Disposable {
  private readonly watches = new Set<Watch>();
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<(client: Client<OperatorApi> | undefined) => void>();
  private client: Client<OperatorApi> | undefined;
  private attempts = 0;
  private disposed = false;
  state: LinkState = 'connecting';

  constructor(private readonly openTransport: () => Promise<Transport>) {
    void this.open();
  }

  /** Calls back with every change of `state`; the returned function ends it. */
  readonly onDidChange = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** @throws AppError; `disconnected` is not retried, because a query is asked again by whoever shows it. */
  async query<K extends CallName<OperatorApi>>(name: K, input: InputOf<OperatorApi, K>): Promise<OutputOf<OperatorApi, K>> {
    return (await this.connected()).call(name, input);
  }

  /** Adds the operation id; when the connection closes before the answer, asks once more with the same id. */
  async mutate<K extends CallName<OperatorApi>>(
    name: K,
    input: WithoutOperation<InputOf<OperatorApi, K>>,
  ): Promise<OutputOf<OperatorApi, K>> {
    const whole = { ...input, operationId: newId() } as unknown as InputOf<OperatorApi, K>;
    try {
      return await (await this.connected()).call(name, whole);
    } catch (error) {
      if (!isAppError(error, 'disconnected') || this.disposed) throw error;
      return (await this.connected()).call(name, whole);
    }
  }

  /** A subscription that outlives the connection: after a reconnect or an overflow it starts with its snapshot again. */
  watch<K extends EventsName<OperatorApi>>(
    name: K,
    input: InputOf<OperatorApi, K>,
    onItem: (item: ItemOf<OperatorApi, K>) => void,
  ): Disposable {
    let current: Disposable | undefined;
    let ended = false;
    const open = (client: Client<OperatorApi>): void => {
      current = client.events(name, input, onItem, (error) => {
        if (!ended && isAppError(error, 'resync')) open(client);
      });
    };
    const watch: Watch = { open, close: () => current?.dispose() };
    this.watches.add(watch);
    if (this.client) open(this.client);
    return {
      dispose: () => {
        ended = true;
        this.watches.delete(watch);
        watch.close();
      },
    };
  }

  dispose(): void {
    this.disposed = true;
    this.client?.dispose();
    for (const wake of this.waiting) wake(undefined);
    this.waiting.clear();
  }

  private async connected(): Promise<Client<OperatorApi>> {
    if (this.client) return this.client;
    const client = await new Promise<Client<OperatorApi> | undefined>((resolve) => this.waiting.add(resolve));
    if (!client) throw new AppError('disconnected', 'This window was closed.');
    return client;
  }

  private change(state: LinkState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  private async open(): Promise<void> {
    try {
      const transport = await this.openTransport();
      if (this.disposed) return transport.close();
      const client = connect(operatorApi, transport);
      this.client = client;
      this.attempts = 0;
      client.onDidClose(() => {
        this.client = undefined;
        this.again();
      });
      for (const watch of this.watches) watch.open(client);
      for (const wake of this.waiting) wake(client);
      this.waiting.clear();
      this.change('connected');
    } catch {
      this.again();
    }
  }

  private again(): void {
    if (this.disposed) return;
    this.change('lost');
    const wait = waits[Math.min(this.attempts++, waits.length - 1)];
    setTimeout(() => void this.open(), wait);
  }
}
