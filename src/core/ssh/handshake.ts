import type { Socket } from 'node:net';
import type { AuthHandlerMiddleware, Client } from 'ssh2';
import type { Answer } from '#contract/connections';
import { AppError } from '#contract/errors';
import type { Clock } from '#core/ports';
import { algorithmsFor } from './algorithms.ts';
import { Authenticator } from './authentication.ts';
import type { SignIn } from './authentication.ts';
import { cancelled, phaseDeadline } from './dial.ts';
import { judgeHostKey } from './host-key.ts';
import type { Trust } from './host-key.ts';
import { strictHostVerifier } from './host-verifier.ts';
import { fingerprintOf } from './keys.ts';
import type { KnownHosts } from './known-hosts.ts';
import { explainNegotiation } from './negotiation.ts';
import type { Ask, LinkQuestion } from './questions.ts';

export interface ConnectOptions {
  /** Tried in order. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Asked for when absent. */
  readonly userName?: string | undefined;
  /** The name that the host key is filed under. */
  readonly alias: string;
  readonly legacyAlgorithms: boolean;
  readonly signIn: SignIn;
  /** Where the SSH agent listens; absent where none runs. */
  readonly agentSocket?: string | undefined;
}

export interface LinkInfo {
  /** `user@address:port` */
  readonly target: string;
  readonly userName: string;
  /** How the server let us in: `password`, `publickey`, `agent`, `keyboard-interactive`, `none`. */
  readonly method: string;
  readonly fingerprint: string;
  readonly trust: Trust;
}

interface Needs {
  readonly clock: Clock;
  readonly knownHosts: KnownHosts;
  readonly ask: Ask;
}

/** Bytes kept of what the server sent first, to tell what it offers. */
const openingLimit = 65_536;

const nothing = (): void => undefined;

/** From an open socket to a signed-in client. Files the host key when everything else went well. */
export const handshake = async (
  client: Client,
  socket: Socket,
  place: string,
  options: ConnectOptions,
  needs: Needs,
  outer: AbortSignal,
): Promise<LinkInfo> => {
  const { clock, knownHosts, ask } = needs;
  const known = await knownHosts.find(options.alias);
  const ended = new AbortController();
  const signal = AbortSignal.any([outer, ended.signal]);
  let stopClock = nothing;
  let reject: (error: AppError) => void = nothing;
  const failed = new Promise<never>((_, no) => {
    reject = (error) => {
      stopClock();
      ended.abort();
      no(error);
    };
  });
  failed.catch(() => undefined);
  const wait = (what: string): void => {
    stopClock();
    stopClock = clock.after(phaseDeadline, () => reject(silent(place, what)));
  };
  /** A person may take as long as the server lets them. */
  const put = async (question: LinkQuestion): Promise<Answer> => {
    stopClock();
    const answer = await ask(question, signal);
    wait('while signing in');
    return answer;
  };
  const onAbort = (): void => reject(cancelled());
  outer.addEventListener('abort', onAbort);
  try {
    if (outer.aborted) throw cancelled();
    const userName = options.userName ?? (await Promise.race([askUserName(place, put), failed]));
    const target = `${userName}@${place}`;
    const authenticator = new Authenticator(userName, target, options.signIn, options.agentSocket, put);
    let opening: Buffer = Buffer.alloc(0);
    let left: readonly string[] = [];
    let signingIn = false;
    let accepted: Buffer | undefined;
    let trust: Trust | undefined;
    let method = 'none';

    const decide = async (key: Buffer): Promise<boolean> => {
      if (accepted !== undefined) return accepted.equals(key);
      try {
        trust = await judgeHostKey(key, known, target, put, signal);
      } catch (error) {
        reject(error instanceof AppError ? error : cancelled());
        return false;
      }
      accepted = key;
      wait('during the handshake');
      return true;
    };
    const authHandler: AuthHandlerMiddleware = (methods, _partial, next) => {
      signingIn = true;
      left = methods ?? left;
      authenticator.next(methods).then(
        (chosen) => {
          method = chosen.type;
          wait('while signing in');
          next(chosen);
        },
        (error: unknown) => reject(error instanceof AppError ? error : cancelled()),
      );
    };

    const ready = new Promise<void>((resolve) => client.once('ready', () => resolve()));
    client.on('error', (error) => {
      if (error.level === 'agent' || error.level === 'client-authentication') return;
      const told = explainNegotiation(error.message, opening, options.legacyAlgorithms);
      const signIn = signingIn && /too many auth/i.test(error.message) ? authenticator.failed(left) : undefined;
      reject(told ?? authenticator.refusal ?? signIn ?? broken(place, error.message));
    });
    client.once('close', () =>
      reject(
        authenticator.refusal ??
          (signingIn && authenticator.tried.length > 0 ? authenticator.failed(left) : broken(place, '')),
      ),
    );
    client.once('handshake', () => wait('while signing in'));
    const collect = (chunk: Buffer): void => {
      if (opening.length < openingLimit) opening = Buffer.concat([opening, chunk]);
      else socket.off('data', collect);
    };
    wait('with its SSH greeting');
    client.connect({
      sock: socket,
      username: userName,
      readyTimeout: 0,
      keepaliveInterval: 0,
      algorithms: algorithmsFor(
        options.legacyAlgorithms,
        known.map((entry) => entry.type),
      ),
      hostVerifier: strictHostVerifier(decide),
      authHandler,
    });
    socket.on('data', collect);
    await Promise.race([ready, failed]);
    socket.off('data', collect);
    stopClock();
    if (accepted === undefined || trust === undefined)
      throw new AppError('host-key-refused', `${target} showed no host key.`);
    if (trust.kind !== 'known') await knownHosts.put(options.alias, accepted);
    return { target, userName, method, fingerprint: fingerprintOf(accepted), trust };
  } finally {
    stopClock();
    outer.removeEventListener('abort', onAbort);
  }
};

const askUserName = async (target: string, put: (question: LinkQuestion) => Promise<Answer>): Promise<string> => {
  const prompts = [{ text: 'User name', echo: true }];
  const answer = await put({ kind: 'prompts', target, title: 'Sign in', instructions: '', prompts });
  const name = answer.kind === 'prompts' ? (answer.answers[0] ?? '').trim() : '';
  if (name === '') throw cancelled();
  return name;
};

const silent = (place: string, what: string): AppError =>
  new AppError(
    'unreachable',
    `${place} accepted the connection but did not answer ${what} within ${phaseDeadline / 1000} seconds. Check that an SSH server listens there and that the machine is not overloaded.`,
  );

const broken = (place: string, why: string): AppError =>
  /Connection lost before handshake|Invalid identification|greeting|Protocol/i.test(why)
    ? new AppError('unreachable', `${place} is not an SSH server, or closed the connection at once. Check the port.`)
    : new AppError('connection-lost', `${place} closed the connection before it was ready. Try again.`);
