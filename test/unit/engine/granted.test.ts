import { describe, expect, it } from 'vitest';
import { SETTLE_MS } from '../../../src/engine/account.js';
import type { Grant, GrantedAccess, HeldRole } from '../../../src/engine/account.js';
import {
  afterTaking,
  isOursToTake,
  restamped,
  takenOver,
  unsettledGrants,
  withAnswers,
  withGrant,
  withKnownGrants,
  withSeenEnds,
  withoutGrant,
} from '../../../src/engine/granted.js';
import { directoryGroupId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { anAccount, aUser, aWish, HELPDESK_ADMINISTRATOR, NOON, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

const HELPDESK = HELPDESK_ADMINISTRATOR.id;
const USERS = USER_ADMINISTRATOR.id;
const HELPDESK_ROLE: GrantedAccess = { kind: 'role', role: HELPDESK };
const MAIL = directoryGroupId('g-mail');
const MAIL_GROUP: GrantedAccess = { kind: 'group', group: MAIL };
const SIGN_IN: GrantedAccess = { kind: 'sign-in' };
const PASS: GrantedAccess = { kind: 'pass' };

const absent = aUser();
const withRole = aUser({ enabled: true, assignments: [{ id: 'a-1', role: HELPDESK }] });
const asMember = aUser({ groups: [{ id: MAIL, roleAssignable: false }] });

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
    ['a pass', PASS],
  ])('of %s that a read does not show matters until the read is late enough', (_, access) => {
    const grants = [grant(access, NOON)];
    for (const unseen of [{ ...absent, passes: [] }, { exists: false } as const]) {
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

  it('of a pass matters for as long as nobody has looked for passes', () => {
    const grants = [grant(PASS, NOON)];
    expect(unsettledGrants(grants, absent, addMs(NOON, 60 * MINUTE))).toEqual(grants);
    expect(unsettledGrants(grants, { ...absent, passes: ['p-1'] }, addMs(NOON, 60 * MINUTE))).toEqual(grants);
    expect(unsettledGrants(grants, { ...absent, passes: [] }, addMs(NOON, 60 * MINUTE))).toEqual([]);
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

describe('the end that Entra has for a role', () => {
  const until = addMs(NOON, HOUR);
  const later = addMs(until, HOUR);
  const account = anAccount({ grants: [{ ...grant(HELPDESK_ROLE, NOON, 'a-1'), until }, grant(MAIL_GROUP, NOON)] });
  const seen = (end?: Date) =>
    aUser({ assignments: [{ id: 'a-1', role: HELPDESK, ...(end === undefined ? {} : { until: end }) }] });

  it('is the one that a read shows, whatever the last answer told', () => {
    expect(withSeenEnds(account, seen(later)).grants).toEqual([
      { ...grant(HELPDESK_ROLE, NOON, 'a-1'), until: later },
      grant(MAIL_GROUP, NOON),
    ]);
  });

  it.each([
    ['shows the same', seen(new Date(until))],
    ['shows the role without an end', seen()],
    ['does not show the role', absent],
    ['finds nobody', { exists: false }],
  ] as const)('stays the very same where a read %s', (_, observed) => {
    expect(withSeenEnds(account, observed)).toBe(account);
  });

  it('is not made up for a role that was given without one', () => {
    const forGood = anAccount({ grants: [grant(HELPDESK_ROLE, NOON, 'a-1')] });
    expect(withSeenEnds(forGood, seen(later))).toBe(forGood);
  });
});

describe('a read that shows a role and not yet its end', () => {
  const until = addMs(NOON, HOUR);
  const signIn: Grant = { access: SIGN_IN, at: NOON, generation: 5 };
  const account = anAccount({
    objectId: 'known',
    grants: [signIn, { ...grant(HELPDESK_ROLE, NOON, 'a-1'), until }],
  });
  const soon = addMs(NOON, SETTLE_MS - 1);

  const lagging = { ...withRole, endsRead: true } as const;

  it('is completed by what the answer told, so that the role is given longer and not left to end', () => {
    const known = withAnswers(lagging, account, soon);
    expect(known).toMatchObject({ assignments: [{ id: 'a-1', role: HELPDESK, until }] });
    const wanted = aWish({ roles: [{ role: HELPDESK, until: addMs(until, HOUR) }] });
    expect(plan(known, wanted)).toEqual([{ do: 'reschedule', role: HELPDESK, until: addMs(until, HOUR) }]);
  });

  it('is believed once it is late enough, where nobody answered, and where nobody may look', () => {
    expect(withAnswers(lagging, account, addMs(NOON, SETTLE_MS))).toEqual(lagging);
    const unanswered = anAccount({ grants: [{ ...grant(HELPDESK_ROLE, NOON), until }] });
    expect(withAnswers(lagging, unanswered, soon)).toEqual(lagging);
    expect(withAnswers(withRole, account, soon)).toMatchObject({ assignments: [{ id: 'a-1', role: HELPDESK }] });
    expect(withAnswers(withRole, account, soon)).not.toMatchObject({ assignments: [{ until }] });
  });
});

describe('a grant that is taken', () => {
  it('is gone when both giving and taking were answered', () => {
    expect(afterTaking([grant(HELPDESK_ROLE, NOON, 'a-1')], HELPDESK_ROLE)).toEqual([]);
    expect(afterTaking([{ access: SIGN_IN, at: NOON, generation: 5 }], SIGN_IN)).toEqual([]);
    expect(afterTaking([{ access: MAIL_GROUP, at: NOON, joined: true }], MAIL_GROUP)).toEqual([]);
    expect(afterTaking([{ access: PASS, at: NOON, pass: 'p-1' }], PASS)).toEqual([]);
  });

  it('stays named when nobody answered for it: it may still be on its way', () => {
    const unanswered = [grant(HELPDESK_ROLE, NOON), grant(SIGN_IN, NOON), grant(MAIL_GROUP, NOON), grant(PASS, NOON)];
    expect(afterTaking(unanswered, PASS)).toEqual(unanswered);
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
    const wanted = aWish({ roles: [{ role: HELPDESK }] });
    expect(plan(withAnswers({ exists: false }, account, soon), wanted)).toEqual([]);
  });

  it('keeps what else it shows, so that it can be taken away', () => {
    const foreign = aUser({ ...asMember, assignments: [{ id: 'a-9', role: USERS }] });
    expect(withAnswers(foreign, account, soon)).toMatchObject({
      assignments: [{ id: 'a-9' }, { id: 'a-1' }],
      groups: [{ id: MAIL }],
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
    expect(known).toEqual(aUser({ groups: [{ id: MAIL, roleAssignable: true }] }));
    expect(plan(known, aWish({ user: 'kept' }))).toEqual([{ do: 'leave', group: MAIL }]);
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
    const wanted = aWish({ roles: [{ role: HELPDESK }] });
    expect(plan(late, wanted)).toContainEqual({ do: 'assign', role: HELPDESK });
  });

  it('shows a pass that it does not show yet, so that it can be taken away', () => {
    const issued: Grant = { access: PASS, at: NOON, pass: 'p-1' };
    expect(withKnownGrants(absent, [issued], NOON)).toEqual({ ...absent, passes: ['p-1'] });
    expect(withKnownGrants({ ...absent, passes: ['p-9'] }, [issued], NOON)).toMatchObject({ passes: ['p-9', 'p-1'] });
    expect(withKnownGrants({ ...absent, passes: ['p-1'] }, [issued], NOON)).toMatchObject({ passes: ['p-1'] });
    const late = addMs(NOON, SETTLE_MS);
    expect(withKnownGrants({ ...absent, passes: [] }, [issued], late)).toMatchObject({ passes: [] });
    expect(withKnownGrants(absent, [grant(PASS, NOON)], NOON)).toEqual(absent);
  });

  it('shows a role for a time once, by whichever of its ids, and with its end', () => {
    const until = addMs(NOON, HOUR);
    const given: Grant = { ...grant(HELPDESK_ROLE, NOON, 's-1'), until };
    const hidden: HeldRole = { id: 's-1', role: HELPDESK, until };
    expect(withKnownGrants(absent, [given], NOON)).toMatchObject({ assignments: [hidden] });
    expect(withKnownGrants({ ...withRole, endsRead: true }, [given], NOON)).toMatchObject({
      assignments: [{ id: 'a-1', role: HELPDESK, until }],
    });
    expect(withKnownGrants(withRole, [given], NOON)).toEqual(withRole);
    // A direct assignment is another one than that of the same role which a read shows.
    expect(withKnownGrants(withRole, [grant(HELPDESK_ROLE, NOON, 'a-2')], NOON)).toMatchObject({
      assignments: [{ id: 'a-1' }, { id: 'a-2' }],
    });
  });
});

describe('a grant to an existing user', () => {
  const before = { enabled: true, roles: [HELPDESK], groups: [MAIL] };
  const lent = anAccount({ kind: 'existing', before });
  const answered: readonly Grant[] = [
    grant(HELPDESK_ROLE, NOON, 'a-1'),
    { access: MAIL_GROUP, at: NOON, joined: true },
    { access: SIGN_IN, at: NOON, generation: 0 },
  ];

  it('is ours to take where an answer told that we gave it, though the user had the same before', () => {
    for (const given of answered) expect(isOursToTake(lent, given)).toBe(true);
  });

  it('is not ours where nobody answered for what the user had before, and ours where it had not', () => {
    for (const { access } of answered) {
      expect(isOursToTake(lent, grant(access, NOON))).toBe(false);
      const bare = { ...lent, before: { enabled: false, roles: [], groups: [] } };
      expect(isOursToTake(bare, grant(access, NOON))).toBe(true);
    }
    expect(isOursToTake(lent, grant(PASS, NOON))).toBe(true);
  });

  it('is a matter of existing users alone: from an account of ours everything may be taken', () => {
    for (const { access } of answered)
      expect(isOursToTake({ ...lent, kind: 'dedicated' }, grant(access, NOON))).toBe(true);
  });
});
