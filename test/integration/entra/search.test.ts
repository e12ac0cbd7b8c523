import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDirectorySearch } from '../../../src/entra/search.js';
import type { DirectorySearch } from '../../../src/flows/ports/directory-search.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

let entra: LocalEntra;
let search: DirectorySearch;

beforeAll(async () => {
  entra = await startLocalEntra();
  search = createDirectorySearch(entra.reach);
});
afterAll(() => entra.sandbox.close());
beforeEach(() => entra.sandbox.reset());

const TENANT = { directoryId: CONTOSO.id };

const change = (action: string, body: object): { readonly id: string } =>
  changeTenant(entra.sandbox.world, CONTOSO.id, action, body) as { id: string };

const addUser = (name: string, properties: object, displayName = name): string =>
  change('users', { userPrincipalName: `${name}@contoso.com`, displayName, properties }).id;

const namesOf = async (words: string): Promise<readonly string[]> => {
  const found = await search.users(TENANT, words);
  if (!found.ok) throw new Error(`${found.error.code}: ${found.error.detail}`);
  return found.value.map(({ name }) => name);
};

describe('users', () => {
  it('are found by the beginning of any of their names, in one round trip, and listed by name', async () => {
    addUser('zed', { givenName: 'Quentin' }, 'Zed Zebra');
    addUser('abe', { surname: 'Quill' }, 'Abe Ant');
    addUser('pia', { mail: 'quiet@contoso.com' }, 'Pia Pine');
    addUser('quo', {}, 'Moe Mole');
    addUser('tom', {}, 'Quiz Master');
    const trips = await entra.roundTrips(async () => {
      expect(await namesOf(' QU ')).toEqual(['Abe Ant', 'Moe Mole', 'Pia Pine', 'Quiz Master', 'Zed Zebra']);
    });
    expect(trips).toHaveLength(1);
    expect(await namesOf('uill')).toEqual([]);
  });

  it('are told apart: of the cloud, kept in step with another directory, guests', async () => {
    const cloud = addUser('kit.cloud', {}, 'Kit Cloud');
    const synced = addUser('kit.synced', { onPremisesSyncEnabled: true }, 'Kit Synced');
    const guest = addUser('kit_partner.com#EXT#', { userType: 'Guest' }, 'Kit Guest');
    expect(await search.users(TENANT, 'kit')).toEqual({
      ok: true,
      value: [
        { id: cloud, upn: 'kit.cloud@contoso.com', name: 'Kit Cloud', origin: 'cloud' },
        { id: guest, upn: 'kit_partner.com#EXT#@contoso.com', name: 'Kit Guest', origin: 'guest' },
        { id: synced, upn: 'kit.synced@contoso.com', name: 'Kit Synced', origin: 'synced' },
      ],
    });
    expect(await search.user(TENANT, 'kit_partner.com#EXT#@contoso.com')).toMatchObject({ value: { id: guest } });
  });

  it('are found by what was typed and by nothing that it could mean to Graph', async () => {
    addUser('sean', {}, "O'Hara, Sean");
    expect(await namesOf("O'Hara")).toEqual(["O'Hara, Sean"]);
    expect(await namesOf("x') or startswith(displayName,'")).toEqual([]);
    expect(await namesOf('100% & #1')).toEqual([]);
  });

  it('are at most fifty, however many there are', async () => {
    for (let index = 0; index < 60; index += 1) addUser(`many${index}`, {});
    expect(await namesOf('many')).toHaveLength(50);
    expect(await namesOf('')).toHaveLength(50);
  });

  it('are found by object id and by name; who is not there is nobody, and no fault', async () => {
    const id = addUser('pia', {}, 'Pia Pine');
    const pia = { id, upn: 'pia@contoso.com', name: 'Pia Pine', origin: 'cloud' };
    expect(await search.user(TENANT, id.toUpperCase())).toEqual({ ok: true, value: pia });
    expect(await search.user(TENANT, ' PIA@contoso.com ')).toEqual({ ok: true, value: pia });
    expect(await search.user(TENANT, 'nobody@contoso.com')).toEqual({ ok: true, value: undefined });
    expect(await search.user(TENANT, CONTOSO.id)).toEqual({ ok: true, value: undefined });
  });

  it.each(['', '..', '$count', 'delta', 'pia', 'pia/memberOf'])('are not asked for by %j', async (key) => {
    const trips = await entra.roundTrips(async () => {
      expect(await search.user(TENANT, key)).toEqual({ ok: true, value: undefined });
    });
    expect(trips).toEqual([]);
  });
});

describe('administrative units', () => {
  const addUnits = (): Readonly<Record<string, string>> => {
    change('permissions', { grant: ['AdministrativeUnit.Read.All'], immediately: true });
    return Object.fromEntries(
      ['Sales West', 'Sales East', "Men's wear"].map((displayName) => [
        displayName,
        change('administrative-units', { displayName }).id,
      ]),
    );
  };

  it('are all listed by name, found by the beginning of it, or by id', async () => {
    const ids = addUnits();
    const unit = (name: string) => ({ id: ids[name], name });
    const east = unit('Sales East');
    const all = await search.units(TENANT, '');
    expect(all.ok && all.value.filter(({ name }) => name in ids)).toEqual([
      unit("Men's wear"),
      east,
      unit('Sales West'),
    ]);
    expect(await search.units(TENANT, 'sales')).toEqual({ ok: true, value: [east, unit('Sales West')] });
    expect(await search.units(TENANT, "Men's")).toEqual({ ok: true, value: [unit("Men's wear")] });
    expect(await search.units(TENANT, `${ids['Sales East']}`)).toEqual({ ok: true, value: [east] });
    expect(await search.units(TENANT, CONTOSO.id)).toEqual({ ok: true, value: [] });
  });

  it('are a matter of rights', async () => {
    change('permissions', { revoke: ['AdministrativeUnit.Read.All'], immediately: true });
    expect(await search.units(TENANT, '')).toMatchObject({ ok: false, error: { code: 'directory.forbidden' } });
  });
});
