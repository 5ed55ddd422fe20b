import type { Machine } from '#contract/machines';

/** Where machines are kept. Every method may throw `disk-full`. */
export interface MachineRepository {
  list(): Promise<readonly Machine[]>;
  get(id: string): Promise<Machine | undefined>;
  /** A second insert of the same id gives the row that is there: the retry of a call that was answered into the void. */
  insert(machine: Machine): Promise<Machine>;
  /** `machine.version` is the version it was based on. @throws `stale` with `{ current }`, `not-found` */
  replace(machine: Machine): Promise<Machine>;
}
