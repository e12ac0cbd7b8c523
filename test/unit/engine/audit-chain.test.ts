import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEFORE_THE_FIRST, breakAfter, canonical, lineAfter, UnfitForAudit } from '../../../src/engine/audit-chain.js';
import type { AuditHead, ChainBreak, ChainLine } from '../../../src/engine/audit-chain.js';
import { redacted } from '../../../src/lib/redacted.js';
import { anyAuditEvent } from '../../fakes/arbitraries.js';
import { chainOf } from '../../fakes/audit-lines.js';

// Whatever is done to the lines of a log, the chain breaks, and at the first line that is not what it was.

const firstBreak = (lines: readonly ChainLine[]): ChainBreak | undefined => {
  let head: AuditHead = BEFORE_THE_FIRST;
  for (const line of lines) {
    const broken = breakAfter(head, line);
    if (broken !== undefined) return broken;
    head = line;
  }
  return undefined;
};

const anyChain = fc
  .array(anyAuditEvent, { minLength: 2, maxLength: 8 })
  .map((events): readonly ChainLine[] => chainOf(events));

/** A chain and one of its lines. */
const anyChainAndLine = anyChain.chain((lines) => fc.tuple(fc.constant(lines), fc.nat({ max: lines.length - 1 })));

const replaced = (lines: readonly ChainLine[], index: number, line: ChainLine): readonly ChainLine[] =>
  lines.with(index, line);

describe('a chain', () => {
  it('is whole as it was made', () => {
    fc.assert(
      fc.property(anyChain, (lines) => {
        expect(firstBreak(lines)).toBeUndefined();
      }),
    );
  });

  it('breaks at the line whose event was changed', () => {
    fc.assert(
      fc.property(anyChainAndLine, anyAuditEvent, ([lines, index], event) => {
        const line = lines[index]!;
        fc.pre(canonical(event) !== canonical(line.event));
        expect(firstBreak(replaced(lines, index, { ...line, event }))).toEqual({ seq: line.seq, why: 'altered' });
      }),
    );
  });

  it.each([
    ['a fact', (line: ChainLine) => ({ ...line, event: { ...(line.event as object), facts: { x: 'forged' } } })],
    ['an id', (line: ChainLine) => ({ ...line, id: `${line.id}!` })],
    [
      'the hash',
      (line: ChainLine) => ({ ...line, hash: line.hash.replace(/^./u, (sign) => (sign === '0' ? '1' : '0')) }),
    ],
    ['the hash before', (line: ChainLine) => ({ ...line, previous: 'f'.repeat(64) })],
    ['a field nobody knows', (line: ChainLine) => ({ ...line, note: 'forged' })],
  ])('breaks at the line where %s was changed', (_what, change) => {
    fc.assert(
      fc.property(anyChainAndLine, ([lines, index]) => {
        const line = lines[index]!;
        expect(firstBreak(replaced(lines, index, change(line)))).toEqual({ seq: line.seq, why: 'altered' });
      }),
    );
  });

  it('breaks behind a line that was changed and hashed anew', () => {
    fc.assert(
      fc.property(anyChainAndLine, ([lines, index]) => {
        fc.pre(index < lines.length - 1);
        const forged = lineAfter(lines[index - 1] ?? BEFORE_THE_FIRST, 'forged', {});
        expect(firstBreak(replaced(lines, index, forged))).toEqual({ seq: index + 2, why: 'unlinked' });
      }),
    );
  });

  it('breaks where a line was taken out', () => {
    fc.assert(
      fc.property(anyChainAndLine, ([lines, index]) => {
        fc.pre(index < lines.length - 1);
        expect(firstBreak(lines.toSpliced(index, 1))).toEqual({ seq: index + 1, why: 'missing' });
      }),
    );
  });

  it('breaks where a line was slipped in, before any line', () => {
    fc.assert(
      fc.property(anyChainAndLine, ([lines, index]) => {
        const forged = lineAfter(lines[index - 1] ?? BEFORE_THE_FIRST, 'forged', {});
        expect(firstBreak(lines.toSpliced(index, 0, forged))).toMatchObject({ seq: index + 1, why: 'misplaced' });
      }),
    );
  });

  it('breaks where two lines changed places, with or without their numbers', () => {
    fc.assert(
      fc.property(anyChainAndLine, fc.nat(), ([lines, one], more) => {
        const other = more % lines.length;
        fc.pre(one !== other);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const [a, b] = [lines[low]!, lines[high]!];
        expect(firstBreak(lines.with(low, b).with(high, a))).toEqual({ seq: low + 1, why: 'missing' });
        const renumbered = lines.with(low, { ...b, seq: a.seq }).with(high, { ...a, seq: b.seq });
        expect(firstBreak(renumbered)).toEqual({ seq: low + 1, why: 'altered' });
      }),
    );
  });

  it('breaks at a number that is none of a line', () => {
    const [line] = chainOf([{ what: 'x', at: new Date(0), by: 'P', facts: {} }]);
    for (const seq of [0, -1, 0.5]) expect(firstBreak([{ ...line!, seq }])).toEqual({ seq, why: 'misplaced' });
    expect(firstBreak([{ ...line!, seq: 1.5 }])).toEqual({ seq: 1, why: 'missing' });
  });
});

describe('the canonical form', () => {
  it('does not depend on the order of the fields, nor on fields that are absent', () => {
    fc.assert(
      fc.property(anyAuditEvent, (event) => {
        const turned = Object.fromEntries(Object.entries(event).toReversed());
        expect(canonical({ ...turned, absent: undefined })).toBe(canonical(event));
      }),
    );
  });

  it('is JSON, so that an exported line can be checked by any program that sorts keys', () => {
    fc.assert(
      fc.property(anyChain, (lines) => {
        for (const line of lines) {
          const { hash, ...content } = JSON.parse(canonical(line)) as ChainLine;
          expect(createHash('sha256').update(canonical(content)).digest('hex')).toBe(hash);
        }
      }),
    );
  });

  it('is fixed for ever: a log is checked years after it was written', () => {
    const at = new Date('2026-03-02T12:00:00.000Z');
    const event = { what: 'x', at, by: 'P', facts: { b: 1, a: ['ä"\n', 'z'], n: null, t: true } };
    const line = lineAfter(BEFORE_THE_FIRST, 'L-1', event);
    const { hash, ...content } = line;
    expect(canonical(content)).toBe(
      '{"event":{"at":"2026-03-02T12:00:00.000Z","by":"P","facts":{"a":["ä\\"\\n","z"],"b":1,"n":null,"t":true},"what":"x"},' +
        `"id":"L-1","previous":"${'0'.repeat(64)}","seq":1}`,
    );
    expect(hash).toBe('dd05e5bb432ffe98f54a59cb5c2d83012b2f1e968f05bb0c5f5d9e4a4c53f1e2');
  });

  it.each([
    ['a secret', redacted('hunter2')],
    ['something with a life of its own', new Map([['a', 1]])],
    ['a function', () => 'x'],
    ['a number that is none', Number.NaN],
    ['a date that is none', new Date('x')],
    ['a hole in a list', [undefined]],
    ['a secret in a list', ['a', redacted('hunter2')]],
  ])('refuses %s, and says where without saying what', (_what, value) => {
    const refused = (): string => canonical({ facts: { password: value } }, 'event');
    expect(refused).toThrow(UnfitForAudit);
    expect(refused).toThrow(/^an audit line cannot hold what stands at event\.facts\.password(\.\d)?$/u);
  });
});
