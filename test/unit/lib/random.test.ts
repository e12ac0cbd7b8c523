import { describe, expect, it } from 'vitest';
import { randomId, readableId, systemRandom } from '../../../src/lib/random.js';

describe('ids', () => {
  it('that people type have no letter that looks like a digit or another letter', () => {
    const ids = Array.from({ length: 500 }, () => readableId(systemRandom, 8));
    expect(ids.join('')).toMatch(/^[0-9A-HJKMNP-TV-Z]+$/);
    expect(ids.every((id) => id.length === 8)).toBe(true);
    expect(new Set(ids.join('')).size).toBe(32);
    expect(new Set(ids).size).toBe(500);
  });

  it('that nobody types carry 128 bits in URL-safe text', () => {
    const ids = Array.from({ length: 500 }, () => randomId(systemRandom));
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    expect(new Set(ids).size).toBe(500);
  });
});
