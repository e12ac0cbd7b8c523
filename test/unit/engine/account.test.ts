import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterTaking,
  credentialNeeded,
  desired,
  restamped,
  SETTLE_MS,
  takenOver,
  unsettledGrants,
  withAnswers,
  withGrant,
  withKnownGrants,
  withoutGrant,
} from '../../../src/engine/account.js';
import type { DirectoryGroup } from '../../../src/engine/access.js';
import type { Credential, Grant, GrantedAccess } from '../../../src/engine/account.js';
import { accountId, directoryGroupId, requestId, roleId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import type { AccessRequest, RequestState } from '../../../src/engine/request.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { anyRequest } from '../../fakes/arbitraries.js';
import { anyExisting, someRoles } from '../../fakes/directory-model.js';
import {
  anAccount,
  anActiveRequest,
  aRequest,
  aUser,
  aWish,
  HELPDESK_ADMINISTRATOR,
  NOON,
  USER_ADMINISTRATOR,
} from '../../fakes/fixtures.js';

const HELPDESK = HELPDESK_ADMINISTRATOR.id;
const USERS = USER_ADMINISTRATOR.id;
const HELPDESK_ROLE: GrantedAccess = { kind: 'role', role: HELPDESK };
const MAIL: DirectoryGroup = { id: directoryGroupId('g-mail'), name: 'Mail operators', roleAssignable: false };
const VAULT: DirectoryGroup = { id: directoryGroupId('g-vault'), name: 'Tier 1 admins', roleAssignable: true };
const MAIL_GROUP: GrantedAccess = { kind: 'group', group: MAIL.id };
const SIGN_IN: GrantedAccess = { kind: 'sign-in' };

const SHUT: Credential = { use: 'shut', generation: 4, sessionsRevoked: true };
const KEPT: Credential = { use: 'kept', generation: 5, sessionsRevoked: true };
const LENT: Credential = { use: 'lent', generation: 5, sessionsRevoked: true, request: requestId('R-7K2M') };

const STATES: readonly RequestState[] = [
  'pending',
  'approved',
  'provisioning',
  'active',
  'closing',
  'closed',
  'denied',
  'cancelled',
  'lapsed',
];

describe('what an account should be', () => {
  it.each(STATES)('owes something to a request that is %s only while its access is live', (state) => {
    const live = state === 'provisioning' || state === 'active';
    expect(desired(anAccount(), [aRequest({ state })])).toMatchObject({
      user: live ? 'open' : 'shut',
      roles: live ? [USERS] : [],
    });
  });

  it('is all that its live requests ask for, each role once, and nothing of those that end', () => {
    const requests = [
      anActiveRequest({ roles: [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR] }),
      anActiveRequest({ id: requestId('R-0002'), roles: [HELPDESK_ADMINISTRATOR], state: 'provisioning' }),
      anActiveRequest({
        id: requestId('R-0003'),
        roles: [{ id: roleId('exchange'), name: 'Exchange' }],
        state: 'closing',
      }),
    ];
    expect(desired(anAccount(), requests)).toMatchObject({ user: 'open', roles: [USERS, HELPDESK] });
    expect(desired(anAccount(), requests.slice(1))).toMatchObject({ user: 'open', roles: [HELPDESK] });
    expect(desired(anAccount(), requests.slice(2))).toMatchObject({ user: 'shut', roles: [] });
  });

  it('owes nothing to the requests of another account', () => {
    expect(desired(anAccount({ id: accountId('fabrikam/P-DANA') }), [anActiveRequest()])).toMatchObject({
      user: 'shut',
      roles: [],
    });
  });

  it('is in each group that a live request asks for, once', () => {
    const requests = [
      anActiveRequest({ groups: [MAIL, VAULT] }),
      anActiveRequest({ id: requestId('R-0002'), groups: [MAIL] }),
    ];
    expect(desired(anAccount(), requests).groups).toEqual([MAIL.id, VAULT.id]);
    expect(desired(anAccount(), requests.slice(1)).groups).toEqual([MAIL.id]);
    expect(desired(anAccount(), []).groups).toEqual([]);
  });

  it('never has a role or a group without sign-in, whatever its requests are', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 5 }), (requests) => {
        const account = anAccount();
        const wanted = desired(
          account,
          requests.map((request) => ({ ...request, account: account.id })),
        );
        expect(wanted.user === 'open' || wanted.roles.length + wanted.groups.length === 0).toBe(true);
      }),
    );
  });

  it('lets a request end without taking a role that another one still needs', () => {
    fc.assert(
      fc.property(anyExisting, someRoles, someRoles, (found, ending, staying) => {
        const observed = { ...found, enabled: true, generation: LENT.generation };
        const named = (roles: typeof ending) => roles.map((id) => ({ id, name: id }));
        const requests = [
          anActiveRequest({ state: 'closing', roles: named(ending) }),
          anActiveRequest({ id: requestId('R-0002'), roles: named(staying) }),
        ];
        const wanted = desired(anAccount({ credential: LENT }), requests);
        const held = observed.assignments.filter(({ role }) => staying.includes(role));
        const taken = plan(observed, wanted).flatMap((step) => (step.do === 'unassign' ? [step.assignment] : []));
        // Of a role that is held twice one assignment may go; one must stay.
        for (const role of new Set(held.map((assignment) => assignment.role))) {
          const assignments = held.filter((assignment) => assignment.role === role);
          expect(assignments.filter(({ id }) => !taken.includes(id))).toHaveLength(1);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a credential', () => {
  const needed = (credential: Credential, requests: readonly AccessRequest[]) =>
    credentialNeeded(anAccount({ credential }), requests);

  it('is lent when somebody needs the account, shut when nobody does, and otherwise left as it is', () => {
    expect(needed(SHUT, [])).toBeUndefined();
    expect(needed(SHUT, [aRequest({ state: 'provisioning' })])).toBe('lent');
    expect(needed(LENT, [])).toBe('shut');
    expect(needed(LENT, [anActiveRequest({ state: 'closing' })])).toBe('shut');
    expect(needed(LENT, [anActiveRequest({ reveal: 'taken' })])).toBeUndefined();
  });

  it('that is live is joined by another request, not changed under its holder', () => {
    const joining = aRequest({ id: requestId('R-0002'), state: 'provisioning' });
    expect(needed(LENT, [anActiveRequest({ reveal: 'taken' }), joining])).toBeUndefined();
    expect(needed(LENT, [anActiveRequest({ state: 'closing' }), joining])).toBeUndefined();
  });

  it('that is kept is what its technician knows until somebody needs another', () => {
    const keeping = anActiveRequest({ state: 'closing', atEnd: 'keep' });
    expect(needed(LENT, [keeping])).toBe('kept');
    expect(needed(KEPT, [keeping])).toBeUndefined();
    expect(needed(KEPT, [])).toBeUndefined();
    expect(needed(KEPT, [aRequest({ state: 'provisioning' })])).toBe('lent');
    expect(needed(KEPT, [anActiveRequest({ state: 'closing' })])).toBe('shut');
    expect(needed(SHUT, [keeping])).toBeUndefined();
  });

  it('is changed when its holder asked for another', () => {
    expect(needed(LENT, [anActiveRequest({ reveal: 'none' })])).toBe('lent');
  });
});

const absent = aUser();
const withRole = aUser({ enabled: true, assignments: [{ id: 'a-1', role: HELPDESK }] });
const asMember = aUser({ groups: [{ id: MAIL.id, roleAssignable: false }] });

const grant = (access: GrantedAccess, at: Date, assignment?: string): Grant => ({
  access,
  at,
  ...(assignment === undefined ? {} : { assignment }),
});

describe('a grant', () => {
  it.each([
    ['sign-in', SIGN_IN],
    ['a role', HELPDESK_ROLE],
    ['a group', MAIL_GROUP],
  ])('of %s that a read does not show matters until the read is late enough', (_, access) => {
    const grants = [grant(access, NOON)];
    for (const unseen of [absent, { exists: false } as const]) {
      expect(unsettledGrants(grants, unseen, NOON)).toEqual(grants);
      expect(unsettledGrants(grants, unseen, addMs(NOON, SETTLE_MS - 1))).toEqual(grants);
      expect(unsettledGrants(grants, unseen, addMs(NOON, SETTLE_MS))).toEqual([]);
    }
  });

  it('that a read shows matters however late the read', () => {
    const grants = [grant(SIGN_IN, NOON), grant(HELPDESK_ROLE, NOON)];
    expect(unsettledGrants(grants, withRole, addMs(NOON, 60 * MINUTE))).toEqual(grants);
    const membership = [grant(MAIL_GROUP, NOON)];
    expect(unsettledGrants(membership, asMember, addMs(NOON, 60 * MINUTE))).toEqual(membership);
    expect(unsettledGrants(membership, withRole, addMs(NOON, 60 * MINUTE))).toEqual([]);
  });

  it('counts from now on when it is unknown until when a dead process was writing', () => {
    const later = addMs(NOON, 10 * MINUTE);
    const grants = restamped([grant(SIGN_IN, NOON), grant(HELPDESK_ROLE, NOON, 'a-1')], later);
    expect(grants).toEqual([grant(SIGN_IN, later), grant(HELPDESK_ROLE, later, 'a-1')]);
    expect(unsettledGrants(grants, absent, addMs(later, SETTLE_MS - 1))).toEqual(grants);
  });

  it('is on record once for each access', () => {
    const later = addMs(NOON, MINUTE);
    const grants = withGrant(withGrant([], grant(HELPDESK_ROLE, NOON)), grant(SIGN_IN, NOON));
    expect(withGrant(grants, grant({ kind: 'role', role: HELPDESK }, later, 'a-1'))).toEqual([
      grant(SIGN_IN, NOON),
      grant(HELPDESK_ROLE, later, 'a-1'),
    ]);
    expect(withoutGrant(grants, { kind: 'role', role: HELPDESK })).toEqual([grant(SIGN_IN, NOON)]);
    expect(withoutGrant(grants, { kind: 'role', role: USERS })).toEqual(grants);
  });
});

describe('a grant that is taken', () => {
  it('is gone when both giving and taking were answered', () => {
    expect(afterTaking([grant(HELPDESK_ROLE, NOON, 'a-1')], HELPDESK_ROLE)).toEqual([]);
    expect(afterTaking([{ access: SIGN_IN, at: NOON, generation: 5 }], SIGN_IN)).toEqual([]);
    expect(afterTaking([{ access: MAIL_GROUP, at: NOON, joined: true }], MAIL_GROUP)).toEqual([]);
  });

  it('stays named when nobody answered for it: it may still be on its way', () => {
    const unanswered = [grant(HELPDESK_ROLE, NOON), grant(SIGN_IN, NOON), grant(MAIL_GROUP, NOON)];
    expect(afterTaking(unanswered, HELPDESK_ROLE)).toEqual(unanswered);
    expect(afterTaking(unanswered, SIGN_IN)).toEqual(unanswered);
    expect(afterTaking(unanswered, MAIL_GROUP)).toEqual(unanswered);
  });
});

describe('a read of an account whose sign-in was just answered for', () => {
  const signIn: Grant = { access: SIGN_IN, at: NOON, generation: 5 };
  const account = anAccount({ objectId: 'known', grants: [signIn, grant(HELPDESK_ROLE, NOON, 'a-1')] });
  const soon = addMs(NOON, SETTLE_MS - 1);

  it('shows user, password and role even where it lags behind them', () => {
    const known = aUser({ ...withRole, generation: 5 });
    expect(withAnswers({ exists: false }, account, soon)).toEqual(known);
    expect(withAnswers({ ...absent, generation: 4 }, account, soon)).toEqual(known);
  });

  it('gives a request that joins nothing to change', () => {
    const wanted = aWish({ roles: [HELPDESK] });
    expect(plan(withAnswers({ exists: false }, account, soon), wanted)).toEqual([]);
  });

  it('keeps what else it shows, so that it can be taken away', () => {
    const foreign = aUser({ ...asMember, assignments: [{ id: 'a-9', role: USERS }] });
    expect(withAnswers(foreign, account, soon)).toMatchObject({
      assignments: [{ id: 'a-9' }, { id: 'a-1' }],
      groups: [{ id: MAIL.id }],
    });
  });

  it('is believed once it is late enough', () => {
    expect(withAnswers({ exists: false }, account, addMs(NOON, SETTLE_MS))).toEqual({ exists: false });
    expect(withAnswers(absent, account, addMs(NOON, SETTLE_MS))).toEqual(absent);
  });

  it('is believed where no answer told what was set', () => {
    const unanswered = { ...account, grants: [grant(SIGN_IN, NOON)] };
    expect(withAnswers({ exists: false }, unanswered, soon)).toEqual({ exists: false });
    expect(withAnswers(absent, unanswered, soon)).toEqual(absent);
  });
});

describe('a read of an account whose deletion was answered for', () => {
  const account = anAccount({ objectId: 'known', deletion: { at: NOON, answered: true } });
  const closing = aWish({ user: 'deleted', revokeSessions: true });

  it('shows nobody while it may lag, so that nothing is done to who is gone', () => {
    const lagging = withAnswers(absent, account, addMs(NOON, SETTLE_MS - 1));
    expect(lagging).toEqual({ exists: false });
    expect(plan(lagging, closing)).toEqual([]);
  });

  it('is believed once it is late enough: somebody has restored the user', () => {
    expect(withAnswers(absent, account, addMs(NOON, SETTLE_MS))).toEqual(absent);
  });

  it('is believed at once where nobody answered', () => {
    const unanswered = { ...account, deletion: { at: NOON, answered: false } };
    expect(withAnswers(absent, unanswered, NOON)).toEqual(absent);
  });
});

describe('an account whose last holder vanished', () => {
  it('waits anew for whatever that one may still have been writing', () => {
    const later = addMs(NOON, 10 * MINUTE);
    const account = anAccount({ grants: [grant(MAIL_GROUP, NOON)], deletion: { at: NOON, answered: false } });
    expect(takenOver(account, later)).toMatchObject({
      grants: [grant(MAIL_GROUP, later)],
      deletion: { at: later, answered: false },
    });
    const deleted = { ...account, deletion: { at: NOON, answered: true } };
    expect(takenOver(deleted, later).deletion).toEqual(deleted.deletion);
  });
});

describe('a read completed by what answers told', () => {
  it('shows an assignment that it does not show yet, so that it can be taken away', () => {
    const known = withKnownGrants(absent, [grant(HELPDESK_ROLE, NOON, 'a-1')], addMs(NOON, 1_000));
    expect(known).toEqual({ ...absent, assignments: [{ id: 'a-1', role: HELPDESK }] });
    const closing = aWish({ user: 'shut', revokeSessions: true });
    expect(plan(known, closing)[0]).toEqual({ do: 'unassign', assignment: 'a-1', role: HELPDESK });
  });

  it('shows a membership that it does not show yet, and gives it the care of one that can carry roles', () => {
    const joined: Grant = { access: MAIL_GROUP, at: NOON, joined: true };
    const known = withKnownGrants(absent, [joined], addMs(NOON, 1_000));
    expect(known).toEqual(aUser({ groups: [{ id: MAIL.id, roleAssignable: true }] }));
    expect(plan(known, aWish({ user: 'kept' }))).toEqual([{ do: 'leave', group: MAIL.id }]);
    expect(withKnownGrants(asMember, [joined], NOON)).toEqual(asMember);
    expect(withKnownGrants(absent, [grant(MAIL_GROUP, NOON)], NOON)).toEqual(absent);
    expect(withKnownGrants(absent, [joined], addMs(NOON, SETTLE_MS))).toEqual(absent);
  });

  it('shows nothing twice', () => {
    expect(withKnownGrants(withRole, [grant(HELPDESK_ROLE, NOON, 'a-1')], NOON)).toEqual(withRole);
  });

  it('does not invent an assignment whose id nobody told, nor a user who is not there', () => {
    expect(withKnownGrants(absent, [grant(HELPDESK_ROLE, NOON), grant(SIGN_IN, NOON)], NOON)).toEqual(absent);
    expect(withKnownGrants({ exists: false }, [grant(HELPDESK_ROLE, NOON, 'a-1')], NOON)).toEqual({ exists: false });
  });

  it('believes a late enough read that somebody else took the assignment, so that the role is given again', () => {
    const late = withKnownGrants(absent, [grant(HELPDESK_ROLE, NOON, 'a-1')], addMs(NOON, SETTLE_MS));
    expect(late).toEqual(absent);
    const wanted = aWish({ roles: [HELPDESK] });
    expect(plan(late, wanted)).toContainEqual({ do: 'assign', role: HELPDESK });
  });
});
