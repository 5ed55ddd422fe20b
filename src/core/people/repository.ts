import type { Person } from '#contract/machines';

/** Where people are kept; the same rules as for machines. */
export interface PersonRepository {
  list(): Promise<readonly Person[]>;
  get(id: string): Promise<Person | undefined>;
  insert(person: Person): Promise<Person>;
  /** @throws `stale` with `{ current }`, `not-found` */
  replace(person: Person): Promise<Person>;
}
