import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Changes } from '#contract/basics';
import type { Disposable } from '#rpc/transport';

export interface Collection<R> {
  /** False until the first snapshot. */
  readonly loaded: boolean;
  readonly rows: ReadonlyMap<string, R>;
}

/** The collection after one change; the same rows stay the same objects. */
export const applyChange = <R extends { readonly id: string }>(
  { rows }: Collection<R>,
  change: Changes<R>,
): Collection<R> => {
  if (change.type === 'snapshot') return { loaded: true, rows: new Map(change.rows.map((row) => [row.id, row])) };
  const next = new Map(rows);
  if (change.type === 'changed') next.set(change.row.id, change.row);
  else next.delete(change.id);
  return { loaded: true, rows: next };
};

/** Keeps a collection up to date for as long as the window lives. */
export const collect = <R extends { readonly id: string }>(
  subscribe: (onItem: (change: Changes<R>) => void) => Disposable,
): StoreApi<Collection<R>> => {
  const store = createStore<Collection<R>>(() => ({ loaded: false, rows: new Map<string, R>() }));
  subscribe((change) => store.setState(applyChange(store.getState(), change)));
  return store;
};
