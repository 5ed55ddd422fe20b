import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { maximumFrame } from '#rpc/frames';
import type { Transport } from '#rpc/transport';
import { webSocketTransport } from '#rpc/websocket';
import { cookieName } from './sign-in.ts';
import type { SignIn } from './sign-in.ts';

export interface OperatorServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The folder of the built renderer. */
  readonly pages: string;
  readonly signIn: SignIn;
  /** Gets every signed-in window's connection. */
  readonly onDidConnect: (transport: Transport) => void;
}

export interface OperatorServer {
  /** `http://<random>.localhost:PORT`; a random name, because cookies do not stop at a port. */
  readonly origin: string;
  /** An address that signs one browser in, once, within a minute. */
  signInAddress(): string;
  close(): Promise<void>;
}

/** Where windows open their WebSocket. */
export const rpcPath = '/operator-rpc';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

const policyWith = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const always: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

interface Refusal {
  readonly status: number;
  readonly text: string;
}

const signInHint = 'Run deskside serve again on the computer it runs on; it prints a new address.';

/** The page of one sentence: a refusal, or the step that takes a new cookie along (SameSite=Strict). */
const plainPage = (text: string, next?: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Deskside</title>${
    next === undefined ? '' : `<meta http-equiv="refresh" content="0; url=${next}">`
  }</head><body><p>${text}</p></body></html>`;

class Requests {
  origin = '';

  constructor(private readonly options: OperatorServerOptions) {}

  /** Exact `Host`; `Origin` exact where there is one, and always on an upgrade; no request that another site made. */
  foreign(request: IncomingMessage, upgrade: boolean): Refusal | undefined {
    const { host, origin } = request.headers;
    if (`http://${host}` !== this.origin) return { status: 421, text: 'This is not the address of this console.' };
    const site = request.headers['sec-fetch-site'];
    const otherSite = site !== undefined && site !== 'same-origin' && site !== 'none' && !this.isSignIn(request);
    if ((upgrade || origin !== undefined ? origin !== this.origin : false) || otherSite)
      return { status: 403, text: 'Another site asked for this, so it was refused.' };
    return undefined;
  }

  unsigned(request: IncomingMessage): Refusal | undefined {
    return this.options.signIn.admits(request.headers.cookie)
      ? undefined
      : { status: 401, text: `This browser is not signed in. ${signInHint}` };
  }

  isSignIn(request: IncomingMessage): boolean {
    return this.pathOf(request) === '/sign-in';
  }

  /** As it was sent, undecoded: what is not plainly a path of ours is nothing. */
  pathOf(request: IncomingMessage): string {
    return (request.url ?? '').split('?')[0] ?? '';
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.foreign(request, false);
    if (refusal) return this.refuse(response, refusal);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return this.refuse(response, { status: 405, text: 'Only reading is possible here.' });
    if (this.isSignIn(request)) return this.signIn(request, response);
    const unsigned = this.unsigned(request);
    return unsigned ? this.refuse(response, unsigned) : this.file(this.pathOf(request), response);
  }

  private signIn(request: IncomingMessage, response: ServerResponse): void {
    const code = new URLSearchParams((request.url ?? '').split('?')[1]).get('code') ?? '';
    const cookie = request.method === 'GET' ? this.options.signIn.redeem(code) : undefined;
    if (cookie === undefined)
      return this.refuse(response, {
        status: 401,
        text: `This sign-in address was used, is older than a minute, or is not complete. ${signInHint}`,
      });
    response.setHeader('Set-Cookie', `${cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/`);
    return this.send(response, 200, 'text/html; charset=utf-8', plainPage('Signed in.', '/'));
  }

  private async file(path: string, response: ServerResponse): Promise<void> {
    // Routes of the page have no dot and get the page. Only plain names are looked up, so nothing leaves the folder.
    const name = /^(\/[\w-]*)+$/.test(path) ? '/index.html' : path;
    const type = types[extname(name)];
    const plain = /^(\/[\w-][\w.-]*)+$/.test(name);
    const content =
      type !== undefined && plain ? await readFile(join(this.options.pages, name)).catch(noFile) : undefined;
    if (content === undefined || type === undefined)
      return this.refuse(response, { status: 404, text: 'There is nothing here.' });
    if (!name.endsWith('.html')) return this.send(response, 200, type, content);
    const nonce = randomBytes(16).toString('base64');
    const page = content.toString('utf8').replaceAll('%CSP_NONCE%', nonce);
    return this.send(response, 200, type, page, nonce);
  }

  private refuse(response: ServerResponse, { status, text }: Refusal): void {
    this.send(response, status, 'text/html; charset=utf-8', plainPage(text));
  }

  private send(response: ServerResponse, status: number, type: string, body: string | Buffer, nonce = 'none'): void {
    response.writeHead(status, { ...always, 'Content-Security-Policy': policyWith(nonce), 'Content-Type': type });
    response.end(body);
  }
}

const noFile = (error: unknown): undefined => {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
    return undefined;
  throw error;
};

const refuseUpgrade = (socket: Duplex, { status, text }: Refusal): void => {
  socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${text}\n`);
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** The operator's side over HTTP: loopback only, cookie, exact `Host` and `Origin` on every request and upgrade. */
export const startOperatorServer = async (options: OperatorServerOptions): Promise<OperatorServer> => {
  const requests = new Requests(options);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maximumFrame });
  const server = createServer((request, response) => {
    requests.answer(request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const missing: Refusal | undefined =
      requests.pathOf(request) === rpcPath ? undefined : { status: 404, text: 'There is nothing here.' };
    const refusal = requests.foreign(request, true) ?? requests.unsigned(request) ?? missing;
    if (refusal) return refuseUpgrade(socket, refusal);
    return sockets.handleUpgrade(request, socket, head, (accepted) =>
      options.onDidConnect(webSocketTransport(accepted, true)),
    );
  });
  const port = await listen(server, options.port);
  requests.origin = `http://${randomBytes(16).toString('hex')}.localhost:${port}`;
  return {
    origin: requests.origin,
    signInAddress: () => `${requests.origin}/sign-in?code=${options.signIn.createCode()}`,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets.clients) socket.terminate();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
