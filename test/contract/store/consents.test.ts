import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organizationId, personId, tenantId } from '../../../src/engine/ids.js';
import type { Consent, ConsentStore } from '../../../src/flows/ports/consents.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { createConsentStore } from '../../../src/store/consents.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;
let store: ConsentStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createConsentStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const END = addMs(NOON, 10 * MINUTE);

let count = 0;

const aConsent = (overrides: Partial<Consent> = {}): Consent => ({
  stateHash: `hash-${(count += 1)}`,
  person: personId('P-OLGA'),
  address: { platform: 'slack', conversation: 'D1' },
  tenant: tenantId('contoso'),
  expiresAt: END,
  ...overrides,
});

const WHOLE: Partial<Consent> = {
  name: 'Contoso Ltd.',
  domain: 'contoso.com',
  organization: organizationId('O-1'),
  cloud: 'china',
  directoryId: 'aaaaaaaa-0000-4000-8000-000000000001',
  signIn: { directoryId: 'd', nonce: 'n', verifier: 'sealed', browser: 'b' },
  authorised: { directoryId: 'd', objectId: 'o', name: 'Ada', upn: 'ada@contoso.com', at: NOON },
};

describe('a tenant on its way in', () => {
  it.each([
    ['with nothing but what it needs', {}],
    ['with everything', WHOLE],
  ])('comes out as it was put in: %s', async (_, overrides) => {
    const consent = aConsent(overrides);
    await store.insert(consent);
    expect(await store.take(consent.stateHash, NOON)).toEqual(consent);
  });

  it('is taken by exactly one of many, and by nobody afterwards', async () => {
    const consent = aConsent();
    await store.insert(consent);
    const taken = await Promise.all([1, 2, 3, 4].map(() => store.take(consent.stateHash, NOON)));
    expect(taken.filter((each) => each !== undefined)).toEqual([consent]);
    expect(await store.take(consent.stateHash, NOON)).toBeUndefined();
  });

  it('is nobody’s the moment its time has come, and leaves the database when swept', async () => {
    const consent = aConsent();
    await store.insert(consent);
    expect(await store.take(consent.stateHash, END)).toBeUndefined();
    await store.sweep(addMs(END, -1));
    expect(await database.db.collection('consents').countDocuments()).toBe(1);
    await store.sweep(END);
    expect(await database.db.collection('consents').countDocuments()).toBe(0);
  });

  it('whose taking lost its answer is gone, and never given to a second attempt', async () => {
    const consent = aConsent();
    await store.insert(consent);
    const unlucky = createConsentStore(losingOneAnswer(database.db, 'findOneAndDelete'));
    await expect(unlucky.take(consent.stateHash, NOON)).rejects.toThrow('connection closed');
    expect(await store.take(consent.stateHash, NOON)).toBeUndefined();
  });
});
