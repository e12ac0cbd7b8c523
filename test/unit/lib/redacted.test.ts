import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted } from '../../../src/lib/redacted.js';
import type { Redacted } from '../../../src/lib/redacted.js';

const SECRET = 'correct horse battery staple';

/** Every way in which a value ends up in a log line, a message or an error without anybody meaning it to. */
const ACCIDENTS: Readonly<Record<string, (secret: Redacted<string>) => string>> = {
  'a template string': (secret) => `password: ${String(secret)}`,
  'a concatenation': (secret) => 'password: '.concat(String(secret)),
  JSON: (secret) => JSON.stringify({ secret, list: [secret] }),
  'console.log': (secret) => inspect({ secret }, { depth: null, showHidden: true, getters: true }),
  'an error’s message': (secret) => new Error(`could not set ${String(secret)}`).stack ?? '',
  'a spread': (secret) => inspect(Object.assign({}, secret), { showHidden: true }),
  'its own properties': (secret) => inspect(Object.getOwnPropertyDescriptors(secret)),
  'a structured clone': (secret) => inspect(structuredClone(Object.assign({}, secret)), { showHidden: true }),
  'a join': (secret) => [secret].join(),
};

describe('a redacted secret', () => {
  it.each(Object.entries(ACCIDENTS))('does not show in %s', (_, accident) => {
    const shown = accident(redacted(SECRET));
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain('horse');
  });

  it('says that something is hidden where it is written out', () => {
    expect(String(redacted(SECRET))).toBe('[redacted]');
    expect(JSON.stringify({ password: redacted(SECRET) })).toBe('{"password":"[redacted]"}');
    expect(inspect(redacted(SECRET))).toBe('[redacted]');
  });

  it('opens to exactly what it was made of, and only when told to', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(redacted(value).reveal()).toBe(value);
      }),
    );
  });
});
