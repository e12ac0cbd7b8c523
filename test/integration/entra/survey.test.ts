import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDirectorySurvey } from '../../../src/entra/survey.js';
import { accountId, roleId } from '../../../src/engine/ids.js';
import type { DirectoryUser } from '../../../src/flows/ports.js';
import type { DirectorySurvey, Survey } from '../../../src/flows/ports/survey.js';
import { ROLE } from '../../../src/sandbox/role-catalog.js';
import { CONTOSO, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { aTenant } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

let entra: LocalEntra;
let surveys: DirectorySurvey;

beforeAll(async () => {
  entra = await startLocalEntra();
  surveys = createDirectorySurvey(entra.reach, { clock: entra.clock });
});
afterAll(() => entra.sandbox.close());
beforeEach(() => entra.sandbox.reset());

const TENANT = aTenant({ directoryId: CONTOSO.id, domain: 'contoso.com' });
const TAG = `extension_${SANDBOX_APP.clientId.replaceAll('-', '')}_latchkey`;
const GONE = 'eeeeeeee-0000-4000-8000-00000000000e';

interface Added {
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly enabled?: boolean;
  readonly tag?: string;
}

/** A user of ours, as one of our accounts knows it. */
const add = (name: string, more: Added = {}): DirectoryUser & { readonly objectId: string } => {
  const { roles = [], groups = [], enabled = true, tag = `contoso/P-${name}#3` } = more;
  const upn = `jit-${name}@contoso.com`;
  const displayName = `JIT: ${name}`;
  const { id } = changeTenant(entra.sandbox.world, CONTOSO.id, 'users', {
    userPrincipalName: upn,
    displayName,
    accountEnabled: enabled,
    roles,
    groups,
    properties: { [TAG]: tag },
  }) as { id: string };
  return { account: accountId(`contoso/P-${name}`), upn, displayName, objectId: id };
};

const nameless = ({ account, upn, displayName }: DirectoryUser): DirectoryUser => ({ account, upn, displayName });

const surveyed = async (users: readonly DirectoryUser[]): Promise<Survey> => {
  const survey = await surveys.survey(TENANT, users);
  if (!survey.ok) throw new Error(`${survey.error.code}: ${survey.error.detail}`);
  return survey.value;
};

describe('a survey', () => {
  it('of five accounts takes one round trip, and says of each what a look at it alone says', async () => {
    const users = [
      add('amy', { roles: ['Helpdesk Administrator', 'Global Reader'] }),
      add('ben', { groups: ['Sales', 'Tier 1 admins'] }),
      add('cat', { enabled: false }),
      add('dan', { tag: 'contoso/P-somebody-else#9' }),
      { ...add('eve'), objectId: GONE },
    ];
    let survey: Survey | undefined;
    const trips = await entra.roundTrips(async () => {
      survey = await surveyed(users);
    });
    expect(trips.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1.0/$batch']);
    for (const user of users) {
      const alone = await entra.directory.observe(TENANT, user);
      expect(survey?.observed.get(user.account)).toEqual(alone.ok ? alone.value : 'unread');
    }
    const [amy, , , , eve] = users.map(({ account }) => survey?.observed.get(account));
    expect(amy).toMatchObject({ exists: true, generation: 3, enabled: true });
    expect(amy?.exists === true && amy.assignments.map(({ role }) => role).toSorted()).toEqual(
      [roleId(ROLE.globalReader), roleId(ROLE.helpdeskAdministrator)].toSorted(),
    );
    expect(eve).toEqual({ exists: false });
    expect(survey?.at).toEqual(entra.clock.now());
  });

  it('of more accounts takes as many batches as they fill, and leaves nobody out', async () => {
    const users = Array.from({ length: 14 }, (_, index) => add(`nr${index}`));
    let survey: Survey | undefined;
    const trips = await entra.roundTrips(async () => {
      survey = await surveyed(users);
    });
    expect(trips).toHaveLength(3);
    expect([...(survey?.observed.keys() ?? [])].toSorted()).toEqual(users.map(({ account }) => account).toSorted());
    expect([...(survey?.observed.values() ?? [])].every(({ exists }) => exists)).toBe(true);
    expect(survey?.tagged).toHaveLength(14);
  });

  it('of nobody still lists everybody who is tagged, in one round trip', async () => {
    const amy = add('amy', { enabled: false });
    add('other', { tag: 'contoso-west/P-OTHER#1' });
    const ben = add('ben', { tag: 'contoso/P-ben' });
    const trips = await entra.roundTrips(async () => {
      const survey = await surveyed([]);
      expect(survey.observed.size).toBe(0);
      expect(survey.tagged.toSorted((one, other) => one.upn.localeCompare(other.upn))).toEqual([
        { objectId: amy.objectId, upn: amy.upn, displayName: 'JIT: amy', enabled: false, account: 'contoso/P-amy' },
        { objectId: ben.objectId, upn: ben.upn, displayName: 'JIT: ben', enabled: true, account: 'contoso/P-ben' },
      ]);
    });
    expect(trips).toHaveLength(1);
  });

  it('tells the name that a renamed user has now', async () => {
    const amy = add('amy');
    const survey = await surveyed([
      { ...amy, upn: 'jit-before@contoso.com' },
      { ...amy, account: accountId('contoso/P-x'), objectId: GONE },
    ]);
    expect([...survey.upns]).toEqual([[amy.account, 'jit-amy@contoso.com']]);
  });

  it('finds an account without an object id by its name, if the user there is ours, in one round trip more', async () => {
    const amy = add('amy', { roles: ['Global Reader'] });
    const ben = add('ben', { tag: 'contoso/P-somebody-else#9' });
    const nobody = { account: accountId('contoso/P-zoe'), upn: 'jit-zoe@contoso.com', displayName: 'JIT: zoe' };
    const trips = await entra.roundTrips(async () => {
      const survey = await surveyed([nameless(amy), nameless(ben), nobody]);
      expect(survey.observed.get(amy.account)).toMatchObject({ exists: true, objectId: amy.objectId });
      expect(survey.observed.get(ben.account)).toEqual({ exists: false });
      expect(survey.observed.get(nobody.account)).toEqual({ exists: false });
    });
    expect(trips).toHaveLength(2);
  });

  it('reads a list of tagged users to its end', async () => {
    for (let index = 0; index < 1_010; index += 1) add(`u${index}`);
    expect((await surveyed([])).tagged).toHaveLength(1_010);
  });

  it.each([
    ['roles', '/roleManagement/directory/roleAssignments'],
    ['groups', '/memberOf'],
  ])(
    'is a fault where the %s of one account cannot be read: nothing is concluded from the rest',
    async (_what, path) => {
      const users = [add('amy', { roles: ['Global Reader'] }), add('ben')];
      entra.sandbox.world.faults.add({ kind: 'server-error', status: 500, match: { path, scope: 'item' } });
      expect(await surveys.survey(TENANT, users)).toMatchObject({
        ok: false,
        error: { code: 'directory.unavailable' },
      });
    },
  );

  it('asks again for what was throttled', async () => {
    const users = [add('amy', { roles: ['Global Reader'] }), add('ben')];
    entra.sandbox.world.faults.add({ kind: 'throttle', times: 2, match: { method: 'GET', scope: 'item' } });
    const survey = await surveyed(users);
    expect(survey.observed.get(accountId('contoso/P-amy'))).toMatchObject({
      assignments: [{ role: ROLE.globalReader }],
    });
    expect(survey.tagged).toHaveLength(2);
  });
});

describe('users whose name begins so', () => {
  it('are found for adoption, told apart by origin and by whether they are tagged', async () => {
    const tagged = add('amy');
    const plain = (name: string, properties: object, accountEnabled = true): string =>
      (
        changeTenant(entra.sandbox.world, CONTOSO.id, 'users', {
          userPrincipalName: `jit-${name}@contoso.com`,
          displayName: name,
          accountEnabled,
          properties,
        }) as { id: string }
      ).id;
    const cloud = plain('cloud', {}, false);
    const synced = plain('synced', { onPremisesSyncEnabled: true });
    const guest = plain('guest', { userType: 'Guest' });
    let found: unknown;
    const trips = await entra.roundTrips(async () => {
      found = await surveys.named(TENANT, 'JIT-');
    });
    const row = (objectId: string, name: string, more: object) => ({
      objectId,
      upn: `jit-${name}@contoso.com`,
      displayName: name,
      enabled: true,
      origin: 'cloud',
      tagged: false,
      ...more,
    });
    expect(found).toMatchObject({ ok: true });
    expect(new Set((found as { value: readonly unknown[] }).value)).toEqual(
      new Set([
        row(tagged.objectId, 'amy', { displayName: 'JIT: amy', tagged: true }),
        row(cloud, 'cloud', { enabled: false }),
        row(synced, 'synced', { origin: 'synced' }),
        row(guest, 'guest', { origin: 'guest' }),
      ]),
    );
    expect(trips).toHaveLength(1);
  });
});
