import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupId, personId, ruleId, tenantId } from '../../../src/engine/ids.js';
import type { ConfigStore } from '../../../src/flows/ports.js';
import { createConfigStore } from '../../../src/store/config.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { aGroup, aRule, aTenant } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: ConfigStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createConfigStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const wins = (outcomes: readonly boolean[]): number => outcomes.filter(Boolean).length;

describe('tenants', () => {
  const tenant = aTenant({ id: tenantId('zeta'), name: 'zeta', directoryId: 'directory-z' });

  it('are added once, and neither their id nor their directory can be taken again', async () => {
    expect(wins(await Promise.all(Array.from({ length: 20 }, () => store.addTenant(tenant))))).toBe(1);
    expect(await store.addTenant({ ...tenant, directoryId: 'another' })).toBe(false);
    expect(await store.addTenant({ ...tenant, id: tenantId('another') })).toBe(false);
    expect(await store.tenant(tenant.id)).toEqual(tenant);
    expect(await store.tenant(tenantId('another'))).toBeUndefined();
  });

  it('are listed by name, and are gone once removed', async () => {
    const alpha = aTenant({ id: tenantId('alpha'), name: 'Alpha', directoryId: 'directory-a' });
    await store.addTenant(alpha);
    expect(await store.tenants()).toEqual([alpha, tenant]);
    expect(await store.removeTenant(alpha.id)).toBe(true);
    expect(await store.removeTenant(alpha.id)).toBe(false);
    expect(await store.tenants()).toEqual([tenant]);
  });
});

describe('groups', () => {
  const leads = aGroup({ id: groupId('G-LEADS'), name: 'Leads', members: [personId('P-LEE')] });
  const techs = aGroup({ id: groupId('G-TECHS'), name: 'Technicians', members: [] });

  it('keep their name to themselves, whatever the case', async () => {
    expect(await store.addGroup(techs)).toBe(true);
    const rivals = Array.from({ length: 20 }, (_, index) => ({ ...leads, id: groupId(`G-${index}`), name: 'LEADS' }));
    const outcomes = await Promise.all([store.addGroup(leads), ...rivals.map((rival) => store.addGroup(rival))]);
    expect(wins(outcomes)).toBe(1);
    for (const rival of rivals) await store.removeGroup(rival.id);
    await store.addGroup(leads);
    expect(await store.addGroup({ ...leads, id: groupId('G-LATE'), name: ' leads' })).toBe(false);
    expect(await store.groups()).toEqual([leads, techs]);
  });

  it('lose no member when many join at once, and hold nobody twice', async () => {
    const members = Array.from({ length: 20 }, (_, index) => personId(`P-${index}`));
    await Promise.all(
      members.flatMap((member) => [store.addMembers(techs.id, [member]), store.addMembers(techs.id, [member])]),
    );
    const [stored] = await store.groupsByIds([techs.id]);
    expect(stored?.members.toSorted()).toEqual(members.toSorted());
    await store.removeMembers(techs.id, members.slice(1));
    expect((await store.groupsByIds([techs.id]))[0]?.members).toEqual([members[0]]);
  });

  it('are found by who is in them', async () => {
    expect((await store.groupsOf([personId('P-LEE'), personId('P-0')])).map(({ id }) => id)).toEqual([
      leads.id,
      techs.id,
    ]);
    expect((await store.groupsOf([personId('P-LEE')])).map(({ id }) => id)).toEqual([leads.id]);
    expect(await store.groupsOf([personId('P-NOBODY')])).toEqual([]);
    expect(await store.groupsOf([])).toEqual([]);
  });

  it('are gone once removed', async () => {
    expect(await store.removeGroup(leads.id)).toBe(true);
    expect(await store.removeGroup(leads.id)).toBe(false);
    expect(await store.groupsByIds([leads.id])).toEqual([]);
  });
});

describe('rules', () => {
  const [techs, leads] = [groupId('G-TECHS'), groupId('G-LEADS')];
  const here = aRule({ id: ruleId('L-1'), name: 'Here', subjects: [techs, leads], tenants: [tenantId('contoso')] });
  const { quorum: _none, ...open } = aRule({ id: ruleId('L-2'), name: 'There', subjects: [techs] });
  const there = { ...open, tenants: [tenantId('fabrikam'), tenantId('northwind')] };

  it('are found by group and tenant', async () => {
    expect(await store.addRule(here)).toBe(true);
    expect(await store.addRule(there)).toBe(true);
    expect(await store.addRule({ ...there, name: 'Again' })).toBe(false);
    expect(await store.rules()).toEqual([here, there]);
    expect(await store.rulesFor([techs])).toEqual([here, there]);
    expect(await store.rulesFor([leads])).toEqual([here]);
    expect(await store.rulesFor([techs], tenantId('northwind'))).toEqual([there]);
    expect(await store.rulesFor([leads], tenantId('northwind'))).toEqual([]);
    expect(await store.rulesFor([])).toEqual([]);
  });

  it('of others cost nothing: only those of the asking groups are read', async () => {
    const others = Array.from({ length: 500 }, (_, index) =>
      aRule({ id: ruleId(`L-OTHER-${index}`), subjects: [groupId(`G-OTHER-${index}`)] }),
    );
    await Promise.all(others.map((rule) => store.addRule(rule)));
    const question = database.db.collection('rules').find({ subjects: { $in: [techs] }, tenants: 'contoso' });
    const { executionStats } = await question.explain('executionStats');
    expect(executionStats).toMatchObject({ nReturned: 1, totalDocsExamined: 2 });
  });

  it('are gone once removed', async () => {
    expect(await store.removeRule(here.id)).toBe(true);
    expect(await store.removeRule(here.id)).toBe(false);
    expect(await store.rulesFor([leads])).toEqual([]);
  });
});
