import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { ASSIGNMENTS, assignment, newUser, PASSWORD, ROLE_IDS, startRig, type Answer, type Rig } from './rig.js';

/** Guarantee: Privileged Identity Management begins and ends roles by itself, and refuses what Microsoft's would. */

const PIM = '/roleManagement/directory';
const REQUESTS = `${PIM}/roleAssignmentScheduleRequests`;
const SCHEDULES = `${PIM}/roleAssignmentSchedules`;
const INSTANCES = `${PIM}/roleAssignmentScheduleInstances`;

let rig: Rig;
let user: string;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(async () => {
  await rig.reset();
  await rig.contoso('licences', { plans: ['P1', 'P2'] });
  user = String((await graph('POST', '/users', newUser('jit'))).body.id);
});
afterAll(() => rig.close());

// With a token of its own: the tests outlast one.
const graph = async (method: string, path: string, body?: unknown): Promise<Answer> =>
  rig.graph(method, path, body, { token: await rig.token() });

const now = (): Date => rig.sandbox.world.clock.now();
const inMs = (ms: number): string => addMs(now(), ms).toISOString();

const until = (ms: number): unknown => ({ expiration: { type: 'afterDateTime', endDateTime: inMs(ms) } });
const forGood = { expiration: { type: 'noExpiration' } };

type More = Readonly<Record<string, unknown>>;

const request = (action: string, more: More = {}): Promise<Answer> =>
  graph('POST', REQUESTS, {
    action,
    ...assignment(user, ROLE_IDS.helpdesk),
    justification: 'Printer on fire',
    ...more,
  });
const assign = (scheduleInfo: unknown, more: More = {}): Promise<Answer> =>
  request('adminAssign', { scheduleInfo, ...more });

const outcome = ({ status, body }: Answer): [number, string] => [status, body.error?.code ?? body.status];

const rows = async (path: string): Promise<readonly Record<string, unknown>[]> => {
  const { body } = await graph('GET', `${path}?$filter=${encodeURIComponent(`principalId eq '${user}'`)}`);
  return body.value;
};

const held = async (): Promise<readonly string[]> =>
  (await rig.control('POST', 'sign-in', { upn: 'jit@contoso.com', password: PASSWORD })).body.roles;

describe('a role for a time', () => {
  it('is answered with what came of the request, which can be read again', async () => {
    const { status, body } = await assign(until(2 * HOUR));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'Provisioned',
      action: 'adminAssign',
      ...assignment(user, ROLE_IDS.helpdesk),
      justification: 'Printer on fire',
      createdDateTime: now().toISOString(),
      targetScheduleId: expect.any(String) as string,
      scheduleInfo: {
        startDateTime: now().toISOString(),
        expiration: { type: 'afterDateTime', endDateTime: inMs(2 * HOUR) },
      },
    });
    expect((await graph('GET', `${REQUESTS}/${body.id}`)).body).toEqual(body);
    expect(await rows(REQUESTS)).toMatchObject([{ id: body.id }]);
  });

  it('ends at its time with nobody calling', async () => {
    await assign(until(HOUR));
    expect(await held()).toEqual(['Helpdesk Administrator']);
    rig.advance(HOUR - 1);
    expect([(await rows(ASSIGNMENTS)).length, await held()]).toEqual([1, ['Helpdesk Administrator']]);
    rig.advance(1);
    expect(await held()).toEqual([]);
    for (const path of [ASSIGNMENTS, SCHEDULES, INSTANCES]) expect(await rows(path)).toEqual([]);
    expect(outcome(await assign(until(HOUR)))).toEqual([201, 'Provisioned']);
  });

  it('begins at its time with nobody calling, and can be cancelled before', async () => {
    const { body } = await assign({ startDateTime: inMs(HOUR), ...(until(2 * HOUR) as object) });
    expect(body.status).toBe('Granted');
    expect([(await rows(SCHEDULES)).length, await rows(INSTANCES), await rows(ASSIGNMENTS)]).toEqual([1, [], []]);
    expect(outcome(await request('adminRemove'))).toEqual([400, 'RoleAssignmentDoesNotExist']);
    rig.advance(HOUR);
    expect([(await rows(INSTANCES)).length, await held()]).toEqual([1, ['Helpdesk Administrator']]);
    expect((await graph('POST', `${REQUESTS}/${body.id}/cancel`)).status).toBe(400);
    rig.advance(HOUR);
    const { body: another } = await assign({ startDateTime: inMs(HOUR), ...forGood });
    expect((await graph('POST', `${REQUESTS}/${another.id}/cancel`)).status).toBe(204);
    rig.advance(HOUR);
    expect(await held()).toEqual([]);
  });

  it('shows in all three lists, each in its own words', async () => {
    const { body } = await assign({ expiration: { type: 'afterDuration', duration: 'PT1H30M' } });
    const [made] = await rows(ASSIGNMENTS);
    expect(made).toEqual({ id: expect.any(String) as string, ...assignment(user, ROLE_IDS.helpdesk) });
    const common = { ...assignment(user, ROLE_IDS.helpdesk), assignmentType: 'Assigned', memberType: 'Direct' };
    expect(await rows(SCHEDULES)).toMatchObject([
      {
        ...common,
        id: body.targetScheduleId,
        status: 'Provisioned',
        scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: inMs(90 * MINUTE) } },
      },
    ]);
    expect(await rows(INSTANCES)).toMatchObject([
      {
        ...common,
        startDateTime: now().toISOString(),
        endDateTime: inMs(90 * MINUTE),
        roleAssignmentOriginId: made?.id,
        roleAssignmentScheduleId: body.targetScheduleId,
      },
    ]);
  });

  it('stands beside direct assignments, which have no end, and what groups pass on', async () => {
    const { body: direct } = await graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.securityReader));
    const [row] = await rows(SCHEDULES);
    expect(row).toMatchObject({
      id: direct.id,
      scheduleInfo: { startDateTime: null, expiration: { type: 'noExpiration' } },
    });
    expect(await rows(INSTANCES)).toMatchObject([{ id: direct.id, startDateTime: null, endDateTime: null }]);
    await graph('DELETE', `${ASSIGNMENTS}/${direct.id}`);

    const groups = rig.sandbox.world.tenants.get(CONTOSO.id)?.groups.all() ?? [];
    const tier1 = groups.find(({ isAssignableToRole }) => isAssignableToRole)?.id ?? '';
    await assign(until(HOUR), { principalId: tier1 });
    await rig.contoso('memberships', { user: 'jit@contoso.com', group: 'Tier 1 admins' });
    expect(await rows(INSTANCES)).toMatchObject([{ principalId: user, memberType: 'Group' }]);
    expect(await rows(ASSIGNMENTS)).toEqual([]);
  });

  it('is hidden, and goes on showing, while replication lags', async () => {
    await rig.fault({ kind: 'replication-delay', ms: 5_000 });
    await assign(until(10 * MINUTE));
    for (const path of [ASSIGNMENTS, SCHEDULES, INSTANCES]) expect(await rows(path)).toEqual([]);
    rig.advance(10 * MINUTE);
    for (const path of [ASSIGNMENTS, SCHEDULES, INSTANCES]) expect(await rows(path)).toHaveLength(1);
    expect(await held()).toEqual([]);
  });

  it('protects its holder like any other role, and goes with the user', async () => {
    await assign(until(HOUR), { roleDefinitionId: ROLE_IDS.securityReader });
    expect((await graph('PATCH', `/users/${user}`, { accountEnabled: false })).status).toBe(403);
    rig.advance(HOUR);
    expect((await graph('PATCH', `/users/${user}`, { accountEnabled: false })).status).toBe(204);
    await assign(until(HOUR));
    await graph('DELETE', `/users/${user}`);
    await graph('POST', `/directory/deletedItems/${user}/restore`);
    for (const path of [ASSIGNMENTS, SCHEDULES]) expect(await rows(path)).toEqual([]);
  });
});

describe('changing a role for a time', () => {
  it('moves the end without a gap, later and sooner', async () => {
    await assign(until(HOUR));
    const [before] = await rows(ASSIGNMENTS);
    rig.advance(30 * MINUTE);
    expect(outcome(await request('adminExtend', { scheduleInfo: until(HOUR) }))).toEqual([201, 'Provisioned']);
    expect(await rows(ASSIGNMENTS)).toEqual([before]);
    expect(outcome(await request('adminExtend', { scheduleInfo: until(MINUTE) }))[1]).toMatch(/^Invalid/);
    rig.advance(45 * MINUTE);
    expect(await held()).toEqual(['Helpdesk Administrator']);
    expect(outcome(await request('adminUpdate', { scheduleInfo: until(MINUTE) }))).toEqual([201, 'Provisioned']);
    rig.advance(MINUTE);
    expect(await held()).toEqual([]);
  });

  it('takes no assignment that is not there, and extends none that has no end', async () => {
    const missing = [400, 'RoleAssignmentDoesNotExist'];
    expect(outcome(await request('adminUpdate', { scheduleInfo: until(HOUR) }))).toEqual(missing);
    expect(outcome(await request('adminExtend', { scheduleInfo: until(HOUR) }))).toEqual(missing);
    expect(outcome(await request('adminRemove'))).toEqual(missing);
    await graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.helpdesk));
    expect(outcome(await request('adminExtend', { scheduleInfo: until(HOUR) }))[0]).toBe(400);
    expect(outcome(await request('adminUpdate', { scheduleInfo: until(HOUR) }))).toEqual([201, 'Provisioned']);
    rig.advance(HOUR);
    expect(await held()).toEqual([]);
  });

  it('removes it only after its first five minutes, and through PIM alone', async () => {
    await assign(until(HOUR));
    const [made] = await rows(ASSIGNMENTS);
    rig.advance(5 * MINUTE - 1);
    expect(outcome(await request('adminRemove'))).toEqual([400, 'ActiveDurationTooShort']);
    rig.advance(1);
    expect((await graph('DELETE', `${ASSIGNMENTS}/${String(made?.id)}`)).status).toBe(400);
    expect(outcome(await request('adminRemove', { scheduleInfo: forGood }))[0]).toBe(400);
    expect(outcome(await request('adminRemove'))).toEqual([201, 'Revoked']);
    for (const path of [ASSIGNMENTS, SCHEDULES, INSTANCES]) expect(await rows(path)).toEqual([]);
  });

  it('removes a direct assignment too, at once', async () => {
    await graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.helpdesk));
    expect(outcome(await request('adminRemove'))).toEqual([201, 'Revoked']);
    expect(await held()).toEqual([]);
  });
});
