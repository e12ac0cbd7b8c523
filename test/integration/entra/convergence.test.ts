import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Observed } from '../../../src/engine/account.js';
import type { Desired } from '../../../src/engine/desired.js';
import { accountId, directoryGroupId, roleId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import type { DirectoryUser } from '../../../src/flows/ports.js';
import { addMs, HOUR } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import type { Tenant as SandboxTenant } from '../../../src/sandbox/model.js';
import { membershipId } from '../../../src/sandbox/model.js';
import { ROLE } from '../../../src/sandbox/role-catalog.js';
import { CONTOSO, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { digest } from '../../../src/sandbox/secrets.js';
import { signIn } from '../../../src/sandbox/sign-in.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { aTenant } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

let entra: LocalEntra;

beforeAll(async () => {
  entra = await startLocalEntra();
});
afterAll(() => entra.sandbox.close());

const TENANT = aTenant({ directoryId: CONTOSO.id, domain: 'contoso.com' });
const TAG = `extension_${SANDBOX_APP.clientId.replaceAll('-', '')}_latchkey`;
const USER_ID = 'eeeeeeee-0000-4000-8000-00000000000e';
const USER: DirectoryUser = {
  account: accountId('contoso/P-DANA'),
  upn: 'jit-dana.fox@contoso.com',
  displayName: 'JIT: Dana Fox',
};
const PASSWORD = 'Kp7#mWx4_Rt9?Zb2=Nd6@Hq3';
const OLD_PASS = 'Old-Pass';
const OLD_PASSWORD = 'Vd2=Jt8$Qs5*Gy3_Fa7?Xe9-';

// What a User Administrator may lend without being locked out of the account by it.
const LENT = [
  ROLE.directoryReaders,
  ROLE.helpdeskAdministrator,
  ROLE.groupsAdministrator,
  ROLE.reportsReader,
  ROLE.globalReader,
];
// What somebody else may have given meanwhile.
const FOUND = [...LENT, ROLE.globalAdministrator];
const MAIL_GROUP = 'Announcements';
// One of them can carry roles, so that a User Administrator is locked out of its members.
const LENT_GROUPS = CONTOSO.groups.map(({ displayName }) => displayName);
const GROUPS = [...LENT_GROUPS, MAIL_GROUP];

/** How a user of ours may be found. */
interface Situation {
  readonly enabled: boolean;
  readonly tag: string | null;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly userType: 'Member' | 'Guest';
  readonly hasPass: boolean;
}

const situations: fc.Arbitrary<Situation | undefined> = fc.option(
  fc.record({
    enabled: fc.boolean(),
    tag: fc.constantFrom('contoso/P-DANA#1', 'contoso/P-DANA#2', 'contoso/P-EVE#2', null),
    roles: fc.subarray(FOUND),
    groups: fc.subarray(GROUPS),
    userType: fc.constantFrom('Member', 'Guest'),
    hasPass: fc.boolean(),
  }),
  { nil: undefined, freq: 4 },
);

/** What is wished for, groups by their names: their ids are another each time. */
type Wish = Omit<Desired, 'groups'> & { readonly groups: readonly string[] };

const wishes: fc.Arbitrary<Wish> = fc
  .record({
    user: fc.constantFrom<Desired['user'][]>('open', 'open', 'kept', 'shut', 'deleted'),
    roles: fc.subarray(LENT),
    groups: fc.subarray(LENT_GROUPS),
    revokeSessions: fc.boolean(),
    byPass: fc.boolean(),
    once: fc.boolean(),
  })
  .map(({ user, roles, groups, revokeSessions, byPass, once }) => ({
    user,
    roles: user === 'open' ? roles.map((role) => ({ role: roleId(role) })) : [],
    groups: user === 'open' ? groups : [],
    pass:
      user === 'open' && byPass ? { kind: 'issued', until: addMs(entra.clock.now(), HOUR), once } : { kind: 'none' },
    generation: 2,
    revokeSessions,
    // The app is User Administrator here, and no more.
    changesHolders: false,
  }));

/** The customer's directory, with groups as well that Graph removes nobody from. */
const resetDirectory = (): void => {
  const { sandbox } = entra;
  sandbox.reset();
  changeTenant(sandbox.world, CONTOSO.id, 'groups', { displayName: 'All users', kind: 'all-users' });
  changeTenant(sandbox.world, CONTOSO.id, 'groups', { displayName: MAIL_GROUP, kind: 'mail-enabled' });
};

/** Puts the situation into the directory, as if years had passed. */
const stage = ({ enabled, tag, roles, groups, userType, hasPass }: Situation): DirectoryUser => {
  const tenant = entra.sandbox.world.tenants.get(CONTOSO.id) as SandboxTenant;
  tenant.users.set(USER_ID, {
    id: USER_ID,
    userPrincipalName: USER.upn,
    accountEnabled: enabled,
    password: { digest: digest(OLD_PASSWORD), mustChange: false },
    properties: { displayName: USER.displayName, userType, [TAG]: tag },
  });
  for (const role of roles) {
    const assignment = { principalId: USER_ID, roleDefinitionId: role, directoryScopeId: '/' };
    tenant.roleAssignments.set(`as-${role}`, { id: `as-${role}`, ...assignment });
  }
  for (const group of tenant.groups.all().filter(({ displayName }) => groups.includes(displayName))) {
    tenant.memberships.set(membershipId(group.id, USER_ID), { groupId: group.id, memberId: USER_ID });
  }
  if (hasPass) {
    const now = entra.clock.now();
    const terms = { createdAt: now, startsAt: now, lifetimeInMinutes: 60, isUsableOnce: false, used: false };
    tenant.accessPasses.set('old-pass', { id: 'old-pass', userId: USER_ID, digest: digest(OLD_PASS), ...terms });
  }
  return { ...USER, objectId: USER_ID };
};

const observe = async (user: DirectoryUser): Promise<Observed> => {
  const observed = await entra.directory.observe(TENANT, user, { passes: 'needed' });
  if (!observed.ok) throw new Error(JSON.stringify(observed.error));
  return observed.value;
};

const groupsNamed = (names: readonly string[]) => {
  const tenant = entra.sandbox.world.tenants.get(CONTOSO.id) as SandboxTenant;
  return tenant.groups
    .all()
    .filter(({ displayName }) => names.includes(displayName))
    .map(({ id }) => directoryGroupId(id));
};

const canPass = (accessPass: string): boolean => signIn(entra.sandbox.world, { upn: USER.upn, accessPass }).ok;

const canSignIn = (password: string): boolean => signIn(entra.sandbox.world, { upn: USER.upn, password }).ok;

describe('one pass of observe, plan, apply', () => {
  it('leads from any state to the desired one, and a second pass finds nothing to do', async () => {
    await fc.assert(
      fc.asyncProperty(situations, wishes, async (situation, wish) => {
        resetDirectory();
        const user = situation === undefined ? USER : stage(situation);
        const wanted: Desired = { ...wish, groups: groupsNamed(wish.groups) };
        const before = await observe(user);
        const steps = plan(before, wanted);
        const outcomes = await entra.directory.apply(TENANT, user, steps, redacted(PASSWORD));
        expect(outcomes.map(({ kind }) => kind)).toEqual(steps.map(() => 'done'));

        const created = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? (outcome.objectId ?? []) : []))[0];
        const after = await observe(created === undefined ? user : { ...user, objectId: created });
        const issued = outcomes.flatMap((outcome) =>
          outcome.kind === 'done' && outcome.pass ? [outcome.pass] : [],
        )[0];
        expect(issued !== undefined).toBe(wanted.pass.kind === 'issued');
        const isOpen = wanted.user === 'open';
        const isDeleted = wanted.user === 'deleted' && before.exists && before.deletable;
        expect(after.exists).toBe(isOpen || (before.exists && !isDeleted));
        const kept = wanted.user === 'kept' && before.exists;
        const held = after.exists && {
          enabled: after.enabled,
          generation: after.generation,
          groups: after.groups.map(({ id }) => id).toSorted(),
          roles: after.assignments.map(({ role }) => role).toSorted(),
          passes: after.passes,
        };
        expect(held).toEqual(
          after.exists && {
            enabled: kept ? before.enabled : isOpen,
            generation: kept ? before.generation : wanted.generation,
            groups: wanted.groups.toSorted(),
            roles: wanted.roles.map(({ role }) => role).toSorted(),
            passes: issued === undefined ? [] : [issued.id],
          },
        );
        const pass: Desired['pass'] = issued === undefined ? { kind: 'none' } : { kind: 'kept', id: issued.id };
        const again = plan(after, { ...wanted, pass, revokeSessions: false });
        // One that carried no tag of ours has one now, and may be deleted next.
        expect(again).toEqual(wanted.user === 'deleted' && after.exists && after.deletable ? [{ do: 'delete' }] : []);

        const rotated = steps.some((step) => step.do === 'create' || (step.do === 'set' && 'generation' in step));
        const stays = after.exists && after.enabled;
        expect(canSignIn(PASSWORD)).toBe(stays && rotated);
        expect(canSignIn(OLD_PASSWORD)).toBe(stays && !rotated);
        expect(canPass(OLD_PASS)).toBe(false);
        expect(issued !== undefined && canPass(issued.value.reveal())).toBe(wanted.pass.kind === 'issued');
      }),
      { numRuns: 60 },
    );
  });
});
