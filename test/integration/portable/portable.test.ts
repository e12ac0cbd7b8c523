import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigText, writeConfig } from '../../../src/chat/config-text.js';
import {
  directoryGroupId,
  groupId,
  identityKey,
  organizationId,
  personId,
  roleId,
  ruleId,
  templateId,
  tenantId,
  unitId,
} from '../../../src/engine/ids.js';
import type { AuditEvent } from '../../../src/flows/ports/audit.js';
import { exportConfig } from '../../../src/flows/portable/export.js';
import { importConfig } from '../../../src/flows/portable/import.js';
import { planImport } from '../../../src/flows/portable/plan.js';
import type { ImportDeps } from '../../../src/flows/portable/plan.js';
import { ok } from '../../../src/lib/result.js';
import { systemRandom } from '../../../src/lib/random.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createStores } from '../../../src/store/stores.js';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { anIdentity, aRule, aTenant, demanding, NOON, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

const open: TestDatabase[] = [];

const UNIT = 'aaaaaaaa-0000-4000-8000-0000000000a1';
const GROUP = 'aaaaaaaa-0000-4000-8000-0000000000b1';
const AUTHORISED = { name: 'Gina Admin', upn: 'gina@contoso.example', at: NOON };

/** An installation of its own, with Olga at its desk and every directory answering for every domain. */
const install = async () => {
  const database = await createTestDatabase();
  open.push(database);
  await ensureIndexes(database.db);
  const stores = createStores(database.db);
  const events: AuditEvent[] = [];
  const olga = await stores.people.appear(anIdentity('slack', 'U0OLGA', { name: 'Olga Reyes' }), personId('P-OLGA'));
  const described = { name: 'Contoso', domains: [{ name: 'contoso.example', verified: true, managed: true }] };
  const deps: ImportDeps = {
    ...stores,
    audit: { ...stores.audit, append: async (_id, event) => void events.push(event) },
    clock: { now: () => NOON },
    random: systemRandom,
    settings: { owners: [], approvalChannels: [], publicUrl: 'http://localhost' },
    directory: { describe: async () => ok(described) } as unknown as ImportDeps['directory'],
  };
  return { deps, events, admin: { person: olga, on: 'slack' as const } };
};

type Installation = Awaited<ReturnType<typeof install>>;

/** One of everything, referring to each other in every way there is. */
const fill = async ({ deps }: Installation): Promise<void> => {
  const { config, people } = deps;
  const dana = await people.appear(anIdentity('slack', 'U0DANA', { name: 'Dana Whitlock' }), personId('P-DANA'));
  const tess = await people.appear(
    anIdentity('teams', 'aaaaaaaa-0000-4000-8000-00000000000a', { name: 'Tess: "O"' }),
    personId('P-TESS'),
  );
  const organization = organizationId('contoso');
  await config.organizations.add({ id: organization, name: 'Contoso Ltd', admins: [dana.id] });
  await config.tenants.add(
    aTenant({
      organization,
      longestDurationMs: 6 * HOUR,
      roles: [USER_ADMINISTRATOR, { ...USER_ADMINISTRATOR, unit: { id: unitId(UNIT), name: 'Berlin office' } }],
      groups: [{ id: directoryGroupId(GROUP), name: 'Mailboxes', roleAssignable: false }],
      namePattern: 'adm-{first}.{last}',
      atEnd: 'delete',
      accessPass: 'once',
      authorised: AUTHORISED,
      leaving: { by: 'Olga Reyes', at: NOON },
    }),
  );
  await config.groups.add({ id: groupId('G-DESK'), name: 'Service desk', members: [tess.id] });
  await config.groups.add({ id: groupId('G-TWIN-1'), name: 'Leads', members: [dana.id] });
  await config.groups.add({
    id: groupId('G-TWIN-2'),
    name: 'Leads',
    organization,
    members: [],
    follows: { kind: 'slack', usergroup: 'S123', name: '@leads' },
  });
  await config.templates.add({
    id: templateId('T-MAIL'),
    name: 'Mail',
    organization,
    description: 'Everything about mail',
    tenants: [tenantId('contoso')],
    roles: [USER_ADMINISTRATOR],
    groups: [],
    durationMs: 90 * MINUTE,
    account: 'dedicated',
    atEnd: 'disable',
    tap: false,
    notify: [groupId('G-TWIN-2')],
    isDefault: true,
  });
  await config.rules.add(
    aRule({
      organization,
      subjects: [{ kind: 'everyone' }, { kind: 'group', id: groupId('G-DESK') }, { kind: 'person', id: tess.id }],
      where: [{ kind: 'all' }, { kind: 'organization', id: organization }, { kind: 'tenant', id: tenantId('contoso') }],
      what: {
        roles: [
          { kind: 'pattern', pattern: 'Exchange*' },
          { kind: 'one', id: roleId('fe930be7-5e62-47db-91af-98c3a49a38b1'), name: 'User Administrator' },
        ],
        groups: [],
        templates: [templateId('T-MAIL')],
        atEnd: ['disable', 'delete'],
        tap: true,
      },
      when: { days: [1, 2, 3], fromMinute: 8 * 60, untilMinute: 24 * 60, zone: 'Europe/Berlin' },
      demands: demanding({
        ticket: { pattern: 'INC-[0-9]+' },
        quorums: [
          {
            group: groupId('G-TWIN-1'),
            groupName: 'Leads',
            count: 2,
            escalation: { afterMs: 30 * MINUTE, group: groupId('all-admins'), groupName: 'All admins' },
          },
        ],
        denials: 2,
        pendingMs: 3 * HOUR,
        secondFactor: true,
      }),
    }),
  );
  await config.rules.add({
    id: ruleId('L-DENY'),
    name: 'Never at night',
    effect: 'deny',
    subjects: [{ kind: 'everyone' }],
    where: [{ kind: 'all' }],
    what: { roles: [], groups: [], templates: [], accounts: ['existing'] },
  });
  await config.offices.replace({ owners: [dana.id], dismissed: [], auditors: [tess.id] }, await config.offices.read());
};

const textOf = async ({ deps }: Installation): Promise<string> => {
  const portable = await exportConfig(deps);
  return writeConfig(portable, () => 'a name: with "marks" # and more');
};

const documentIn = (text: string): unknown => {
  const read = readConfigText(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};

let home: Installation;
let text: string;

beforeAll(async () => {
  home = await install();
  await fill(home);
  text = await textOf(home);
});

afterAll(async () => {
  await Promise.all(open.map((database) => database.close()));
});

describe('a configuration that moves', () => {
  it('changes nothing where it came from', async () => {
    const plan = await planImport(home.deps, documentIn(text));
    expect(plan).toMatchObject({ ok: true, value: { changes: [], untouched: 0 } });
  });

  it('is the same elsewhere, people included, and importing it twice changes nothing', async () => {
    const away = await install();
    const planned = await planImport(away.deps, documentIn(text));
    expect(planned.ok && planned.value.changes.map(({ noun, kind }) => `${kind} ${noun}`)).toEqual([
      'add organization',
      'add tenant',
      'add group',
      'add group',
      'add group',
      'add template',
      'add rule',
      'add rule',
      'change office',
    ]);
    expect(await away.deps.config.groups.all()).toEqual([]);
    const imported = await importConfig(away.deps, away.admin, documentIn(text));
    expect(imported.ok).toBe(true);
    expect(await textOf(away)).toBe(text);
    const again = await importConfig(away.deps, away.admin, documentIn(text));
    expect(again.ok && again.value.changes).toEqual([]);
    const tess = await away.deps.people.byIdentity(identityKey('teams', 'aaaaaaaa-0000-4000-8000-00000000000a'));
    expect(await away.deps.config.groups.ofPeople([tess?.id ?? personId('nobody')])).toHaveLength(1);
    expect(away.events.map(({ what }) => what)).toContain('rule.added');
  });

  it('says what would change, changes that alone, and tells the audit log before and after', async () => {
    const away = await install();
    await importConfig(away.deps, away.admin, documentIn(text));
    await away.deps.config.groups.add({ id: groupId('G-OWN'), name: 'Own', members: [] });
    away.events.length = 0;
    const edited = text.replace('longest: 8h', 'longest: 30m').replaceAll('Service desk', 'Front desk');
    const plan = await planImport(away.deps, documentIn(edited));
    expect(plan.ok && plan.value).toMatchObject({
      changes: [
        { noun: 'group', name: 'Front desk', kind: 'change', fields: ['name'] },
        { noun: 'rule', name: 'Technicians at Contoso', kind: 'change', fields: ['longest'] },
      ],
      untouched: 1,
    });
    await importConfig(away.deps, away.admin, documentIn(edited));
    expect(away.events).toMatchObject([
      { what: 'group.changed', before: { name: 'Service desk' }, after: { name: 'Front desk' } },
      { what: 'rule.changed', before: { longest: '8h' }, after: { longest: '30m' } },
    ]);
    expect((await away.deps.config.groups.byId(groupId('G-OWN')))?.name).toBe('Own');
  });

  it('lets nobody in by leaving approvals out: an admin is asked', async () => {
    const away = await install();
    const rule = { name: 'Bare', subjects: ['everyone'], where: ['everywhere'], roles: [{ pattern: '*' }] };
    await importConfig(away.deps, away.admin, { version: 1, rules: [rule] });
    const [stored] = await away.deps.config.rules.all();
    expect(stored).toMatchObject({ demands: { quorums: [{ group: 'all-admins', count: 1 }] } });
  });

  it('carries what is set of a tenant, and neither who let it in nor that it is leaving', async () => {
    expect(text).not.toMatch(/gina|leaving|authorised/iu);
    const away = await install();
    await importConfig(away.deps, away.admin, documentIn(text));
    const [tenant] = await away.deps.config.tenants.all();
    expect(tenant).toMatchObject({
      longestDurationMs: 6 * HOUR,
      roles: [{ name: 'User Administrator' }, { unit: { id: UNIT, name: 'Berlin office' } }],
      groups: [{ id: GROUP, roleAssignable: false }],
      namePattern: 'adm-{first}.{last}',
      atEnd: 'delete',
      accessPass: 'once',
    });
    expect(tenant).not.toHaveProperty('leaving');
    expect(tenant).not.toHaveProperty('authorised');
    const edited = text.replace('longest: 6h', 'longest: 5h').replace('name: Contoso\n', 'name: Contoso AG\n');
    await importConfig(home.deps, home.admin, documentIn(edited));
    expect(await home.deps.config.tenants.byId(tenantId('contoso'))).toMatchObject({
      authorised: AUTHORISED,
      leaving: {},
    });
    await importConfig(home.deps, home.admin, documentIn(text));
  });

  it('takes no office from anybody', async () => {
    const plan = await planImport(home.deps, { version: 1 });
    expect(plan.ok && plan.value.changes).toEqual([]);
  });
});

describe('what a document cannot do', () => {
  it('is to put another directory under a tenant, where nobody would look for what was lent in the first', async () => {
    const away = await install();
    await importConfig(away.deps, away.admin, documentIn(text));
    const { directoryId } = aTenant();
    const edited = text.replaceAll(directoryId, 'aaaaaaaa-0000-4000-8000-000000000009');
    const outcome = await importConfig(away.deps, away.admin, documentIn(edited));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'import.invalid' } });
    expect(JSON.stringify(outcome)).toMatch(/stands for another directory/u);
    expect(await away.deps.config.tenants.all()).toMatchObject([{ directoryId }]);
  });

  it('is to have a group taken for harmless by saying nothing of it: no pattern grants it then', async () => {
    const away = await install();
    const template = { name: 'T', groups: [{ name: 'Tier 0', id: 'aaaaaaaa-0000-4000-8000-000000000008' }] };
    await importConfig(away.deps, away.admin, { version: 1, templates: [template] });
    expect(await away.deps.config.templates.all()).toMatchObject([{ groups: [{ roleAssignable: true }] }]);
  });
});

const tenantWith = (setting: string): string =>
  `version: 1\ntenants:\n  - {id: x, name: X, directory: aaaaaaaa-0000-4000-8000-000000000009, domain: contoso.example, default: 4h, ${setting}}`;

describe('a document that cannot be imported', () => {
  const refused: Readonly<Record<string, [string, RegExp]>> = {
    'no YAML': ['a: [', /line \d+.*not YAML/u],
    'an alias, which could blow a small text up': ['a: &x [1]\nb: *x', /alias/u],
    'another version': ['version: 2', /version/u],
    'a field that nobody knows': ['version: 1\nrulez: []', /rulez/u],
    'a group that is nowhere': [
      'version: 1\nrules:\n  - name: A\n    subjects: [{group: Owls}]\n    where: [everywhere]',
      /no group Owls/u,
    ],
    'a tenant that is nowhere': [
      'version: 1\nrules:\n  - name: A\n    subjects: [everyone]\n    where: [{tenant: nowhere}]',
      /no tenant nowhere/u,
    ],
    'an expression that cannot be read': [
      'version: 1\nrules:\n  - name: A\n    subjects: [everyone]\n    where: [everywhere]\n    roles: [{pattern: "*"}]\n    ticket: "("',
      /no regular expression/u,
    ],
    'a rule that asks nothing in time': [
      'version: 1\nrules:\n  - {name: A, subjects: [everyone], where: [everywhere], roles: [{pattern: "*"}], pending: 20s}',
      /less than a minute/u,
    ],
    'more places and people than a rule can be filed under': [
      JSON.stringify({
        version: 1,
        groups: Array.from({ length: 60 }, (_, index) => ({ name: `G${index}` })),
        organizations: Array.from({ length: 60 }, (_, index) => ({ id: `o${index}`, name: `O${index}` })),
        rules: [
          {
            name: 'A',
            subjects: Array.from({ length: 60 }, (_, index) => ({ group: `G${index}` })),
            where: Array.from({ length: 60 }, (_, index) => ({ organization: `o${index}` })),
            roles: [{ pattern: '*' }],
          },
        ],
      }),
      /at most 2000/u,
    ],
    'a template that holds nothing': ['version: 1\ntemplates:\n  - name: A', /a role or a group/u],
    'a name that turns the reading direction round': [
      'version: 1\ngroups:\n  - name: "A\u202EB"',
      /reading direction/u,
    ],
    'the built-in group under another name': ['version: 1\ngroups:\n  - {id: all-admins, name: Mine}', /built in/u],
    'the built-in group in look-alike letters': ['version: 1\ngroups:\n  - name: "\uFF21ll admins"', /built in/u],
    'the built-in group': ['version: 1\ngroups:\n  - name: All Admins', /built in/u],
    'a domain in which no account can be made': [
      'version: 1\ntenants:\n  - {id: x, name: X, directory: aaaaaaaa-0000-4000-8000-000000000009, domain: other.example, default: 4h}',
      /other\.example/u,
    ],
    'a tenant whose usual duration is longer than its longest': [tenantWith('longest: 2h'), /longer than 2h/u],
    'accounts that would all have the same name': [tenantWith('accountName: jit'), /\{person\}/u],
    'a tenant that lends nothing at all': [tenantWith('roles: []'), /roles/u],
    'the cloud of an app that is not here': [tenantWith('cloud: china'), /no app of its own/u],
    'the same thing twice': ['version: 1\ngroups:\n  - {id: A, name: A}\n  - {id: A, name: B}', /twice/u],
  };

  it.each(Object.entries(refused))('is refused for %s, and nothing changes', async (_what, [source, problem]) => {
    const away = await install();
    const read = readConfigText(source);
    const outcome = read.ok ? await importConfig(away.deps, away.admin, read.value) : read;
    expect(outcome).toMatchObject({ ok: false, error: { code: 'import.invalid' } });
    expect(JSON.stringify(outcome)).toMatch(problem);
    expect([...(await away.deps.config.groups.all()), ...(await away.deps.config.rules.all())]).toEqual([]);
    expect(away.events).toEqual([]);
  });
});
