import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heldAs } from '../../../src/engine/access.js';
import type { Observed } from '../../../src/engine/account.js';
import { accountId, roleId, unitId } from '../../../src/engine/ids.js';
import type { RoleId } from '../../../src/engine/ids.js';
import type { Step } from '../../../src/engine/plan.js';
import type { DirectoryUser, Look, StepOutcome } from '../../../src/flows/ports.js';
import { addMs, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import { ROLE } from '../../../src/sandbox/role-catalog.js';
import { FABRIKAM } from '../../../src/sandbox/seed.js';
import { signIn } from '../../../src/sandbox/sign-in.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { aTenant } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

/** Roles for a time, in a tenant with P2, and roles in administrative units. */

let entra: LocalEntra;

beforeAll(async () => {
  entra = await startLocalEntra();
});
afterAll(() => entra.sandbox.close());
beforeEach(() => entra.sandbox.reset());

const TENANT = aTenant({ directoryId: FABRIKAM.id, domain: 'fabrikam.com' });
const USER: DirectoryUser = {
  account: accountId('fabrikam/P-DANA'),
  upn: 'jit-dana.fox@fabrikam.com',
  displayName: 'JIT: Dana Fox',
};
const PASSWORD = redacted('Kp7#mWx4_Rt9?Zb2=Nd6@Hq3');
const HELPDESK = roleId(ROLE.helpdeskAdministrator);

const create: Step = { do: 'create', enabled: true, generation: 1 };
const inMs = (ms: number): Date => addMs(entra.clock.now(), ms);
const assign = (ms: number, role: RoleId = HELPDESK): Step => ({ do: 'assign', role, until: inMs(ms) });
const kinds = (outcomes: readonly StepOutcome[]): readonly string[] => outcomes.map(({ kind }) => kind);
const roles = (): readonly string[] =>
  signIn(entra.sandbox.world, { upn: USER.upn, password: PASSWORD.reveal() }).roles;

const look = async (user: DirectoryUser = USER, how: Look = { schedules: 'needed' }) => {
  const observed = await entra.directory.observe(TENANT, user, how);
  if (!observed.ok || !observed.value.exists) throw new Error(JSON.stringify(observed));
  return observed.value satisfies Observed;
};

const made = async (...steps: readonly Step[]): Promise<DirectoryUser> => {
  const outcomes = await entra.directory.apply(TENANT, USER, [create, ...steps], PASSWORD);
  expect(kinds(outcomes)).toEqual(outcomes.map(() => 'done'));
  return { ...USER, objectId: (await look()).objectId };
};

const remove: Step = { do: 'unassign', assignment: 'any', role: HELPDESK, scheduled: true };

describe('a role for a time', () => {
  it('is told once, by its schedule and with its end, and ends by itself while nobody calls', async () => {
    const until = inMs(HOUR);
    const user = await made(assign(HOUR));
    const held = (await look(user)).assignments;
    expect(held).toMatchObject([{ role: HELPDESK, until }]);
    expect(roles()).toEqual(['Helpdesk Administrator']);
    entra.pass(HOUR);
    expect(roles()).toEqual([]);
    expect((await look(user)).assignments).toEqual([]);
  });

  it('answers with the id by which it is then listed', async () => {
    const [, given] = await entra.directory.apply(TENANT, USER, [create, assign(HOUR)], PASSWORD);
    expect(given).toEqual({ kind: 'done', assignment: (await look()).assignments[0]?.id });
  });

  it('is extended without a gap, and shortened', async () => {
    const user = await made(assign(HOUR));
    for (const ms of [3 * HOUR, 2 * HOUR]) {
      const until = inMs(ms);
      const step: Step = { do: 'reschedule', role: HELPDESK, until };
      expect(await entra.directory.apply(TENANT, user, [step], PASSWORD)).toEqual([{ kind: 'done' }]);
      expect((await look(user)).assignments).toMatchObject([{ role: HELPDESK, until }]);
    }
    entra.pass(HOUR + MINUTE);
    expect(roles()).toEqual(['Helpdesk Administrator']);
  });

  it('is taken before its end, though not within its first five minutes, and is absent afterwards', async () => {
    const user = await made(assign(HOUR));
    expect(await entra.directory.apply(TENANT, user, [remove], PASSWORD)).toMatchObject([
      { kind: 'failed', unclear: false, fault: { code: 'directory.too-soon' } },
    ]);
    entra.pass(5 * MINUTE);
    expect(await entra.directory.apply(TENANT, user, [remove], PASSWORD)).toEqual([{ kind: 'done' }]);
    expect(roles()).toEqual([]);
    expect((await look(user)).assignments).toEqual([]);
    expect(await entra.directory.apply(TENANT, user, [remove], PASSWORD)).toEqual([{ kind: 'absent' }]);
  });

  it('that is there already is given without complaint, and without an id that would make it ours', async () => {
    const user = await made(assign(HOUR));
    expect(await entra.directory.apply(TENANT, user, [assign(HOUR)], PASSWORD)).toEqual([{ kind: 'done' }]);
  });

  it('waits for PIM to hear of a new user', async () => {
    entra.sandbox.world.faults.add({ kind: 'pim-lag', ms: 3 * SECOND });
    await made(assign(HOUR));
    expect(roles()).toEqual(['Helpdesk Administrator']);
  });

  it('is refused for good without a licence, and a tenant that has lost it is looked at without', async () => {
    const user = await made(assign(HOUR));
    changeTenant(entra.sandbox.world, FABRIKAM.id, 'licences', { plans: ['P1'] });
    expect(await entra.directory.apply(TENANT, user, [assign(HOUR)], PASSWORD)).toMatchObject([
      { kind: 'failed', unclear: false },
    ]);
    for (const schedules of ['wanted', 'needed'] as const) {
      expect((await look(user, { schedules })).assignments).toMatchObject([{ role: HELPDESK }]);
    }
  });
});

describe('a role in an administrative unit', () => {
  const inUnit = (): RoleId => {
    const units = entra.sandbox.world.tenants.get(FABRIKAM.id)?.administrativeUnits.all() ?? [];
    return heldAs({ id: HELPDESK, unit: { id: unitId(units[0]?.id ?? ''), name: 'Factory' } });
  };

  it.each([
    ['directly', (role: RoleId): Step => ({ do: 'assign', role })],
    ['for a time', (role: RoleId): Step => assign(HOUR, role)],
  ])('is given %s, is another than the same role everywhere, and is taken again', async (_, give) => {
    const role = inUnit();
    const user = await made(give(role), give(HELPDESK));
    const { assignments } = await look(user);
    expect(assignments.map((held) => held.role).toSorted()).toEqual([HELPDESK, role].toSorted());
    entra.pass(5 * MINUTE);
    const steps = assignments
      .filter((held) => held.role === role)
      .map(({ id, until }): Step => ({ do: 'unassign', assignment: id, role, ...(until ? { scheduled: true } : {}) }));
    expect(await entra.directory.apply(TENANT, user, steps, PASSWORD)).toEqual([{ kind: 'done' }]);
    expect((await look(user)).assignments.map((held) => held.role)).toEqual([HELPDESK]);
  });
});
