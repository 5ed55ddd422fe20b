import type { Machine, Person } from '#contract/machines';

/** Lower is better; `undefined`: not every word is found. */
const rank = (machine: Machine, owner: Person | undefined, words: readonly string[]): number | undefined => {
  const name = machine.name.toLowerCase();
  const rest = [owner?.name, owner?.department, machine.site, machine.os, machine.osFamily, machine.model, machine.serial]
    .concat(machine.addresses, machine.tags)
    .join('\n')
    .toLowerCase();
  let total = 0;
  for (const word of words) {
    if (name === word) total += 0;
    else if (name.startsWith(word)) total += 1;
    else if (name.includes(word)) total += 2;
    else if (rest.includes(word)) total += 3;
    else return undefined;
  }
  return total;
};

/** Machines in which every word of `text` occurs, best first, then by name; archived ones are left out. */
export const searchMachines = (
  machines: Iterable<Machine>,
  people: ReadonlyMap<string, Person>,
  text: string,
): readonly Machine[] => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found: { readonly machine: Machine; readonly rank: number }[] = [];
  for (const machine of machines) {
    if (machine.archivedAt !== undefined) continue;
    const value = rank(machine, machine.ownerId === undefined ? undefined : people.get(machine.ownerId), words);
    if (value !== undefined) found.push({ machine, rank: value });
  }
  const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return found
    .toSorted((one, two) => one.rank - two.rank || byName.compare(one.machine.name, two.machine.name))
    .map(({ machine }) => machine);
};

/** How SSH is switched on, in one sentence for each system. */
export const sshAdvice: Readonly<Record<Machine['osFamily'], string>> = {
  linux: 'Install the package openssh-server, then run: sudo systemctl enable --now ssh (on Fedora: sshd).',
  macos: 'Open System Settings, General, Sharing, and switch on Remote Login.',
  windows: 'Open Settings, System, Optional features, add OpenSSH Server, then start the service “OpenSSH SSH Server”.',
  bsd: 'Add sshd_enable="YES" to /etc/rc.conf, then run: service sshd start (on OpenBSD: rcctl enable sshd).',
  other: 'Look in the manual of this system for its SSH server, switch it on and note its port.',
};
