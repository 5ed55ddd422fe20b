import { AppError } from '#contract/errors';

const kinds: readonly (readonly [pattern: RegExp, index: number, kind: string])[] = [
  [/no matching key exchange/i, 0, 'key exchange'],
  [/no matching host key/i, 1, 'host key'],
  [/no matching C->S cipher/i, 2, 'cipher'],
  [/no matching S->C cipher/i, 3, 'cipher'],
  [/no matching C->S MAC/i, 4, 'MAC'],
  [/no matching S->C MAC/i, 5, 'MAC'],
];

/**
 * What the server offers, from the first bytes it sent: its banner, then KEXINIT in the clear (RFC 4253, 7.1). The
 * name lists in their order, or nothing when the bytes are something else.
 */
export const serverOffer = (opening: Buffer): readonly (readonly string[])[] => {
  const banner = opening.indexOf('SSH-');
  const lineEnd = banner < 0 ? -1 : opening.indexOf('\n', banner);
  if (lineEnd < 0) return [];
  const packet = opening.subarray(lineEnd + 1);
  if (packet.length < 6 || packet[5] !== 20) return [];
  const lists: string[][] = [];
  let position = 22;
  while (lists.length < 6 && position + 4 <= packet.length) {
    const length = packet.readUInt32BE(position);
    if (position + 4 + length > packet.length) break;
    lists.push(packet.toString('latin1', position + 4, position + 4 + length).split(','));
    position += 4 + length;
  }
  return lists;
};

/** The AppError for a failed negotiation, or nothing when `message` of ssh2 is about something else. */
export const explainNegotiation = (message: string, opening: Buffer, legacy: boolean): AppError | undefined => {
  const found = kinds.find(([pattern]) => pattern.test(message));
  if (found === undefined) return undefined;
  const [, index, kind] = found;
  const offered = (serverOffer(opening)[index] ?? [])
    .filter((name) => /^[\x21-\x7e]{1,64}$/.test(name) && !/^(kex-strict|ext-info)-/.test(name))
    .slice(0, 20);
  const wants = offered.length === 0 ? '' : ` It offers only: ${offered.join(', ')}.`;
  const advice = legacy
    ? 'Update its SSH server, or allow a current algorithm there.'
    : 'If this is old equipment that cannot be updated, allow legacy algorithms for this machine.';
  return new AppError(
    'no-common-algorithm',
    `This machine and Deskside have no ${kind} algorithm in common.${wants} ${advice}`,
    { kind, offered },
  );
};
