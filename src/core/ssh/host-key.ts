import { AppError } from '#contract/errors';
import { cancelled } from './dial.ts';
import { fingerprintOf, keyTypeOf, sameFingerprint } from './keys.ts';
import type { KnownKey } from './known-hosts.ts';
import type { Ask } from './questions.ts';

/** How a host key came to be trusted. `accepted` and `replaced` are filed once the connection is ready. */
export type Trust =
  | { readonly kind: 'known' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'replaced'; readonly previous: string; readonly reason: string };

/**
 * Decides about the key that a server shows, with a person where it is not on file.
 * @throws AppError `host-key-refused` with `{ fingerprint }`, `cancelled`.
 */
export const judgeHostKey = async (
  key: Buffer,
  known: readonly KnownKey[],
  target: string,
  ask: Ask,
  signal: AbortSignal,
): Promise<Trust> => {
  const fingerprint = fingerprintOf(key);
  const keyType = keyTypeOf(key);
  if (known.some((entry) => entry.key === key.toString('base64'))) return { kind: 'known' };
  const refuse = (message: string): AppError => new AppError('host-key-refused', message, { fingerprint });
  const onFile = known.find((entry) => entry.type === keyType) ?? known[0];

  if (onFile === undefined) {
    const answer = await ask({ kind: 'host-key-unknown', target, keyType, fingerprint }, signal);
    if (answer.kind === 'trust-host-key' && answer.trust === true) return { kind: 'accepted' };
    if (answer.kind === 'cancel') throw cancelled();
    throw refuse(`The host key of ${target} was not trusted, so nothing was sent to it.`);
  }

  const previous = onFile.fingerprint;
  const answer = await ask({ kind: 'host-key-changed', target, keyType, previous }, signal);
  if (answer.kind !== 'replace-host-key')
    throw refuse(`The host key of ${target} has changed and was not replaced, so nothing was sent to it.`);
  if (!sameFingerprint(answer.fingerprint, fingerprint) || answer.reason.trim() === '')
    throw refuse(
      `The fingerprint you gave is not the one that ${target} shows now. Do not sign in; ask its administrator what changed.`,
    );
  return { kind: 'replaced', previous, reason: answer.reason.trim() };
};
