import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTLE_MS } from '../../../src/engine/account.js';
import type { Account, Grant, Observed } from '../../../src/engine/account.js';
import { confirmsEnd, leftOf, rested, settlesAt } from '../../../src/engine/confirmation.js';
import { desired } from '../../../src/engine/desired.js';
import type { Ways } from '../../../src/engine/desired.js';
import { unsettledGrants } from '../../../src/engine/granted.js';
import { directoryGroupId, requestId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import { NO_POWERS } from '../../../src/engine/powers.js';
import type { AccessRequest } from '../../../src/engine/request.js';
import { addMs } from '../../../src/lib/clock.js';
import { anyObserved } from '../../fakes/directory-model.js';
import {
  anAccount,
  anActiveRequest,
  aRequest,
  aUser,
  HELPDESK_ADMINISTRATOR,
  NOON,
  USER_ADMINISTRATOR,
} from '../../fakes/fixtures.js';

const HELPDESK = HELPDESK_ADMINISTRATOR.id;
const USERS = USER_ADMINISTRATOR.id;

const WAYS: Ways = { now: NOON, powers: NO_POWERS };

const MAIL = { id: directoryGroupId('g-mail'), name: 'Mail operators', roleAssignable: false };

const ending = anActiveRequest({ state: 'closing', roles: [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR] });
const staying = anActiveRequest({ id: requestId('R-0002'), roles: [HELPDESK_ADMINISTRATOR] });

/** The account as it is once every closing step was answered with success. */
const shut = anAccount({ creationSent: true, credential: { use: 'shut', generation: 6, sessionsRevoked: true } });
const lent = anAccount({
  creationSent: true,
  credential: { use: 'lent', generation: 5, sessionsRevoked: true, request: ending.id },
});

const clean = aUser({ generation: 6 });

const confirmed = (account: Account, requests: readonly AccessRequest[], observed: Observed, at = NOON): boolean =>
  confirmsEnd(ending, account, desired(account, requests, WAYS), { observed, at });

describe('the end of the last access', () => {
  it('is confirmed by a read of an account that is shut, or gone', () => {
    expect(confirmed(shut, [ending], clean)).toBe(true);
    expect(confirmed(shut, [ending], { exists: false })).toBe(true);
  });

  it.each<[string, Observed]>([
    ['is still enabled', { ...clean, enabled: true }],
    ['still holds a role of the request', { ...clean, assignments: [{ id: 'a-1', role: USERS }] }],
    ['holds a role that nobody asked for', { ...clean, assignments: [{ id: 'a-1', role: USERS }] }],
    ['still has the old password', { ...clean, generation: 5 }],
    ['is in a group', { ...clean, groups: [{ id: MAIL.id, roleAssignable: false }] }],
  ])('is not confirmed by an account that %s', (_, observed) => {
    expect(confirmed(shut, [ending], observed)).toBe(false);
  });

  it('is not confirmed before its sessions are revoked', () => {
    const open = { ...shut, credential: { ...shut.credential, sessionsRevoked: false } };
    expect(confirmed(open, [ending], clean)).toBe(false);
  });

  it.each<[string, Grant['access']]>([
    ['role', { kind: 'role', role: USERS }],
    ['group', { kind: 'group', group: MAIL.id }],
    ['sign-in', { kind: 'sign-in' }],
  ])('is never confirmed by a read too early to show a %s that may have been given', (_, access) => {
    const account = { ...shut, grants: [{ access, at: NOON }] };
    for (const observed of [clean, { exists: false } as const]) {
      fc.assert(
        fc.property(fc.integer({ min: -SETTLE_MS, max: SETTLE_MS - 1 }), (age) => {
          expect(confirmed(account, [ending], observed, addMs(NOON, age))).toBe(false);
        }),
      );
      expect(confirmed(account, [ending], observed, addMs(NOON, SETTLE_MS))).toBe(true);
    }
  });

  it('is confirmed by nothing in which somebody could still sign in or use a role', () => {
    fc.assert(
      fc.property(anyObserved, (observed) => {
        if (!confirmed(shut, [ending], observed)) return;
        expect(observed.exists && (observed.enabled || observed.assignments.length > 0)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a read that does not show the user at all', () => {
  it('confirms nothing while it may be older than the user', () => {
    const young = { ...shut, lastUsedAt: NOON };
    expect(confirmed(young, [ending], { exists: false }, addMs(NOON, SETTLE_MS - 1))).toBe(false);
    expect(confirmed(young, [ending], { exists: false }, addMs(NOON, SETTLE_MS))).toBe(true);
  });
});

describe('the time from which reads count', () => {
  const sinceNoon = { ...shut, grants: [{ access: { kind: 'sign-in' }, at: NOON } as const] };

  it('is that of the youngest grant, and none once it has come', () => {
    const later = { access: { kind: 'role', role: USERS }, at: addMs(NOON, 1_000) } as const;
    expect(settlesAt(shut, NOON)).toBeUndefined();
    expect(settlesAt(sinceNoon, NOON)).toEqual(addMs(NOON, SETTLE_MS));
    expect(settlesAt({ ...shut, grants: [...sinceNoon.grants, later] }, NOON)).toEqual(addMs(NOON, SETTLE_MS + 1_000));
    expect(settlesAt(sinceNoon, addMs(NOON, SETTLE_MS))).toBeUndefined();
  });
});

describe('the end of one of two accesses', () => {
  const open = aUser({ enabled: true, generation: 5, assignments: [{ id: 'a-2', role: HELPDESK }] });

  it('is confirmed while the other keeps sign-in and the roles it needs', () => {
    expect(confirmed(lent, [ending, staying], open)).toBe(true);
  });

  it('is not confirmed while a role that only it asked for is seen, or may be there unseen', () => {
    const seen = { ...open, assignments: [...open.assignments, { id: 'a-1', role: USERS }] };
    expect(confirmed(lent, [ending, staying], seen)).toBe(false);
    const young = { ...lent, grants: [{ access: { kind: 'role', role: USERS }, at: NOON } as const] };
    expect(confirmed(young, [ending, staying], open, addMs(NOON, SETTLE_MS - 1))).toBe(false);
    expect(confirmed(young, [ending, staying], open, addMs(NOON, SETTLE_MS))).toBe(true);
  });

  it('is not confirmed while a group that only it asked for is seen, or may be there unseen', () => {
    const leaving = { ...ending, groups: [MAIL] };
    const wanted = desired(lent, [leaving, staying], WAYS);
    const seen = aUser({ ...open, groups: [{ id: MAIL.id, roleAssignable: false }] });
    expect(confirmsEnd(leaving, lent, wanted, { observed: seen, at: NOON })).toBe(false);
    const young = { ...lent, grants: [{ access: { kind: 'group', group: MAIL.id }, at: NOON } as const] };
    const confirmedAfter = (ms: number): boolean =>
      confirmsEnd(leaving, young, wanted, { observed: open, at: addMs(NOON, ms) });
    expect(confirmedAfter(SETTLE_MS - 1)).toBe(false);
    expect(confirmedAfter(SETTLE_MS)).toBe(true);
    const shared = desired(lent, [leaving, { ...staying, groups: [MAIL] }], WAYS);
    expect(confirmsEnd(leaving, lent, shared, { observed: seen, at: NOON })).toBe(true);
  });

  it('does not wait for what the other one was given', () => {
    const grants: Grant[] = [
      { access: { kind: 'sign-in' }, at: NOON },
      { access: { kind: 'role', role: HELPDESK }, at: NOON },
    ];
    expect(unsettledGrants(grants, open, NOON)).toHaveLength(2);
    expect(confirmed({ ...lent, grants }, [ending, staying], open)).toBe(true);
  });
});

describe('the end of an access whose account is kept', () => {
  const keeping = { ...ending, atEnd: 'keep' } as const;
  const kept = anAccount({
    creationSent: true,
    credential: { use: 'kept', generation: 5, sessionsRevoked: true },
    grants: [{ access: { kind: 'sign-in' }, at: NOON, generation: 5 }],
  });
  const idle = aUser({ enabled: true, generation: 5 });
  const confirms = (account: Account, observed: Observed): boolean =>
    confirmsEnd(keeping, account, desired(account, [keeping], WAYS), { observed, at: NOON });

  it('demands that all access and all sessions are gone, and nothing of sign-in and password', () => {
    expect(confirms(kept, idle)).toBe(true);
    expect(confirms(kept, { ...idle, enabled: false, generation: 2 })).toBe(true);
    expect(confirms(kept, { ...idle, assignments: [{ id: 'a-1', role: USERS }] })).toBe(false);
    expect(confirms(kept, { ...idle, groups: [{ id: MAIL.id, roleAssignable: false }] })).toBe(false);
    expect(confirms({ ...kept, credential: { ...kept.credential, sessionsRevoked: false } }, idle)).toBe(false);
    expect(confirms({ ...kept, grants: [{ access: { kind: 'role', role: USERS }, at: NOON }] }, idle)).toBe(false);
  });

  it('says what it has left', () => {
    const wanted = desired(kept, [keeping], WAYS);
    expect(leftOf(wanted, { observed: idle, at: NOON })).toBe('enabled');
    expect(leftOf(wanted, { observed: { ...idle, enabled: false }, at: NOON })).toBe('disabled');
  });
});

describe('the end of an access whose account is deleted', () => {
  const deleting = { ...ending, atEnd: 'delete' } as const;
  const gone: Observed = { exists: false };
  const sent = { ...shut, objectId: 'known', lastUsedAt: addMs(NOON, -SETTLE_MS) };
  const confirms = (account: Account, observed: Observed, at = NOON): boolean =>
    confirmsEnd(deleting, account, desired(account, [deleting], WAYS), { observed, at });

  it('is confirmed by nothing that still shows a user who can be deleted', () => {
    expect(confirms(sent, clean)).toBe(false);
    expect(confirms({ ...sent, deletion: { at: NOON, answered: true } }, clean)).toBe(false);
  });

  it('is confirmed at once where the deletion was answered for, and otherwise only by a read that is late enough', () => {
    expect(confirms({ ...sent, deletion: { at: NOON, answered: true } }, gone)).toBe(true);
    const unanswered = { ...sent, deletion: { at: NOON, answered: false } };
    expect(confirms(unanswered, gone, addMs(NOON, SETTLE_MS - 1))).toBe(false);
    expect(confirms(unanswered, gone, addMs(NOON, SETTLE_MS))).toBe(true);
    expect(settlesAt(unanswered, NOON)).toEqual(addMs(NOON, SETTLE_MS));
  });

  it('leaves an account that is not ours to delete shut, and says so', () => {
    const foreign = { ...clean, deletable: false };
    expect(confirms(sent, foreign)).toBe(true);
    const wanted = desired(sent, [deleting], WAYS);
    expect(leftOf(wanted, { observed: foreign, at: NOON })).toBe('disabled');
    expect(leftOf(wanted, { observed: gone, at: NOON })).toBe('deleted');
  });

  it('leaves an account that the next request makes anew, with a password never used before', () => {
    const deleted = { ...sent, deletion: { at: NOON, answered: true }, owed: 'delete' } as const;
    const after = rested(deleted, [deleting], desired(deleted, [deleting], WAYS), { observed: gone, at: NOON });
    const { id, tenant, kind, person, upn, displayName } = deleted;
    expect(after).toEqual({
      id,
      tenant,
      kind,
      person,
      upn,
      displayName,
      creationSent: false,
      credential: { use: 'shut', generation: 6, sessionsRevoked: false },
      grants: [],
    });
  });

  it('waits for what is approved already, and is owed until then', () => {
    const next = aRequest({ id: requestId('R-0003'), state: 'approved' });
    const owing = { ...sent, owed: 'delete' } as const;
    const wanted = desired(owing, [deleting, next], WAYS);
    expect(wanted.user).toBe('shut');
    expect(rested(owing, [deleting, next], wanted, { observed: clean, at: NOON })).toBe(owing);
    expect(desired(owing, [], WAYS).user).toBe('deleted');
  });
});

describe('the end of a loan whose user is not in the directory', () => {
  const borrowing = { ...ending, accountKind: 'existing', atEnd: 'keep', groups: [MAIL] } as const;
  const given: Grant = { access: { kind: 'group', group: MAIL.id }, at: addMs(NOON, -SETTLE_MS), joined: true };
  const before = { enabled: true, roles: [], groups: [] };
  const lentUser = anAccount({
    kind: 'existing',
    creationSent: true,
    objectId: 'known',
    credential: { use: 'own', generation: 0, sessionsRevoked: false },
    grants: [given],
    before,
  });
  const after = (account: Account, observed: Observed): Account =>
    rested(account, [borrowing], desired(account, [borrowing], WAYS), { observed, at: NOON });

  it('is confirmed, and what was given stays on record until a read shows the user without it', () => {
    expect(confirmed(lentUser, [borrowing], { exists: false })).toBe(true);
    const gone = after(lentUser, { exists: false });
    expect(gone).toEqual(lentUser);
    // Somebody restores it: what the loan gave is to be taken, and then nothing is remembered any more.
    const restored = aUser({ enabled: true, groups: [{ id: MAIL.id, roleAssignable: false }] });
    expect(plan(restored, desired(gone, [], WAYS))).toContainEqual({ do: 'leave', group: MAIL.id });
    expect(after({ ...gone, owed: 'keep' }, aUser({ enabled: true }))).toMatchObject({
      grants: [],
      before: { ...before, restedAt: NOON },
      credential: { sessionsRevoked: true },
    });
  });

  it('remembers nothing where nothing was given', () => {
    const { restedAt } = after({ ...lentUser, grants: [] }, { exists: false }).before ?? {};
    expect(restedAt).toEqual(NOON);
  });
});
