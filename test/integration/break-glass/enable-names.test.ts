import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tenantId } from '../../../src/engine/ids.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { isThere, openBreakGlassDesk } from '../../fakes/break-glass-desk.js';
import type { BreakGlassDesk } from '../../fakes/break-glass-desk.js';

/** `/jit admin break-glass enable`, as it is typed: under which names accounts are made, and which are refused whole. */

let desk: BreakGlassDesk;

beforeAll(async () => {
  desk = await openBreakGlassDesk();
});
afterAll(() => desk.close());
beforeEach(() => desk.startOver());

const enable = (names: string): Promise<string> => desk.hear('olga', `admin break-glass enable contoso ${names}`);

const upnOf = (name: string): string => `${name}@contoso.onmicrosoft.com`;

const kept = () => desk.stores.breakGlass.ofTenant(tenantId('contoso'));

const world = () => desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;

it('makes both accounts by the names that were typed, each of which signs in', async () => {
  const answer = await enable('--name Emergency1 --name lifeboat.2');
  expect(answer).toContain('is kept from now on');
  const accounts = await kept();
  expect(new Map(accounts.map(({ name, upn }) => [name, upn]))).toEqual(
    new Map(['emergency1', 'lifeboat.2'].map((name) => [name, upnOf(name)])),
  );
  for (const { id, upn, isAdministrator } of accounts) {
    expect(answer).toContain(upn);
    expect(isThere(desk, upn)).toBe(true);
    expect(isAdministrator).toBe(true);
    expect(await desk.whyShut(id)).toBeUndefined();
  }
});

it.each([
  ['three names', '--name fire --name flood --name storm', /More than two break-glass accounts in Contoso/u],
  ['a name with a space', '--name "fire escape"', /fire escape will not do as a name: it takes 1 to 40 letters/u],
  ['a name with an @', '--name fire@evil.example', /fire@evil\.example will not do as a name/u],
  ['a name that leads elsewhere', '--name ../../fire', /will not do as a name/u],
  ['a name in other letters', '--name "fіre"', /will not do as a name/u],
  ['a name that is too long', `--name ${'f'.repeat(41)}`, /will not do as a name/u],
  ['no name at all', '--name ""', /will not do as a name/u],
  ['the same name twice', '--name fire --name FIRE', /will not do as a name: name each account once/u],
  ['one good and one bad', '--name fire --name -fire', /^-fire will not do as a name/u],
])('refuses %s in a sentence, and changes nothing', async (_, names, sentence) => {
  const users = world().users.all().length;
  expect(await enable(names)).toMatch(sentence);
  expect(await kept()).toEqual([]);
  expect(world().users.all()).toHaveLength(users);
});

it('refuses a third beside two that are kept, and one that is kept already', async () => {
  await enable('--name emergency1 --name emergency2');
  const [before, users] = [await kept(), world().users.all().length];
  expect(await enable('--name third')).toMatch(/More than two [^]* or disable the ones that are kept/u);
  expect(await enable('--name emergency1')).toContain(`${upnOf('emergency1')} is kept already`);
  expect([await kept(), world().users.all().length]).toEqual([before, users]);
});

it('refuses a name that somebody else in the directory has, together with the good one beside it', async () => {
  const taken = upnOf('fire');
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'users', { userPrincipalName: taken, displayName: 'A fire' });
  const users = world().users.all().length;
  expect(await enable('--name flood --name fire')).toContain(`${taken} is there already and was not made by me`);
  expect(await kept()).toEqual([]);
  expect(world().users.all()).toHaveLength(users);
});
