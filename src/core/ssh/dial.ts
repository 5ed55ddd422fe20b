import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { AppError } from '#contract/errors';
import type { Clock } from '#core/ports';

/** Milliseconds each phase of a connect may take: TCP, handshake, each answer while signing in. */
export const phaseDeadline = 10_000;

/** `address:port`, IPv6 in brackets. */
export const endpoint = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

export interface Dialled {
  readonly socket: Socket;
  readonly address: string;
}

/**
 * Opens TCP to the first of the addresses that answers, in order.
 * @throws AppError `unknown-host` when no name resolves, `unreachable` when none answers, `cancelled`.
 */
export const dial = async (
  clock: Clock,
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Dialled> => {
  const failures: AppError[] = [];
  for (const address of addresses) {
    try {
      return { socket: await dialOne(clock, address, port, signal), address };
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
      failures.push(error);
    }
  }
  const unreachable = failures.filter((failure) => failure.code === 'unreachable');
  const told = unreachable[0] ?? failures[0];
  if (told === undefined)
    throw new AppError('unreachable', 'This machine has no address. Add a host name or an IP address to it.');
  if (failures.length === 1) throw told;
  const all = addresses.map((address) => endpoint(address, port)).join(', ');
  throw new AppError(told.code, `None of its addresses answered (${all}). ${told.message}`, told.data);
};

const dialOne = (clock: Clock, address: string, port: number, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled());
    const socket = connect({ host: address, port, noDelay: true, autoSelectFamilyAttemptTimeout: 2_500 });
    const settle = (act: () => void): void => {
      stopClock();
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      act();
    };
    const fail = (error: AppError): void =>
      settle(() => {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      });
    const onAbort = (): void => fail(cancelled());
    const onError = (error: Error): void => fail(explain(error, address, port));
    const stopClock = clock.after(phaseDeadline, () =>
      fail(
        new AppError(
          'unreachable',
          `${address} did not answer on port ${port} within ${phaseDeadline / 1000} seconds. Check that the machine is on and in the network, and that no firewall is in between.`,
          { address, port },
        ),
      ),
    );
    signal.addEventListener('abort', onAbort);
    socket.on('error', onError);
    socket.once('connect', () => settle(() => resolve(socket)));
  });

const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
};

const explain = (error: Error, address: string, port: number): AppError => {
  const code = codeOf(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA')
    return new AppError(
      'unknown-host',
      `The name ${address} is not known here. Check its spelling, or whether a VPN is needed to resolve it.`,
      { address, port },
    );
  const what =
    code === 'ECONNREFUSED'
      ? `${address} refused the connection on port ${port}. Check that its SSH server runs and listens on this port.`
      : `${address} cannot be reached on port ${port}${code === '' ? '' : ` (${code})`}. Check that the machine is on and in the network.`;
  return new AppError('unreachable', what, { address, port });
};

export const cancelled = (): AppError => new AppError('cancelled', 'Connecting was cancelled.');
