import { createContext, useContext, useSyncExternalStore } from 'react';
import { createStore, useStore, type StoreApi } from 'zustand';
import type { Machine, Person } from '#contract/machines';
import type { VaultStatus } from '#contract/secrets';
import type { Session } from '#contract/sessions';
import type { Profile } from '#contract/settings';
import { collect, type Collection } from './collection.ts';
import type { Link, LinkState } from './link.ts';

export interface Status {
  /** `undefined` until it was read; `absent` before the first run. */
  readonly profile: Profile | 'absent' | undefined;
  readonly vault: VaultStatus | undefined;
}

/** What every screen reads: one live copy of each list, shared by the whole window. */
export interface ConsoleData {
  readonly link: Link;
  readonly machines: StoreApi<Collection<Machine>>;
  readonly people: StoreApi<Collection<Person>>;
  readonly sessions: StoreApi<Collection<Session>>;
  readonly status: StoreApi<Status>;
}

export const createConsole = (link: Link): ConsoleData => {
  const status = createStore<Status>(() => ({ profile: undefined, vault: undefined }));
  link.watch('vault.watch', {}, (vault) => status.setState({ vault }));
  const readProfile = async (): Promise<void> => {
    try {
      status.setState({ profile: (await link.query('profile.get', {})) ?? 'absent' });
    } catch {
      // The connection closed: the next one asks again.
    }
  };
  link.onDidChange(() => {
    if (link.state === 'connected') void readProfile();
  });
  if (link.state === 'connected') void readProfile();
  return {
    link,
    machines: collect<Machine>((onItem) => link.watch('machines.watch', {}, onItem)),
    people: collect<Person>((onItem) => link.watch('people.watch', {}, onItem)),
    sessions: collect<Session>((onItem) => link.watch('sessions.watch', {}, onItem)),
    status,
  };
};

const context = createContext<ConsoleData | undefined>(undefined);
export const ConsoleProvider = context.Provider;

export const useConsole = (): ConsoleData => {
  const data = useContext(context);
  if (!data) throw new Error('A screen was drawn outside its ConsoleProvider.');
  return data;
};

export const useCollection = <R>(store: StoreApi<Collection<R>>): Collection<R> => useStore(store);
export const useStatus = (): Status => useStore(useConsole().status);

export const useLinkState = (): LinkState => {
  const { link } = useConsole();
  return useSyncExternalStore(link.onDidChange, () => link.state);
};
