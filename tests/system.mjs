import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What the integration and end-to-end tests use beside Node: Debian's package name, and any file that shows it. */
const wanted = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser'],
  xvfb: ['/usr/bin/Xvfb'],
  'openssh-server': ['/usr/sbin/sshd'],
  xdotool: ['/usr/bin/xdotool'],
  'x11-utils': ['/usr/bin/xwininfo'],
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'],
  iptables: ['/usr/sbin/iptables', '/sbin/iptables'],
  'firefox-esr': ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
  'fonts-dejavu-core': ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'],
};

const missing = () => Object.keys(wanted).filter((name) => !wanted[name].some((path) => existsSync(path)));

const isDebian = () => {
  if (process.platform !== 'linux' || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
};

/** Runs `work` while no freshly installed service may start (exit 101 is policy-rc.d's "forbidden"). */
const withoutServices = (work) => {
  const policy = '/usr/sbin/policy-rc.d';
  const kept = `${policy}.before-deskside`;
  if (existsSync(policy)) renameSync(policy, kept);
  try {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n');
    chmodSync(policy, 0o755);
    work();
  } finally {
    rmSync(policy, { force: true });
    if (existsSync(kept)) renameSync(kept, policy);
  }
};

const apt = (...args) =>
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** Installs the missing system packages where it may (root on Debian or Ubuntu) and names those still missing. */
export const ensureSystemPackages = () => {
  const needed = missing();
  if (needed.length > 0 && isDebian() && process.getuid?.() === 0) {
    console.log(`setup: installing ${needed.join(' ')}`);
    withoutServices(() => {
      const quiet = ['install', '-y', '-qq', '--no-install-recommends'];
      apt('update', '-qq');
      // One unknown name (Ubuntu has no firefox-esr) fails the whole list, so then each is tried alone.
      if (!apt(...quiet, ...needed)) for (const name of needed) apt(...quiet, name);
    });
  }
  const left = missing();
  if (left.length > 0)
    console.log(`setup: these system packages are missing: ${left.join(' ')}; tests that use them may fail`);
};
