// What a tenant lends at most holds whatever rules say, and its own end counts as the ordinary one.
import { describe, expect, it } from 'vitest';
import type { DirectoryGroup, ExpirationAction, Role } from '../../../src/engine/access.js';
import { decide } from '../../../src/engine/decide.js';
import type { Ask, Decision } from '../../../src/engine/decide.js';
import { directoryGroupId, groupId, unitId } from '../../../src/engine/ids.js';
import type { Limits } from '../../../src/engine/limits.js';
import type { What } from '../../../src/engine/rule.js';
import { HOUR } from '../../../src/lib/clock.js';
import {
  aPerson,
  aRule,
  aTenant,
  demanding,
  exactly,
  HELPDESK_ADMINISTRATOR,
  NOON,
  USER_ADMINISTRATOR,
} from '../../fakes/fixtures.js';

const MAILBOXES: DirectoryGroup = { id: directoryGroupId('mailboxes'), name: 'Mailboxes', roleAssignable: false };
const BERLIN = { id: unitId('berlin'), name: 'Berlin office' };
const PARIS = { id: unitId('paris'), name: 'Paris office' };
const IN_BERLIN: Role = { ...USER_ADMINISTRATOR, unit: BERLIN };

const WHAT: What = {
  roles: [exactly(USER_ADMINISTRATOR), exactly(HELPDESK_ADMINISTRATOR)],
  groups: [{ kind: 'one', id: MAILBOXES.id, name: MAILBOXES.name }],
  templates: [],
};

/** Rules allow all of it for eight hours; what is left to say is the tenant's. */
const decided = (limits: Limits & { readonly atEnd?: ExpirationAction }, asked: Partial<Ask>, what = WHAT): Decision =>
  decide(
    {
      requester: aPerson(),
      tenant: aTenant(limits),
      roles: [],
      groups: [],
      account: 'dedicated',
      atEnd: 'disable',
      tap: false,
      durationMs: HOUR,
      startsAt: NOON,
      ...asked,
    },
    { rules: [aRule({ what, demands: demanding({ longestMs: 8 * HOUR }) })], memberOf: new Set([groupId('G-TECHS')]) },
  );

const whyNot = (decision: Decision) => (decision.kind === 'refuse' ? decision.why : decision.kind);

const OK = 'needs-approval';

describe('the longest duration of a tenant', () => {
  it('shortens what rules allow, to the minute, and says that it was the tenant', () => {
    const limits = { longestDurationMs: 4 * HOUR };
    const roles = [USER_ADMINISTRATOR];
    const fitting = decided(limits, { roles, durationMs: 4 * HOUR });
    expect(fitting).toMatchObject({ kind: OK, terms: { longestMs: 4 * HOUR } });
    expect(whyNot(decided(limits, { roles, durationMs: 4 * HOUR + 1 }))).toEqual({
      kind: 'too-long',
      longestMs: 4 * HOUR,
    });
  });

  it('lengthens nothing: a stricter rule keeps the last word', () => {
    const why = whyNot(
      decided({ longestDurationMs: 24 * HOUR }, { roles: [USER_ADMINISTRATOR], durationMs: 9 * HOUR }),
    );
    expect(why).toMatchObject({ kind: 'too-long', longestMs: 8 * HOUR, rule: { name: 'Technicians at Contoso' } });
  });
});

describe('the roles and groups of a tenant', () => {
  it.each<[string, Limits, Partial<Ask>, string | readonly string[]]>([
    ['a role on the list', { roles: [USER_ADMINISTRATOR] }, { roles: [USER_ADMINISTRATOR] }, OK],
    [
      'a role beside the list',
      { roles: [USER_ADMINISTRATOR] },
      { roles: [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR] },
      ['Helpdesk Administrator'],
    ],
    ['a role in a unit, where the list has it everywhere', { roles: [USER_ADMINISTRATOR] }, { roles: [IN_BERLIN] }, OK],
    ['a role in the unit of the list', { roles: [IN_BERLIN] }, { roles: [IN_BERLIN] }, OK],
    [
      'a role in another unit',
      { roles: [IN_BERLIN] },
      { roles: [{ ...USER_ADMINISTRATOR, unit: PARIS }] },
      ['User Administrator'],
    ],
    [
      'a role everywhere, where the list has it in a unit',
      { roles: [IN_BERLIN] },
      { roles: [USER_ADMINISTRATOR] },
      ['User Administrator'],
    ],
    ['a group, where only roles are limited', { roles: [USER_ADMINISTRATOR] }, { groups: [MAILBOXES] }, OK],
    ['a group beside the list', { groups: [] }, { groups: [MAILBOXES] }, ['Mailboxes']],
    ['a role, where only groups are limited', { groups: [] }, { roles: [USER_ADMINISTRATOR] }, OK],
  ])('decide about %s', (_what, limits, asked, outcome) => {
    const why = whyNot(decided(limits, asked));
    expect(typeof why === 'object' && why.kind === 'not-lent' ? why.things.map(({ name }) => name) : why).toEqual(
      outcome,
    );
  });

  it('are told to nobody whom no rule lets ask', () => {
    const nothing: What = { roles: [], groups: [], templates: [] };
    expect(
      whyNot(decided({ roles: [HELPDESK_ADMINISTRATOR] }, { roles: [USER_ADMINISTRATOR] }, nothing)),
    ).toMatchObject({
      kind: 'not-covered',
    });
  });
});

it('a tenant that is being disconnected lends nothing new, to whomever', () => {
  const leaving = { by: 'Olga', at: NOON };
  expect(whyNot(decided({ leaving }, { roles: [USER_ADMINISTRATOR] }))).toEqual({ kind: 'leaving' });
});

describe('the end that is usual in a tenant', () => {
  const roles = [USER_ADMINISTRATOR];

  it.each<[ExpirationAction | undefined, ExpirationAction, boolean]>([
    [undefined, 'disable', true],
    [undefined, 'delete', false],
    ['delete', 'delete', true],
    ['delete', 'disable', false],
    ['keep', 'keep', true],
    ['disable', 'disable', true],
  ])('%s is the one that a rule covers by saying nothing of ends: %s → %s', (usual, atEnd, covered) => {
    const decision = decided(usual === undefined ? {} : { atEnd: usual }, { roles, atEnd });
    expect(decision.kind === OK).toBe(covered);
  });

  it('takes nothing from a rule that says which ends it is for', () => {
    const what: What = { ...WHAT, atEnd: ['disable'] };
    expect(decided({ atEnd: 'delete' }, { roles, atEnd: 'disable' }, what).kind).toBe(OK);
    expect(decided({ atEnd: 'delete' }, { roles, atEnd: 'delete' }, what).kind).toBe('refuse');
  });
});
