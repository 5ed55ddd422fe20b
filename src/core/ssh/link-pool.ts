import type { Machine } from '#contract/machines';
import type { CredentialSecret } from '#contract/secrets';
import type { TimelinePayload } from '#contract/timeline';
import { AppError } from '#contract/errors';
import type { Clock, Log } from '#core/ports';
import { Listeners } from '#core/listeners';
import type { SignIn } from './authentication.ts';
import { endpoint } from './dial.ts';
import type { ConnectOptions, LinkInfo } from './handshake.ts';
import { hostAlias, KnownHosts } from './known-hosts.ts';
import { SshLink } from './link.ts';
import type { Ask } from './questions.ts';

/** What a pool asks of the rest of the core. */
export interface LinkPoolDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDirectory: string;
  resolveSecret(
    credentialId: string,
  ): Promise<{ readonly userName?: string | undefined; readonly secret: CredentialSecret }>;
  record(sessionId: string, payload: TimelinePayload): Promise<void>;
  touched(machineId: string): Promise<void>;
}

interface Shared {
  readonly sessionId: string;
  readonly link: SshLink;
  readonly ready: Promise<LinkInfo>;
  readonly abort: AbortController;
  readonly users: Set<string>;
}

/** One link for each (session, machine), shared by its users, closed with the last of them. */
export class LinkPool {
  private readonly links = new Map<string, Shared>();
  private readonly changed = new Listeners<string>();

  private readonly knownHosts: KnownHosts;

  constructor(private readonly dependencies: LinkPoolDependencies) {
    this.knownHosts = new KnownHosts(dependencies.dataDirectory);
  }

  /** Told the session's id whenever one of its links opened or closed. */
  readonly onDidChange = this.changed.add.bind(this.changed);

  /** `user@address:port` as far as it is known before connecting. */
  targetOf(machine: Machine): string {
    return placeOf(machine);
  }

  linkFor(sessionId: string): SshLink | undefined {
    const open = [...this.links.values()].filter((shared) => shared.sessionId === sessionId && shared.link.isOpen);
    return open.at(-1)?.link;
  }

  /** The link that exists or a new one. `ask` serves the whole connect. */
  async take(
    sessionId: string,
    machine: Machine,
    userId: string,
    ask: Ask,
  ): Promise<{ readonly link: SshLink; readonly info: LinkInfo }> {
    const key = `${sessionId} ${machine.id}`;
    let shared = this.links.get(key);
    if (shared === undefined) {
      shared = this.start(key, sessionId, machine, userId, ask);
      this.links.set(key, shared);
    }
    shared.users.add(userId);
    return { link: shared.link, info: await shared.ready };
  }

  release(userId: string): void {
    for (const [key, shared] of this.links) {
      if (!shared.users.delete(userId) || shared.users.size > 0) continue;
      this.links.delete(key);
      shared.abort.abort();
      shared.link.close();
    }
  }

  private start(key: string, sessionId: string, machine: Machine, connectionId: string, ask: Ask): Shared {
    const { clock, log } = this.dependencies;
    const link = new SshLink({ clock, log, knownHosts: this.knownHosts, ask });
    const abort = new AbortController();
    link.onDidClose(() => {
      if (this.links.get(key)?.link === link) this.links.delete(key);
      this.changed.fire(sessionId);
    });
    const connect = async (): Promise<LinkInfo> => {
      const info = await link.connect(await this.options(machine), abort.signal);
      await this.recordTrust(sessionId, info);
      await this.dependencies.touched(machine.id);
      return info;
    };
    const ready = connect().then(
      (info) => {
        this.changed.fire(sessionId);
        return info;
      },
      async (error: unknown) => {
        if (this.links.get(key)?.link === link) this.links.delete(key);
        link.close();
        const fingerprint = error instanceof AppError && error.code === 'host-key-refused' && error.data['fingerprint'];
        if (typeof fingerprint === 'string')
          await this.dependencies.record(sessionId, {
            kind: 'host-key-refused',
            target: placeOf(machine),
            fingerprint,
          });
        throw error;
      },
    );
    ready.catch(() => undefined);
    log.info('connecting', { connectionId, machineId: machine.id });
    return { sessionId, link, ready, abort, users: new Set() };
  }

  private async options(machine: Machine): Promise<ConnectOptions> {
    const saved =
      machine.signIn.kind === 'credential'
        ? await this.dependencies.resolveSecret(machine.signIn.credentialId)
        : undefined;
    const signIn: SignIn = saved?.secret ?? (machine.signIn.kind === 'agent' ? { kind: 'agent' } : { kind: 'ask' });
    return {
      addresses: machine.addresses,
      port: machine.port,
      userName: machine.userName || saved?.userName || undefined,
      alias: hostAlias(machine.id),
      legacyAlgorithms: machine.legacyAlgorithms,
      signIn,
      agentSocket: agentSocket(),
    };
  }

  private async recordTrust(sessionId: string, { target, fingerprint, trust }: LinkInfo): Promise<void> {
    if (trust.kind === 'accepted')
      await this.dependencies.record(sessionId, { kind: 'host-key-accepted', target, fingerprint });
    if (trust.kind === 'replaced') {
      const { previous, reason } = trust;
      await this.dependencies.record(sessionId, { kind: 'host-key-replaced', target, previous, fingerprint, reason });
    }
  }
}

const placeOf = (machine: Machine): string => {
  const place = endpoint(machine.addresses[0] ?? machine.name, machine.port);
  return machine.userName ? `${machine.userName}@${place}` : place;
};

const agentSocket = (): string | undefined =>
  process.env['SSH_AUTH_SOCK'] || (process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined);
