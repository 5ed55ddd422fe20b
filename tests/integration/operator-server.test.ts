import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { defineApi, query } from '#contract/define';
import { connect } from '#rpc/connect';
import { serve } from '#rpc/serve';
import { webSocketTransport } from '#rpc/websocket';
import { startOperatorServer, type OperatorServer } from '../../src/serve/operator-server.ts';
import { codeLifetime, SignIn } from '../../src/serve/sign-in.ts';
import { ManualClock } from '../support/manual-clock.ts';

const api = defineApi({ double: query(z.object({ of: z.number() }), z.number()) });
let clock: ManualClock;
let server: OperatorServer;
let folder: string;
let pages: string;
let connected: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskside-pages-'));
  pages = join(folder, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<meta name="csp-nonce" content="%CSP_NONCE%">');
  writeFileSync(join(pages, 'assets/page.js'), 'export {};');
  writeFileSync(join(folder, 'outside.js'), 'secret');
  clock = new ManualClock();
  connected = 0;
  server = await startOperatorServer({
    port: 0,
    pages,
    signIn: new SignIn(clock),
    onDidConnect: (transport) => {
      connected++;
      serve(api, { double: ({ of }) => 2 * of }, transport, { onInternalError: () => undefined });
    },
  });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Speaks to the loopback address with a `Host` of its own choice, as a rebinding page could. */
const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { host, port } = new URL(server.origin);
    request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    })
      .on('error', reject)
      .end();
  });

const signInPath = (): string => server.signInAddress().slice(server.origin.length);

const signedIn = async (): Promise<string> => {
  const { headers } = await get(signInPath());
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
};

/** The status of a refused upgrade, or the open socket. */
const upgrade = (path: string, headers: Readonly<Record<string, string>>): Promise<WebSocket | number> =>
  new Promise((resolve, reject) => {
    const { host, port } = new URL(server.origin);
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { host, ...headers } });
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (asked, response) => {
      resolve(response.statusCode ?? 0);
      asked.destroy();
    });
    socket.on('error', reject);
  });

const paths = ['/', '/machines', '/assets/page.js', '/nothing.js', '/sign-in', '/operator-rpc'];

describe('the operator server', () => {
  it('has a random name on this computer alone', () => {
    expect(server.origin).toMatch(/^http:\/\/[0-9a-f]{32}\.localhost:\d+$/);
  });

  it('signs one browser in with one code, and its cookie opens the pages', async () => {
    const path = signInPath();
    const { status, headers, text } = await get(path);
    expect(status).toBe(200);
    expect(headers['set-cookie']?.[0]).toMatch(/^deskside=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(text).toContain('url=/');
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect(await get(path)).toMatchObject({ status: 401 });
    const page = await get('/machines', { cookie });
    const nonce = /content="([^"]+)"/.exec(page.text)?.[1] ?? '';
    expect(page.status).toBe(200);
    expect(nonce).toMatch(/^[\w+/=]{20,}$/);
    expect(page.headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
    expect((await get('/', { cookie })).text).not.toContain(nonce);
    expect(await get('/assets/page.js', { cookie })).toMatchObject({ status: 200, text: 'export {};' });
  });

  it('refuses a late code and a wrong one, and says how to get another', async () => {
    const path = signInPath();
    clock.advance(codeLifetime + 1);
    const late = await get(path);
    expect(late).toMatchObject({ status: 401, text: expect.stringContaining('deskside serve') });
    expect(late.headers['set-cookie']).toBeUndefined();
    for (const code of ['', '?code=', '?code=wrong', '?other=1'])
      expect(await get(`/sign-in${code}`)).toMatchObject({ status: 401 });
  });

  it.each(paths)('refuses a wrong Host, Origin, site and cookie at %s', async (path) => {
    const cookie = await signedIn();
    const { port } = new URL(server.origin);
    for (const host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`, `evil.example:${port}`])
      expect(await get(path, { cookie, host })).toMatchObject({ status: 421 });
    for (const origin of ['null', 'http://evil.example', `http://localhost:${port}`])
      expect(await get(path, { cookie, origin })).toMatchObject({ status: 403 });
    for (const wrong of ['', 'deskside=', 'deskside=wrong', `other=${cookie}`, `${cookie}x`])
      expect(await get(path, { cookie: wrong })).toMatchObject({ status: 401 });
    expect(await get(path, { cookie }, 'POST')).toMatchObject({ status: 405 });
  });

  it.each(paths.filter((path) => path !== '/sign-in'))('refuses what another site asks for at %s', async (path) => {
    const cookie = await signedIn();
    expect(await get(path, { cookie, 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403 });
  });

  it.each([
    '/../outside.js',
    '/%2e%2e/outside.js',
    '/..%2foutside.js',
    '/assets/..%5c..%5coutside.js',
    '/.env',
    '//x.js',
  ])('serves nothing outside its folder: %s', async (path) => {
    const answer = await get(path, { cookie: await signedIn() });
    expect(answer.text).not.toContain('secret');
    expect(answer.status).toBe(404);
  });

  it('opens the connection of a signed-in window, and of nobody else', async () => {
    const cookie = await signedIn();
    const { origin } = server;
    expect(await upgrade('/operator-rpc', { cookie })).toBe(403);
    expect(await upgrade('/operator-rpc', { cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await upgrade('/operator-rpc', { origin })).toBe(401);
    expect(await upgrade('/operator-rpc', { origin, cookie: 'deskside=wrong' })).toBe(401);
    expect(await upgrade('/operator-rpc', { origin, cookie, host: 'evil.example' })).toBe(421);
    for (const path of ['/', '/sign-in', '/other']) expect(await upgrade(path, { origin, cookie })).toBe(404);
    expect(connected).toBe(0);
    const socket = await upgrade('/operator-rpc', { origin, cookie });
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
    const client = connect(api, webSocketTransport(socket));
    expect(await client.call('double', { of: 21 })).toBe(42);
    expect(connected).toBe(1);
  });
});
