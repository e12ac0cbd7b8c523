import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personId } from '../../../src/engine/ids.js';
import { accountDisplayName, accountUpn, whyUnfitPattern } from '../../../src/engine/naming.js';

const DANA = personId('P-DANA');

const localPartOf = (name: string): string => accountUpn(name, DANA, 'contoso.com').replace('@contoso.com', '');

describe('the name of an account', () => {
  it.each([
    ['Dana Fox', 'jit-dana.fox'],
    ['  dana   FOX ', 'jit-dana.fox'],
    ['Dana (Contractor) Fox', 'jit-dana.contractor.fox'],
    ['Jürgen Groß', 'jit-juergen.gross'],
    ['Ju\u0308rgen', 'jit-juergen'],
    ['Søren Ærø', 'jit-soeren.aeroe'],
    ['Łukasz Żółć', 'jit-lukasz.zolc'],
    ['Zoë O’Brien', 'jit-zoe.obrien'],
    ['José Núñez', 'jit-jose.nunez'],
    ['İrem Işık', 'jit-irem.isik'],
    ['Anne-Marie St. John', 'jit-anne.marie.st.john'],
    ['dana@contoso.com', 'jit-dana.contoso.com'],
    ['R2 D2', 'jit-r2.d2'],
  ])('of %s is %s', (name, local) => {
    expect(localPartOf(name)).toBe(local);
  });

  it('comes from the person’s id where nothing of the name can be written', () => {
    expect(localPartOf('山田 太郎')).toBe('jit-p.dana');
    expect(localPartOf('')).toBe('jit-p.dana');
    expect(accountUpn('🦊', personId('—'), 'contoso.com')).toBe('jit-person@contoso.com');
  });

  it('is one that Entra takes, whatever a person is called', () => {
    const domain = fc.stringMatching(/^[a-z0-9]{1,40}\.(com|de)$/);
    const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.lorem({ maxCount: 40 }));
    fc.assert(
      fc.property(name, fc.string(), domain, fc.integer({ min: 1, max: 50 }), (person, id, home, number) => {
        const upn = accountUpn(person, personId(id), home, number);
        const [local = '', ...rest] = upn.split('@');
        expect(rest).toEqual([home]);
        expect(local).toMatch(/^jit-[A-Za-z0-9.-]*[A-Za-z0-9]$/);
        expect(local).not.toContain('..');
        expect(local.length).toBeLessThanOrEqual(64);
        expect(upn.length).toBeLessThanOrEqual(113);
      }),
      { numRuns: 300 },
    );
  });

  it('tells people of one name apart, even where the name fills all there is', () => {
    for (const name of ['Sam Lee', 'Wolfeschlegelsteinhausenbergerdorff '.repeat(3)]) {
      const upns = [1, 2, 3, 12].map((number) => accountUpn(name, DANA, 'contoso.com', number));
      expect(new Set(upns).size).toBe(upns.length);
    }
    expect(accountUpn('Sam Lee', DANA, 'contoso.com', 2)).toBe('jit-sam.lee2@contoso.com');
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(localPartOf(name)).toBe(localPartOf(name));
      }),
    );
  });
});

describe('the display name of an account', () => {
  it('says whose it is and what for', () => {
    expect(accountDisplayName('Dana Fox')).toBe('JIT: Dana Fox');
    expect(accountDisplayName(' Dana\r\nFox ')).toBe('JIT: Dana Fox');
  });

  it('is never too long, nor cut through the middle of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 0, maxLength: 400 }), (name) => {
        const shown = accountDisplayName(name);
        expect(shown.length).toBeLessThanOrEqual(256);
        expect(encodeURIComponent(shown)).not.toBe('');
        expect(shown).not.toMatch(/\p{Cc}/u);
      }),
    );
    expect(accountDisplayName('🦊'.repeat(200)).length).toBeLessThanOrEqual(256);
  });
});

describe('a pattern for the names of accounts', () => {
  const upnBy = (pattern: string, name = 'Dana van der Fox', number = 1): string =>
    accountUpn(name, DANA, 'contoso.com', number, pattern);

  it.each([
    ['adm-{person}', 'adm-dana.van.der.fox'],
    ['{first}.{last}.adm', 'dana.fox.adm'],
    ['{first}{last}', 'danafox'],
    ['x1_{last}', 'x1_fox'],
  ])('%s makes %s', (pattern, local) => {
    expect(whyUnfitPattern(pattern, 'contoso.com')).toBeUndefined();
    expect(upnBy(pattern)).toBe(`${local}@contoso.com`);
    expect(upnBy(pattern, 'Dana van der Fox', 2)).toBe(`${local}2@contoso.com`);
  });

  it.each([
    ['jit', /\{person\}/u],
    ['jit-{nobody}', /\{person\}/u],
    ['', /\{person\}/u],
    ['jit..{person}', /single dots/u],
    ['.{person}', /letters a to z/u],
    ['{person}.', /letters a to z/u],
    ['JIT-{person}', /letters a to z/u],
    ['jit {person}', /letters a to z/u],
    ['jit@{person}', /letters a to z/u],
    ['jüt-{person}', /letters a to z/u],
    [`${'a'.repeat(57)}{person}`, /too little room/u],
    [`${'a'.repeat(50)}{first}{last}`, /too little room/u],
  ])('%s is refused, saying what to change', (pattern, problem) => {
    expect(whyUnfitPattern(pattern, 'contoso.com')).toMatch(problem);
  });

  it('that is not refused makes names that Entra takes, whatever a person is called', () => {
    const piece = fc.constantFrom('{person}', '{first}', '{last}', 'adm', 'j', '-', '.', '_', '7');
    const pattern = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
    const domain = fc.stringMatching(/^[a-z0-9]{1,40}\.(com|de)$/);
    const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.lorem({ maxCount: 40 }));
    fc.assert(
      fc.property(pattern, name, domain, fc.integer({ min: 1, max: 50 }), (chosen, person, home, number) => {
        fc.pre(whyUnfitPattern(chosen, home) === undefined);
        const upn = accountUpn(person, DANA, home, number, chosen);
        const [local = '', ...rest] = upn.split('@');
        expect(rest).toEqual([home]);
        expect(local).toMatch(/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/);
        expect(local).not.toContain('..');
        expect(local.length).toBeLessThanOrEqual(64);
        expect(upn.length).toBeLessThanOrEqual(113);
      }),
      { numRuns: 500 },
    );
  });
});
