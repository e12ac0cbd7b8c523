import { describe, expect, it } from 'vitest';
import type { DirectoryGroup, Role } from '../../../src/engine/access.js';
import { decide } from '../../../src/engine/decide.js';
import type { Ask, Condition, Decision } from '../../../src/engine/decide.js';
import { directoryGroupId, groupId, organizationId, personId, roleId } from '../../../src/engine/ids.js';
import { ruleId, templateId, tenantId } from '../../../src/engine/ids.js';
import type { Demands, Rule, Selector, Subject, What, Where } from '../../../src/engine/rule.js';
import type { Template } from '../../../src/engine/template.js';
import { addMs, HOUR } from '../../../src/lib/clock.js';
import { anIdentity, aPerson, aRule, demanding, exactly, NOON } from '../../fakes/fixtures.js';

// Dana, one of the technicians, asks for two hours as Reports Reader in Contoso, which is Acme's, on Monday at 13:00.
const REPORTS: Role = { id: roleId('reports'), name: 'Reports Reader', privileged: false };
const GLOBAL: Role = {
  id: roleId('62e90394-69f5-4237-9190-012177145e10'),
  name: 'Global Administrator',
  privileged: true,
};
const CUSTOM: Role = { id: roleId('custom'), name: 'Reports Everything' };
const MAILBOXES: DirectoryGroup = { id: directoryGroupId('mailboxes'), name: 'Mailboxes', roleAssignable: false };
const TIER_ZERO: DirectoryGroup = { id: directoryGroupId('tier-zero'), name: 'Tier zero', roleAssignable: true };

const ACME = organizationId('acme');
const TECHS: Subject = { kind: 'group', id: groupId('G-TECHS') };
const CONTOSO: Where = { kind: 'tenant', id: tenantId('contoso') };

const asked = (overrides: Partial<Ask> = {}): Ask => ({
  requester: aPerson({ aliases: [personId('P-OLD')] }),
  tenant: { id: tenantId('contoso'), organization: ACME },
  roles: [REPORTS],
  groups: [],
  account: 'dedicated',
  atEnd: 'disable',
  tap: false,
  durationMs: 2 * HOUR,
  startsAt: NOON,
  ...overrides,
});

const what = (overrides: Partial<What> = {}): What => ({ roles: [], groups: [], templates: [], ...overrides });
const pattern = (text: string): Selector<never> => ({ kind: 'pattern', pattern: text });
const onlyGroup = ({ id, name }: DirectoryGroup): Selector<DirectoryGroup['id']> => ({ kind: 'one', id, name });

type Parts = Partial<Omit<Rule, 'effect'>>;
const REPORTS_ONLY = what({ roles: [exactly(REPORTS)] });
const allowing = (parts: Parts = {}, demands: Partial<Demands> = {}): Rule =>
  aRule({ what: REPORTS_ONLY, ...parts, demands: demanding({ quorums: [], ...demands }) });
const denying = (parts: Parts = {}): Rule => {
  const { demands: _demands, ...head } = aRule();
  return { ...head, id: ruleId('L-DENY'), name: 'Never', what: REPORTS_ONLY, ...parts, effect: 'deny' };
};

const deciding = (rules: readonly Rule[], ask: Partial<Ask> = {}): Decision =>
  decide(asked(ask), { rules, memberOf: new Set([groupId('G-TECHS')]) });

const outcome = (decision: Decision): string => (decision.kind === 'refuse' ? decision.why.kind : decision.kind);

const TEMPLATE: Template = {
  id: templateId('T-1'),
  name: 'Onboarding',
  description: '',
  tenants: [],
  roles: [GLOBAL],
  groups: [TIER_ZERO],
  account: 'fresh',
  atEnd: 'delete',
  tap: true,
  notify: [],
  isDefault: false,
};
const BY_TEMPLATE = what({ templates: [TEMPLATE.id] });
const AS_TEMPLATE = { template: TEMPLATE, roles: [GLOBAL], account: 'fresh', atEnd: 'delete', tap: true } as const;
const OFFICE = { days: [1], fromMinute: 8 * 60, untilMinute: 18 * 60, zone: 'Europe/Berlin' };
const EVENING = { ...OFFICE, fromMinute: 14 * 60, untilMinute: 20 * 60 };

describe('one allowing rule', () => {
  it.each<[string, Parts, Partial<Ask>, Condition | undefined]>([
    ['for a group that one is in', {}, {}, undefined],
    ['for a group that one is not in', { subjects: [{ kind: 'group', id: groupId('G-LEADS') }] }, {}, 'subject'],
    ['for everyone', { subjects: [{ kind: 'everyone' }] }, {}, undefined],
    ['for oneself', { subjects: [{ kind: 'person', id: personId('P-DANA') }] }, {}, undefined],
    ['for whom one used to be', { subjects: [{ kind: 'person', id: personId('P-OLD') }] }, {}, undefined],
    ['for somebody else', { subjects: [{ kind: 'person', id: personId('P-LEE') }] }, {}, 'subject'],
    ['for nobody', { subjects: [] }, {}, 'subject'],
    [
      'for everyone, but one has left',
      { subjects: [{ kind: 'everyone' }] },
      { requester: aPerson({ identities: [anIdentity('slack', 'U1', { deactivatedAt: NOON })] }) },
      'subject',
    ],
    ['everywhere', { where: [{ kind: 'all' }] }, {}, undefined],
    ['everywhere in the organization', { where: [{ kind: 'all' }], organization: ACME }, {}, undefined],
    ['everywhere in another one', { where: [{ kind: 'all' }], organization: organizationId('globex') }, {}, 'where'],
    ['in this very tenant, by another organization', { organization: organizationId('globex') }, {}, 'where'],
    ['in the organization', { where: [{ kind: 'organization', id: ACME }] }, {}, undefined],
    ['in another organization', { where: [{ kind: 'organization', id: organizationId('globex') }] }, {}, 'where'],
    ['in another tenant', { where: [{ kind: 'tenant', id: tenantId('fabrikam') }] }, {}, 'where'],
    ['nowhere', { where: [] }, {}, 'where'],
    ['now', { when: OFFICE }, {}, undefined],
    ['later today', { when: EVENING }, {}, 'when'],
    ['at a time that cannot be read', { when: { ...OFFICE, zone: 'Mars/Olympus' } }, {}, 'when'],
    ['for another role', { what: what({ roles: [exactly(GLOBAL)] }) }, {}, 'what'],
    ['for nothing', { what: what() }, {}, 'what'],
    ['for roles by a pattern', { what: what({ roles: [pattern('reports*')] }) }, {}, undefined],
    ['for every role, of a privileged one', { what: what({ roles: [pattern('*')] }) }, { roles: [GLOBAL] }, 'what'],
    ['for every role, of one unvouched for', { what: what({ roles: [pattern('*')] }) }, { roles: [CUSTOM] }, 'what'],
    ['for a privileged role by its id', { what: what({ roles: [exactly(GLOBAL)] }) }, { roles: [GLOBAL] }, undefined],
    ['for a group', { what: what({ groups: [onlyGroup(MAILBOXES)] }) }, { roles: [], groups: [MAILBOXES] }, undefined],
    [
      'for every group, of one that holds roles',
      { what: what({ groups: [pattern('*')] }) },
      { roles: [], groups: [TIER_ZERO] },
      'what',
    ],
    [
      'for roles alone, of a group',
      { what: what({ roles: [pattern('*')] }) },
      { roles: [], groups: [MAILBOXES] },
      'what',
    ],
    ['that says nothing of accounts, of a fresh one', {}, { account: 'fresh' }, 'account'],
    ['for fresh accounts', { what: { ...REPORTS_ONLY, accounts: ['fresh'] } }, { account: 'fresh' }, undefined],
    ['for fresh accounts, of the dedicated one', { what: { ...REPORTS_ONLY, accounts: ['fresh'] } }, {}, 'account'],
    ['that says nothing of the end, of keeping it', {}, { atEnd: 'keep' }, 'at-end'],
    ['for deleting', { what: { ...REPORTS_ONLY, atEnd: ['delete'] } }, { atEnd: 'delete' }, undefined],
    ['that says nothing of access passes, of one', {}, { tap: true }, 'tap'],
    ['for an access pass', { what: { ...REPORTS_ONLY, tap: true } }, { tap: true }, undefined],
    ['for an access pass, without one', { what: { ...REPORTS_ONLY, tap: true } }, {}, undefined],
    ['for a template, from it', { what: BY_TEMPLATE }, AS_TEMPLATE, undefined],
    ['for a template, without it', { what: BY_TEMPLATE }, { roles: [GLOBAL] }, 'what'],
    ['for a template, with another account', { what: BY_TEMPLATE }, { ...AS_TEMPLATE, account: 'existing' }, 'account'],
    ['for a template, with another end', { what: BY_TEMPLATE }, { ...AS_TEMPLATE, atEnd: 'keep' }, 'at-end'],
    [
      'for a template that is meant for other tenants',
      { what: BY_TEMPLATE },
      { ...AS_TEMPLATE, template: { ...TEMPLATE, tenants: [tenantId('fabrikam')] } },
      'what',
    ],
    [
      'for a template of another organization',
      { what: BY_TEMPLATE },
      { ...AS_TEMPLATE, template: { ...TEMPLATE, organization: organizationId('globex') } },
      'what',
    ],
    [
      'for a template without access pass, with one',
      { what: BY_TEMPLATE },
      { ...AS_TEMPLATE, template: { ...TEMPLATE, tap: false } },
      'tap',
    ],
  ])('%s', (_, parts, ask, failed) => {
    const rule = allowing(parts);
    const decision = deciding([rule], ask);
    expect(decision.findings).toEqual([failed === undefined ? { rule } : { rule, failed }]);
    expect(outcome(decision)).toBe(failed === undefined ? 'allow' : 'not-covered');
  });

  it("lends a template's own account to what the template holds, and to nothing else that the rule names", () => {
    const rule = allowing({ what: what({ roles: [exactly(REPORTS)], templates: [TEMPLATE.id] }) });
    const decision = deciding([rule], { ...AS_TEMPLATE, roles: [GLOBAL, REPORTS] });
    expect(decision).toMatchObject({ kind: 'refuse', why: { kind: 'not-covered', things: [REPORTS] } });
  });
});

describe('one denying rule beside one that allows', () => {
  it.each<[string, Parts, Partial<Ask>, Condition | undefined]>([
    ['of the same role', {}, {}, undefined],
    ['of every role', { what: what() }, {}, undefined],
    [
      'of a privileged role by a pattern',
      { what: what({ roles: [pattern('Global*')] }) },
      { roles: [REPORTS, GLOBAL] },
      undefined,
    ],
    ['of another role', { what: what({ roles: [exactly(GLOBAL)] }) }, {}, 'what'],
    ['of a group among what is asked', { what: what({ groups: [pattern('*')] }) }, { groups: [MAILBOXES] }, undefined],
    ['of groups, where none is asked for', { what: what({ groups: [pattern('*')] }) }, {}, 'what'],
    ['of fresh accounts', { what: what({ accounts: ['fresh'] }) }, {}, 'account'],
    ['of what is disabled at the end', { what: what({ atEnd: ['disable'] }) }, {}, undefined],
    ['of access passes', { what: what({ tap: true }) }, {}, 'tap'],
    ['of a template', { what: BY_TEMPLATE }, { template: TEMPLATE }, undefined],
    ['of a template that was not used', { what: BY_TEMPLATE }, {}, 'what'],
    ['at other times', { when: { ...OFFICE, days: [2] } }, {}, 'when'],
    ['from an hour on that the access would reach', { when: EVENING }, {}, undefined],
    ['from an hour on that it would not reach', { when: EVENING }, { durationMs: HOUR }, 'when'],
    ['at a time that cannot be read', { when: { ...OFFICE, zone: 'Mars/Olympus' } }, {}, undefined],
    ['for somebody else', { subjects: [{ kind: 'person', id: personId('P-LEE') }] }, {}, 'subject'],
    ['elsewhere', { where: [{ kind: 'tenant', id: tenantId('fabrikam') }] }, {}, 'where'],
  ])('%s', (_, parts, ask, failed) => {
    const everything = [REPORTS, GLOBAL].map(exactly);
    const allow = allowing({ what: what({ roles: everything, groups: [onlyGroup(MAILBOXES)] }) });
    const rule = denying(parts);
    const decision = deciding([allow, rule], ask);
    expect(decision.findings.at(-1)).toEqual(failed === undefined ? { rule } : { rule, failed });
    expect(outcome(decision)).toBe(failed === undefined ? 'denied' : 'allow');
    expect(decision).toMatchObject(failed === undefined ? { why: { rule } } : { rules: [allow] });
  });
});

describe('several rules', () => {
  const leads = [{ group: groupId('G-LEADS'), groupName: 'Leads', count: 1 }];

  it('cover together what is asked, each its part', () => {
    const rules = [allowing(), allowing({ id: ruleId('L-2'), what: what({ roles: [exactly(GLOBAL)] }) })];
    expect(deciding(rules, { roles: [REPORTS, GLOBAL] })).toMatchObject({ kind: 'allow', rules });
  });

  it('leave uncovered what none of them covers, and name just that', () => {
    const decision = deciding([allowing()], { roles: [REPORTS, GLOBAL], groups: [MAILBOXES] });
    expect(decision).toMatchObject({ why: { kind: 'not-covered', things: [GLOBAL, MAILBOXES] } });
  });

  it('demand together: approval where one asks for it, and the shortest of their limits', () => {
    const rules = [allowing({}, { longestMs: HOUR }), allowing({ id: ruleId('L-2') }, { quorums: leads })];
    expect(deciding(rules, { durationMs: HOUR })).toMatchObject({ kind: 'needs-approval', terms: { quorums: leads } });
    expect(deciding(rules)).toMatchObject({ why: { kind: 'too-long', longestMs: HOUR, rule: rules[0] } });
  });

  it('demand nothing where they cover nothing', () => {
    const other = allowing(
      { id: ruleId('L-2'), what: what({ roles: [exactly(GLOBAL)] }) },
      { quorums: leads, longestMs: 1 },
    );
    expect(deciding([allowing(), other])).toMatchObject({ kind: 'allow', rules: [allowing()] });
  });

  it('ask each for its own ticket', () => {
    const rules = [
      allowing({}, { ticket: { pattern: String.raw`INC-\d+` } }),
      allowing({ id: ruleId('L-2') }, { ticket: { pattern: '.*-1' } }),
    ];
    expect(outcome(deciding(rules, { ticket: 'INC-1' }))).toBe('allow');
    expect(deciding(rules, { ticket: 'INC-2' })).toMatchObject({
      why: { kind: 'ticket', pattern: '.*-1', rule: rules[1] },
    });
    expect(deciding(rules)).toMatchObject({ why: { kind: 'ticket', rule: rules[0] } });
    expect(deciding([allowing({}, { ticket: {} })])).toMatchObject({ why: { kind: 'ticket' } });
    expect(outcome(deciding([allowing({}, { ticket: { pattern: '(' } })], { ticket: '(' }))).toBe('ticket');
  });
});

describe('refused is', () => {
  it('whoever asks for nothing', () => {
    expect(outcome(deciding([allowing()], { roles: [] }))).toBe('nothing-asked');
  });

  it('everybody, where there is no rule', () => {
    expect(deciding([])).toEqual({ kind: 'refuse', why: { kind: 'not-covered', things: [REPORTS] }, findings: [] });
  });

  it('what lasts longer than the rule says, and not what lasts just as long', () => {
    expect(outcome(deciding([allowing({}, { longestMs: 2 * HOUR })]))).toBe('allow');
    expect(outcome(deciding([allowing({}, { longestMs: 2 * HOUR - 1 })]))).toBe('too-long');
  });

  it('what would begin when no rule holds', () => {
    const rule = allowing({ when: OFFICE });
    expect(outcome(deciding([rule], { startsAt: addMs(NOON, 12 * HOUR) }))).toBe('not-covered');
  });
});

it('subjects are told apart by kind: a group called as a person is not that person', () => {
  const decision = deciding([allowing({ subjects: [{ kind: 'person', id: personId('G-TECHS') }] })]);
  expect(decision.findings).toMatchObject([{ failed: 'subject' }]);
  expect(outcome(deciding([allowing({ subjects: [TECHS], where: [CONTOSO] })]))).toBe('allow');
});
