/**
 * `npm test`: sets up, builds, runs the checks, the Vitest projects and the end-to-end tests, and ends with one line,
 * `N passed, N failed`. The build and each check count as one. Exit code 1 when anything failed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureModules } from '../src/cli/modules.mjs';
import { ensureSystemPackages } from './system.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const total = { passed: 0, failed: 0 };
const broken = [];

/** Runs Node on `args`, output streamed; resolves to the exit code (1 when killed) and what was printed. */
const runNode = (args) =>
  new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', (error) => done({ code: 1, output: error.message }));
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });

/** A suite that ended badly without a failed test (it crashed, or ran nothing) is one failure of its own. */
const add = (name, passed, failed, code) => {
  const counted = failed === 0 && (code !== 0 || passed === 0) ? 1 : failed;
  total.passed += passed;
  total.failed += counted;
  if (counted > 0) broken.push(`${name} (${counted})`);
};

const step = async (name, args) => {
  console.log(`\n--- ${name}`);
  const { code } = await runNode(args);
  add(name, code === 0 ? 1 : 0, code === 0 ? 0 : 1, code);
};

const vitest = async () => {
  console.log('\n--- vitest');
  const file = join(root, 'node_modules/.cache/vitest.json');
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const { code } = await runNode([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { testResults: [] };
  let passed = 0;
  let failed = 0;
  for (const { status, assertionResults } of report.testResults) {
    const bad = assertionResults.filter((test) => test.status === 'failed').length;
    passed += assertionResults.filter((test) => test.status === 'passed').length;
    // A file that could not be loaded has no test to blame.
    failed += bad === 0 && status === 'failed' ? 1 : bad;
  }
  add('vitest', passed, failed, code);
};

const endToEnd = async () => {
  if (!existsSync(join(root, 'tests/e2e/run.mjs'))) return console.log('\n--- end to end: no tests yet');
  console.log('\n--- end to end');
  const { code, output } = await runNode(['tests/e2e/run.mjs']);
  const [, passed = '0', failed = '0'] = /^end to end: (\d+) passed, (\d+) failed\s*$/m.exec(output) ?? [];
  return add('end to end', Number(passed), Number(failed), code);
};

const main = async () => {
  if (!ensureModules(root)) return add('npm ci', 0, 1, 1);
  ensureSystemPackages();
  await step('build', ['src/cli/build.mjs']);
  await step('types', ['node_modules/typescript/bin/tsc', '-b']);
  await step('lint', ['node_modules/oxlint/bin/oxlint', '--deny-warnings']);
  await step('rules', ['tests/rules.mjs']);
  await vitest();
  return endToEnd();
};

await main();
if (broken.length > 0) console.log(`\nfailed: ${broken.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
