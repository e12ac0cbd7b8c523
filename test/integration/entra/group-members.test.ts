import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEntraRoster } from '../../../src/entra/group-members.js';
import type { EntraRoster } from '../../../src/entra/group-members.js';
import { identityKey } from '../../../src/engine/ids.js';
import type { Identity } from '../../../src/engine/person.js';
import { silentLog } from '../../../src/lib/log.js';
import { membershipId, type User } from '../../../src/sandbox/model.js';
import { CONTOSO, FABRIKAM } from '../../../src/sandbox/seed.js';
import { startLocalEntra, type LocalEntra } from '../../fakes/local-entra.js';

let entra: LocalEntra;
let roster: EntraRoster;

const rosterFor = (speakers?: readonly string[]): EntraRoster =>
  createEntraRoster(entra.reach, { log: silentLog, ...(speakers === undefined ? {} : { speakers }) });

beforeAll(async () => {
  entra = await startLocalEntra();
  roster = rosterFor([CONTOSO.id]);
});

afterAll(() => entra.sandbox.close());

const contoso = () => {
  const tenant = entra.sandbox.world.tenants.get(CONTOSO.id);
  if (tenant === undefined) throw new Error('no Contoso');
  return tenant;
};

const groupNamed = (name: string): string =>
  contoso()
    .groups.all()
    .find(({ displayName }) => displayName === name)?.id ?? '';

const userNamed = (name: string): User => {
  const user = contoso()
    .users.all()
    .find(({ userPrincipalName }) => userPrincipalName.startsWith(`${name}@`));
  if (user === undefined) throw new Error(`no ${name}`);
  return user;
};

const setEnabled = (user: User, accountEnabled: boolean): void =>
  contoso().users.set(user.id, { ...user, accountEnabled });

const identityOf = (id: string): Identity => ({ key: identityKey('teams', id), platform: 'teams', name: id });

const names = async (group: string): Promise<readonly string[]> => {
  const follow = { kind: 'entra', directoryId: CONTOSO.id, group, name: 'a group' } as const;
  const members = await roster.membersOf(follow);
  if (!members.ok) throw new Error(members.error.code);
  return members.value.map(({ name }) => name).toSorted();
};

describe('an Entra group', () => {
  it('is found by name and by id; what does not exist is not', async () => {
    const value = { kind: 'entra', directoryId: CONTOSO.id, group: groupNamed('Sales'), name: 'Sales' };
    expect(await roster.find(CONTOSO.id, 'sales')).toEqual({ ok: true, value });
    expect(await roster.find(CONTOSO.id, groupNamed('Sales'))).toEqual({ ok: true, value });
    expect(await roster.find(CONTOSO.id, "Sal'es")).toMatchObject({ error: { code: 'roster.unknown' } });
  });

  it('holds its people as those who speak in Teams, and none whose account is disabled', async () => {
    const [megan, alex] = [userNamed('megan'), userNamed('alex')];
    setEnabled(alex, false);
    const follow = { kind: 'entra', directoryId: CONTOSO.id, group: groupNamed('Sales'), name: 'Sales' } as const;
    expect(await roster.membersOf(follow)).toMatchObject({
      ok: true,
      value: [{ key: `teams:${megan.id}`, platform: 'teams', name: 'Megan Bowen' }],
    });
    setEnabled(alex, true);
    expect(await names(groupNamed('Sales'))).toEqual(['Alex Wilber', 'Megan Bowen']);
  });

  it('is read to its last page', async () => {
    const sales = groupNamed('Tier 1 admins');
    const megan = userNamed('megan');
    for (let index = 0; index < 1_100; index += 1) {
      const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      contoso().users.set(id, { ...megan, id, userPrincipalName: `crowd${index}@contoso.com` });
      contoso().memberships.set(membershipId(sales, id), { groupId: sales, memberId: id });
    }
    expect(await names(sales)).toHaveLength(1_100);
  });

  it('that is gone is not an empty one', async () => {
    const follow = { kind: 'entra', directoryId: CONTOSO.id, group: CONTOSO.id, name: 'Gone' } as const;
    expect(await roster.membersOf(follow)).toMatchObject({ error: { code: 'roster.unknown', asked: 'Gone' } });
  });

  it('of a directory whose people do not speak in Teams decides nothing', async () => {
    const error = { code: 'roster.foreign-directory', directoryId: FABRIKAM.id };
    expect(await roster.find(FABRIKAM.id, 'Engineering')).toEqual({ ok: false, error });
    const follow = { kind: 'entra', directoryId: FABRIKAM.id, group: 'any', name: 'Engineering' } as const;
    expect(await roster.membersOf(follow)).toEqual({ ok: false, error });
    expect(await rosterFor().find(CONTOSO.id, 'Sales')).toMatchObject({ error: { code: 'roster.no-platform' } });
  });
});

describe('Entra accounts', () => {
  it('are open, disabled, or gone from every directory whose people speak', async () => {
    const [megan, alex] = [userNamed('megan'), userNamed('alex')];
    setEnabled(alex, false);
    const nobody = '99999999-0000-4000-8000-000000000000';
    const told = await roster.standings([CONTOSO.id, FABRIKAM.id], [megan.id, alex.id, nobody].map(identityOf));
    expect([...told.values()]).toEqual(['active', 'deactivated', 'deactivated']);
    setEnabled(alex, true);
  });

  it('are not called gone while a directory that may have them is not connected, or anybody may speak', async () => {
    const nobody = identityOf('99999999-0000-4000-8000-000000000000');
    expect((await rosterFor([CONTOSO.id, FABRIKAM.id]).standings([CONTOSO.id], [nobody])).size).toBe(0);
    expect((await rosterFor([]).standings([CONTOSO.id, FABRIKAM.id], [nobody])).size).toBe(0);
  });
});
