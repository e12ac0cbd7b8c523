import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, oneLine } from '../../../src/chat/text.js';

test('cutting never splits a character nor exceeds the length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
      const short = cut(text, max);
      expect(short.length).toBeLessThanOrEqual(max);
      // Throws for half a surrogate pair.
      expect(() => encodeURIComponent(short)).not.toThrow();
      expect(short === text || short.endsWith('…')).toBe(true);
    }),
  );
});

test('one line cannot pass for several, nor turn the words around it', () => {
  expect(oneLine('a\r\nb\u2028c\u0085d\u0000e')).toBe('a b c d e');
  expect(oneLine('\u202Eeno\u2066two\u2069')).toBe('enotwo');
});
