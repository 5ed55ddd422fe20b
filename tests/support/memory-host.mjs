/**
 * Serves the built renderer over the memory core under the strict content policy, to look at screens without a store:
 * `node tests/support/memory-host.mjs [PORT] [MACHINES]`. Prints its address as the first line.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer as createVite } from 'vite';
import { WebSocketServer } from 'ws';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const pages = join(root, 'out', 'renderer');
const vite = await createVite({ root, configFile: false, appType: 'custom', logLevel: 'error', server: { middlewareMode: true, ws: false, hmr: false } });
const load = (path) => vite.ssrLoadModule(path);
const { createMemoryCore } = await load('/tests/support/memory-core.ts');
const { serve } = await load('/src/rpc/serve.ts');
const { webSocketTransport } = await load('/src/rpc/websocket.ts');
const { operatorApi } = await load('/src/contract/operator-api.ts');
const { newId } = await load('/src/contract/ids.ts');

const core = createMemoryCore();
const at = new Date().toISOString();
const systems = [['linux', 'Debian 12'], ['windows', 'Windows 11'], ['macos', 'macOS 15']];
const sites = ['Gothenburg', 'Rotterdam', 'Porto'];
for (let index = 0; index < Number(process.argv[3] ?? 0); index++) {
  const [osFamily, os] = systems[index % 3];
  const row = { version: 1, createdAt: at, updatedAt: at, technicianId: newId() };
  const person = { ...row, id: newId(), name: `Marta Lindqvist ${index}`, department: 'Finance' };
  core.people.set(person.id, person);
  const id = newId();
  core.machines.set(id, {
    ...row, id, name: `lt-${String(index).padStart(4, '0')}`, ownerId: person.id, addresses: [`10.20.7.${index % 250}`],
    ssh: index % 3 !== 1, port: 22, userName: 'support', signIn: { kind: 'ask' }, legacyAlgorithms: false, tags: ['finance'],
    site: sites[index % 3], osFamily, os, model: 'ThinkPad T14 Gen 2', serial: `PF-${index}`, purchasedOn: '2022-09-14',
  });
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const server = createServer(async (request, response) => {
  try {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = join(pages, normalize(path === '/' ? '/index.html' : path));
    const nonce = randomBytes(16).toString('base64');
    const body = await readFile(file);
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    response.setHeader('content-security-policy', `default-src 'self'; style-src 'self' 'nonce-${nonce}'`);
    response.end(path === '/' ? body.toString().replace('name="csp-nonce" content=""', `name="csp-nonce" content="${nonce}"`) : body);
  } catch {
    response.writeHead(404).end();
  }
});
new WebSocketServer({ server, path: '/operator-rpc' }).on('connection', (socket) => {
  serve(operatorApi, core.handlers, webSocketTransport(socket, true), { onInternalError: console.error, checkOutputs: true });
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
