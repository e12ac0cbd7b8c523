import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEFORE_THE_FIRST, lineAfter } from '../../../src/engine/audit-chain.js';
import type { SignedHead } from '../../../src/engine/audit-head.js';
import { checkLog } from '../../../src/flows/audit-check.js';
import { announceHead } from '../../../src/flows/audit-head.js';
import type { AuditEvent, AuditLine, UnreadableLine } from '../../../src/flows/ports/audit.js';
import { systemRandom } from '../../../src/lib/random.js';
import { createHeadSigner, generateAuditKey } from '../../../src/vault/audit-key.js';
import { chainOf, logOf } from '../../fakes/audit-lines.js';
import { NOON } from '../../fakes/fixtures.js';

// Whoever owns the database can make any chain, but not one that agrees with a head signed before.

const signer = createHeadSigner([generateAuditKey(systemRandom)]);
const stranger = createHeadSigner([generateAuditKey(systemRandom)]);

const events = (count: number, by = 'P-LEE'): readonly AuditEvent[] =>
  Array.from({ length: count }, (_, index) => ({ what: `deed ${index + 1}`, at: NOON, by, facts: {} }));

/** The chain as its owner would forge it: from line `from` on it tells of somebody else, and every hash fits. */
const rewrittenFrom = (from: number, count: number): readonly AuditLine[] =>
  chainOf([...events(count).slice(0, from - 1), ...events(count, 'P-MALLORY').slice(from - 1)]);

const open = (count: number) => {
  let lines: readonly (AuditLine | UnreadableLine)[] = chainOf(events(count));
  const audit = logOf(() => lines);
  const announce = () => announceHead({ clock: { now: () => NOON }, audit, signer });
  return {
    audit,
    announce,
    tamper: (next: readonly (AuditLine | UnreadableLine)[]) => (lines = next),
    check: (known: readonly SignedHead[] = []) => checkLog({ audit, verifier: signer, known }),
  };
};

const headAt = (count: number): SignedHead => signer.sign(chainOf(events(count)).at(-1)!);

describe('checking a log', () => {
  it('that nobody touched finds it intact, with every head that was ever signed', async () => {
    const log = open(9);
    await log.audit.rememberHead(headAt(3), NOON);
    await log.audit.rememberHead(headAt(9), NOON);
    expect(await log.check([headAt(5), headAt(9)])).toEqual({
      intact: true,
      head: { seq: 9, hash: headAt(9).hash },
      signedHeads: 3,
    });
  });

  it('of nothing yet finds nothing', async () => {
    expect(await open(0).check()).toEqual({ intact: true, head: BEFORE_THE_FIRST, signedHeads: 0 });
  });

  it('names the first broken line of several', async () => {
    const log = open(9);
    const lines = chainOf(events(9));
    log.tamper(lines.with(6, { ...lines[6]!, id: 'x' }).toSpliced(3, 1));
    expect(await log.check()).toEqual({ intact: false, broken: { seq: 4, why: 'missing' } });
  });

  it('names a line that is no line any more', async () => {
    const log = open(5);
    log.tamper([...chainOf(events(5)).toSpliced(2, 1), { seq: 3, unreadable: 'event.at' }]);
    expect(await log.check()).toEqual({ intact: false, broken: { seq: 3, why: 'unreadable', place: 'event.at' } });
  });

  it('that was rewritten with hashes that fit finds it at the next signed head, and says between which lines', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (from) => {
        const log = open(12);
        log.tamper(rewrittenFrom(from, 12));
        expect(await log.check()).toMatchObject({ intact: true });
        const heads = [headAt(4), headAt(8), headAt(12)];
        const next = heads.find(({ seq }) => seq >= from)!;
        expect(await log.check(heads)).toEqual({
          intact: false,
          broken: { seq: next.seq, why: 'rewritten', since: next.seq - 4, head: next },
        });
      }),
    );
  });

  it('that was cut short finds it by a head that knew of more, wherever that was kept', async () => {
    const log = open(9);
    log.tamper(chainOf(events(6)));
    expect(await log.check()).toMatchObject({ intact: true });
    const broken = { seq: 7, why: 'cut-off', head: headAt(8) };
    expect(await log.check([headAt(9), headAt(8)])).toEqual({ intact: false, broken });
    await log.audit.rememberHead(headAt(8), NOON);
    expect(await log.check()).toEqual({ intact: false, broken });
  });

  it('that was emptied finds it by any head', async () => {
    const log = open(9);
    log.tamper([]);
    expect(await log.check([headAt(3)])).toMatchObject({ broken: { seq: 1, why: 'cut-off' } });
  });

  it('is not taken in by a head that was signed with another key', async () => {
    const log = open(9);
    const head = stranger.sign(chainOf(events(9))[4]!);
    await log.audit.rememberHead(head, NOON);
    expect(await log.check()).toEqual({ intact: false, broken: { seq: 5, why: 'forged', head } });
  });
});

describe('announcing the head', () => {
  it('of an empty log announces nothing', async () => {
    const log = open(0);
    expect(await log.announce()).toEqual({ kind: 'empty' });
    expect(await log.audit.heads()).toEqual([]);
  });

  it('signs it, remembers it, and says how much is new', async () => {
    const log = open(3);
    expect(await log.announce()).toEqual({ kind: 'signed', head: headAt(3), lines: 3, isFirst: true });
    log.tamper(chainOf(events(10)));
    expect(await log.announce()).toEqual({ kind: 'signed', head: headAt(10), lines: 7 });
    expect(await log.announce()).toEqual({ kind: 'signed', head: headAt(10), lines: 0 });
    expect((await log.audit.heads()).map(({ head }) => head.seq)).toEqual([3, 10, 10]);
    expect(await log.check()).toMatchObject({ intact: true });
  });

  it.each<[string, readonly AuditLine[], object]>([
    ['rewritten up to the head before', rewrittenFrom(2, 9), { seq: 5, why: 'rewritten' }],
    ['broken since the head before', chainOf(events(9)).toSpliced(6, 1), { seq: 7, why: 'missing' }],
    ['cut short', chainOf(events(4)), { seq: 5, why: 'cut-off' }],
  ])('does not vouch for a log that was %s', async (_what, lines, broken) => {
    const log = open(5);
    await log.announce();
    log.tamper(lines);
    expect(await log.announce()).toMatchObject({ kind: 'broken', broken });
    expect(await log.audit.heads()).toHaveLength(1);
  });

  it('does not build on a head that somebody else signed', async () => {
    const log = open(5);
    await log.audit.rememberHead(stranger.sign(lineAfter(BEFORE_THE_FIRST, 'x', {})), NOON);
    expect(await log.announce()).toMatchObject({ kind: 'broken', broken: { seq: 1, why: 'forged' } });
  });
});
