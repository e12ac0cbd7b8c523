import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupId, personId, roleId, ruleId, tenantId } from '../../../src/engine/ids.js';
import type { Person } from '../../../src/engine/person.js';
import { allowances, decide, quorumsMet, whyNotDecide } from '../../../src/engine/policy.js';
import type { Asked } from '../../../src/engine/policy.js';
import type { Quorum, Rule } from '../../../src/engine/tenant.js';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import {
  aGroup,
  anIdentity,
  aPerson,
  aRequest,
  aRule,
  aTenant,
  HELPDESK_ADMINISTRATOR,
  USER_ADMINISTRATOR,
} from '../../fakes/fixtures.js';

const GLOBAL_ADMINISTRATOR = { id: roleId('62e90394-69f5-4237-9190-012177145e10'), name: 'Global Administrator' };

const TECHS = aGroup();
const LEADS = aGroup({ id: groupId('G-LEADS'), name: 'Leads', members: [personId('P-LEE')] });
const OWNERS = aGroup({ id: groupId('G-OWNERS'), name: 'Owners', members: [personId('P-KIM')] });

const quorumOf = (group: typeof LEADS, count: number): Quorum => ({ group: group.id, groupName: group.name, count });

const withoutQuorum = (rule: Rule): Rule => {
  const copy = { ...rule };
  delete copy.quorum;
  return copy;
};

const asked = (overrides: Partial<Asked> = {}): Asked => ({
  requester: aPerson(),
  tenant: aTenant(),
  roles: [USER_ADMINISTRATOR],
  durationMs: 2 * HOUR,
  rules: [aRule()],
  groups: [TECHS],
  admins: ['Ada'],
  ...overrides,
});

describe('the rules', () => {
  it('allow what a rule allows, and name the approval that it demands', () => {
    const rule = aRule();
    expect(decide(asked())).toEqual({ kind: 'needs-approval', rules: [rule], quorums: [quorumOf(LEADS, 1)] });
    const free = withoutQuorum(rule);
    expect(decide(asked({ rules: [free] }))).toEqual({ kind: 'allow', rules: [free] });
  });

  it('refuse where there is none, and say whom to ask', () => {
    expect(decide(asked({ rules: [] }))).toEqual({
      kind: 'refuse',
      fault: {
        code: 'policy.not-covered',
        tenant: 'Contoso',
        roles: ['User Administrator'],
        allowances: [],
        admins: ['Ada'],
      },
    });
  });

  it('refuse a role that none covers, and say what one may ask for instead, and for how long', () => {
    const rules = [
      aRule({ roles: [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR] }),
      aRule({ id: ruleId('L-2'), roles: [USER_ADMINISTRATOR], longestMs: HOUR }),
    ];
    expect(decide(asked({ rules, roles: [USER_ADMINISTRATOR, GLOBAL_ADMINISTRATOR] }))).toMatchObject({
      fault: {
        code: 'policy.not-covered',
        roles: ['Global Administrator'],
        allowances: [
          { role: 'Helpdesk Administrator', longestMs: 8 * HOUR },
          { role: 'User Administrator', longestMs: HOUR },
        ],
      },
    });
  });

  it('refuse a request for nothing', () => {
    expect(decide(asked({ roles: [] }))).toEqual({ kind: 'refuse', fault: { code: 'role.missing' } });
  });

  it.each<[string, Partial<Asked>]>([
    ['a rule for another tenant', { rules: [aRule({ tenants: [tenantId('fabrikam')] })] }],
    ['a rule for another group', { rules: [aRule({ subjects: [LEADS.id] })], groups: [TECHS, LEADS] }],
    ['a rule for a group that is not known', { groups: [] }],
    ['a rule for a group one has left', { groups: [{ ...TECHS, members: [] }] }],
  ])('hold nothing for somebody by %s', (_, overrides) => {
    expect(decide(asked(overrides))).toMatchObject({
      kind: 'refuse',
      fault: { code: 'policy.not-covered', allowances: [] },
    });
  });

  it('know a person by the ids they had before', () => {
    const requester = aPerson({ id: personId('P-NEW'), aliases: [personId('P-DANA')] });
    expect(decide(asked({ requester })).kind).toBe('needs-approval');
  });

  it('refuse what is too long by the strictest rule, and name it', () => {
    const rules = [aRule(), aRule({ id: ruleId('L-2'), name: 'Short', longestMs: HOUR })];
    expect(decide(asked({ rules, durationMs: HOUR })).kind).toBe('needs-approval');
    expect(decide(asked({ rules, durationMs: HOUR + 1 }))).toEqual({
      kind: 'refuse',
      fault: { code: 'policy.too-long', tenant: 'Contoso', longestMs: HOUR, rule: 'Short' },
    });
  });

  it('join their demands: of each group the most that any of them asks for', () => {
    const rules = [
      aRule({ quorum: quorumOf(LEADS, 1) }),
      aRule({ id: ruleId('L-2'), quorum: quorumOf(LEADS, 2) }),
      aRule({ id: ruleId('L-3'), quorum: quorumOf(OWNERS, 1) }),
      withoutQuorum(aRule({ id: ruleId('L-4') })),
    ];
    for (const ordered of [rules, rules.toReversed()]) {
      const decision = decide(asked({ rules: ordered }));
      expect(decision.kind === 'needs-approval' && decision.quorums).toEqual(
        expect.arrayContaining([quorumOf(LEADS, 2), quorumOf(OWNERS, 1)]),
      );
      expect(decision.kind === 'needs-approval' && decision.quorums).toHaveLength(2);
    }
  });

  it('judge each role by the rules about it: one for another role demands nothing', () => {
    const strict = aRule({
      id: ruleId('L-2'),
      roles: [GLOBAL_ADMINISTRATOR],
      longestMs: MINUTE,
      quorum: quorumOf(OWNERS, 3),
    });
    expect(decide(asked({ rules: [aRule(), strict] }))).toMatchObject({ quorums: [quorumOf(LEADS, 1)] });
    expect(
      decide(asked({ rules: [aRule(), strict], roles: [USER_ADMINISTRATOR, GLOBAL_ADMINISTRATOR] })),
    ).toMatchObject({
      fault: { code: 'policy.too-long', longestMs: MINUTE },
    });
  });
});

const ROLES = [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR, GLOBAL_ADMINISTRATOR];

const anyRule: fc.Arbitrary<Rule> = fc
  .record({
    id: fc.uuid().map(ruleId),
    subjects: fc.constantFrom([TECHS.id], [OWNERS.id], [TECHS.id, OWNERS.id]),
    tenants: fc.constantFrom([tenantId('contoso')], [tenantId('fabrikam')]),
    roles: fc.subarray(ROLES, { minLength: 1 }),
    longestMs: fc.integer({ min: 1, max: 10 }).map((hours) => hours * HOUR),
    quorum: fc.option(fc.record({ group: fc.constantFrom(LEADS, OWNERS), count: fc.integer({ min: 1, max: 3 }) })),
  })
  .map(({ quorum, ...rule }) => ({
    ...withoutQuorum(aRule(rule)),
    ...(quorum === null ? {} : { quorum: quorumOf(quorum.group, quorum.count) }),
  }));

const anyAsked = fc
  .record({
    rules: fc.array(anyRule, { maxLength: 6 }),
    roles: fc.subarray(ROLES, { minLength: 1 }),
    durationMs: fc.integer({ min: 1, max: 12 }).map((hours) => hours * HOUR),
  })
  .map((parts) => asked({ ...parts, groups: [TECHS] }));

const quorumsOf = (of: Asked): readonly Quorum[] => {
  const decision = decide(of);
  return decision.kind === 'needs-approval' ? decision.quorums : [];
};

describe('one more rule', () => {
  it('about roles that are covered already never allows what was refused, nor drops a demand', () => {
    fc.assert(
      fc.property(anyAsked, anyRule, (before, extra) => {
        const covered = allowances(before).map(({ id }) => id);
        const roles = extra.roles.filter(({ id }) => covered.includes(id));
        const after = { ...before, rules: [...before.rules, { ...extra, roles }] };
        expect(decide(before).kind !== 'refuse' || decide(after).kind === 'refuse').toBe(true);
        fc.pre(decide(after).kind !== 'refuse');
        for (const { group, count } of quorumsOf(before)) {
          expect(quorumsOf(after).some((demand) => demand.group === group && demand.count >= count)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('or another order of them changes nothing about what is decided', () => {
    fc.assert(
      fc.property(anyAsked, (before) => {
        const reversed = { ...before, rules: before.rules.toReversed() };
        expect(decide(reversed).kind).toBe(decide(before).kind);
        expect(new Set(quorumsOf(reversed))).toEqual(new Set(quorumsOf(before)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a person may ask for', () => {
  it('is exactly what would be accepted: each such role for so long, and not a minute longer', () => {
    fc.assert(
      fc.property(anyAsked, (of) => {
        const allowed = new Map(allowances(of).map(({ id, longestMs }) => [id, longestMs]));
        for (const role of ROLES) {
          const longest = allowed.get(role.id) ?? 0;
          const decided = (durationMs: number): string => decide({ ...of, roles: [role], durationMs }).kind;
          expect(decided(longest) === 'refuse').toBe(longest === 0);
          expect(decided(longest + MINUTE)).toBe('refuse');
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Dana asks in Slack; Lee leads. */
const DANA = aPerson();
const LEE = aPerson({
  id: personId('P-LEE'),
  name: 'Lee Moss',
  identities: [anIdentity('slack', 'U2LEE', { name: 'Lee Moss', email: 'lee@msp.example' })],
});

describe('whether somebody may decide a request', () => {
  const why = (decider: Person, requester = DANA, groups = [LEADS]) =>
    whyNotDecide(aRequest(), decider, requester, groups)?.code;

  it('is yes for a member of the group that is asked', () => {
    expect(why(LEE)).toBeUndefined();
  });

  it('is no for the requester, even as a member', () => {
    const leads = [{ ...LEADS, members: [...LEADS.members, DANA.id] }];
    expect(why(DANA, DANA, leads)).toBe('request.own');
    expect(whyNotDecide(aRequest(), DANA, DANA, leads)).toEqual({ code: 'request.own', asked: ['Lee Moss'] });
  });

  it('is no for the requester from another chat: the same e-mail, however it is written, is one human', () => {
    const teams = anIdentity('teams', 'aad-dana', { email: 'DANA@MSP.Example' });
    const unlinked = aPerson({ id: personId('P-OTHER'), identities: [teams, anIdentity('slack', 'U9')] });
    const leads = [{ ...LEADS, members: [unlinked.id] }];
    expect(why(unlinked, DANA, leads)).toBe('request.own');
  });

  it('is no for the requester under an id from before they joined their chats', () => {
    const requester = aPerson({ id: personId('P-NEW'), aliases: [DANA.id], identities: [] });
    expect(why({ ...LEE, id: DANA.id }, requester, [{ ...LEADS, members: [DANA.id] }])).toBe('request.own');
    expect(why({ ...LEE, aliases: [requester.id] }, requester)).toBe('request.own');
  });

  it('is no for whoever is not in the group, or in it no more', () => {
    expect(why({ ...LEE, id: personId('P-OTHER') })).toBe('request.not-approver');
    expect(why(LEE, DANA, [{ ...LEADS, members: [] }])).toBe('request.not-approver');
    expect(why(LEE, DANA, [])).toBe('request.not-approver');
    expect(why(LEE, DANA, [OWNERS, { ...OWNERS, members: [LEE.id] }])).toBe('request.not-approver');
  });

  it('is yes for a member under an id from before they joined their chats', () => {
    expect(why({ ...LEE, id: personId('P-NEW'), aliases: [personId('P-LEE')] })).toBeUndefined();
  });

  it('is no for whoever is not known in the chat where it was asked, and says in which', () => {
    const stranger = { ...LEE, identities: [anIdentity('teams', 'aad-lee', { email: 'lee@msp.example' })] };
    expect(whyNotDecide(aRequest(), stranger, DANA, [LEADS])).toEqual({ code: 'request.unlinked', platform: 'slack' });
    const linked = { ...stranger, identities: [...stranger.identities, ...LEE.identities] };
    expect(why(linked)).toBeUndefined();
  });
});

describe('a quorum', () => {
  const members = [LEE.id, personId('P-KIM'), personId('P-NEW')];
  const leads = { ...LEADS, members };
  const KIM = aPerson({
    id: personId('P-KIM'),
    name: 'Kim',
    identities: [anIdentity('slack', 'U3KIM', { email: 'kim@msp.example' })],
  });
  const met = (approvers: readonly Person[], quorums = [quorumOf(leads, 2)], groups = [leads]): boolean =>
    quorumsMet(aRequest({ quorums }), approvers, groups);

  it('is met by as many members as it asks for', () => {
    expect(met([])).toBe(false);
    expect(met([LEE])).toBe(false);
    expect(met([LEE, KIM])).toBe(true);
  });

  it('counts one human once, whatever they go by', () => {
    expect(met([LEE, LEE])).toBe(false);
    expect(met([LEE, { ...LEE, id: personId('P-NEW') }])).toBe(false);
    expect(met([LEE, { ...KIM, aliases: [LEE.id] }])).toBe(false);
  });

  it('counts nobody from outside its group, nor in a group that is gone', () => {
    expect(met([LEE, DANA])).toBe(false);
    expect(met([LEE, KIM], [quorumOf(leads, 2)], [])).toBe(false);
  });

  it('must be met in each group; one human in two groups counts in both', () => {
    const owners = { ...OWNERS, members: [LEE.id] };
    const both = [quorumOf(leads, 1), quorumOf(owners, 1)];
    expect(met([KIM], both, [leads, owners])).toBe(false);
    expect(met([LEE], both, [leads, owners])).toBe(true);
  });

  it('that nobody asked for is met', () => {
    expect(met([], [])).toBe(true);
  });
});
