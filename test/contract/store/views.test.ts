import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BreakGlassView } from '../../../src/engine/break-glass-view.js';
import { breakGlassId, groupId, organizationId, personId, ruleId, tenantId, viewId } from '../../../src/engine/ids.js';
import type { ViewStore } from '../../../src/flows/ports/vaults.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createViewStore } from '../../../src/store/views.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;
let store: ViewStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createViewStore(database.db);
});

afterAll(async () => {
  await database.close();
});

let count = 0;

/** Each in a tenant of its own and later than the one before. */
const aView = (overrides: Partial<BreakGlassView> = {}): BreakGlassView => {
  count += 1;
  const tenant = tenantId(`tenant-${count}`);
  return {
    id: viewId(`V-${count}`),
    tenant,
    tenantName: 'Contoso',
    accounts: [breakGlassId(tenant, 'emergency1')],
    requester: personId('P-DANA'),
    requesterName: 'Dana Fox',
    askedOn: 'slack',
    reason: 'Conditional access locked everybody out',
    emergency: false,
    accessPass: false,
    state: 'pending',
    rules: [],
    quorums: [],
    asked: [],
    approvals: [],
    denials: [],
    createdAt: addMs(NOON, count * MINUTE),
    lapsesAt: addMs(NOON, HOUR),
    lastsMs: HOUR,
    messages: [],
    ...overrides,
  };
};

const inserted = async (overrides: Partial<BreakGlassView> = {}): Promise<BreakGlassView> => {
  const view = aView(overrides);
  expect(await store.insert(view)).toBe(true);
  return view;
};

describe('a look', () => {
  it('comes back as it was stored, with everything that can be known of it', async () => {
    const verdict = { person: personId('P-LUIS'), name: 'Luis Marin', at: NOON, on: 'teams', note: 'go' } as const;
    const view = await inserted({
      organization: organizationId('contoso-ltd'),
      state: 'over',
      rules: [{ id: ruleId('L-1'), name: 'Emergencies' }],
      quorums: [{ group: groupId('G-LEADS'), groupName: 'Leads', count: 1 }],
      asked: [{ id: personId('P-LUIS'), name: 'Luis Marin' }],
      approvals: [{ ...verdict, factor: 'passkey' }],
      denials: [verdict],
      messages: [
        { key: 'approval/slack:D1', address: { platform: 'slack', conversation: 'D1' }, message: '7', shown: 'x' },
      ],
      uses: [{ id: 'record-1', at: NOON, says: 'Azure Portal from 192.0.2.7' }],
      dueAt: NOON,
      approvedAt: NOON,
      shownAt: NOON,
      overAt: NOON,
    });
    expect(await store.load(view.id)).toEqual({ view, version: 1 });
    expect(await store.load(viewId('V-none'))).toBeUndefined();
  });

  it('has its id alone', async () => {
    const view = await inserted();
    expect(await store.insert({ ...view, reason: 'another' })).toBe(false);
    expect((await store.load(view.id))?.view).toEqual(view);
  });

  it('is changed by one of all who read the same', async () => {
    const view = await inserted();
    const changes = Array.from({ length: 8 }, (_, index) => ({ ...view, reason: `reason ${index}` }));
    const saved = await Promise.all(changes.map((next) => store.save(next, 1)));
    expect(saved.filter(Boolean)).toHaveLength(1);
    expect(await store.load(view.id)).toEqual({ view: changes[saved.indexOf(true)], version: 2 });
  });

  it('whose change lost its answer counts as changed, unless somebody else was first', async () => {
    const view = await inserted();
    const lossy = () => createViewStore(losingOneAnswer(database.db, 'replaceOne'));
    const approved = { ...view, state: 'approved' as const };
    expect(await lossy().save(approved, 1)).toBe(true);
    expect(await lossy().save({ ...view, state: 'denied' }, 1)).toBe(false);
    expect(await store.load(view.id)).toEqual({ view: approved, version: 2 });
  });

  it('is found by tenant and state, newest first', async () => {
    const tenant = tenantId('busy');
    const old = await inserted({ tenant, state: 'over' });
    const open = await inserted({ tenant, state: 'open' });
    const pending = await inserted({ tenant });
    const elsewhere = await inserted({ state: 'cancelled' });
    expect(await store.list({ tenant }, 10)).toEqual([pending, open, old]);
    expect(await store.list({ tenant, states: ['over', 'open'] }, 10)).toEqual([open, old]);
    expect(await store.list({ states: ['cancelled'] }, 10)).toEqual([elsewhere]);
    expect(await store.list({}, 1)).toEqual([elsewhere]);
  });

  it('is due from its time on, longest due first; one without a time never is', async () => {
    const later = await inserted({ dueAt: addMs(NOON, -MINUTE) });
    const first = await inserted({ dueAt: addMs(NOON, -HOUR) });
    const now = await inserted({ dueAt: NOON });
    const ahead = await inserted({ dueAt: addMs(NOON, 1) });
    const never = await inserted();
    const due = await store.due(NOON, 100);
    expect(due.filter((id) => [first, later, now].some((one) => one.id === id))).toEqual([first.id, later.id, now.id]);
    expect(due).not.toContain(ahead.id);
    expect(due).not.toContain(never.id);
    expect(await store.due(NOON, 1)).toEqual([first.id]);
  });
});
