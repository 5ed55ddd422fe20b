import type { Algorithms } from 'ssh2';

type Lists = { readonly [K in 'kex' | 'serverHostKey' | 'cipher' | 'hmac']: readonly string[] };

/** What a current OpenSSH server offers and ssh-audit has no failure for. ssh2 adds strict key exchange by itself. */
export const strongAlgorithms: Lists = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
};

/** Only offered after the strong ones and only where the machine is marked: ssh-audit fails every one of these. */
export const legacyAdditions: Lists = {
  kex: [
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group1-sha1',
  ],
  serverHostKey: ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa', 'ssh-dss'],
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1', 'hmac-md5'],
};

const hostKeyNames = (keyType: string): readonly string[] =>
  keyType === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [keyType];

/**
 * The lists to offer. Host key types on file go first, as in OpenSSH, so that a server that gained a second key does
 * not look like a server whose key changed.
 */
export const algorithmsFor = (legacy: boolean, knownKeyTypes: readonly string[] = []): Algorithms => {
  const list = (name: keyof Lists): string[] =>
    legacy ? [...strongAlgorithms[name], ...legacyAdditions[name]] : [...strongAlgorithms[name]];
  const known = new Set(knownKeyTypes.flatMap(hostKeyNames));
  const hostKeys = list('serverHostKey');
  return {
    kex: list('kex'),
    serverHostKey: [...hostKeys.filter((name) => known.has(name)), ...hostKeys.filter((name) => !known.has(name))],
    cipher: list('cipher'),
    hmac: list('hmac'),
    compress: ['none'],
  } as Algorithms;
};
