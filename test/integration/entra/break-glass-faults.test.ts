import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breakGlassId, directoryUserId, tenantId } from '../../../src/engine/ids.js';
import type { DirectoryUserId } from '../../../src/engine/ids.js';
import type { BreakGlassDirectory, WriteOutcome } from '../../../src/flows/ports/break-glass.js';
import { redacted } from '../../../src/lib/redacted.js';
import { FaultSpec } from '../../../src/sandbox/faults.js';
import type { FaultInput } from '../../../src/sandbox/faults.js';
import type { Tenant as SandboxTenant, User } from '../../../src/sandbox/model.js';
import { FABRIKAM } from '../../../src/sandbox/seed.js';
import { signIn } from '../../../src/sandbox/sign-in.js';
import { aTenant } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

/**
 * Whatever goes wrong at a write to an emergency administrator: done is said only of what was done, refused for sure only
 * of what was not, nothing is sent twice unless Graph did nothing, and no fault tells a password.
 */

let entra: LocalEntra;
let directory: BreakGlassDirectory;

beforeAll(async () => {
  entra = await startLocalEntra();
  directory = entra.fresh().breakGlassDirectory;
});
beforeEach(() => entra.sandbox.reset());
afterAll(() => entra.sandbox.close());

const TENANT = aTenant({ id: tenantId('fabrikam'), directoryId: FABRIKAM.id, domain: 'fabrikam.com' });
const UPN = 'emergency1@fabrikam.onmicrosoft.com';
const ACCOUNT = { id: breakGlassId(TENANT.id, 'emergency1'), upn: UPN, name: 'emergency1' };
const FIRST = redacted('Kp7#mWx4_Rt9?Zb2=Nd6@Hq3-first!!');
const SECOND = redacted('Vn5!cJk8+Ty3%Gf7*Ws2&Lm9-second!');

const fabrikam = (): SandboxTenant => entra.sandbox.world.tenants.get(FABRIKAM.id) as SandboxTenant;
const user = (): User | undefined => fabrikam().users.withKey(UPN)[0];
const opens = (password: typeof FIRST): boolean =>
  signIn(entra.sandbox.world, { upn: UPN, password: password.reveal() }).ok;

interface Write {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string };
  /** What Graph answers to a success. */
  readonly success: 201 | 204;
  /** Whether the user is there before. */
  readonly needs: 'nobody' | 'user';
  readonly act: (id: DirectoryUserId) => Promise<WriteOutcome>;
  readonly happened: () => boolean;
}

const WRITES: readonly Write[] = [
  {
    name: 'a creation',
    request: { method: 'POST', path: '/users$' },
    success: 201,
    needs: 'nobody',
    act: () => directory.create(TENANT, ACCOUNT, FIRST),
    happened: () => opens(FIRST),
  },
  {
    name: 'a password',
    request: { method: 'PATCH', path: '/users/[^/]+$' },
    success: 204,
    needs: 'user',
    act: (id) => directory.setPassword(TENANT, id, SECOND),
    happened: () => opens(SECOND) && !opens(FIRST),
  },
  {
    name: 'the role',
    request: { method: 'POST', path: '/roleAssignments$' },
    success: 201,
    needs: 'user',
    act: (id) => directory.makeAdministrator(TENANT, id),
    happened: () => fabrikam().roleAssignments.withKey(user()?.id ?? '').length === 1,
  },
  {
    name: 'an exclusion',
    request: { method: 'PATCH', path: '/conditionalAccess/policies/' },
    success: 204,
    needs: 'user',
    act: (id) => directory.exclude(TENANT, id, [fabrikam().conditionalAccessPolicies.all()[0]?.id ?? '']),
    happened: () =>
      fabrikam()
        .conditionalAccessPolicies.all()[0]
        ?.users.excludeUsers.includes(user()?.id ?? '') === true,
  },
  {
    name: 'a disabling',
    request: { method: 'PATCH', path: '/users/[^/]+$' },
    success: 204,
    needs: 'user',
    act: (id) => directory.disable(TENANT, id),
    happened: () => user()?.accountEnabled === false,
  },
  {
    name: 'a deletion',
    request: { method: 'DELETE', path: '/users/[^/]+$' },
    success: 204,
    needs: 'user',
    act: (id) => directory.remove(TENANT, id),
    happened: () => user() === undefined,
  },
];

interface Trouble {
  readonly name: string;
  readonly fault: FaultInput;
  readonly outcome: 'done' | 'refused' | 'unclear';
  readonly happens: boolean;
  /** How often the write is sent. */
  readonly sent: number;
  readonly onlyFor?: Write['success'];
}

const once = { times: 1 };
const TROUBLES: readonly Trouble[] = [
  {
    name: 'lost before it took effect',
    fault: { kind: 'drop-before-write' },
    outcome: 'unclear',
    happens: false,
    sent: 1,
  },
  {
    name: 'lost after it took effect',
    fault: { kind: 'drop-after-write' },
    outcome: 'unclear',
    happens: true,
    sent: 1,
  },
  { name: 'throttled once', fault: { kind: 'throttle', ...once }, outcome: 'done', happens: true, sent: 2 },
  {
    name: 'throttled for longer than anybody waits',
    fault: { kind: 'throttle', retryAfterSeconds: 600 },
    outcome: 'refused',
    happens: false,
    sent: 1,
  },
  { name: 'answered with 503', fault: { kind: 'server-error' }, outcome: 'unclear', happens: false, sent: 1 },
  {
    name: 'answered with 504 after it took effect',
    fault: { kind: 'server-error', status: 504, afterWrite: true },
    outcome: 'unclear',
    happens: true,
    sent: 1,
  },
  { name: 'answered by a gateway', fault: { kind: 'html', status: 502 }, outcome: 'unclear', happens: false, sent: 1 },
  { name: 'answered by a portal', fault: { kind: 'html', status: 200 }, outcome: 'unclear', happens: false, sent: 1 },
  { name: 'forbidden by a proxy', fault: { kind: 'html', status: 403 }, outcome: 'unclear', happens: false, sent: 1 },
  { name: 'unknown to a proxy', fault: { kind: 'html', status: 404 }, outcome: 'unclear', happens: false, sent: 1 },
  {
    name: 'in conflict, says a proxy',
    fault: { kind: 'html', status: 409 },
    outcome: 'unclear',
    happens: false,
    sent: 1,
  },
  {
    name: 'answered with a success of another kind',
    fault: { kind: 'wrong-shape', body: { value: [] } },
    outcome: 'unclear',
    happens: true,
    sent: 1,
  },
  {
    name: 'answered with 204 where 201 was due',
    fault: { kind: 'status', status: 204 },
    outcome: 'unclear',
    happens: true,
    sent: 1,
    onlyFor: 201,
  },
  {
    name: 'answered with 201 that names nothing',
    fault: { kind: 'wrong-shape', status: 201, body: { id: '' } },
    outcome: 'unclear',
    happens: true,
    sent: 1,
  },
  {
    name: 'cut off in the middle',
    fault: { kind: 'truncated' },
    outcome: 'unclear',
    happens: true,
    sent: 1,
    onlyFor: 201,
  },
  {
    name: 'refused in Graph’s own words',
    fault: {
      kind: 'wrong-shape',
      status: 403,
      afterWrite: false,
      body: { error: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' } },
    },
    outcome: 'refused',
    happens: false,
    sent: 1,
  },
];

const wordFor = (outcome: WriteOutcome): Trouble['outcome'] => {
  if (outcome.kind === 'done') return 'done';
  return outcome.unclear ? 'unclear' : 'refused';
};

describe.each(WRITES)('$name', (write) => {
  const troubles = TROUBLES.filter(({ onlyFor }) => onlyFor === undefined || onlyFor === write.success);

  it.each(troubles)('$name is $outcome', async (trouble) => {
    let id = directoryUserId('bbbbbbbb-0000-4000-8000-00000000000b');
    if (write.needs === 'user') {
      const made = await directory.create(TENANT, ACCOUNT, FIRST);
      if (made.kind === 'done' && made.objectId !== undefined) id = made.objectId;
    }
    const { method, path } = write.request;
    entra.sandbox.world.faults.add(FaultSpec.parse({ ...trouble.fault, match: { method, path } }));
    let outcome: WriteOutcome = { kind: 'done' };
    const trips = await entra.roundTrips(async () => {
      outcome = await write.act(id);
    });
    expect(wordFor(outcome)).toBe(trouble.outcome);
    expect(write.happened()).toBe(trouble.happens);
    expect(trips.filter((trip) => trip.method === method && new RegExp(path).test(trip.path))).toHaveLength(
      trouble.sent,
    );
    for (const secret of [FIRST, SECOND]) expect(JSON.stringify(outcome)).not.toContain(secret.reveal());
    // Whoever was told to wait does so, and would wait in the next test as well.
    if (trouble.fault.kind === 'throttle') directory = entra.fresh().breakGlassDirectory;
  });
});

it('without a sign-in a write is refused for sure, and nothing is sent', async () => {
  entra.sandbox.world.faults.add(FaultSpec.parse({ kind: 'server-error', match: { service: 'login' } }));
  directory = entra.fresh().breakGlassDirectory;
  const trips = await entra.roundTrips(async () => {
    const outcome = await directory.setPassword(TENANT, directoryUserId(TENANT.directoryId), SECOND);
    expect(outcome).toMatchObject({ kind: 'failed', unclear: false, fault: { code: 'directory.unavailable' } });
  });
  expect(trips).toEqual([]);
});
