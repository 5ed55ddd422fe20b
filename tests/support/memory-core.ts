import { AppError } from '#contract/errors';
import { newId } from '#contract/ids';
import type { Machine, Person } from '#contract/machines';
import type { OperatorApi } from '#contract/operator-api';
import type { Profile } from '#contract/settings';
import type { Changes } from '#contract/basics';
import type { Emit, Handlers } from '#rpc/handlers';
import type { Disposable } from '#rpc/transport';

/** Rows with versions, a snapshot and then changes for each watcher. */
const table = <R extends { readonly id: string; readonly version: number }>() => {
  const rows = new Map<string, R>();
  const watchers = new Set<Emit<Changes<R>>>();
  return {
    rows,
    put: (row: R): R => {
      rows.set(row.id, row);
      for (const emit of watchers) emit({ type: 'changed', row });
      return row;
    },
    at: (id: string, version: number): R => {
      const current = rows.get(id);
      if (!current) throw new AppError('not-found', 'This is not there any more.');
      if (current.version !== version) throw new AppError('stale', 'This was changed elsewhere.', { current });
      return current;
    },
    watch: (emit: Emit<Changes<R>>): Disposable => {
      watchers.add(emit);
      emit({ type: 'snapshot', rows: [...rows.values()] });
      return { dispose: () => watchers.delete(emit) };
    },
  };
};

const now = () => new Date().toISOString();
const nothing: Disposable = { dispose: () => {} };

/** A core without disk or network: what the machines screen and the first run need, with the real contract's semantics. */
export const createMemoryCore = () => {
  const technicianId = newId();
  const machines = table<Machine>();
  const people = table<Person>();
  const done = new Map<string, unknown>();
  const operations: string[] = [];
  let profile: Profile | undefined;
  const fresh = () => ({ version: 1, createdAt: now(), updatedAt: now(), technicianId });
  const once = <T>(operationId: string, run: () => T): T => {
    operations.push(operationId);
    if (!done.has(operationId)) done.set(operationId, run());
    return done.get(operationId) as T;
  };
  const served: Partial<Handlers<OperatorApi>> = {
    'profile.get': () => profile,
    'profile.set': ({ operationId, ...names }) => once(operationId, () => (profile = { ...names, technicianId })),
    'vault.watch': (_, emit) => {
      emit({ state: 'absent', wrappings: [], available: ['passphrase'] });
      return nothing;
    },
    'sessions.watch': (_, emit) => {
      emit({ type: 'snapshot', rows: [] });
      return nothing;
    },
    'machines.watch': (_, emit) => machines.watch(emit),
    'people.watch': (_, emit) => people.watch(emit),
    'people.create': ({ id, person, operationId }) => once(operationId, () => people.put({ ...person, id, ...fresh() })),
    'machines.create': ({ id, machine, operationId }) =>
      once(operationId, () => machines.put({ ...machine, id, ...fresh() })),
    'machines.update': ({ id, version, machine, operationId }) =>
      once(operationId, () =>
        machines.put({ ...machines.at(id, version), ...machine, version: version + 1, updatedAt: now() }),
      ),
    'machines.archive': ({ id, version, archived, operationId }) =>
      once(operationId, () =>
        machines.put({
          ...machines.at(id, version),
          version: version + 1,
          archivedAt: archived ? now() : undefined,
        }),
      ),
  };
  return { handlers: served as Handlers<OperatorApi>, machines: machines.rows, people: people.rows, operations };
};
