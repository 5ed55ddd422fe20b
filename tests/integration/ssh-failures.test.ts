import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import ssh2 from 'ssh2';
import type { Question } from '#contract/connections';
import { ManualClock } from '../support/manual-clock.ts';
import { Console, TestStream } from './support/ssh-console.ts';
import { servingProcesses, startSshServer } from './support/ssh-server.ts';
import type { SshServer } from './support/ssh-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const sshd = async (...args: Parameters<typeof startSshServer>): Promise<SshServer> => {
  const server = await startSshServer(...args);
  closing.push(() => server.stop());
  return server;
};
const start = (...args: ConstructorParameters<typeof Console>): Console => {
  const desk = new Console(...args);
  closing.push(() => desk.dispose());
  return desk;
};
const withKey = (server: SshServer, machine: ConstructorParameters<typeof Console>[0] = {}, clock?: ManualClock) =>
  start({ port: server.port, userName: server.userName, ...machine }, { kind: 'key', privateKey: server.key }, clock);

/** A listener that is not an SSH server, or only the beginning of one. */
const listener = async (greet: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
};

const outcome = async (desk: Console): Promise<{ readonly state: string; readonly reason?: string | undefined }> => {
  const id = await desk.open();
  const { state, reason } = await desk.reaches(id, 'connected', 'lost');
  if (state === 'lost') await desk.recorded('connect-failed');
  return { state, reason };
};

describe('host keys', () => {
  it('raises an alarm for a replaced key, and connects only with its fingerprint and a reason', async () => {
    const first = await sshd();
    const desk = withKey(first);
    expect(await outcome(desk)).toMatchObject({ state: 'connected' });
    await first.stop();
    const second = await sshd(first.port);
    desk.machine = { ...desk.machine };
    desk.secret = { kind: 'key', privateKey: second.key };
    const asked: Question[] = [];
    const answerWith = (fingerprint: string): void => {
      desk.answering = (question) => {
        asked.push(question);
        return { kind: 'replace-host-key', fingerprint, reason: 'Reinstalled today' };
      };
    };

    answerWith(first.fingerprint);
    expect(await outcome(desk)).toMatchObject({ state: 'lost', reason: expect.stringContaining('not the one') });
    expect(asked).toMatchObject([{ kind: 'host-key-changed', previous: first.fingerprint }]);
    expect(JSON.stringify(asked)).not.toContain(second.fingerprint);

    desk.answering = () => ({ kind: 'cancel' });
    expect(await outcome(desk)).toMatchObject({ state: 'lost', reason: expect.stringContaining('has changed') });

    answerWith(second.fingerprint);
    expect(await outcome(desk)).toMatchObject({ state: 'connected' });
    expect(desk.timeline).toContainEqual({
      kind: 'host-key-replaced',
      target: `${second.userName}@127.0.0.1:${second.port}`,
      previous: first.fingerprint,
      fingerprint: second.fingerprint,
      reason: 'Reinstalled today',
    });
  });
});

describe('signing in', () => {
  it('gives up after three wrong passwords and says what to check', async () => {
    const server = await sshd(undefined, ['KbdInteractiveAuthentication no']);
    const desk = start({ port: server.port, userName: server.userName });
    let asked = 0;
    desk.answering = (question) => {
      if (question.kind !== 'prompts') return { kind: 'trust-host-key', trust: true };
      asked++;
      return { kind: 'prompts', answers: ['certainly wrong'] };
    };
    expect(await outcome(desk)).toMatchObject({ state: 'lost', reason: expect.stringContaining('did not accept') });
    expect(asked).toBe(3);
  });

  it('answers keyboard-interactive with what the technician typed, as shown text only', async () => {
    const hostKey = ssh2.utils.generateKeyPairSync('ed25519').private;
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Token\u001b[31m:', echo: true }], 'Two steps', 'Read it from the device.', (given) =>
          given[0] === '424242' ? context.accept() : context.reject(),
        );
      });
      client.on('session', (accept) => {
        const session = accept();
        session.on('pty', (agree) => agree());
        session.on('shell', (open) => void open().write('welcome'));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closing.push(() => new Promise<void>((done) => void server.close(() => done())));
    const desk = start({ port: (server.address() as AddressInfo).port, userName: 'anna' });
    desk.answering = (question) =>
      question.kind === 'prompts' ? { kind: 'prompts', answers: ['424242'] } : { kind: 'trust-host-key', trust: true };
    expect(await outcome(desk)).toMatchObject({ state: 'connected' });
    expect(desk.questions.at(-1)).toMatchObject({ title: 'Two steps', prompts: [{ text: 'Token[31m:', echo: true }] });
  });

  it('shows why a key cannot be read', async () => {
    const server = await sshd();
    const desk = start({ port: server.port, userName: 'x' }, { kind: 'key', privateKey: 'not a key' });
    expect(await outcome(desk)).toMatchObject({ reason: expect.stringContaining('not a private key') });
  });
});

describe('what cannot be reached', () => {
  it('names an unknown host', async () => {
    const desk = start({ addresses: ['no-such-machine.invalid'], userName: 'x' });
    expect(await outcome(desk)).toMatchObject({
      reason: expect.stringContaining('no-such-machine.invalid is not known'),
    });
  });

  it('names a refused port', async () => {
    const port = await listener(() => undefined);
    for (const close of closing.splice(0)) await close();
    expect(await outcome(start({ port, userName: 'x' }))).toMatchObject({
      reason: expect.stringContaining(`refused the connection on port ${port}`),
    });
  });

  it('says what an old server offers, and reaches it where legacy algorithms are allowed', async () => {
    const server = await sshd(undefined, ['KexAlgorithms diffie-hellman-group14-sha1']);
    const { reason } = await outcome(withKey(server));
    expect(reason).toContain('It offers only: diffie-hellman-group14-sha1.');
    expect(reason).toContain('allow legacy algorithms');
    expect(await outcome(withKey(server, { legacyAlgorithms: true }))).toMatchObject({ state: 'connected' });
  });

  it('says so when something else than SSH listens', async () => {
    const port = await listener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await outcome(start({ port, userName: 'x' }))).toMatchObject({
      reason: expect.stringContaining('is not an SSH server'),
    });
  });

  it.each([
    ['the connection', ''],
    ['its greeting', 'SSH-2.0-Silent\r\n'],
  ])('does not wait for a server that is silent after %s', async (_phase, greeting) => {
    const clock = new ManualClock();
    let greeted = false;
    const port = await listener((socket) => {
      socket.write(greeting);
      // Deskside greets on its own, so its first bytes show that it waits for ours.
      socket.once('data', () => {
        greeted = true;
        desk.conditions.poke();
      });
    });
    const desk = start({ port, userName: 'x' }, undefined, clock);
    const id = await desk.open();
    await desk.conditions.until(() => greeted);
    clock.advance(10_000);
    expect(await desk.reaches(id, 'connected', 'lost')).toMatchObject({
      reason: expect.stringContaining('did not answer'),
    });
  });
});

describe('a connection that dies', () => {
  it('is lost at once when the server is killed, and says so on the timeline', async () => {
    const server = await sshd();
    const desk = withKey(server);
    const id = await desk.open();
    await desk.reaches(id, 'connected', 'lost');
    await server.stop();
    expect(await desk.reaches(id, 'lost', 'closed')).toMatchObject({ state: 'lost' });
    await desk.recorded('disconnected');
    expect(desk.timeline.at(-1)).toMatchObject({ kind: 'disconnected', connectionId: id });
  });

  it('is lost within 15 s when the server freezes, and the output stays for the reconnect', async () => {
    const server = await sshd();
    const clock = new ManualClock();
    const desk = withKey(server, {}, clock);
    const id = await desk.open();
    await desk.reaches(id, 'connected', 'lost');
    const stream = new TestStream();
    void desk.service.attach(id, stream, new AbortController().signal);
    stream.type('echo before-$((1+1))\r');
    await stream.shows('before-2');
    for (const pid of servingProcesses(server)) execFileSync('kill', ['-STOP', String(pid)]);
    const frozenAt = clock.now();
    const lost = desk.reaches(id, 'lost');
    for (let step = 0; step < 3; step++) clock.advance(5_000);
    expect(await lost).toMatchObject({ reason: expect.stringContaining('did not answer for 10 seconds') });
    expect(clock.now() - frozenAt).toBeLessThanOrEqual(15_000);
    const later = new TestStream();
    void desk.service.attach(id, later, new AbortController().signal);
    await later.shows('before-2');
    expect(later.text).toContain('before-2');
  });
});
