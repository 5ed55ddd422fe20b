import { describe, expect, it } from 'vitest';
import { newId } from '#contract/ids';

describe('newId', () => {
  it('has the version and variant of a UUIDv7 (RFC 9562)', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('starts with the given Unix milliseconds', () => {
    expect(newId(0x017f22e279b0).slice(0, 13)).toBe('017f22e2-79b0');
  });

  it('sorts by time', () => {
    const ids = [1_000, 2_000, 1_700_000_000_000].map((now) => newId(now));
    expect(ids.toSorted()).toEqual(ids);
  });
});
