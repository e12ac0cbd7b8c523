import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { FABRIKAM } from '../../../src/sandbox/seed.js';
import { ASSIGNMENTS, assignment, newUser, ROLE_IDS, startRig, type Answer, type Rig } from './rig.js';

/** Guarantee: a request to Privileged Identity Management that Microsoft's would refuse is refused here, and does nothing. */

const PIM = '/roleManagement/directory';
const REQUESTS = `${PIM}/roleAssignmentScheduleRequests`;
const LISTS = [REQUESTS, `${PIM}/roleAssignmentSchedules`, `${PIM}/roleAssignmentScheduleInstances`];

let rig: Rig;
let user: string;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(async () => {
  await rig.reset();
  await rig.contoso('licences', { plans: ['P2'] });
  user = String((await rig.graph('POST', '/users', newUser('jit'))).body.id);
});
afterAll(() => rig.close());

type More = Readonly<Record<string, unknown>>;

const inMs = (ms: number): string => addMs(rig.sandbox.world.clock.now(), ms).toISOString();
const until = (ms: number): More => ({ expiration: { type: 'afterDateTime', endDateTime: inMs(ms) } });

const assign = (more: More = {}): Promise<Answer> =>
  rig.graph('POST', REQUESTS, {
    action: 'adminAssign',
    ...assignment(user, ROLE_IDS.helpdesk),
    justification: 'Printer on fire',
    scheduleInfo: until(HOUR),
    ...more,
  });

const outcome = ({ status, body }: Answer): [number, string] => [status, body.error?.code ?? body.status];

const schedules = async (): Promise<number> => {
  const filter = encodeURIComponent(`principalId eq '${user}'`);
  return (await rig.graph('GET', `${PIM}/roleAssignmentSchedules?$filter=${filter}`)).body.value.length;
};

describe('the door of PIM', () => {
  it('opens with a licence alone, for reading too; one seeded tenant has it', async () => {
    await rig.contoso('licences', { plans: ['P1'] });
    expect(outcome(await assign())).toEqual([400, 'AadPremiumLicenseRequired']);
    for (const path of LISTS) expect(outcome(await rig.graph('GET', path))).toEqual([400, 'AadPremiumLicenseRequired']);
    const token = await rig.token(FABRIKAM.id);
    for (const path of LISTS) expect((await rig.graph('GET', path, undefined, { token })).status).toBe(200);
  });

  it('names the permissions that would open it', async () => {
    const revoke = ['RoleAssignmentSchedule.ReadWrite.Directory', 'RoleManagement.ReadWrite.Directory'];
    await rig.contoso('permissions', { revoke, grant: ['Directory.Read.All'], immediately: true });
    for (const answer of [await assign(), await rig.graph('GET', REQUESTS)]) {
      expect(outcome(answer)).toEqual([403, 'UnknownError']);
      const told = JSON.parse(answer.body.error.message) as { errorCode: string; message: string };
      expect(told.errorCode).toBe('PermissionScopeNotGranted');
      expect(told.message).toContain('RoleAssignmentSchedule.ReadWrite.Directory');
    }
    await rig.contoso('permissions', { grant: ['RoleAssignmentSchedule.Read.Directory'], immediately: true });
    expect((await rig.graph('GET', REQUESTS)).status).toBe(200);
    expect((await assign()).status).toBe(403);
    await rig.contoso('permissions', { grant: ['RoleAssignmentSchedule.Remove.Directory'], immediately: true });
    const removal = { action: 'adminRemove', ...assignment(user, ROLE_IDS.helpdesk) };
    expect(outcome(await rig.graph('POST', REQUESTS, removal))).toEqual([400, 'RoleAssignmentDoesNotExist']);
  });
});

describe('a request', () => {
  it('is refused where the same role is held or promised there already, whoever gave it', async () => {
    await assign();
    expect(outcome(await assign())).toEqual([400, 'RoleAssignmentExists']);
    expect((await rig.graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.helpdesk))).status).toBe(400);
    await rig.graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.securityReader));
    const other = { roleDefinitionId: ROLE_IDS.securityReader };
    expect(outcome(await assign(other))).toEqual([400, 'RoleAssignmentExists']);
    const third = { roleDefinitionId: ROLE_IDS.userAdministrator };
    await assign({ ...third, scheduleInfo: { startDateTime: inMs(HOUR), ...until(2 * HOUR) } });
    expect(outcome(await assign(third))).toEqual([400, 'RoleAssignmentExists']);
  });

  it.each<[string, () => More, number, string]>([
    ['an unknown principal', () => ({ principalId: ROLE_IDS.helpdesk }), 404, 'SubjectNotFound'],
    ['an unknown role', () => ({ roleDefinitionId: user }), 404, 'RoleNotFound'],
    ['an unknown action', () => ({ action: 'adminDance' }), 400, 'BadRequest'],
    ['the action of a signed-in user', () => ({ action: 'selfActivate' }), 501, 'Sandbox_NotImplemented'],
    ['no schedule', () => ({ scheduleInfo: null }), 400, 'InvalidRoleAssignmentRequestSchedule'],
    ['no expiration', () => ({ scheduleInfo: { startDateTime: inMs(0) } }), 400, 'Request_BadRequest'],
    ['an unknown property', () => ({ until: 'tomorrow' }), 400, 'BadRequest'],
    [
      'a start without an offset',
      () => ({ scheduleInfo: { startDateTime: '2026-03-02T12:00', ...until(HOUR) } }),
      400,
      'Request_BadRequest',
    ],
    ['an end in the past', () => ({ scheduleInfo: until(-1) }), 400, 'InvalidRoleAssignmentRequestSchedule'],
    [
      'an end before the start',
      () => ({ scheduleInfo: { startDateTime: inMs(2 * HOUR), ...until(HOUR) } }),
      400,
      'InvalidRoleAssignmentRequestSchedule',
    ],
    [
      'an end that is not named',
      () => ({ scheduleInfo: { expiration: { type: 'afterDateTime' } } }),
      400,
      'InvalidRoleAssignmentRequestSchedule',
    ],
    [
      'a duration that is none',
      () => ({ scheduleInfo: { expiration: { type: 'afterDuration', duration: '2h' } } }),
      400,
      'InvalidRoleAssignmentRequestSchedule',
    ],
    [
      'an expiration of no kind',
      () => ({ scheduleInfo: { expiration: { type: 'never' } } }),
      400,
      'InvalidRoleAssignmentRequestSchedule',
    ],
    ['less than five minutes', () => ({ scheduleInfo: until(5 * MINUTE - 1) }), 400, 'ActiveDurationTooShort'],
    ['no reason', () => ({ justification: null }), 400, 'RoleAssignmentRequestPolicyValidationFailed'],
    [
      'an unknown unit',
      () => ({ directoryScopeId: `/administrativeUnits/${ROLE_IDS.helpdesk}` }),
      404,
      'Request_ResourceNotFound',
    ],
  ])('is refused for %s', async (_, more, status, code) => {
    expect(outcome(await assign(more()))).toEqual([status, code]);
    expect(await schedules()).toBe(0);
  });

  it('keeps to what the customer demands, and names every rule it breaks', async () => {
    await rig.contoso('pim-policy', { ticketRequired: true, maximumMinutes: 60 });
    const { body } = await assign({ justification: ' ', scheduleInfo: { expiration: { type: 'noExpiration' } } });
    expect(body.error.message).toContain('["JustificationRule","TicketingRule","ExpirationRule"]');
    const ticketInfo = { ticketNumber: 'INC-1', ticketSystem: 'Desk' };
    expect(outcome(await assign({ ticketInfo }))).toEqual([201, 'Provisioned']);
  });

  it('counts a start in the past from now', async () => {
    const { body } = await assign({
      scheduleInfo: { startDateTime: inMs(-HOUR), expiration: { type: 'afterDuration', duration: 'PT10M' } },
    });
    expect(body.scheduleInfo).toMatchObject({
      startDateTime: inMs(0),
      expiration: { endDateTime: inMs(10 * MINUTE) },
    });
  });

  it('finds no user who is younger than PIM’s own copy of the directory', async () => {
    await rig.fault({ kind: 'pim-lag', ms: MINUTE });
    expect(outcome(await assign())).toEqual([404, 'SubjectNotFound']);
    const { body: megan } = await rig.graph('GET', '/users/megan@contoso.com');
    expect((await rig.graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.securityReader))).status).toBe(201);
    rig.advance(MINUTE);
    expect(outcome(await assign())).toEqual([201, 'Provisioned']);
    expect(outcome(await assign({ principalId: megan.id }))).toEqual([201, 'Provisioned']);
  });
});
