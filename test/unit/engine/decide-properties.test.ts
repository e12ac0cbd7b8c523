import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DirectoryGroup, Role } from '../../../src/engine/access.js';
import { heldAs } from '../../../src/engine/access.js';
import { decide } from '../../../src/engine/decide.js';
import type { Ask, Book, Condition, Decision } from '../../../src/engine/decide.js';
import { personId, ruleId } from '../../../src/engine/ids.js';
import type { Limits } from '../../../src/engine/limits.js';
import { fitsExpression, fitsPattern } from '../../../src/engine/patterns.js';
import type { Person } from '../../../src/engine/person.js';
import { quorumsMet } from '../../../src/engine/quorum.js';
import type { AllowRule, Demands, Quorum, Rule, Selector, Thing, What } from '../../../src/engine/rule.js';
import { isWithin, touches } from '../../../src/engine/window.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { aGroup, anIdentity, aPerson, NOON } from '../../fakes/fixtures.js';
import {
  anyAllowRule,
  anyAsk,
  anyBook,
  anyDenyRule,
  anyLimits,
  anyQuorum,
  anyRule,
  GROUP_IDS,
  TENANTS,
  UNITS,
} from '../../fakes/rule-arbitraries.js';

const RUNS = { numRuns: 400 };

const keyOf = (thing: Thing): string => ('roleAssignable' in thing ? thing.id : heldAs(thing));

/** Everything but what each rule had to do with it. */
const verdict = ({ findings: _findings, ...rest }: Decision) => rest;

/** People of whom each is in one of the groups, and Dana, who asks, in all. */
const APPROVERS: readonly Person[] = ['A', 'B', 'C', 'D', 'E', 'F'].map((letter) =>
  aPerson({
    id: personId(`P-${letter}`),
    identities: [anIdentity('slack', letter, { email: `${letter}@msp.example` })],
  }),
);
const GROUPS = GROUP_IDS.map((id, index) =>
  aGroup({ id, name: id, members: APPROVERS.slice(index, index + 4).map((person) => person.id) }),
);

const escalatedAfter = (quorums: readonly Quorum[], ms: number): readonly Quorum[] =>
  quorums.map((quorum) =>
    quorum.escalation === undefined || quorum.escalation.afterMs > ms
      ? quorum
      : { ...quorum, escalation: { ...quorum.escalation, at: addMs(NOON, quorum.escalation.afterMs) } },
  );

/** Whoever's agreement suffices after, at whatever time, sufficed before. */
const expectNoFewerApprovers = (before: readonly Quorum[], after: readonly Quorum[]): void => {
  for (let chosen = 0; chosen < 1 << APPROVERS.length; chosen += 1) {
    const agreeing = APPROVERS.filter((_, index) => (chosen & (1 << index)) !== 0);
    for (const ms of [0, 30 * MINUTE, 2 * HOUR]) {
      if (quorumsMet(escalatedAfter(after, ms), agreeing, GROUPS)) {
        expect(quorumsMet(escalatedAfter(before, ms), agreeing, GROUPS)).toBe(true);
      }
    }
  }
};

const expectNoLooserTerms = (before: Demands, after: Demands): void => {
  expect(after.longestMs).toBeLessThanOrEqual(before.longestMs);
  expect(after.denials).toBeLessThanOrEqual(before.denials);
  expect(after.pendingMs).toBeLessThanOrEqual(before.pendingMs);
  expect(after.secondFactor || !before.secondFactor).toBe(true);
  expect(before.selfApproval || !after.selfApproval).toBe(true);
  expect(after.ticket !== undefined || before.ticket === undefined).toBe(true);
  expectNoFewerApprovers(before.quorums, after.quorums);
};

const expectNoMore = (before: Decision, after: Decision): void => {
  if (after.kind === 'refuse') return;
  expect(before.kind).not.toBe('refuse');
  if (before.kind === 'refuse') return;
  if (before.kind === 'needs-approval') expect(after.kind).toBe('needs-approval');
  expectNoLooserTerms(before.terms, after.terms);
};

/** The same rules, with the demands of each that allows and that `which` picks made stricter. */
const stricter = (rules: readonly Rule[], which: readonly boolean[], change: (demands: Demands) => Demands) =>
  rules.map((rule, index) =>
    rule.effect === 'allow' && which[index] === true ? { ...rule, demands: change(rule.demands) } : rule,
  );

/** What one set of limits and another leave together. */
const stricterOf = (one: Limits, other: Limits): Limits => {
  const { longestDurationMs = Number.POSITIVE_INFINITY } = one;
  const { longestDurationMs: otherMs = Number.POSITIVE_INFINITY } = other;
  const both = <T extends { readonly id: string }>(these: readonly T[] | undefined, those: readonly T[] | undefined) =>
    these?.filter(({ id }) => those === undefined || those.some((thing) => thing.id === id)) ?? those;
  const [roles, groups] = [both(one.roles, other.roles), both(one.groups, other.groups)];
  const leaving = one.leaving ?? other.leaving;
  return {
    ...(Math.min(longestDurationMs, otherMs) === Number.POSITIVE_INFINITY
      ? {}
      : { longestDurationMs: Math.min(longestDurationMs, otherMs) }),
    ...(roles === undefined ? {} : { roles }),
    ...(groups === undefined ? {} : { groups }),
    ...(leaving === undefined ? {} : { leaving }),
  };
};

const anyPick = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });

describe('whatever is asked of whatever rules, nobody ever gets more by', () => {
  it('one more denying rule', () => {
    const run = (ask: Ask, book: Book, extra: Rule) =>
      expectNoMore(decide(ask, book), decide(ask, { ...book, rules: [...book.rules, extra] }));
    fc.assert(fc.property(anyAsk, anyBook, anyDenyRule, run), RUNS);
  });

  it.each<[string, (demands: Demands, quorum: Quorum) => Demands]>([
    ['one more quorum', (demands, quorum) => ({ ...demands, quorums: [...demands.quorums, quorum] })],
    ['a shorter limit', (demands) => ({ ...demands, longestMs: demands.longestMs / 2 })],
    ['a ticket that is demanded', (demands) => ({ ...demands, ticket: { pattern: 'INC-1', ...demands.ticket } })],
    ['a second factor that is demanded', (demands) => ({ ...demands, secondFactor: true })],
    ['fewer denials that end it', (demands) => ({ ...demands, denials: 1 })],
    ['a shorter wait', (demands) => ({ ...demands, pendingMs: demands.pendingMs / 2 })],
    ['no self-approval', (demands) => ({ ...demands, selfApproval: false })],
  ])('%s', (_, change) => {
    const run = (ask: Ask, book: Book, which: readonly boolean[], quorum: Quorum) => {
      const rules = stricter(book.rules, which, (demands) => change(demands, quorum));
      expectNoMore(decide(ask, book), decide(ask, { ...book, rules }));
    };
    fc.assert(fc.property(anyAsk, anyBook, anyPick, anyQuorum, run), { numRuns: 200 });
  });

  it('one more limit of the tenant', () => {
    const run = (ask: Ask, book: Book, extra: Limits) => {
      const before = ask.tenant;
      const limited = { ...ask, tenant: { ...before, ...stricterOf(before, extra) } };
      expectNoMore(decide(ask, book), decide(limited, book));
    };
    fc.assert(fc.property(anyAsk, anyBook, anyLimits, run), RUNS);
  });

  it('one more allowing rule, where all that is asked was covered already', () => {
    const run = (ask: Ask, book: Book, extra: Rule) => {
      const before = decide(ask, book);
      fc.pre(before.kind !== 'refuse' || before.why.kind !== 'not-covered');
      expectNoMore(before, decide(ask, { ...book, rules: [...book.rules, extra] }));
    };
    fc.assert(fc.property(anyAsk, anyBook, anyAllowRule, run), { numRuns: 200 });
  });

  it('asking for longer', () => {
    const run = (ask: Ask, book: Book) =>
      expectNoMore(decide(ask, book), decide({ ...ask, durationMs: ask.durationMs * 2 }, book));
    fc.assert(fc.property(anyAsk, anyBook, run), { numRuns: 200 });
  });
});

/** Without every second of its selectors, the rest confined to one unit, and without outsiders. */
const narrowed = (what: What, half: 0 | 1): What => {
  const halved = <T>(list: readonly T[]): readonly T[] => list.filter((_, index) => index % 2 === half);
  const [unit] = UNITS;
  const confined = (one: Selector<Role['id']>): Selector<Role['id']> =>
    one.kind === 'pattern' || one.unit !== undefined || unit === undefined ? one : { ...one, unit };
  const { outsiders: _outsiders, users, ...rest } = what;
  return {
    ...rest,
    roles: halved(what.roles).map(confined),
    groups: halved(what.groups),
    ...(users === undefined ? {} : { users: halved(users) }),
  };
};

/** Whatever a selector means in one unit, meant everywhere; a pattern in place of each name of a group or a user. */
const widened = (what: What): What => {
  const { users: _users, outsiders: _outsiders, ...rest } = what;
  const everywhere = (one: Selector<Role['id']>): Selector<Role['id']> =>
    one.kind === 'pattern' ? one : { kind: 'one', id: one.id, name: one.name };
  return {
    ...rest,
    roles: what.roles.map(everywhere),
    groups: what.groups.map((): Selector<DirectoryGroup['id']> => ({ kind: 'pattern', pattern: '*' })),
  };
};

describe('whatever is asked of whatever rules, nobody ever gets more', () => {
  const anyHalf = fc.constantFrom<0 | 1>(0, 1);

  it('where the one rule that allows selects less', () => {
    const run = (ask: Ask, rule: AllowRule, denying: readonly Rule[], half: 0 | 1) => {
      const book = (what: What): Book => ({ rules: [{ ...rule, what }, ...denying], memberOf: new Set(GROUP_IDS) });
      expectNoMore(decide(ask, book(rule.what)), decide(ask, book(narrowed(rule.what, half))));
    };
    fc.assert(fc.property(anyAsk, anyAllowRule, fc.array(anyDenyRule, { maxLength: 2 }), anyHalf, run), RUNS);
  });

  it('where all rules that allow select less: what was not covered is not covered then', () => {
    const run = (ask: Ask, book: Book, half: 0 | 1) => {
      const before = decide(ask, book);
      fc.pre(before.kind === 'refuse' && before.why.kind === 'not-covered');
      const rules = book.rules.map((rule) =>
        rule.effect === 'allow' ? { ...rule, what: narrowed(rule.what, half) } : rule,
      );
      expect(decide(ask, { ...book, rules }).kind).toBe('refuse');
    };
    fc.assert(fc.property(anyAsk, anyBook, anyHalf, run), RUNS);
  });

  it('where rules that deny mean more', () => {
    const run = (ask: Ask, book: Book, denying: Rule) => {
      const wide = { ...denying, what: widened(denying.what) };
      const withRule = (rule: Rule): Book => ({ ...book, rules: [...book.rules, rule] });
      expectNoMore(decide(ask, withRule(denying)), decide(ask, withRule(wide)));
    };
    fc.assert(fc.property(anyAsk, anyBook, anyDenyRule, run), RUNS);
  });

  it('where a role is asked for in the whole directory instead of a unit', () => {
    const run = (ask: Ask, book: Book) => {
      const whole = ask.roles.map(({ unit: _unit, ...role }) => role);
      expectNoMore(decide(ask, book), decide({ ...ask, roles: whole }, book));
    };
    fc.assert(fc.property(anyAsk, anyBook, run), RUNS);
  });
});

describe('a user who was there before', () => {
  it('is lent only by rules that name them, and an outsider only by those that say so', () => {
    const run = (ask: Ask, book: Book) => {
      fc.pre(ask.account === 'existing');
      const { user } = ask;
      const silent = book.rules.map((rule) => {
        if (rule.effect === 'deny') return rule;
        const { users: _users, outsiders: _outsiders, ...what } = rule.what;
        const outsider = user !== undefined && user.origin !== 'cloud';
        return {
          ...rule,
          what: outsider && rule.what.users !== undefined ? { ...what, users: rule.what.users } : what,
        };
      });
      expect(decide(ask, { ...book, rules: silent }).kind).toBe('refuse');
      const { user: _user, ...nobody } = ask;
      expect(decide(nobody, book).kind).toBe('refuse');
    };
    fc.assert(fc.property(anyAsk, anyBook, run), RUNS);
  });

  it('is never disabled or deleted, and is signed in as only where a rule itself says so', () => {
    const run = (ask: Ask, book: Book) => {
      fc.pre(ask.account === 'existing');
      const silent = book.rules.map((rule) => {
        const { tap: _tap, ...what } = rule.what;
        return rule.effect === 'deny' ? rule : { ...rule, what };
      });
      expect(decide({ ...ask, tap: true }, { ...book, rules: silent }).kind).toBe('refuse');
      for (const atEnd of ['disable', 'delete'] as const) expect(decide({ ...ask, atEnd }, book).kind).toBe('refuse');
    };
    fc.assert(fc.property(anyAsk, anyBook, run), RUNS);
  });
});

describe('what is decided', () => {
  const settled = (decision: Decision): unknown => {
    if (decision.kind === 'refuse') return [decision.why.kind, things(decision).toSorted()];
    const { quorums, ...terms } = decision.terms;
    return [decision.kind, terms, new Set(quorums), new Set(decision.rules.map(({ id }) => id))];
  };
  const things = ({ why }: Extract<Decision, { kind: 'refuse' }>): readonly string[] =>
    why.kind === 'not-covered' ? why.things.map(keyOf) : [];

  it('is the same in whatever order the rules come', () => {
    const run = (ask: Ask, book: Book) => {
      expect(settled(decide(ask, { ...book, rules: book.rules.toReversed() }))).toEqual(settled(decide(ask, book)));
    };
    fc.assert(fc.property(anyAsk, anyBook, run), RUNS);
  });

  it('owes nothing to rules about other people or other places', () => {
    const elsewhere = (rule: Rule, ask: Ask): Rule => ({
      ...rule,
      where: TENANTS.filter(({ id }) => id !== ask.tenant.id).map(({ id }) => ({ kind: 'tenant', id })),
    });
    const others = (rule: Rule): Rule => ({ ...rule, subjects: [{ kind: 'person', id: personId('P-OTHER') }] });
    const run = (ask: Ask, book: Book, extra: Rule, byPlace: boolean) => {
      const rules = [...book.rules, byPlace ? elsewhere(extra, ask) : others(extra)];
      const after = decide(ask, { ...book, rules });
      expect(verdict(after)).toEqual(verdict(decide(ask, book)));
      expect(after.findings.at(-1)?.failed).toMatch(/subject|where/u);
    };
    fc.assert(fc.property(anyAsk, anyBook, anyRule, fc.boolean(), run), RUNS);
  });

  it('never rests on a pattern where the thing is privileged, or may be', () => {
    const onlyPatterns = (rule: Rule): Rule => ({
      ...rule,
      what: {
        ...rule.what,
        roles: rule.what.roles.filter(({ kind }) => kind === 'pattern'),
        groups: rule.what.groups.filter(({ kind }) => kind === 'pattern'),
        templates: [],
      },
    });
    const run = (ask: Ask, book: Book) => {
      const risky = ask.roles.some(({ privileged }) => privileged !== false) || ask.groups.some(assignable);
      fc.pre(risky);
      expect(decide(ask, { ...book, rules: book.rules.map(onlyPatterns) }).kind).toBe('refuse');
    };
    const assignable = ({ roleAssignable }: { readonly roleAssignable: boolean }): boolean => roleAssignable;
    fc.assert(fc.property(anyAsk, anyBook, run), RUNS);
  });
});

/** The same semantics once more, as plainly as they can be written down. */
const oracle = {
  failed: (rule: Rule, ask: Ask, memberOf: ReadonlySet<string>): Condition | undefined => {
    const { subjects, where, organization, when, what } = rule;
    const me: readonly string[] = [ask.requester.id, ...ask.requester.aliases];
    const names = subjects.map((one) => (one.kind === 'everyone' ? 'all' : `${one.kind} ${one.id}`));
    const mine = ['all', ...me.map((id) => `person ${id}`), ...[...memberOf].map((id) => `group ${id}`)];
    if (!names.some((name) => mine.includes(name))) return 'subject';
    const places = where.map((one) => (one.kind === 'all' ? 'all' : `${one.kind} ${one.id}`));
    const here = ['all', `tenant ${ask.tenant.id}`, `organization ${ask.tenant.organization ?? '-'}`];
    if (organization !== undefined && organization !== ask.tenant.organization) return 'where';
    if (!places.some((place) => here.includes(place))) return 'where';
    const open = (): boolean =>
      when === undefined ||
      (rule.effect === 'allow' ? isWithin(when, ask.startsAt) : touches(when, ask.startsAt, ask.durationMs));
    if (!open()) return 'when';
    if (what.breakGlass === true) return 'what';
    if (rule.effect === 'allow') {
      const ways = [oracle.ways(rule, ask, false), oracle.ways(rule, ask, true)].filter((way) => way.length > 0);
      if (ways.length === 0) return 'what';
      for (const condition of ['account', 'user', 'at-end', 'tap'] as const) {
        if (ways.every((way) => way[0]?.unfit[0] === condition)) return condition;
      }
      return ways.some((way) => way[0]?.unfit.length === 0) ? undefined : ways.at(-1)?.[0]?.unfit[0];
    }
    const asked: readonly (readonly [readonly Selector<string>[], readonly Thing[]])[] = [
      [what.roles, ask.roles],
      [what.groups, ask.groups],
    ];
    const hit = asked.some(([list, all]) => list.some((one) => all.some((thing) => oracle.fits(one, thing, true))));
    if (what.roles.length + what.groups.length > 0 && !hit) return 'what';
    if (what.templates.length > 0 && !what.templates.some((id) => id === ask.template?.id)) return 'what';
    if (what.accounts?.includes(ask.account) === false) return 'account';
    if (what.users !== undefined && !oracle.lists(what, ask)) return 'user';
    const outsider = ask.user !== undefined && ask.user.origin !== 'cloud';
    if (what.outsiders !== undefined && what.outsiders !== outsider) return 'user';
    if (what.atEnd?.includes(ask.atEnd) === false) return 'at-end';
    return what.tap === undefined || what.tap === ask.tap ? undefined : 'tap';
  },
  fits: (selector: Selector<string>, thing: Thing, denying: boolean): boolean => {
    if (selector.kind === 'pattern') return fitsPattern(selector.pattern, thing.name);
    const unit = 'unit' in thing ? thing.unit?.id : undefined;
    const places = selector.unit === undefined ? [unit] : [selector.unit.id, ...(denying ? [undefined] : [])];
    return selector.id === thing.id && places.includes(unit);
  },
  lists: ({ users = [] }: What, { user }: Ask): boolean =>
    users.some((one) =>
      one.kind === 'one' ? one.id === user?.id : user !== undefined && fitsPattern(one.pattern, user.upn),
    ),
  /** The things that a rule covers by its lists or by its template, each with what else of the ask is in the way. */
  ways: (rule: AllowRule, ask: Ask, byTemplate: boolean) => {
    const { template, tenant } = ask;
    const usable =
      byTemplate &&
      template !== undefined &&
      rule.what.templates.includes(template.id) &&
      [undefined, tenant.organization].includes(template.organization) &&
      (template.tenants.length === 0 || template.tenants.includes(tenant.id))
        ? template
        : undefined;
    const ordinary = (thing: Thing): boolean =>
      'roleAssignable' in thing ? !thing.roleAssignable : thing.privileged === false;
    const covers = (thing: Thing): boolean => {
      const isGroup = 'roleAssignable' in thing;
      if (byTemplate) {
        const held: readonly Thing[] = isGroup ? (usable?.groups ?? []) : (usable?.roles ?? []);
        return held.some((one) => keyOf(one) === thing.id || keyOf(one) === keyOf(thing));
      }
      const list: readonly Selector<string>[] = isGroup ? rule.what.groups : rule.what.roles;
      return list.some((one) => oracle.fits(one, thing, false) && (one.kind === 'one' || ordinary(thing)));
    };
    const unfit: Condition[] = [];
    const { accounts = ['dedicated'], atEnd = [ask.tenant.atEnd ?? 'disable'], tap = false } = rule.what;
    if (![...accounts, usable?.account].includes(ask.account)) unfit.push('account');
    const borrowed = ask.account === 'existing';
    const insider = ask.user?.origin === 'cloud' || rule.what.outsiders === true;
    if (borrowed && !(insider && oracle.lists(rule.what, ask))) unfit.push('user');
    if (!(borrowed ? ['keep'] : [...atEnd, usable?.atEnd]).includes(ask.atEnd)) unfit.push('at-end');
    if (ask.tap && !tap && (borrowed || usable?.tap !== true)) unfit.push('tap');
    return [...ask.roles, ...ask.groups].filter(covers).map((thing) => ({ thing, unfit }));
  },
  decide: (ask: Ask, { rules, memberOf }: Book): string => {
    const asked: readonly Thing[] = [...ask.roles, ...ask.groups];
    const matched = rules.filter((rule) => oracle.failed(rule, ask, memberOf) === undefined);
    const allowing = matched.filter((rule) => rule.effect === 'allow');
    const covered = allowing
      .flatMap((rule) => [...oracle.ways(rule, ask, false), ...oracle.ways(rule, ask, true)])
      .filter(({ unfit }) => unfit.length === 0)
      .map(({ thing }) => keyOf(thing));
    const { leaving, roles, groups, longestDurationMs = Number.POSITIVE_INFINITY } = ask.tenant;
    const unlent = [
      ...ask.roles.filter(({ id, unit }) =>
        roles?.every((one) => one.id !== id || (one.unit && one.unit.id !== unit?.id)),
      ),
      ...ask.groups.filter(({ id }) => groups?.every((one) => one.id !== id)),
    ];
    if (asked.length === 0) return 'nothing-asked';
    if (leaving !== undefined) return 'leaving';
    if (allowing.length < matched.length) return 'denied';
    if (asked.some((thing) => !covered.includes(keyOf(thing)))) return 'not-covered';
    if (unlent.length > 0) return 'not-lent';
    if (longestDurationMs < ask.durationMs) return 'too-long';
    if (allowing.some(({ demands }) => demands.longestMs < ask.durationMs)) return 'too-long';
    const tickets = allowing.flatMap(({ demands }) => demands.ticket ?? []);
    if (tickets.some(({ pattern = '.*' }) => ask.ticket === undefined || !fitsExpression(pattern, ask.ticket))) {
      return 'ticket';
    }
    return allowing.every(({ demands }) => demands.quorums.length === 0) ? 'allow' : 'needs-approval';
  },
};

describe('the reasons', () => {
  it('are right: what is decided, why, and the first condition that each rule failed', () => {
    const run = (ask: Ask, book: Book) => {
      const decision = decide(ask, book);
      expect(decision.kind === 'refuse' ? decision.why.kind : decision.kind).toBe(oracle.decide(ask, book));
      expect(decision.findings).toEqual(
        book.rules.map((rule) => {
          const failed = oracle.failed(rule, ask, book.memberOf);
          return failed === undefined ? { rule } : { rule, failed };
        }),
      );
    };
    fc.assert(fc.property(anyAsk, anyBook, run), { numRuns: 1_500 });
  });

  it('are tried on every outcome', () => {
    const seen = new Set<string>();
    const run = (ask: Ask, book: Book) => void seen.add(oracle.decide(ask, book));
    fc.assert(fc.property(anyAsk, anyBook, run), { numRuns: 1_500, seed: 12 });
    const refusals = ['nothing-asked', 'leaving', 'denied', 'not-covered', 'not-lent', 'too-long', 'ticket'];
    expect([...seen].toSorted()).toEqual([...refusals, 'allow', 'needs-approval'].toSorted());
  });
});

describe('whatever cannot be read', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('(', '[', 'a{2,1}', 'Mars/Olympus'),
  );
  const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1));
  const spoil = (rule: Rule, word: string, amount: number): Rule => ({
    ...rule,
    what: { ...rule.what, roles: [...rule.what.roles, { kind: 'pattern', pattern: word }] },
    when: { days: [1, amount], fromMinute: amount, untilMinute: amount, zone: word },
    ...(rule.effect === 'allow' ? { demands: { ...rule.demands, longestMs: amount, ticket: { pattern: word } } } : {}),
  });

  it('is decided upon without a stumble', () => {
    const run = (ask: Ask, book: Book, word: string, amount: number, at: Date) => {
      const rules = book.rules.map((rule) => spoil(rule, word, amount));
      const role: Role = { id: rulelessRole, name: word, privileged: false };
      const odd = { ...ask, roles: [...ask.roles, role], durationMs: amount, startsAt: at, ticket: word };
      for (const asked of [odd, { ...ask, durationMs: amount }]) {
        const decision = decide(asked, { ...book, rules: [...rules, ...book.rules] });
        expect(decision.findings).toHaveLength(rules.length * 2);
        const longest = decision.kind === 'refuse' ? Number.POSITIVE_INFINITY : decision.terms.longestMs;
        expect(decision.kind === 'refuse' || asked.durationMs <= longest).toBe(true);
      }
    };
    const rulelessRole = 'ruleless' as Role['id'];
    fc.assert(fc.property(anyAsk, anyBook, text, number, fc.date({ noInvalidDate: false }), run), RUNS);
  });

  it('gets nobody through: a limit or a length that is no number refuses', () => {
    const run = (ask: Ask, book: Book) => {
      expect(decide({ ...ask, durationMs: Number.NaN }, book).kind).toBe('refuse');
      const rules = stricter(
        book.rules,
        book.rules.map(() => true),
        (demands) => ({ ...demands, longestMs: Number.NaN }),
      );
      expect(decide(ask, { ...book, rules }).kind).toBe('refuse');
    };
    fc.assert(fc.property(anyAsk, anyBook, run), { numRuns: 300 });
  });
});

it('a rule is named by its id in the findings, whatever else looks alike', () => {
  fc.assert(
    fc.property(anyAsk, anyRule, (ask, rule) => {
      const twin = { ...rule, id: ruleId('twin') };
      const { findings } = decide(ask, { rules: [rule, twin], memberOf: new Set() });
      expect(findings.map((finding) => finding.rule)).toEqual([rule, twin]);
    }),
  );
});
