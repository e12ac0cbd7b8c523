import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accountId, directoryGroupId, roleId } from '../../../src/engine/ids.js';
import type { DirectoryGroupId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import type { Step } from '../../../src/engine/plan.js';
import type { DirectoryUser, StepOutcome } from '../../../src/flows/ports.js';
import { HOUR } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import type { FaultInput } from '../../../src/sandbox/faults.js';
import { membershipId } from '../../../src/sandbox/model.js';
import { ROLE } from '../../../src/sandbox/role-catalog.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { signIn } from '../../../src/sandbox/sign-in.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { aTenant, aUser, aWish } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

let entra: LocalEntra;

beforeAll(async () => {
  entra = await startLocalEntra();
});
afterAll(() => entra.sandbox.close());
beforeEach(() => entra.sandbox.reset());

const TENANT = aTenant({ directoryId: CONTOSO.id, domain: 'contoso.com' });
const USER: DirectoryUser = {
  account: accountId('contoso/P-DANA'),
  upn: 'jit-dana.fox@contoso.com',
  displayName: 'JIT: Dana Fox',
};

const FIRST = redacted('Kp7#mWx4_Rt9?Zb2=Nd6@Hq3');
const SECOND = redacted('Vd2=Jt8$Qs5*Gy3_Fa7?Xe9-');

const HELPDESK = roleId(ROLE.helpdeskAdministrator);
const GLOBAL_READER = roleId(ROLE.globalReader);

const create: Step = { do: 'create', enabled: true, generation: 1 };
const assign = (role = HELPDESK): Step => ({ do: 'assign', role });

const trySignIn = (password = FIRST) => signIn(entra.sandbox.world, { upn: USER.upn, password: password.reveal() });

const fault = (input: FaultInput): void => void entra.sandbox.world.faults.add(input);

const kinds = (outcomes: readonly StepOutcome[]): readonly string[] => outcomes.map(({ kind }) => kind);

/** A new account as known afterwards. */
const createAccount = async (...more: readonly Step[]): Promise<DirectoryUser & { readonly objectId: string }> => {
  const [made] = await entra.directory.apply(TENANT, USER, [create, ...more], FIRST);
  if (made?.kind !== 'done' || made.objectId === undefined) throw new Error(`not created: ${JSON.stringify(made)}`);
  return { ...USER, objectId: made.objectId };
};

/** Somebody adds the user to a group behind our back; the group's id. */
const joinGroup = (name: string, memberId: string): DirectoryGroupId => {
  const contoso = entra.sandbox.world.tenants.get(CONTOSO.id);
  const groupId = contoso?.groups.all().find(({ displayName }) => displayName === name)?.id ?? '';
  contoso?.memberships.set(membershipId(groupId, memberId), { groupId, memberId });
  return directoryGroupId(groupId);
};

describe('a new account', () => {
  it('is made with its roles in two round trips, and can sign in at once', async () => {
    let outcomes: readonly StepOutcome[] = [];
    const trips = await entra.roundTrips(async () => {
      outcomes = await entra.directory.apply(TENANT, USER, [create, assign(), assign(GLOBAL_READER)], FIRST);
    });
    expect(kinds(outcomes)).toEqual(['done', 'done', 'done']);
    expect(trips.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1.0/users', 'POST /v1.0/$batch']);
    expect(trySignIn()).toEqual({ ok: true, roles: ['Global Reader', 'Helpdesk Administrator'], groups: [] });
  });

  it('is found again by name, in two round trips, and by id in one', async () => {
    const user = await createAccount(assign());
    const expected = { exists: true, objectId: user.objectId, enabled: true, generation: 1, groups: [] };
    const byName = await entra.roundTrips(async () => {
      expect(await entra.directory.observe(TENANT, USER)).toMatchObject({ ok: true, value: expected });
    });
    const byId = await entra.roundTrips(async () => {
      const observed = await entra.directory.observe(TENANT, user);
      expect(observed).toMatchObject({ ok: true, value: { ...expected, assignments: [{ role: HELPDESK }] } });
    });
    expect([byName.length, byId.length]).toEqual([2, 1]);
  });

  it('does not take the name of somebody who is not ours', async () => {
    const megan = { ...USER, upn: 'megan@contoso.com' };
    expect(await entra.directory.observe(TENANT, megan)).toMatchObject({
      ok: false,
      error: { code: 'directory.name-taken' },
    });
    expect(await entra.directory.apply(TENANT, megan, [create, assign()], FIRST)).toMatchObject([
      { kind: 'failed', unclear: false, fault: { code: 'directory.name-taken' } },
      { kind: 'failed', unclear: false },
    ]);
  });

  it('does not exist before', async () => {
    expect(await entra.directory.observe(TENANT, USER)).toEqual({ ok: true, value: { exists: false } });
  });

  it('gets its roles even while part of the directory does not know it yet', async () => {
    fault({ kind: 'replication-delay', ms: 2_500, writesToo: true });
    const outcomes = await entra.directory.apply(TENANT, USER, [create, assign(), assign(GLOBAL_READER)], FIRST);
    expect(kinds(outcomes)).toEqual(['done', 'done', 'done']);
    expect(trySignIn().roles).toEqual(['Global Reader', 'Helpdesk Administrator']);
  });
});

describe('a known account', () => {
  it('is taken back in one round trip: no roles, no groups, no sign-in, another password, no sessions', async () => {
    const user = await createAccount(assign(), assign(GLOBAL_READER));
    const observed = await entra.directory.observe(TENANT, user);
    const held = observed.ok && observed.value.exists ? observed.value.assignments : [];
    const trips = await entra.roundTrips(async () => {
      const outcomes = await entra.directory.apply(
        TENANT,
        user,
        [
          ...held.map(({ id, role }): Step => ({ do: 'unassign', assignment: id, role })),
          { do: 'set', enabled: false, generation: 2 },
          { do: 'revoke-sessions' },
        ],
        SECOND,
      );
      expect(kinds(outcomes)).toEqual(['done', 'done', 'done', 'done']);
    });
    expect(trips).toHaveLength(1);
    expect(trySignIn(FIRST)).toMatchObject({ ok: false, reason: 'wrong_password' });
    expect(trySignIn(SECOND)).toMatchObject({ ok: false, reason: 'disabled' });
    expect(await entra.directory.observe(TENANT, user)).toEqual({
      ok: true,
      value: aUser({ objectId: user.objectId, upn: USER.upn, generation: 2 }),
    });
  });

  it('leaves a group without being deleted, which the same call without its end would do', async () => {
    const user = await createAccount();
    const group = joinGroup('Tier 1 admins', user.objectId);
    const observed = await entra.directory.observe(TENANT, user);
    expect(observed).toMatchObject({ ok: true, value: { groups: [{ id: group, roleAssignable: true }] } });
    expect(await entra.directory.apply(TENANT, user, [{ do: 'leave', group }], FIRST)).toEqual([{ kind: 'done' }]);
    expect(await entra.directory.observe(TENANT, user)).toMatchObject({
      ok: true,
      value: { exists: true, groups: [] },
    });
  });

  it('in groups that Graph removes nobody from is provisioned and closed all the same', async () => {
    const { world } = entra.sandbox;
    changeTenant(world, CONTOSO.id, 'groups', { displayName: 'All users', kind: 'all-users' });
    changeTenant(world, CONTOSO.id, 'groups', { displayName: 'Announcements', kind: 'mail-enabled' });
    const user = await createAccount(assign());
    joinGroup('Announcements', user.objectId);
    joinGroup('Sales', user.objectId);
    expect(trySignIn().groups).toEqual(['All users', 'Announcements', 'Sales']);

    const closed = aWish({ user: 'shut', generation: 2, revokeSessions: true });
    const observed = await entra.directory.observe(TENANT, user);
    const steps = observed.ok ? plan(observed.value, closed) : [];
    const outcomes = await entra.directory.apply(TENANT, user, steps, SECOND);
    expect(kinds(outcomes)).toEqual(['done', 'done', 'done', 'done']);
    const after = await entra.directory.observe(TENANT, user);
    expect(after).toMatchObject({ ok: true, value: { enabled: false, assignments: [], groups: [] } });
    expect(after.ok && plan(after.value, { ...closed, revokeSessions: false })).toEqual([]);
  });

  it('that is gone is said to be gone', async () => {
    const user = { ...USER, objectId: 'eeeeeeee-0000-4000-8000-00000000000e' };
    expect(await entra.directory.observe(TENANT, user)).toEqual({ ok: true, value: { exists: false } });
    const steps: Step[] = [{ do: 'unassign', assignment: 'gone', role: HELPDESK }];
    expect(await entra.directory.apply(TENANT, user, steps, FIRST)).toEqual([{ kind: 'absent' }]);
  });

  it('holding a role already is given it without complaint', async () => {
    const user = await createAccount(assign());
    expect(await entra.directory.apply(TENANT, user, [assign()], FIRST)).toEqual([{ kind: 'done' }]);
  });

  it('is disabled even where a role cannot be taken, and gets no new role where it cannot be set up', async () => {
    const user = await createAccount(assign());
    fault({ kind: 'server-error', match: { method: 'DELETE', scope: 'item' } });
    const steps: Step[] = [
      { do: 'unassign', assignment: 'any', role: HELPDESK },
      { do: 'set', enabled: false },
      { do: 'revoke-sessions' },
    ];
    expect(await entra.directory.apply(TENANT, user, steps, FIRST)).toMatchObject([
      { kind: 'failed', unclear: true },
      { kind: 'done' },
      { kind: 'done' },
    ]);
    expect(trySignIn()).toMatchObject({ ok: false, reason: 'disabled' });

    fault({ kind: 'server-error', match: { method: 'PATCH', scope: 'item' } });
    const more: Step[] = [{ do: 'set', enabled: true, generation: 2 }, assign(GLOBAL_READER)];
    expect(await entra.directory.apply(TENANT, user, more, SECOND)).toMatchObject([
      { kind: 'failed', unclear: true },
      { kind: 'failed', unclear: false },
    ]);
    const observed = await entra.directory.observe(TENANT, user);
    expect(observed.ok && observed.value.exists && observed.value.assignments).toHaveLength(1);
  });
});

describe('on a bad day', () => {
  it('a creation whose answer was lost is unclear, happened all the same, and is recognised by its tag', async () => {
    fault({ kind: 'drop-after-write', match: { path: '/users$' }, times: 1 });
    const [made] = await entra.directory.apply(TENANT, USER, [create], FIRST);
    expect(made).toMatchObject({ kind: 'failed', unclear: true });
    expect(await entra.directory.observe(TENANT, USER)).toMatchObject({
      ok: true,
      value: { exists: true, generation: 1, assignments: [] },
    });
  });

  it('a creation that a gateway lost is not sent twice', async () => {
    fault({ kind: 'server-error', status: 504, afterWrite: true, match: { path: '/users$' }, times: 1 });
    const trips = await entra.roundTrips(async () => {
      const [made] = await entra.directory.apply(TENANT, USER, [create], FIRST);
      expect(made).toMatchObject({ kind: 'failed', unclear: true });
    });
    expect(trips).toHaveLength(1);
  });

  it('throttling is waited out, for whole calls and for items of a batch', async () => {
    fault({ kind: 'throttle', match: { scope: 'request' }, times: 1, retryAfterSeconds: 2 });
    fault({ kind: 'throttle', match: { scope: 'item' }, times: 1, retryAfterSeconds: 2 });
    const before = entra.clock.now().getTime();
    const outcomes = await entra.directory.apply(TENANT, USER, [create, assign()], FIRST);
    expect(kinds(outcomes)).toEqual(['done', 'done']);
    expect(entra.clock.now().getTime() - before).toBeGreaterThanOrEqual(4_000);
  });

  it('a proxy’s page is neither an empty directory nor a done deed', async () => {
    const user = await createAccount();
    fault({ kind: 'html', status: 200 });
    expect(await entra.directory.observe(TENANT, user)).toMatchObject({
      ok: false,
      error: { code: 'directory.malformed' },
    });
    expect(await entra.directory.apply(TENANT, user, [{ do: 'revoke-sessions' }], FIRST)).toMatchObject([
      { kind: 'failed', unclear: true },
    ]);
  });

  it('a slow Graph is given up at the deadline', async () => {
    const directory = entra.directoryWith({ deadlineMs: 300 });
    await directory.roles(TENANT);
    fault({ kind: 'slow', ms: 2_000, match: { path: '/users$' }, times: 1 });
    expect(await directory.apply(TENANT, USER, [create], FIRST)).toMatchObject([
      { kind: 'failed', unclear: true, fault: { code: 'directory.unclear' } },
    ]);
  });
});

describe('a token that Graph refuses before its time', () => {
  it.each([
    ['because every token was revoked', () => entra.sandbox.world.tokens.clear()],
    ['because its clock is ahead of ours', () => entra.pass(2 * HOUR)],
  ])('is renewed within the operation: %s', async (_why, refuse) => {
    const directory = entra.directoryWith({});
    await directory.roles(TENANT);
    refuse();
    const user = await createAccount(assign());
    refuse();
    expect(await directory.observe(TENANT, user)).toMatchObject({ ok: true, value: { enabled: true } });
    refuse();
    expect(await directory.apply(TENANT, user, [{ do: 'set', enabled: false }], FIRST)).toEqual([{ kind: 'done' }]);
  });

  it('is not asked for again for ever where the tenant took its consent back, and is had again with the consent', async () => {
    const directory = entra.directoryWith({});
    await directory.roles(TENANT);
    const consent = (granted: boolean): unknown =>
      changeTenant(entra.sandbox.world, CONTOSO.id, 'consent', { granted });
    consent(false);
    expect(await directory.roles(TENANT)).toMatchObject({ ok: false, error: { code: 'directory.consent' } });
    consent(true);
    expect((await directory.roles(TENANT)).ok).toBe(true);
  });
});

describe('a tenant', () => {
  it('is described, with the domains that accounts can be made under', async () => {
    const described = await entra.directory.describe(CONTOSO.id);
    expect(described).toMatchObject({ ok: true, value: { name: 'Contoso' } });
    expect(described.ok && described.value.domains).toContainEqual({
      name: 'pending.contoso.com',
      verified: false,
      managed: true,
    });
  });

  it('has roles', async () => {
    const roles = await entra.directory.roles(TENANT);
    expect(roles.ok && roles.value).toContainEqual({
      id: HELPDESK,
      name: 'Helpdesk Administrator',
      privileged: true,
    });
  });

  it.each([
    ['that does not exist', 'directory.not-found', {}, '00000000-0000-4000-8000-000000000000'],
    [
      'where our secret is wrong',
      'directory.credential',
      { credential: { kind: 'secret', secret: redacted('wrong') } },
      CONTOSO.id,
    ],
    [
      'that never consented to the app',
      'directory.consent',
      { clientId: '00000000-0000-4000-8000-00000000000a' },
      CONTOSO.id,
    ],
  ] as const)('%s: %s', async (_what, code, config, directoryId) => {
    expect(await entra.directoryWith(config).describe(directoryId)).toMatchObject({ ok: false, error: { code } });
  });
});

describe('the local Entra ID', () => {
  it('knows everything that it was asked', async () => {
    await createAccount(assign());
    await entra.directory.observe(TENANT, USER);
    await entra.directory.describe(CONTOSO.id);
    await entra.directory.roles(TENANT);
    expect(entra.sandbox.world.requests.unknownPaths()).toEqual({});
  });
});
