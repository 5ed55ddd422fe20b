import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A real sshd on a loopback port with keys and settings of its own. */
export interface SshServer {
  readonly port: number;
  readonly userName: string;
  readonly directory: string;
  readonly fingerprint: string;
  /** Private key texts that the server lets in. */
  readonly key: string;
  readonly encryptedKey: string;
  readonly keyPath: string;
  readonly pid: number;
  /** Stops it, with every connection. */
  stop(): Promise<void>;
}

export const passphrase = 'open sesame';

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const makeKey = (path: string, secret: string): void => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', secret, '-f', path]);
};

export const startSshServer = async (port?: number, settings: readonly string[] = []): Promise<SshServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'deskside-sshd-'));
  const at = (name: string): string => join(directory, name);
  makeKey(at('host'), '');
  makeKey(at('client'), '');
  makeKey(at('encrypted'), passphrase);
  writeFileSync(at('authorized'), readFileSync(at('client.pub'), 'utf8') + readFileSync(at('encrypted.pub'), 'utf8'));
  chmodSync(at('authorized'), 0o600);
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const chosen = port ?? (await freePort());
  const config = [
    `Port ${chosen}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    'StrictModes no',
    'UsePAM no',
    `PidFile ${at('pid')}`,
    'PermitRootLogin yes',
    'PasswordAuthentication yes',
    'Subsystem sftp internal-sftp',
    ...settings,
  ];
  writeFileSync(at('config'), `${config.join('\n')}\n`);
  const process = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('config')], { stdio: 'ignore', detached: true });
  await listening(chosen, process);
  const fingerprint = execFileSync('ssh-keygen', ['-lf', at('host.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
  return {
    port: chosen,
    userName: userInfo().username,
    directory,
    fingerprint,
    key: readFileSync(at('client'), 'utf8'),
    encryptedKey: readFileSync(at('encrypted'), 'utf8'),
    keyPath: at('client'),
    pid: process.pid ?? 0,
    stop: async () => {
      await killTree(process);
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** Kills the sshd and the processes that serve its connections, and nothing else. */
export const killTree = async (process: ChildProcess): Promise<void> => {
  const { pid } = process;
  if (pid === undefined || process.exitCode !== null || process.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  for (const child of descendants(pid).toReversed()) kill(child);
  kill(pid);
  await gone;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
};

/** The processes that serve the connections of `server` now. */
export const servingProcesses = (server: SshServer): readonly number[] => descendants(server.pid);

const descendants = (pid: number): number[] => {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const under = (parent: number): number[] =>
    rows.filter((row) => row[1] === parent).flatMap((row) => [row[0] ?? 0, ...under(row[0] ?? 0)]);
  return under(pid);
};

const listening = async (port: number, process: ChildProcess): Promise<void> => {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (process.exitCode !== null) throw new Error('sshd did not start');
    if (await answers(port)) return;
  }
  throw new Error('sshd does not listen');
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(socket.bytesRead > 0));
  });
