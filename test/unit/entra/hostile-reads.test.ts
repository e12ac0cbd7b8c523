import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/entra/inspect.js';
import { createDirectorySearch } from '../../../src/entra/search.js';
import { createDirectorySurvey } from '../../../src/entra/survey.js';
import {
  CLIENT_ID,
  closeNetwork,
  fakeGraph,
  grantTokens,
  graphError,
  KNOWN_USER,
  reopenNetwork,
  stageDirectory,
  TAG,
  TENANT,
  USER,
  USER_ID,
} from '../../fakes/graph.js';
import type { ItemAnswer, SentItem } from '../../fakes/graph.js';

// Whatever is unreadable, about somebody else or missing becomes a fault, and never a belief about who holds what.

const OTHER_ID = 'dddddddd-0000-4000-8000-00000000000d';
const GRAPH_ID = 'aaaaaaaa-0000-4000-8000-0000000000aa';
const PRINCIPAL_ID = 'cccccccc-0000-4000-8000-0000000000cc';
const ROLE = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
const PERMISSION = '741f803b-c850-494e-b5df-cde7c675a1ca';

const okay = (body: unknown): ItemAnswer => ({ status: 200, body });
const rows = (...value: readonly unknown[]): ItemAnswer => okay({ value });
const NOT_FOUND: ItemAnswer = { status: 404, body: graphError('Request_ResourceNotFound') };

const MALFORMED = { ok: false, error: { code: 'directory.malformed' } };

beforeEach(() => {
  closeNetwork();
  grantTokens();
});
afterEach(reopenNetwork);

describe('a survey', () => {
  const user = { id: USER_ID, userPrincipalName: USER.upn, accountEnabled: true, [TAG]: 'contoso/P-DANA#7' };
  const listed = { ...user, displayName: 'JIT: Dana Fox' };

  const survey = async (answers: Partial<Record<string, ItemAnswer>>) => {
    const all: Readonly<Record<string, ItemAnswer | undefined>> = {
      '0.user': okay(user),
      '0.assignments': rows(),
      '0.groups': rows(),
      tagged: rows(listed),
      ...answers,
    };
    fakeGraph().batch(({ id }) => all[id]);
    const { reach, clock } = stageDirectory();
    return createDirectorySurvey(reach, { clock }).survey(TENANT, [KNOWN_USER]);
  };

  it('is believed where everything fits', async () => {
    const believed = await survey({});
    expect(believed).toMatchObject({ ok: true, value: { tagged: [{ objectId: USER_ID, account: 'contoso/P-DANA' }] } });
    expect(believed.ok && believed.value.observed.get(USER.account)).toMatchObject({ exists: true, generation: 7 });
  });

  it.each<[string, Partial<Record<string, ItemAnswer | undefined>>]>([
    ['an item without an answer', { '0.groups': undefined }],
    ['a user who is another', { '0.user': okay({ ...user, id: OTHER_ID }) }],
    [
      'roles of another',
      { '0.assignments': rows({ id: 'as', principalId: OTHER_ID, roleDefinitionId: ROLE, directoryScopeId: '/' }) },
    ],
    ['groups that are no list', { '0.groups': okay({ value: {} }) }],
    ['a page of a proxy', { tagged: { status: 200, body: '<html>Please sign in</html>' } }],
    ['tagged users who are not', { tagged: rows(listed, { ...listed, id: OTHER_ID, [TAG]: 'fabrikam/P-DANA#1' }) }],
    ['tagged users without their tags', { tagged: rows({ ...listed, [TAG]: null }) }],
    [
      'tagged users of whom nobody says whether they are enabled',
      { tagged: rows({ ...listed, accountEnabled: null }) },
    ],
    [
      'a list that goes on elsewhere',
      { tagged: okay({ value: [], '@odata.nextLink': 'https://evil.example/v1.0/users' }) },
    ],
    ['an answer without content', { tagged: { status: 204 } }],
  ])('with %s is a fault', async (_what, answers) => {
    expect(await survey(answers as Partial<Record<string, ItemAnswer>>)).toMatchObject(MALFORMED);
  });

  it('takes no access for gone because one replica does not know the user yet', async () => {
    expect(await survey({ '0.groups': NOT_FOUND })).toMatchObject({ error: { code: 'directory.unavailable' } });
  });
});

describe('an inspection', () => {
  const ANSWERS: Readonly<Record<string, ItemAnswer>> = {
    resource: okay({ id: GRAPH_ID, appRoles: [{ id: PERMISSION, value: 'User.ReadWrite.All' }] }),
    grants: rows({ principalId: PRINCIPAL_ID, resourceId: GRAPH_ID, appRoleId: PERMISSION }),
    roleGroups: rows(),
    app: okay({ appId: CLIENT_ID, passwordCredentials: [], keyCredentials: [] }),
    extensions: rows({ name: TAG, targetObjects: ['User'] }),
    policy: okay({
      state: 'enabled',
      isUsableOnce: false,
      minimumLifetimeInMinutes: 60,
      maximumLifetimeInMinutes: 480,
      includeTargets: [{ id: 'all_users' }],
    }),
    licences: rows({
      capabilityStatus: 'Enabled',
      servicePlans: [{ servicePlanId: '41781fb2-bc02-4b7c-bd55-b576c07bb09d', provisioningStatus: 'Success' }],
    }),
  };
  const OWN = { id: PRINCIPAL_ID, appId: CLIENT_ID };

  interface Staged {
    readonly items?: Readonly<Record<string, ItemAnswer>>;
    readonly own?: unknown;
    readonly assignments?: ItemAnswer;
    readonly headers?: Readonly<Record<string, string>>;
  }

  const inspect = async ({ items = {}, own = OWN, assignments = rows(), headers = {} }: Staged) => {
    const graph = fakeGraph();
    graph.get(200, own, headers);
    const answer = ({ id }: SentItem): ItemAnswer | undefined => ({ ...ANSWERS, ...items })[id];
    graph.batch(answer);
    graph.batch(() => assignments);
    const { reach, clock } = stageDirectory();
    return createInspector(reach, { clock, passPolicies: { forget: () => undefined } }).inspect(TENANT);
  };

  it('is believed where everything fits', async () => {
    const held = { id: 'as', principalId: PRINCIPAL_ID, roleDefinitionId: ROLE, directoryScopeId: '/' };
    const found = await inspect({ assignments: rows(held), headers: { date: 'Mon, 02 Mar 2026 12:00:30 GMT' } });
    expect(found).toMatchObject({
      permissions: { ok: true, value: ['User.ReadWrite.All'] },
      principal: { ok: true, value: { objectId: PRINCIPAL_ID, roles: [ROLE] } },
      passPolicy: { ok: true, value: { enabled: true, everybody: true } },
      licences: { ok: true, value: { p1: true, p2: false } },
      credentials: { ok: true, value: [] },
      tagAttribute: { ok: true, value: true },
      skewMs: { ok: true, value: 30_000 },
    });
  });

  it('counts no permission of another service, no licence that has run out and no plan that is switched off', async () => {
    const plan = (servicePlanId: string, provisioningStatus: string) => ({ servicePlanId, provisioningStatus });
    const [p1, p2] = ['41781fb2-bc02-4b7c-bd55-b576c07bb09d', 'eec0eb4f-6444-4f95-aba0-50c24d67f998'] as const;
    const found = await inspect({
      items: {
        grants: rows({ principalId: PRINCIPAL_ID, resourceId: OTHER_ID, appRoleId: PERMISSION }),
        licences: rows(
          { capabilityStatus: 'Suspended', servicePlans: [plan(p2, 'Success')] },
          { capabilityStatus: 'Enabled', servicePlans: [plan(p1, 'Disabled')] },
        ),
      },
    });
    expect(found.permissions).toEqual({ ok: true, value: [] });
    expect(found.licences).toEqual({ ok: true, value: { p1: false, p2: false } });
  });

  it('does not say that everybody may be given a pass where somebody is left out', async () => {
    const { body } = ANSWERS['policy'] as { body: object };
    const found = await inspect({ items: { policy: okay({ ...body, excludeTargets: [{ id: OTHER_ID }] }) } });
    expect(found.passPolicy).toMatchObject({ ok: true, value: { everybody: false } });
  });

  it.each<[string, Staged, 'permissions' | 'principal' | 'passPolicy' | 'licences' | 'credentials' | 'skewMs']>([
    ['permissions without names', { items: { resource: okay({ id: GRAPH_ID }) } }, 'permissions'],
    ['another app', { own: { ...OWN, appId: OTHER_ID } }, 'principal'],
    [
      'roles of another',
      { assignments: rows({ id: 'as', principalId: OTHER_ID, roleDefinitionId: ROLE, directoryScopeId: '/' }) },
      'principal',
    ],
    ['groups that are no list', { items: { roleGroups: okay([]) } }, 'principal'],
    ['a policy of no known state', { items: { policy: okay({ state: 'maybe' }) } }, 'passPolicy'],
    ['licences of a proxy', { items: { licences: okay('<html></html>') } }, 'licences'],
    [
      'a secret that ends at no time',
      {
        items: { app: okay({ appId: CLIENT_ID, keyCredentials: [], passwordCredentials: [{ endDateTime: 'soon' }] }) },
      },
      'credentials',
    ],
    ['no time of day', {}, 'skewMs'],
  ])('with %s faults that part and no other', async (_what, staged, part) => {
    const {
      at: _,
      throttling: __,
      ...parts
    } = await inspect({
      headers: part === 'skewMs' ? {} : { date: 'Mon, 02 Mar 2026 12:00:00 GMT' },
      ...staged,
    });
    expect(parts[part]).toMatchObject(MALFORMED);
    const others = Object.entries(parts).filter(([name]) => name !== part);
    expect(others.filter(([, found]) => !found.ok)).toEqual([]);
  });
});

describe('a search', () => {
  it.each([
    ['a user who is another', { id: OTHER_ID, userPrincipalName: 'other@contoso.example' }],
    ['a user without a name', { id: USER_ID }],
    ['a page of a proxy', '<html></html>'],
  ])('for one user answered with %s is a fault', async (_what, body) => {
    fakeGraph().get(200, body);
    expect(await createDirectorySearch(stageDirectory().reach).user(TENANT, USER.upn)).toMatchObject(MALFORMED);
  });

  it('asks for what was typed and nothing else', async () => {
    const graph = fakeGraph();
    graph.get(200, { value: [] });
    await createDirectorySearch(stageDirectory().reach).users(TENANT, "o'hara&$top=999");
    expect(graph.calls[0]?.path).toContain("startswith(displayName,'o''hara&$top=999') or");
    expect(graph.calls[0]?.path).toContain('$top=50&$filter=');
  });
});
