/**
 * Which room may import what. Walks every source file with the
 * TypeScript scanner, then the built serve bundle, which must not name Electron. Exit code 1 on a breach, and when
 * nothing was found to check: a gate that looked at no file must not be green.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const builtin = new Set(builtinModules);

/** Libraries that a domain of the core may use beside zod; every other domain may use zod alone. */
const coreLibraries = {
  ssh: ['ssh2'],
  store: ['kysely', '@photostructure/sqlite'],
  signalling: ['ws', 'fastify', '@fastify/static', '@fastify/rate-limit'],
  secrets: ['@napi-rs/keyring'],
  terminal: ['@xterm/headless', '@xterm/addon-serialize'],
};
const hostLibraries = [
  'fastify',
  '@fastify/static',
  '@fastify/rate-limit',
  'ws',
  'conf',
  'env-paths',
  'pino',
  'commander',
  'qrcode',
  'selfsigned',
];
const serverOnly = new Set(
  [...hostLibraries, ...Object.values(coreLibraries).flat(), 'electron', 'electron-store'].filter(
    (name) => name !== 'qrcode' && !name.startsWith('@xterm/'),
  ),
);

/** `packages` is a list, or a test of one package's name. */
const rooms = {
  contract: { rooms: [], node: false, packages: ['zod'] },
  rpc: { rooms: ['contract'], node: false, packages: ['zod'] },
  core: { rooms: ['contract', 'rpc'], node: true, packages: ['zod'] },
  main: {
    rooms: ['contract', 'rpc', 'core'],
    node: true,
    packages: ['electron', 'electron-store', 'pino', 'env-paths'],
  },
  preload: { rooms: [], node: false, packages: ['electron'] },
  serve: { rooms: ['contract', 'rpc', 'core', 'cli'], node: true, packages: hostLibraries },
  cli: { rooms: ['contract', 'rpc', 'core'], node: true, packages: [...hostLibraries, 'vite', '@vitejs/plugin-react'] },
  peer: { rooms: ['contract', 'rpc'], node: false, packages: ['zod', 'simple-peer'] },
  renderer: {
    rooms: ['contract', 'rpc', 'peer'],
    node: false,
    packages: (name) => !serverOnly.has(name) && name !== 'simple-peer',
  },
  guest: {
    rooms: ['contract', 'rpc', 'peer'],
    node: false,
    packages: (name) => !serverOnly.has(name) && name !== 'simple-peer',
  },
};

const filesUnder = (folder, pattern) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => pattern.test(name))
        .map((name) => join(folder, name))
    : [];

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Turns a specifier into `{ room, inside }` (a path under src), `{ node }` or `{ name }` (a package). */
const targetOf = (file, specifier) => {
  const path = specifier.startsWith('#')
    ? specifier.slice(1)
    : specifier.startsWith('.')
      ? relative(join(root, 'src'), resolve(dirname(file), specifier))
          .split(sep)
          .join('/')
      : undefined;
  if (path !== undefined) return { room: path.split('/')[0], inside: path.split('/').slice(1) };
  if (specifier.startsWith('node:') || builtin.has(specifier)) return { node: true };
  return { name: packageOf(specifier) };
};

/** A domain sees itself, the ports, the shared listeners, and (the store only) other domains' repository interfaces; compose.ts sees all. */
const coreAllows = (from, to) => {
  if (from.length === 1 || to.length === 1 || from[0] === to[0])
    return from.length === 1 || /^(ports|listeners)(\.ts)?$/.test(to[0]) || from[0] === to[0];
  return from[0] === 'store' && /^repository(\.ts)?$/.test(to.at(-1));
};

const breachOf = (room, inside, target) => {
  const rule = rooms[room];
  if (target.node) return rule.node ? undefined : 'a Node module';
  if (target.name !== undefined) {
    const own = room === 'core' ? (coreLibraries[inside[0]] ?? []) : [];
    const allowed =
      typeof rule.packages === 'function' ? rule.packages(target.name) : rule.packages.includes(target.name);
    return allowed || own.includes(target.name) ? undefined : `the package ${target.name}`;
  }
  if (target.room !== room) return rule.rooms.includes(target.room) ? undefined : `the room ${target.room}`;
  if (room === 'core' && !coreAllows(inside, target.inside)) return `another domain, core/${target.inside.join('/')}`;
  const [area, feature] = inside;
  if (room === 'renderer' && area === 'features' && target.inside[0] === 'features' && target.inside[1] !== feature)
    return `another feature, ${target.inside[1]}`;
  if (room === 'renderer' && area === 'ui' && ['app', 'features'].includes(target.inside[0]))
    return 'the shell or a feature';
  return undefined;
};

const breaches = [];
let modules = 0;
let imports = 0;
const peerFiles = new Set();
for (const [room] of Object.entries(rooms)) {
  for (const file of filesUnder(join(root, 'src', room), /\.(ts|tsx|mts|mjs)$/)) {
    const inside = relative(join(root, 'src', room), file).split(sep);
    modules += 1;
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles) {
      imports += 1;
      const target = targetOf(file, fileName);
      if (target.name === 'simple-peer') peerFiles.add(relative(root, file));
      const breach = breachOf(room, inside, target);
      if (breach !== undefined) breaches.push(`${relative(root, file)} imports ${breach} ('${fileName}')`);
    }
  }
}
if (peerFiles.size > 1) breaches.push(`simple-peer is imported in more than one file: ${[...peerFiles].join(', ')}`);
if (modules === 0 || imports === 0) breaches.push('no module was found to check');

const bundle = filesUnder(join(root, 'out', 'serve'), /\.(js|mjs|cjs)$/);
if (bundle.length === 0 && existsSync(join(root, 'src', 'serve', 'deskside.ts')))
  breaches.push('out/serve is missing: run npm run build first');
for (const file of bundle) {
  const text = readFileSync(file, 'utf8');
  const named = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const required = [...text.matchAll(/\b\w*require\w*\(\s*["'`]([^"'`]+)["'`]/g)].map((match) => match[1]);
  for (const name of new Set([...named, ...required]))
    if (/^electron($|[-/])/.test(name)) breaches.push(`${relative(root, file)} imports ${name}`);
}

for (const breach of breaches) console.error(`rules: ${breach}`);
const built = bundle.length === 0 ? 'no serve bundle yet' : `${bundle.length} files of the serve bundle`;
console.log(`rules: ${modules} modules, ${imports} imports, ${built}, ${breaches.length} breaches`);
process.exitCode = breaches.length === 0 ? 0 : 1;
