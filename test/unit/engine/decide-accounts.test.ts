import { describe, expect, it } from 'vitest';
import type { AdministrativeUnit, ExistingUser, Role } from '../../../src/engine/access.js';
import { decide } from '../../../src/engine/decide.js';
import type { Ask, Condition } from '../../../src/engine/decide.js';
import { directoryUserId, groupId, roleId, ruleId, tenantId, unitId } from '../../../src/engine/ids.js';
import type { Rule, Selector, What } from '../../../src/engine/rule.js';
import { isUntouchable } from '../../../src/engine/untouchable.js';
import { HOUR } from '../../../src/lib/clock.js';
import { aPerson, aRule, demanding, NOON } from '../../fakes/fixtures.js';

// Where a role holds, and whose account it is lent on.

const BERLIN: AdministrativeUnit = { id: unitId('berlin'), name: 'Berlin office' };
const LAGOS: AdministrativeUnit = { id: unitId('lagos'), name: 'Lagos office' };
const REPORTS: Role = { id: roleId('reports'), name: 'Reports Reader', privileged: false };
const USERS: Role = { id: roleId('users'), name: 'Users Everything', privileged: true };
const SCANNER: ExistingUser = {
  id: directoryUserId('u1'),
  upn: 'svc-scan@contoso.com',
  name: 'Scanner',
  origin: 'cloud',
};

const at = (role: Role, unit: AdministrativeUnit): Role => ({ ...role, unit });
const one = ({ id, name, unit }: Role): Selector<Role['id']> => ({
  kind: 'one',
  id,
  name,
  ...(unit === undefined ? {} : { unit }),
});
const everyRole: Selector<never> = { kind: 'pattern', pattern: '*' };

const asked = (overrides: Partial<Ask>): Ask => ({
  requester: aPerson(),
  tenant: { id: tenantId('contoso') },
  roles: [REPORTS],
  groups: [],
  account: 'dedicated',
  atEnd: 'disable',
  tap: false,
  durationMs: HOUR,
  startsAt: NOON,
  ...overrides,
});

const rule = (what: Partial<What>): Rule =>
  aRule({ what: { roles: [], groups: [], templates: [], ...what }, demands: demanding({ quorums: [] }) });

const never = (what: Partial<What>): Rule => {
  const { demands: _demands, ...head } = aRule();
  return { ...head, id: ruleId('L-DENY'), effect: 'deny', what: { roles: [], groups: [], templates: [], ...what } };
};

const failing = (rules: readonly Rule[], ask: Partial<Ask>): Condition | 'refused' | undefined => {
  const decision = decide(asked(ask), { rules, memberOf: new Set([groupId('G-TECHS')]) });
  const failed = decision.findings.at(-1)?.failed;
  if (failed === undefined && decision.kind === 'refuse' && decision.why.kind !== 'denied') return 'refused';
  return failed;
};

describe('a rule that allows a role', () => {
  it.each<[string, Selector<Role['id']>, Role, Condition | undefined]>([
    ['anywhere, in a unit', one(REPORTS), at(REPORTS, BERLIN), undefined],
    ['in a unit, there', one(at(REPORTS, BERLIN)), at(REPORTS, BERLIN), undefined],
    ['in a unit, in another', one(at(REPORTS, BERLIN)), at(REPORTS, LAGOS), 'what'],
    ['in a unit, in the whole directory', one(at(REPORTS, BERLIN)), REPORTS, 'what'],
    ['in a unit, of another role there', one(at(REPORTS, BERLIN)), at(USERS, BERLIN), 'what'],
    ['by a pattern, in a unit', everyRole, at(REPORTS, BERLIN), undefined],
    ['by a pattern, of a privileged one in a unit', everyRole, at(USERS, BERLIN), 'what'],
  ])('%s', (_, selector, role, failed) => {
    expect(failing([rule({ roles: [selector] })], { roles: [role] })).toBe(failed);
  });

  it('in a unit leaves the same role of the whole directory uncovered beside it', () => {
    const decision = decide(asked({ roles: [at(REPORTS, BERLIN), REPORTS] }), {
      rules: [rule({ roles: [one(at(REPORTS, BERLIN))] })],
      memberOf: new Set([groupId('G-TECHS')]),
    });
    expect(decision).toMatchObject({ kind: 'refuse', why: { kind: 'not-covered', things: [REPORTS] } });
  });
});

describe('a rule that denies a role', () => {
  it.each<[string, Selector<Role['id']>, Role, Condition | undefined]>([
    ['anywhere, in a unit', one(REPORTS), at(REPORTS, BERLIN), undefined],
    ['in a unit, there', one(at(REPORTS, BERLIN)), at(REPORTS, BERLIN), undefined],
    ['in a unit, in another', one(at(REPORTS, BERLIN)), at(REPORTS, LAGOS), 'what'],
    ['in a unit, in the whole directory, which has it in it', one(at(REPORTS, BERLIN)), REPORTS, undefined],
    ['by a pattern, in a unit', everyRole, at(REPORTS, BERLIN), undefined],
  ])('%s', (_, selector, role, failed) => {
    expect(failing([rule({ roles: [one(REPORTS)] }), never({ roles: [selector] })], { roles: [role] })).toBe(failed);
  });
});

describe('a user who was there before', () => {
  const named: Selector<ExistingUser['id']> = { kind: 'one', id: SCANNER.id, name: SCANNER.upn };
  const services: Selector<never> = { kind: 'pattern', pattern: 'svc-*' };
  const borrowing: Partial<What> = { roles: [one(REPORTS)], accounts: ['existing'] };
  const asking = (user: Partial<ExistingUser>, more: Partial<Ask> = {}): Partial<Ask> => ({
    account: 'existing',
    atEnd: 'keep',
    user: { ...SCANNER, ...user },
    ...more,
  });

  it.each<[string, Partial<What>, Partial<Ask>, Condition | undefined]>([
    ['where the rule names nobody', {}, asking({}), 'user'],
    ['by object id', { users: [named] }, asking({ upn: 'renamed@contoso.com' }), undefined],
    ['by the name of whom had it before', { users: [named] }, asking({ id: directoryUserId('u2') }), 'user'],
    ['by a pattern', { users: [services] }, asking({}), undefined],
    ['by a pattern that fits another', { users: [services] }, asking({ upn: 'admin@contoso.com' }), 'user'],
    ['by a pattern, a synced one', { users: [services] }, asking({ origin: 'synced' }), 'user'],
    ['by object id, a guest', { users: [named] }, asking({ origin: 'guest' }), 'user'],
    [
      'by object id, a guest, where outsiders may be',
      { users: [named], outsiders: true },
      asking({ origin: 'guest' }),
      undefined,
    ],
    ['a guest whom it does not name', { users: [], outsiders: true }, asking({ origin: 'guest' }), 'user'],
    ['where nobody was named', { users: [named] }, { account: 'existing', atEnd: 'keep' }, 'user'],
    ['with any end but being kept', { users: [named] }, asking({}, { atEnd: 'disable' }), 'at-end'],
    ['with an access pass that is not given', { users: [named] }, asking({}, { tap: true }), 'tap'],
    ['with an access pass that is given', { users: [named], tap: true }, asking({}, { tap: true }), undefined],
    ['where only fresh ones are lent', { users: [named], accounts: ['fresh'] }, asking({}), 'account'],
  ])('is lent %s', (_, what, ask, failed) => {
    expect(failing([rule({ ...borrowing, ...what })], ask)).toBe(failed);
  });

  it.each<[string, Partial<What>, Partial<ExistingUser>, Condition | undefined]>([
    ['of any account', {}, {}, undefined],
    ['of this user', { users: [named] }, {}, undefined],
    ['of users by a pattern', { users: [services] }, {}, undefined],
    ['of another user', { users: [named] }, { id: directoryUserId('u2') }, 'user'],
    ['of outsiders, and it is none', { outsiders: true }, {}, 'user'],
    ['of outsiders, and it is one', { outsiders: true }, { origin: 'guest' }, undefined],
    ['of all but outsiders', { outsiders: false }, { origin: 'synced' }, 'user'],
  ])('is not lent against a rule that denies it %s', (_, what, user, failed) => {
    const allow = rule({ ...borrowing, users: [named, services], outsiders: true });
    expect(failing([allow, never(what)], asking(user))).toBe(failed);
  });

  it('is no hindrance to whoever asks for another account', () => {
    expect(failing([rule({ roles: [one(REPORTS)] }), never({ users: [named] })], {})).toBe('user');
  });

  it('is lent to nobody where Latchkey keeps it itself', () => {
    expect(isUntouchable(SCANNER, [directoryUserId('u0'), SCANNER.id])).toBe(true);
    expect(isUntouchable(SCANNER, [directoryUserId('u0')])).toBe(false);
  });
});
