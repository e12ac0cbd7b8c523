import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/engine/decide.js';
import type { Ask, Book } from '../../../src/engine/decide.js';
import { decideLook, quorumsToMeet } from '../../../src/engine/decide-look.js';
import type { LookAsk, LookDecision } from '../../../src/engine/decide-look.js';
import { ruleId, tenantId } from '../../../src/engine/ids.js';
import type { AllowRule, Quorum, Rule, What } from '../../../src/engine/rule.js';
import { HOUR } from '../../../src/lib/clock.js';
import { aPerson, anIdentity, aRule, demanding, NOON } from '../../fakes/fixtures.js';
import { anyAsk, anyBook, anyDenyRule, anyQuorum, anyRule } from '../../fakes/rule-arbitraries.js';

const NAMED_NOTHING: What = { roles: [], groups: [], templates: [] };
const LOOKING: What = { ...NAMED_NOTHING, breakGlass: true };

const aLookRule = (parts: Partial<AllowRule> = {}): AllowRule => aRule({ what: LOOKING, ...parts });

const aDenial = (what: What, parts: Partial<Rule> = {}): Rule => {
  const { demands: _demands, ...head } = aRule();
  return { ...head, id: ruleId('L-DENY'), name: 'Never', ...parts, what, effect: 'deny' };
};

const anAsk = (overrides: Partial<LookAsk> = {}): LookAsk => ({
  requester: aPerson(),
  tenant: { id: tenantId('contoso') },
  startsAt: NOON,
  accessPass: false,
  ...overrides,
});

const book = (...rules: readonly Rule[]): Book => ({
  rules,
  memberOf: new Set([...aRule().subjects].flatMap((one) => (one.kind === 'group' ? [one.id] : []))),
});

const outcomeOf = (decision: LookDecision): string => (decision.kind === 'refuse' ? decision.why.kind : 'may');

describe('who may look at break-glass passwords', () => {
  it.each<[string, Partial<LookAsk>, readonly Rule[], string]>([
    ['nobody without a rule', {}, [], 'not-covered'],
    ['whom a rule about them names', {}, [aLookRule()], 'may'],
    ['nobody by a rule that lends roles', {}, [aRule()], 'not-covered'],
    [
      'nobody by a rule that would do both',
      {},
      [aRule({ what: { ...aRule().what, breakGlass: true } })],
      'not-covered',
    ],
    ['nobody whom a rule denies it', {}, [aLookRule(), aDenial(LOOKING)], 'denied'],
    ['nobody whom a rule denies everything', {}, [aLookRule(), aDenial(NAMED_NOTHING)], 'denied'],
    ['whom a rule denies a role', {}, [aLookRule(), aDenial(aRule().what)], 'may'],
    [
      'nobody in a tenant that leaves',
      { tenant: { id: tenantId('contoso'), leaving: { by: 'Olga', at: NOON } } },
      [aLookRule()],
      'leaving',
    ],
    ['nobody elsewhere', { tenant: { id: tenantId('fabrikam') } }, [aLookRule()], 'not-covered'],
    [
      'nobody out of hours',
      {},
      [aLookRule({ when: { days: [7], fromMinute: 0, untilMinute: 60, zone: 'UTC' } })],
      'not-covered',
    ],
    [
      'nobody whose chat account was closed',
      { requester: aPerson({ identities: [anIdentity('slack', 'U1', { deactivatedAt: NOON })] }) },
      [aLookRule()],
      'not-covered',
    ],
    ['nobody with a pass that no rule gives', { accessPass: true }, [aLookRule()], 'no-pass'],
    ['with a pass whom a rule gives it', { accessPass: true }, [aLookRule({ what: { ...LOOKING, tap: true } })], 'may'],
    ['without a pass where only that is denied', {}, [aLookRule(), aDenial({ ...LOOKING, tap: true })], 'may'],
    [
      'nobody for a time that is no number',
      {},
      [aLookRule({ demands: demanding({ longestMs: Number.NaN }) })],
      'not-covered',
    ],
  ])('%s', (_, ask, rules, outcome) => {
    expect(outcomeOf(decideLook(anAsk(ask), book(...rules)))).toBe(outcome);
  });

  it('a rule about looks lends no role, and denies none', () => {
    const ask = {
      ...anAsk(),
      roles: [],
      groups: [],
      account: 'dedicated',
      atEnd: 'disable',
      tap: false,
      durationMs: HOUR,
    } as const;
    const roles = aRule().what.roles.flatMap((one) => (one.kind === 'one' ? [{ id: one.id, name: one.name }] : []));
    const asked: Ask = { ...ask, roles };
    expect(decide(asked, book(aLookRule())).kind).toBe('refuse');
    expect(decide(asked, book(aRule(), aDenial(LOOKING))).kind).toBe('needs-approval');
  });

  it('asking for a pass as well escapes no demand', () => {
    const strict = aLookRule({ demands: demanding({ secondFactor: true }) });
    const lax = aLookRule({ what: { ...LOOKING, tap: true }, demands: demanding({ quorums: [] }) });
    const decision = decideLook(anAsk({ accessPass: true }), book(strict, lax));
    expect(decision).toMatchObject({ kind: 'may', terms: { secondFactor: true, quorums: [{ group: 'G-LEADS' }] } });
  });

  it('somebody has to agree even where no rule names anybody', () => {
    expect(quorumsToMeet([])).toEqual([{ group: 'vault-keepers', groupName: 'Vault members and owners', count: 1 }]);
  });
});

describe('whatever is asked of whatever rules, nobody ever gets more by', () => {
  /** Most of them about looks. */
  const looking = (rules: readonly Rule[]): readonly Rule[] =>
    rules.map((rule, index) => {
      const { tap } = rule.what;
      return index % 3 === 0 ? rule : { ...rule, what: { ...LOOKING, ...(tap === undefined ? {} : { tap }) } };
    });
  const anyLook = fc
    .tuple(anyAsk, fc.boolean())
    .map(([{ requester, tenant, startsAt }, accessPass]): LookAsk => ({ requester, tenant, startsAt, accessPass }));
  const anyLookBook = anyBook.map(({ rules, memberOf }) => ({ rules: looking(rules), memberOf }));
  const anyLookDenial = fc
    .tuple(anyDenyRule, fc.boolean())
    .map(([rule, about]): Rule => (about ? { ...rule, what: LOOKING } : rule));

  const expectNoMore = (before: LookDecision, after: LookDecision): void => {
    if (after.kind === 'refuse') return;
    expect(before.kind).toBe('may');
    if (before.kind !== 'may') return;
    expect(after.terms.longestMs).toBeLessThanOrEqual(before.terms.longestMs);
    expect(after.terms.pendingMs).toBeLessThanOrEqual(before.terms.pendingMs);
    expect(after.terms.secondFactor || !before.terms.secondFactor).toBe(true);
    // Whom the rules named stays named, with no fewer voices; there is always somebody.
    for (const quorum of before.terms.quorums) {
      const kept = after.terms.quorums.filter(({ group }) => group === quorum.group);
      expect(Math.max(...kept.map(({ count }) => count))).toBeGreaterThanOrEqual(quorum.count);
    }
    expect(quorumsToMeet(after.terms.quorums).length).toBeGreaterThanOrEqual(1);
  };

  it('one more denying rule', () => {
    const run = (ask: LookAsk, rules: Book, extra: Rule) =>
      expectNoMore(decideLook(ask, rules), decideLook(ask, { ...rules, rules: [...rules.rules, extra] }));
    fc.assert(fc.property(anyLook, anyLookBook, anyLookDenial, run), { numRuns: 400 });
  });

  it('one more quorum, or one more rule where they may look already', () => {
    const run = (ask: LookAsk, rules: Book, quorum: Quorum, which: number, extra: Rule) => {
      const before = decideLook(ask, rules);
      const more = rules.rules.map((rule, index) =>
        rule.effect === 'allow' && index === which
          ? { ...rule, demands: { ...rule.demands, quorums: [...rule.demands.quorums, quorum] } }
          : rule,
      );
      expectNoMore(before, decideLook(ask, { ...rules, rules: more }));
      fc.pre(before.kind === 'may');
      expectNoMore(before, decideLook(ask, { ...rules, rules: [...rules.rules, extra] }));
    };
    const extra = anyRule.map((rule) => looking([rule, rule])[1] ?? rule);
    // What passes are given with may grow with a rule; who may look at all, and on which terms, does not.
    const plain = anyLook.map((ask) => ({ ...ask, accessPass: false }));
    fc.assert(fc.property(plain, anyLookBook, anyQuorum, fc.nat({ max: 7 }), extra, run), { numRuns: 400 });
  });

  it('any rule that is not about looks', () => {
    const run = (ask: LookAsk, rules: Book, extra: Rule) => {
      const { breakGlass: _none, ...what } = extra.what;
      const other = decideLook(ask, { ...rules, rules: [...rules.rules, { ...extra, what }] });
      expectNoMore(decideLook(ask, rules), other);
    };
    fc.assert(fc.property(anyLook, anyLookBook, anyRule, run), { numRuns: 400 });
  });

  it('and both outcomes are tried', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyLook, anyLookBook, (ask, rules) => void seen.add(outcomeOf(decideLook(ask, rules)))),
      { numRuns: 1_000, seed: 1 },
    );
    expect([...seen].toSorted()).toEqual(['denied', 'leaving', 'may', 'no-pass', 'not-covered']);
  });
});
