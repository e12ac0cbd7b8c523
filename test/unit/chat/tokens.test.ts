import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokensOf } from '../../../src/chat/tokens.js';

describe('the words of a command', () => {
  it.each<[string, readonly string[]]>([
    ['', []],
    ['   ', []],
    ['request contoso', ['request', 'contoso']],
    ['  request \n contoso\t', ['request', 'contoso']],
    ['--role "Exchange Administrator"', ['--role', 'Exchange Administrator']],
    // As phones and desktop clients send it.
    ['--role “Exchange Administrator”', ['--role', 'Exchange Administrator']],
    ['--role „Exchange Administrator“', ['--role', 'Exchange Administrator']],
    ['—role «Exchange Administrator»', ['--role', 'Exchange Administrator']],
    ['–for 2h —reason ‘new CFO’', ['--for', '2h', '--reason', 'new CFO']],
    ['request\u00A0contoso\u202F--for\u00A02h', ['request', 'contoso', '--for', '2h']],
    // A dash that belongs to the text stays one.
    ['--reason "Mailbox — migration"', ['--reason', 'Mailbox — migration']],
    ['deny R-7K2M not today — ask Lee', ['deny', 'R-7K2M', 'not', 'today', '—', 'ask', 'Lee']],
    // So does an apostrophe.
    ["--reason I don't know", ['--reason', 'I', "don't", 'know']],
    ['--reason “don’t know”', ['--reason', "don't know"]],
    ['--reason "it\'s theirs"', ['--reason', "it's theirs"]],
    ["--reason 'new CFO' --for 2h", ['--reason', 'new CFO', '--for', '2h']],
    ["--reason the techs' laptops", ['--reason', 'the', "techs'", 'laptops']],
    ['--reason \'he said "no"\'', ['--reason', 'he said "no"']],
    ['--reason=“new CFO”', ['--reason=new CFO']],
  ])('%j', (text, words) => {
    expect(tokensOf(text)).toEqual({ ok: true, value: words });
  });

  it.each(['--reason "new CFO', '--reason new CFO"', '--reason “new CFO', '"', '--reason "a" "b'])(
    'are not guessed where a quotation is left open: %s',
    (text) => {
      expect(tokensOf(text)).toEqual({ ok: false, error: { code: 'command.quotes' } });
    },
  );

  it('are not looked for in a text that is too long to be a command', () => {
    expect(tokensOf('a'.repeat(16_001))).toEqual({
      ok: false,
      error: { code: 'text.too-long', field: 'command', length: 16_001, most: 16_000 },
    });
    expect(tokensOf('a'.repeat(16_000)).ok).toBe(true);
  });

  it('are found at once, however the text was built to make the search long', () => {
    const began = performance.now();
    for (const part of ["'", '"', '""', "''", '"\'', 'a"b"', "a'b", 'a""', '="', "='", ' ', '—', 'a"\'"', "'\"'"]) {
      const text = part.repeat(16_000 / part.length);
      tokensOf(text);
      tokensOf(`${text.slice(2)}"`);
      tokensOf(`x${text.slice(3)}'`);
    }
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('or a typed fault come of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const tokens = tokensOf(text);
        expect(tokens.ok ? 'command.quotes' : tokens.error.code).toBe('command.quotes');
      }),
      { numRuns: 200 },
    );
  });
});
