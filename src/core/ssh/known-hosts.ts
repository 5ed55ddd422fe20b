import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fingerprintOf, keyTypeOf } from './keys.ts';

/** Host keys are filed under the machine, not its address, so that a reused DHCP address raises no false alarm. */
export const hostAlias = (machineId: string): string => `deskside-${machineId}`;

export interface KnownKey {
  readonly type: string;
  readonly fingerprint: string;
  /** The key as it stands in the file, base64. */
  readonly key: string;
}

/** The host keys on file, OpenSSH `known_hosts` format. Lines that it does not know are kept as they are. */
export class KnownHosts {
  private writing: Promise<void> = Promise.resolve();
  readonly path: string;

  constructor(dataDirectory: string) {
    this.path = join(dataDirectory, 'known_hosts');
  }

  async find(alias: string): Promise<readonly KnownKey[]> {
    const found: KnownKey[] = [];
    for (const line of await this.lines()) {
      const [names, type, key] = line.trim().split(/\s+/);
      if (names === undefined || type === undefined || key === undefined) continue;
      if (names.split(',').includes(alias))
        found.push({ type, key, fingerprint: fingerprintOf(Buffer.from(key, 'base64')) });
    }
    return found;
  }

  /** Files `key` as the only key of `alias`; resolves when it is on disk. */
  put(alias: string, key: Buffer): Promise<void> {
    const written = this.writing.then(async () => {
      const others = (await this.lines()).filter((line) => !names(line).includes(alias));
      await this.write([...others, `${alias} ${keyTypeOf(key)} ${key.toString('base64')}`]);
    });
    this.writing = written.catch(() => undefined);
    return written;
  }

  private async lines(): Promise<string[]> {
    try {
      return (await readFile(this.path, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  private async write(lines: readonly string[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const temporary = `${this.path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(`${lines.join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
  }
}

const names = (line: string): readonly string[] => (line.trim().split(/\s+/)[0] ?? '').split(',');
