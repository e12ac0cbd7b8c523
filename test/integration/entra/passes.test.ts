import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Desired } from '../../../src/engine/desired.js';
import { accountId, directoryGroupId, roleId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import type { Step } from '../../../src/engine/plan.js';
import type { DirectoryUser, StepOutcome } from '../../../src/flows/ports.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import type { Tenant as SandboxTenant } from '../../../src/sandbox/model.js';
import { ROLE } from '../../../src/sandbox/role-catalog.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { signIn } from '../../../src/sandbox/sign-in.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { aTenant, aWish } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

/** Access passes under the tenant's policy, and what a whole access by pass costs in round trips. */

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
const PASSWORD = redacted('Kp7#mWx4_Rt9?Zb2=Nd6@Hq3');
const ROLES = [ROLE.helpdeskAdministrator, ROLE.globalReader, ROLE.reportsReader].map(roleId);

const create: Step = { do: 'create', enabled: true, generation: 1 };

const contoso = (): SandboxTenant => entra.sandbox.world.tenants.get(CONTOSO.id) as SandboxTenant;

const policy = (body: object): unknown => changeTenant(entra.sandbox.world, CONTOSO.id, 'access-pass-policy', body);

const issue = (ms: number, once = false): Step => ({ do: 'issue-pass', until: addMs(entra.clock.now(), ms), once });

type Issued = NonNullable<Extract<StepOutcome, { kind: 'done' }>['pass']>;

const passIn = (outcomes: readonly StepOutcome[]): Issued => {
  const pass = outcomes.flatMap((outcome) => (outcome.kind === 'done' && outcome.pass ? [outcome.pass] : []))[0];
  if (pass === undefined) throw new Error(`no pass: ${JSON.stringify(outcomes)}`);
  return pass;
};

const enter = (accessPass: string) => signIn(entra.sandbox.world, { upn: USER.upn, accessPass });

const paths = (trips: readonly { readonly method: string; readonly path: string }[]): readonly string[] =>
  trips.map(({ method, path }) => `${method} ${path}`);

const wish = (overrides: Partial<Desired> = {}): Desired =>
  aWish({
    generation: 1,
    roles: ROLES.map((role) => ({ role })),
    groups: ['Sales', 'Tier 1 admins'].map((name) =>
      directoryGroupId(
        contoso()
          .groups.all()
          .find(({ displayName }) => displayName === name)?.id ?? '',
      ),
    ),
    pass: { kind: 'issued', until: addMs(entra.clock.now(), 2 * HOUR), once: false },
    ...overrides,
  });

describe('a whole access with three roles, two groups and an access pass', () => {
  const POLICY = /^GET .*temporaryAccessPass$/;

  it('costs two round trips to begin, the policy being read beside the first, two to begin again and three to end', async () => {
    const { directory } = entra;
    let made: readonly StepOutcome[] = [];
    const first = await entra.roundTrips(async () => {
      directory.anticipatePass(TENANT);
      made = await directory.apply(TENANT, USER, plan({ exists: false }, wish()), PASSWORD);
    });
    expect(made.map(({ kind }) => kind)).toEqual(made.map(() => 'done'));
    expect(paths(first).filter((each) => !POLICY.test(each))).toEqual(['POST /v1.0/users', 'POST /v1.0/$batch']);
    expect(paths(first).filter((each) => POLICY.test(each))).toHaveLength(1);
    expect(enter(passIn(made).value.reveal())).toMatchObject({ ok: true, groups: ['Sales', 'Tier 1 admins'] });

    const objectId = made.flatMap((outcome) => (outcome.kind === 'done' ? (outcome.objectId ?? []) : []))[0] ?? '';
    const user = { ...USER, objectId };
    const look = { passes: 'needed' } as const;
    const converge = async (wanted: Desired) => {
      const observed = await directory.observe(TENANT, user, look);
      if (!observed.ok) throw new Error(JSON.stringify(observed.error));
      const outcomes = await directory.apply(TENANT, user, plan(observed.value, wanted), PASSWORD);
      expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'done'));
      return outcomes;
    };
    const closing = wish({
      user: 'shut',
      roles: [],
      groups: [],
      pass: { kind: 'none' },
      generation: 2,
      revokeSessions: true,
    });
    const end = await entra.roundTrips(async () => {
      await converge(closing);
      const observed = await directory.observe(TENANT, user, look);
      expect(observed.ok && plan(observed.value, { ...closing, revokeSessions: false })).toEqual([]);
    });
    expect(end).toHaveLength(3);
    expect(enter(passIn(made).value.reveal())).toMatchObject({ ok: false });

    const again = await entra.roundTrips(async () => {
      directory.anticipatePass(TENANT);
      await converge(wish({ generation: 3 }));
    });
    expect(paths(again)).toEqual(['POST /v1.0/$batch', 'POST /v1.0/$batch']);
  });
});

describe('an access pass', () => {
  const issued = async (step: Step): Promise<{ readonly pass: Issued; readonly minutes: number | undefined }> => {
    const pass = passIn(await entra.fresh().directory.apply(TENANT, USER, [create, step], PASSWORD));
    return { pass, minutes: contoso().accessPasses.get(pass.id)?.lifetimeInMinutes };
  };

  it.each([
    ['as long as the access', 90 * MINUTE, 90],
    ['as long as the policy demands at least', 20 * MINUTE, 60],
    ['as long as the policy allows at most', 20 * HOUR, 480],
  ])('lasts %s', async (_, ms, minutes) => {
    const found = await issued(issue(ms));
    expect(found.minutes).toBe(minutes);
    expect(found.pass.endsAt).toEqual(addMs(entra.clock.now(), minutes * MINUTE));
  });

  it('lets somebody in once or many times, as is asked, and once where the policy knows no other', async () => {
    const many = await issued(issue(HOUR));
    expect([enter(many.pass.value.reveal()).ok, enter(many.pass.value.reveal()).ok]).toEqual([true, true]);
    entra.sandbox.reset();
    const once = await issued(issue(HOUR, true));
    expect([enter(once.pass.value.reveal()).ok, enter(once.pass.value.reveal()).ok]).toEqual([true, false]);
    entra.sandbox.reset();
    policy({ isUsableOnce: true });
    const strict = await issued(issue(HOUR));
    expect([enter(strict.pass.value.reveal()).ok, enter(strict.pass.value.reveal()).ok]).toEqual([true, false]);
  });

  it('is withdrawn by its id, and is not there to be withdrawn again', async () => {
    const { directory } = entra;
    const made = await directory.apply(TENANT, USER, [create, issue(HOUR)], PASSWORD);
    const pass = passIn(made);
    const user = await directory.observe(TENANT, USER, { passes: 'needed' });
    expect(user).toMatchObject({ ok: true, value: { passes: [pass.id] } });
    const known = { ...USER, objectId: user.ok && user.value.exists ? user.value.objectId : '' };
    const withdraw: Step = { do: 'withdraw-pass', pass: pass.id };
    expect(await directory.apply(TENANT, known, [withdraw], PASSWORD)).toEqual([{ kind: 'done' }]);
    expect(enter(pass.value.reveal())).toMatchObject({ ok: false, reason: 'no_access_pass' });
    expect(await directory.apply(TENANT, known, [withdraw], PASSWORD)).toEqual([{ kind: 'absent' }]);
    expect(await directory.observe(TENANT, known, { passes: 'needed' })).toMatchObject({
      ok: true,
      value: { passes: [] },
    });
  });

  it.each([
    ['the policy is off', () => policy({ state: 'disabled' })],
    ['the policy leaves the user out', () => policy({ includeTargets: [] })],
  ])('is refused for good where %s, and the rest is done all the same', async (_, forbid) => {
    forbid();
    const steps = [create, issue(HOUR), { do: 'assign', role: ROLES[0]! } as const];
    expect(await entra.fresh().directory.apply(TENANT, USER, steps, PASSWORD)).toMatchObject([
      { kind: 'done' },
      { kind: 'failed', unclear: false, fault: { code: 'directory.no-pass' } },
      { kind: 'done' },
    ]);
  });

  it('under a policy that has changed meanwhile is asked for by the new one the next time', async () => {
    const { directory } = entra.fresh();
    await directory.apply(TENANT, USER, [create, issue(2 * HOUR)], PASSWORD);
    const found = await directory.observe(TENANT, USER);
    const known = { ...USER, objectId: found.ok && found.value.exists ? found.value.objectId : '' };
    policy({ maximumLifetimeInMinutes: 90 });
    const [late] = await directory.apply(TENANT, known, [issue(2 * HOUR)], PASSWORD);
    expect(late).toMatchObject({ kind: 'failed', unclear: false });
    expect(passIn(await directory.apply(TENANT, known, [issue(2 * HOUR)], PASSWORD)).endsAt).toEqual(
      addMs(entra.clock.now(), 90 * MINUTE),
    );
  });

  it('of a user whom another tenant vouches for is refused for good', async () => {
    const upn = 'guest_example.com#EXT#@contoso.onmicrosoft.com';
    const properties = { userType: 'Guest' };
    const made = changeTenant(entra.sandbox.world, CONTOSO.id, 'users', { userPrincipalName: upn, properties });
    const guest = { ...USER, upn, objectId: (made as { id: string }).id };
    expect(await entra.directory.observe(TENANT, guest)).toMatchObject({
      ok: true,
      value: { origin: 'guest', deletable: false },
    });
    expect(await entra.directory.apply(TENANT, guest, [issue(HOUR)], PASSWORD)).toMatchObject([
      { kind: 'failed', unclear: false, fault: { code: 'directory.no-pass' } },
    ]);
  });

  it('whose answer was lost is unclear, and a look shows that there is one', async () => {
    const faults = entra.sandbox.world.faults;
    faults.add({
      kind: 'server-error',
      status: 504,
      afterWrite: true,
      match: { path: 'AccessPassMethods$', scope: 'item', method: 'POST' },
      times: 1,
    });
    const [, lost] = await entra.directory.apply(TENANT, USER, [create, issue(HOUR)], PASSWORD);
    expect(lost).toMatchObject({ kind: 'failed', unclear: true });
    const seen = await entra.directory.observe(TENANT, USER, { passes: 'needed' });
    expect(seen.ok && seen.value.exists && seen.value.passes).toHaveLength(1);
  });
});
