import type { Credential } from '#contract/secrets';

/** What is known about credentials. Their secrets are never in here. */
export interface CredentialRepository {
  list(): Promise<readonly Credential[]>;
  get(id: string): Promise<Credential | undefined>;
  insert(credential: Credential): Promise<Credential>;
  /** @throws `stale` with `{ current }`, `not-found` */
  remove(id: string, version: number): Promise<void>;
}
