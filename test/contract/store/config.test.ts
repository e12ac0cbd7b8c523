import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concerns } from '../../../src/engine/decide.js';
import { groupId, organizationId, personId, ruleId, tenantId } from '../../../src/engine/ids.js';
import { idsOf } from '../../../src/engine/person.js';
import { reaches } from '../../../src/engine/rule.js';
import type { Rule, Subject } from '../../../src/engine/rule.js';
import type { ConfigStore } from '../../../src/flows/ports/config.js';
import { createConfigStore, documentOfRule } from '../../../src/store/config.js';
import { CorruptDocument } from '../../../src/store/document.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { aGroup, aPerson, aRule, aTenant } from '../../fakes/fixtures.js';
import { anyRule, GROUP_IDS, TENANTS } from '../../fakes/rule-arbitraries.js';

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
const ids = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id).toSorted();

const [acme, globex] = [organizationId('acme'), organizationId('globex')];

describe('a tenant', () => {
  const tenant = aTenant({ id: tenantId('zeta'), name: 'zeta', directoryId: 'directory-z' });

  it('is added once, and neither its id nor its directory can be taken again', async () => {
    expect(wins(await Promise.all(Array.from({ length: 20 }, () => store.tenants.add(tenant))))).toBe(1);
    expect(await store.tenants.add({ ...tenant, directoryId: 'another' })).toBe(false);
    expect(await store.tenants.add({ ...tenant, id: tenantId('another') })).toBe(false);
    expect(await store.tenants.byId(tenant.id)).toEqual(tenant);
    expect(await store.tenants.byId(tenantId('another'))).toBeUndefined();
  });

  it('is listed by name, and is gone once removed', async () => {
    const alpha = aTenant({ id: tenantId('alpha'), name: 'Alpha', directoryId: 'directory-a' });
    await store.tenants.add(alpha);
    expect(await store.tenants.all()).toEqual([alpha, tenant]);
    expect(await store.tenants.remove(alpha.id)).toBe(true);
    expect(await store.tenants.remove(alpha.id)).toBe(false);
    expect(await store.tenants.all()).toEqual([tenant]);
  });
});

describe('a name', () => {
  const leads = aGroup({ id: groupId('N-LEADS'), name: 'Night Leads' });

  it('is one thing of its organization, whatever its case, and may be used again in another', async () => {
    const rivals = Array.from({ length: 20 }, (_, index) => ({
      ...leads,
      id: groupId(`N-${index}`),
      name: 'NIGHT leads',
    }));
    expect(wins(await Promise.all([leads, ...rivals].map((rival) => store.groups.add(rival))))).toBe(1);
    for (const rival of rivals) await store.groups.remove(rival.id);
    await store.groups.add(leads);
    expect(await store.groups.add({ ...leads, id: groupId('N-LATE'), name: ' night leads' })).toBe(false);
    expect(await store.groups.add({ ...leads, id: groupId('N-ACME'), organization: acme })).toBe(true);
    expect(ids(await store.groups.named('NIGHT LEADS '))).toEqual(['N-ACME', 'N-LEADS']);
  });

  it('can be changed, but not into another one of its organization', async () => {
    const days = aGroup({ id: groupId('N-DAYS'), name: 'Day Leads' });
    await store.groups.add(days);
    expect(await store.groups.replace({ ...days, name: 'Night leads' }, days)).toBe(false);
    expect(await store.groups.byId(days.id)).toEqual(days);
    const renamed = { ...days, name: 'Early Leads' };
    expect(await store.groups.replace(renamed, days)).toBe(true);
    expect(await store.groups.named('day leads')).toEqual([]);
    expect(await store.groups.named('early leads')).toEqual([renamed]);
  });
});

describe('two admins at once', () => {
  it('do not overwrite each other: the second one is told, and nothing of the first is lost', async () => {
    const rule = aRule({ id: ruleId('L-TWO'), name: 'Two' });
    await store.rules.add(rule);
    const edits = ['Two by one', 'Two by other'].map((name) => store.rules.replace({ ...rule, name }, rule));
    expect(wins(await Promise.all(edits))).toBe(1);
    expect((await store.rules.byId(rule.id))?.name).toMatch(/^Two by/u);
    expect(await store.rules.replace(rule, rule)).toBe(false);
    await store.rules.remove(rule.id);
    expect(await store.rules.replace(rule, rule)).toBe(false);
  });

  it('appoint one after the other, in an office that nobody has held yet, too', async () => {
    const before = await store.offices.read();
    const appointing = ['P-1', 'P-2'].map((id) => store.offices.replace({ ...before, owners: [personId(id)] }, before));
    expect(wins(await Promise.all(appointing))).toBe(1);
    const after = await store.offices.read();
    expect(after.owners).toHaveLength(1);
    expect(await store.offices.replace({ ...after, auditors: [personId('P-3')] }, before)).toBe(false);
    expect(await store.offices.replace({ ...after, auditors: [personId('P-3')] }, after)).toBe(true);
    expect(await createConfigStore(database.db).offices.read()).toEqual({ ...after, auditors: ['P-3'] });
  });
});

describe('a group', () => {
  const techs = aGroup({ id: groupId('M-TECHS'), name: 'Many technicians', members: [] });

  it('loses no member when many join at once while it is changed, and holds nobody twice', async () => {
    await store.groups.add(techs);
    const members = Array.from({ length: 12 }, (_, index) => personId(`P-${index}`));
    const rename = async (name: string): Promise<void> => {
      const known = await store.groups.byId(techs.id);
      if (known !== undefined && !(await store.groups.replace({ ...known, name }, known))) await rename(name);
    };
    await Promise.all([
      ...members.flatMap((member) => [1, 2].map(() => store.groups.addMembers(techs.id, [member]))),
      ...['Technicians A', 'Technicians B'].map(rename),
    ]);
    const stored = await store.groups.byId(techs.id);
    expect(stored?.members.toSorted()).toEqual(members.toSorted());
    expect(stored?.name).toMatch(/^Technicians [AB]$/u);
    await store.groups.removeMembers(techs.id, members.slice(1));
    expect((await store.groups.byId(techs.id))?.members).toEqual([members[0]]);
  });

  it('is found by who is in it', async () => {
    await store.groups.addMembers(techs.id, [personId('P-LEE')]);
    expect(ids(await store.groups.ofPeople([personId('P-LEE'), personId('P-NOBODY')]))).toEqual(['M-TECHS']);
    expect(await store.groups.ofPeople([personId('P-NOBODY')])).toEqual([]);
    expect(await store.groups.ofPeople([])).toEqual([]);
  });
});

describe('a long list', () => {
  it('comes in pages by name, of some organizations, of names that hold some words', async () => {
    const names = ['b.1', 'A*2', 'c 3', 'd 4', 'E 5'];
    for (const [index, name] of names.entries()) {
      const organization = index % 2 === 0 ? acme : globex;
      await store.templates.add({ ...TEMPLATE, id: `T-${index}` as typeof TEMPLATE.id, name, organization });
    }
    const page = async (asked: Parameters<typeof store.templates.page>[0]) => {
      const { items, total } = await store.templates.page(asked);
      return [items.map(({ name }) => name), total];
    };
    expect(await page({ skip: 1, limit: 2 })).toEqual([['b.1', 'c 3'], 5]);
    expect(await page({ skip: 4, limit: 2 })).toEqual([['E 5'], 5]);
    expect(await page({ skip: 0, limit: 9, organizations: [globex] })).toEqual([['A*2', 'd 4'], 2]);
    expect(await page({ skip: 0, limit: 9, organizations: [] })).toEqual([[], 0]);
    expect(await page({ skip: 0, limit: 9, words: 'a*' })).toEqual([['A*2'], 1]);
    expect(await page({ skip: 0, limit: 9, words: '.' })).toEqual([['b.1'], 1]);
  });
});

const TEMPLATE = {
  id: 'T' as Parameters<ConfigStore['templates']['byId']>[0],
  name: '',
  description: '',
  tenants: [],
  roles: [],
  groups: [],
  account: 'dedicated',
  atEnd: 'disable',
  tap: false,
  notify: [],
  isDefault: false,
} as const;

describe('rules', () => {
  it('say what they use: people, groups, places, templates, approvers and those they escalate to', async () => {
    const escalation = { group: groupId('U-BOSSES'), groupName: 'Bosses', afterMs: 1 };
    const quorums = [{ group: groupId('U-LEADS'), groupName: 'Leads', count: 1, escalation }];
    const rule: Rule = aRule({
      id: ruleId('L-USES'),
      name: 'Uses',
      organization: globex,
      subjects: [{ kind: 'person', id: personId('U-DANA') }],
      where: [{ kind: 'tenant', id: tenantId('u-tenant') }],
      demands: { ...aRule().demands, quorums },
    });
    await store.rules.add(rule);
    for (const [kind, id] of [
      ['group', 'U-LEADS'],
      ['group', 'U-BOSSES'],
      ['person', 'U-DANA'],
      ['tenant', 'u-tenant'],
      ['organization', 'globex'],
    ] as const) {
      expect(ids(await store.rules.using({ kind, id }, 9))).toEqual(['L-USES']);
    }
    expect(await store.rules.using({ kind: 'group', id: 'U-NOBODY' }, 9)).toEqual([]);
    await store.rules.remove(rule.id);
  });

  it('that concern somebody somewhere are found, exactly those that are about them and reach there', async () => {
    const sample = fc.sample(anyRule, { numRuns: 300, seed: 7 });
    const rules = sample.map((rule, index): Rule => ({ ...rule, id: ruleId(`S-${index}`), name: `Sample ${index}` }));
    await database.db.collection<{ _id: string }>('rules').insertMany(rules.map(documentOfRule));
    const person = aPerson({ aliases: [personId('P-OLD')] });
    let found = 0;
    for (const tenant of TENANTS) {
      for (const memberOf of [[], GROUP_IDS.slice(0, 1), GROUP_IDS]) {
        const subjects: readonly Subject[] = [
          { kind: 'everyone' },
          ...idsOf(person).map((id): Subject => ({ kind: 'person', id })),
          ...memberOf.map((id): Subject => ({ kind: 'group', id })),
        ];
        const about = rules.filter((rule) => rule.subjects.some((one) => concerns(one, person, new Set(memberOf))));
        const here = about.filter((rule) => reaches(rule, tenant));
        expect(ids(await store.rules.concerning(subjects, tenant))).toEqual(ids(here));
        expect(ids(await store.rules.concerning(subjects))).toEqual(ids(about));
        found += here.length;
      }
    }
    expect(found).toBeGreaterThan(100);
  });

  it('of others cost nothing: none of them is read', async () => {
    const others = Array.from({ length: 1_000 }, (_, index) =>
      aRule({
        id: ruleId(`O-${index}`),
        name: `Other ${index}`,
        subjects: [{ kind: 'group', id: groupId(`O-${index}`) }],
      }),
    );
    await database.db.collection<{ _id: string }>('rules').insertMany(others.map(documentOfRule));
    const question = database.db.collection('rules').find({ keys: { $in: ['group:O-1|tenant:contoso'] } });
    const { executionStats } = await question.sort({ nameKey: 1 }).explain('executionStats');
    expect(executionStats).toMatchObject({ nReturned: 1, totalDocsExamined: 1 });
  });
});

describe('a document that this program did not write', () => {
  it.each<[string, object]>([
    ['a field that it does not know', { 'item.superuser': true }],
    ['a word that it does not know', { 'item.effect': 'maybe' }],
    ['a subject of the past', { 'item.subjects': ['G-TECHS'] }],
  ])('is refused by name and place: %s', async (_, change) => {
    const rule = aRule({
      id: ruleId('L-SPOILT'),
      name: 'Spoilt',
      subjects: [{ kind: 'group', id: groupId('SPOILT') }],
    });
    await store.rules.add(rule);
    await database.db.collection<{ _id: string }>('rules').updateOne({ _id: rule.id }, { $set: change });
    const reading = store.rules.concerning([{ kind: 'group', id: groupId('SPOILT') }]);
    await expect(reading).rejects.toThrow(CorruptDocument);
    await expect(reading).rejects.toThrow(/^rules L-SPOILT: item/u);
    await store.rules.remove(rule.id);
  });

  it('but that was put right by hand can be changed again', async () => {
    const group = aGroup({ id: groupId('BY-HAND'), name: 'By hand', members: [] });
    await store.groups.add(group);
    await database.db
      .collection<{ _id: string }>('groups')
      .updateOne({ _id: group.id }, { $set: { 'item.members': ['P-HAND'] } });
    await store.groups.addMembers(group.id, [personId('P-NEW')]);
    expect((await store.groups.byId(group.id))?.members).toEqual(['P-HAND', 'P-NEW']);
  });
});
