import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desired, SETTLE_MS, unsettledGrants } from '../../../src/engine/account.js';
import type { Account, Grant, Observed } from '../../../src/engine/account.js';
import { confirmsEnd, settlesAt } from '../../../src/engine/confirmation.js';
import { requestId } from '../../../src/engine/ids.js';
import type { AccessRequest } from '../../../src/engine/request.js';
import { addMs } from '../../../src/lib/clock.js';
import { anyObserved } from '../../fakes/directory-model.js';
import { anAccount, anActiveRequest, HELPDESK_ADMINISTRATOR, NOON, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

const HELPDESK = HELPDESK_ADMINISTRATOR.id;
const USERS = USER_ADMINISTRATOR.id;

const ending = anActiveRequest({ state: 'closing', roles: [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR] });
const staying = anActiveRequest({ id: requestId('R-0002'), roles: [HELPDESK_ADMINISTRATOR] });

/** The account as it is once every closing step was answered with success. */
const shut = anAccount({ creationSent: true, credential: { use: 'shut', generation: 6, sessionsRevoked: true } });
const lent = anAccount({
  creationSent: true,
  credential: { use: 'lent', generation: 5, sessionsRevoked: true, request: ending.id },
});

const clean: Observed = { exists: true, objectId: 'known', enabled: false, generation: 6, assignments: [], groups: [] };

const confirmed = (account: Account, requests: readonly AccessRequest[], observed: Observed, at = NOON): boolean =>
  confirmsEnd(ending, account, desired(account, requests), { observed, at });

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
    ['is in a group', { ...clean, groups: ['g-1'] }],
  ])('is not confirmed by an account that %s', (_, observed) => {
    expect(confirmed(shut, [ending], observed)).toBe(false);
  });

  it('is not confirmed before its sessions are revoked', () => {
    const open = { ...shut, credential: { ...shut.credential, sessionsRevoked: false } };
    expect(confirmed(open, [ending], clean)).toBe(false);
  });

  it.each<[string, Grant['access']]>([
    ['role', { kind: 'role', role: USERS }],
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
  const open: Observed = { ...clean, enabled: true, generation: 5, assignments: [{ id: 'a-2', role: HELPDESK }] };

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

  it('does not wait for what the other one was given', () => {
    const grants: Grant[] = [
      { access: { kind: 'sign-in' }, at: NOON },
      { access: { kind: 'role', role: HELPDESK }, at: NOON },
    ];
    expect(unsettledGrants(grants, open, NOON)).toHaveLength(2);
    expect(confirmed({ ...lent, grants }, [ending, staying], open)).toBe(true);
  });
});
