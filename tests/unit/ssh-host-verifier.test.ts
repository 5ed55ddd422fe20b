import { describe, expect, it } from 'vitest';
import { strictHostVerifier } from '#core/ssh/host-verifier';

const key = Buffer.from('key');
const verdict = (decide: (shown: Buffer) => unknown): Promise<boolean> =>
  new Promise((resolve) => strictHostVerifier(decide)(key, resolve));

const throwing = (): never => {
  throw new Error('no');
};

/** What ssh2 itself would take for consent, and some more. */
const refused: readonly (readonly [string, (shown: Buffer) => unknown])[] = [
  ['false', () => false],
  ['a promise of false', async () => false],
  ['a throw', throwing],
  ['a rejected promise', () => Promise.reject(new Error('no'))],
  ['undefined', () => undefined],
  ['a promise of undefined', async () => undefined],
  ['null', () => JSON.parse('null')],
  ['0', () => 0],
  ['1', () => 1],
  ['the text true', () => 'true'],
  ['an error', () => new Error('no')],
  ['an object', () => ({ trust: true })],
  ['a Boolean object', () => Object(true)],
  ['an array', () => [true]],
  ['a function', () => () => true],
  ['a promise of 1', async () => 1],
];

describe('the host key verifier', () => {
  it.each(refused)('refuses when the decision is %s', async (_what, decide) => {
    expect(await verdict(decide)).toBe(false);
  });

  it('connects on true and on a promise of true, and shows the key that was offered', async () => {
    const seen: Buffer[] = [];
    expect(await verdict(() => true)).toBe(true);
    expect(await verdict(async (shown) => seen.push(shown) > 0)).toBe(true);
    expect(seen).toEqual([key]);
  });

  it('answers nothing at once, so that ssh2 waits', () => {
    expect(strictHostVerifier(() => true)(key, () => undefined)).toBeUndefined();
  });
});
