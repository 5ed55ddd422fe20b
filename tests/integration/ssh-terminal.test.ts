import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#contract/ids';
import { Console, TestStream } from './support/ssh-console.ts';
import { passphrase, startSshServer } from './support/ssh-server.ts';
import type { SshServer } from './support/ssh-server.ts';

let server: SshServer;
const consoles: Console[] = [];
const start = (...args: ConstructorParameters<typeof Console>): Console => {
  const made = new Console({ port: server.port, userName: server.userName, ...args[0] }, args[1]);
  consoles.push(made);
  return made;
};
const withKey = (): Console => start({}, { kind: 'key', privateKey: server.key });

beforeAll(async () => {
  server = await startSshServer();
});
afterEach(() => {
  for (const made of consoles.splice(0)) made.dispose();
});
afterAll(async () => server.stop());

describe('a terminal on a real sshd', () => {
  it('connects with a key, asks about the unknown host key once and files it', async () => {
    const desk = withKey();
    const id = await desk.open();
    expect(await desk.reaches(id, 'connected', 'lost')).toMatchObject({
      state: 'connected',
      target: `${server.userName}@127.0.0.1:${server.port}`,
    });
    expect(desk.questions).toMatchObject([{ kind: 'host-key-unknown', fingerprint: server.fingerprint }]);
    const file = readFileSync(join(desk.directory, 'known_hosts'), 'utf8');
    expect(file).toMatch(new RegExp(`^deskside-${desk.machineId} ssh-ed25519 AAAA`));
    await desk.recorded('connected');
    expect(desk.timeline).toMatchObject([
      { kind: 'host-key-accepted', fingerprint: server.fingerprint },
      { kind: 'connected', method: 'publickey' },
    ]);
    expect(desk.touched).toEqual([desk.machineId]);
  });

  it('echoes keystrokes in order and answers the size', async () => {
    const desk = withKey();
    const id = await desk.open();
    const stream = new TestStream();
    void desk.service.attach(id, stream, new AbortController().signal);
    await desk.reaches(id, 'connected', 'lost');
    for (const key of 'echo deskside-$((40+2))\r') stream.type(key);
    await stream.shows('deskside-42');
    desk.service.resize(id, { columns: 101, rows: 33 });
    stream.type('stty size\r');
    await stream.shows('33 101');
    expect(stream.text).toContain('deskside-42');
  });

  it('uses one link for two terminals and keeps the output for a later viewer', async () => {
    const desk = withKey();
    const first = await desk.open();
    const second = await desk.open();
    await desk.reaches(first, 'connected', 'lost');
    await desk.reaches(second, 'connected', 'lost');
    expect(desk.questions).toHaveLength(1);
    expect(desk.links.linkFor(desk.sessionId)?.isOpen).toBe(true);
    const early = new TestStream();
    void desk.service.attach(first, early, new AbortController().signal);
    early.type('echo kept-$((1+1))\r');
    await early.shows('kept-2');
    early.end();
    const late = new TestStream();
    void desk.service.attach(first, late, new AbortController().signal);
    await late.shows('kept-2');
    await desk.service.close(first);
    expect(desk.links.linkFor(desk.sessionId)?.isOpen).toBe(true);
    await desk.service.close(second);
    expect(desk.links.linkFor(desk.sessionId)).toBeUndefined();
  });

  it('opens an encrypted key, asking for the passphrase until it fits', async () => {
    const desk = start({}, { kind: 'key', privateKey: server.encryptedKey });
    const given = ['wrong', passphrase];
    desk.answering = (question) =>
      question.kind === 'prompts'
        ? { kind: 'prompts', answers: [given.shift() ?? ''] }
        : { kind: 'trust-host-key', trust: true };
    const id = await desk.open();
    expect(await desk.reaches(id, 'connected', 'lost')).toMatchObject({ state: 'connected' });
    expect(given).toEqual([]);
  });

  it('refuses when the unknown key is not trusted, and files nothing', async () => {
    const desk = withKey();
    desk.answering = () => ({ kind: 'trust-host-key', trust: false });
    const id = await desk.open();
    expect(await desk.reaches(id, 'connected', 'lost')).toMatchObject({ state: 'lost' });
    await desk.recorded('connect-failed');
    expect(desk.timeline.map((entry) => entry.kind)).toEqual(['host-key-refused', 'connect-failed']);
    expect(() => readFileSync(join(desk.directory, 'known_hosts'))).toThrow('ENOENT');
  });

  it('says closed when the shell ends, and reconnects with the scrollback kept', async () => {
    const desk = withKey();
    const id = await desk.open();
    const stream = new TestStream();
    void desk.service.attach(id, stream, new AbortController().signal);
    await desk.reaches(id, 'connected', 'lost');
    stream.type('echo before-$((3+4)); exit 3\r');
    expect(await desk.reaches(id, 'closed', 'lost')).toMatchObject({
      state: 'closed',
      reason: 'The shell ended with code 3.',
    });
    await desk.service.reconnect(id);
    expect(await desk.reaches(id, 'connected', 'lost')).toMatchObject({ state: 'connected' });
    stream.type('echo after-$((5+6))\r');
    await stream.shows(/before-7[^]*after-11/);
  });

  it('lets the remote block when the viewer has no credit, and loses nothing', async () => {
    const desk = withKey();
    const id = await desk.open();
    const stream = new TestStream();
    stream.credit = 100_000;
    void desk.service.attach(id, stream, new AbortController().signal);
    await desk.reaches(id, 'connected', 'lost');
    const lines = 2_000_000;
    stream.type(`stty -echo; echo go; seq ${lines}; echo done-$((7*6))\r`);
    await stream.conditions.until(() => stream.received > 100_000);
    const link = desk.links.linkFor(desk.sessionId);
    for (let round = 0; round < 5; round++) await link?.measure();
    expect(stream.received).toBeLessThan(300_000);
    let tail = '';
    const write = stream.write.bind(stream);
    let bytes = 0;
    stream.write = async (chunk) => {
      bytes += chunk.byteLength;
      tail = (tail + Buffer.from(chunk).toString('latin1')).slice(-200);
      await write(chunk);
    };
    stream.give(Number.POSITIVE_INFINITY);
    await stream.conditions.until(() => tail.includes('done-42'));
    expect(tail).toContain(`${lines}\r\ndone-42`);
    expect(bytes).toBeGreaterThan(14_000_000);
  });

  it('stops `yes` with Ctrl-C while the viewer is slow', async () => {
    const desk = withKey();
    const id = await desk.open();
    const stream = new TestStream();
    stream.credit = 50_000;
    void desk.service.attach(id, stream, new AbortController().signal);
    await desk.reaches(id, 'connected', 'lost');
    stream.type('yes\r');
    await stream.conditions.until(() => stream.received > 50_000);
    stream.type('\u0003');
    stream.type('echo stopped-$((8*8))\r');
    let tail = '';
    const write = stream.write.bind(stream);
    stream.write = async (chunk) => {
      tail = (tail + Buffer.from(chunk).toString('latin1')).slice(-2_000);
      await write(chunk);
    };
    stream.give(Number.POSITIVE_INFINITY);
    await stream.conditions.until(() => tail.includes('stopped-64'));
    expect(tail).toContain('stopped-64');
  });

  it('forwards a port back and hands over its connections', async () => {
    const desk = withKey();
    const id = await desk.open();
    await desk.reaches(id, 'connected', 'lost');
    const link = desk.links.linkFor(desk.sessionId);
    const forward = await link?.forwardIn('127.0.0.1', 0, ({ channel }) => channel.end('hello through ssh\n'));
    expect(forward?.port).toBeGreaterThan(0);
    const stream = new TestStream();
    void desk.service.attach(id, stream, new AbortController().signal);
    stream.type(`bash -c 'cat </dev/tcp/127.0.0.1/${forward?.port}'\r`);
    await stream.shows('hello through ssh');
    forward?.dispose();
  });

  it('refuses an id that is not open', async () => {
    const desk = withKey();
    await expect(desk.service.reconnect(newId())).rejects.toMatchObject({ code: 'not-found' });
  });
});
