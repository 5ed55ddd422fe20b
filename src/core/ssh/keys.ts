import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { AppError } from '#contract/errors';

/** `SHA256:…` without padding, as OpenSSH prints it. `blob` is the public key in its wire form. */
export const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** The type that a public key in wire form names itself. */
export const keyTypeOf = (blob: Buffer): string => {
  if (blob.length < 4) return 'unknown';
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
  return /^[\w@.-]{1,64}$/.test(type) ? type : 'unknown';
};

/** Whether what was typed is this fingerprint; `SHA256:`, padding and blanks do not matter, letters' case does. */
export const sameFingerprint = (typed: string, fingerprint: string): boolean =>
  bare(typed) !== '' && bare(typed) === bare(fingerprint);

const bare = (text: string): string =>
  text
    .replace(/\s+/g, '')
    .replace(/^SHA256:/i, '')
    .replace(/=+$/, '');

const pemType = /-----BEGIN ([A-Z0-9 ]+)-----/;

/**
 * Reads a private key, OpenSSH or PEM.
 * @throws AppError `wrong-passphrase` when it is encrypted and the passphrase is absent or wrong, `unreadable-key` for
 * anything else; `data.field` names the field to mend.
 */
export const parsePrivateKey = (text: string, passphrase?: string): ParsedKey => {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(parsed) ? (parsed as readonly ParsedKey[])[0] : parsed;
  if (key instanceof Error || key === undefined) throw explain(text, key, passphrase);
  if (!key.isPrivateKey())
    throw new AppError('unreadable-key', 'This is a public key. Choose the private key that belongs to it.', {
      field: 'privateKey',
    });
  return key;
};

const explain = (text: string, error: Error | undefined, passphrase: string | undefined): AppError => {
  const message = error?.message ?? '';
  if (/passphrase|bad decrypt|integrity check|checksum/i.test(message))
    return new AppError(
      'wrong-passphrase',
      passphrase === undefined || passphrase === ''
        ? 'This key is protected by a passphrase. Write it to use the key.'
        : 'This passphrase does not open the key. Check it and try again.',
      { field: 'passphrase' },
    );
  const why = pemType.test(text)
    ? 'This key is damaged or of a kind that cannot be used here. Copy the whole file, first and last line included.'
    : 'This is not a private key. It starts with a line such as “-----BEGIN OPENSSH PRIVATE KEY-----”.';
  return new AppError('unreadable-key', why, { field: 'privateKey' });
};

/** What a private key is, without keeping it. @throws AppError as `parsePrivateKey` does. */
export const inspectKey = (
  text: string,
  passphrase?: string,
): { readonly type: string; readonly fingerprint: string } => {
  const key = parsePrivateKey(text, passphrase);
  return { type: key.type, fingerprint: fingerprintOf(key.getPublicSSH()) };
};
