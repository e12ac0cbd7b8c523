import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organizationId, personId, vaultOf } from '../../../src/engine/ids.js';
import type { VaultId } from '../../../src/engine/ids.js';
import type { OrganizationVault, VaultKey } from '../../../src/engine/vault.js';
import type { VaultStore } from '../../../src/flows/ports/vaults.js';
import { addMs, DAY, MINUTE } from '../../../src/lib/clock.js';
import { CorruptDocument } from '../../../src/store/document.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createVaultStore } from '../../../src/store/vaults.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;
let store: VaultStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createVaultStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const DANA = personId('P-DANA');
const LUIS = personId('P-LUIS');

let count = 0;

const aVault = (overrides: Partial<OrganizationVault> = {}): OrganizationVault => ({
  id: vaultOf(organizationId(`org-${(count += 1)}`)),
  mode: 'recipients',
  members: [DANA],
  rotateEveryMs: DAY,
  ...overrides,
});

const aKey = (vault: VaultId, overrides: Partial<VaultKey> = {}): VaultKey => {
  count += 1;
  return {
    id: `K-${count}`,
    vault,
    person: DANA,
    recipient: `age1key${count}`,
    sealedIdentity: 'sealed identity',
    sealedBy: 'passphrase',
    state: 'current',
    enrolledAt: addMs(NOON, count * MINUTE),
    ...overrides,
  };
};

describe('a vault', () => {
  it('comes back as it was saved, and is listed', async () => {
    const vault = aVault({
      enrolled: [DANA, LUIS],
      recovery: { recipient: 'age1recovery', at: NOON, by: DANA },
    });
    expect(await store.save(vault, undefined)).toBe(true);
    expect(await store.of(vault.id)).toEqual(vault);
    expect(await store.all()).toContainEqual(vault);
    expect(await store.of(aVault().id)).toBeUndefined();
  });

  it('is changed by one of all who read the same, and set up once', async () => {
    const vault = aVault();
    const made = await Promise.all(Array.from({ length: 8 }, () => store.save(vault, undefined)));
    expect(made.filter(Boolean)).toHaveLength(1);
    const wishes = Array.from({ length: 8 }, (_, index) => ({ ...vault, rotateEveryMs: index + 1 }));
    const saved = await Promise.all(wishes.map((next) => store.save(next, vault)));
    expect(saved.filter(Boolean)).toHaveLength(1);
    expect(await store.of(vault.id)).toEqual(wishes[saved.indexOf(true)]);
  });

  it('whose change lost its answer counts as changed, unless somebody else was first', async () => {
    const vault = aVault();
    const lossy = () => createVaultStore(losingOneAnswer(database.db, 'replaceOne'));
    expect(await createVaultStore(losingOneAnswer(database.db, 'insertOne')).save(vault, undefined)).toBe(true);
    const next = { ...vault, members: [DANA, LUIS] };
    expect(await lossy().save(next, vault)).toBe(true);
    expect(await lossy().save({ ...vault, members: [] }, vault)).toBe(false);
    expect(await store.of(vault.id)).toEqual(next);
  });
});

describe('a key to a vault', () => {
  it('comes back as it was added, beside the others of its vault, oldest first', async () => {
    const { id } = aVault();
    const first = aKey(id, { sealedBy: 'passkey', passkey: 'AGE-PLUGIN-FIDO2PRF-1', confirmedBy: LUIS });
    const second = aKey(id, { person: LUIS, state: 'waiting' });
    for (const key of [second, first]) expect(await store.addKey(key)).toBe(true);
    expect(await store.addKey(aKey(aVault().id))).toBe(true);
    expect(await store.keys(id)).toEqual([first, second]);
    expect(await store.key(first.id)).toEqual(first);
    expect(await store.key('K-none')).toBeUndefined();
  });

  it('is added once: its public key is no other key’s, in whichever vault', async () => {
    const key = aKey(aVault().id);
    expect(await store.addKey(key)).toBe(true);
    expect(await store.addKey(aKey(aVault().id, { recipient: key.recipient, person: LUIS }))).toBe(false);
    expect(await store.addKey({ ...aKey(aVault().id), id: key.id })).toBe(false);
    expect(await store.key(key.id)).toEqual(key);
  });

  it('that counts takes the place of all others of that person there, and of nobody else’s', async () => {
    const { id } = aVault();
    const old = aKey(id);
    const other = aKey(id, { person: LUIS });
    const elsewhere = aKey(aVault().id);
    const next = aKey(id, { state: 'waiting' });
    for (const key of [old, other, elsewhere, next]) await store.addKey(key);
    expect(await store.makeCurrent(next.id, LUIS)).toBe(true);
    expect(await store.keys(id)).toEqual([other, { ...next, state: 'current', confirmedBy: LUIS }]);
    expect(await store.keys(elsewhere.vault)).toEqual([elsewhere]);
  });

  it('counts once: one that counts already, or is gone, takes no place', async () => {
    const { id } = aVault();
    const [kept, again] = [aKey(id), aKey(id)];
    for (const key of [kept, again]) await store.addKey(key);
    expect(await store.makeCurrent(kept.id, LUIS)).toBe(false);
    expect(await store.makeCurrent('K-none', LUIS)).toBe(false);
    expect(await store.keys(id)).toEqual([kept, again]);
  });

  it('whose answer was lost counts as confirmed, by whoever confirmed it', async () => {
    const key = aKey(aVault().id, { state: 'waiting' });
    await store.addKey(key);
    const lossy = createVaultStore(losingOneAnswer(database.db, 'updateOne'));
    expect(await lossy.makeCurrent(key.id, LUIS)).toBe(true);
    expect(await store.key(key.id)).toMatchObject({ state: 'current', confirmedBy: LUIS });
  });

  it('is removed once', async () => {
    const key = aKey(aVault().id);
    await store.addKey(key);
    expect(await store.removeKey(key.id)).toBe(true);
    expect(await store.removeKey(key.id)).toBe(false);
    expect(await store.keys(key.vault)).toEqual([]);
  });

  it('that was spoilt is refused, naming the place and not what it holds', async () => {
    const key = aKey(aVault().id);
    await store.addKey(key);
    await database.db
      .collection<{ _id: string }>('vaultKeys')
      .updateOne({ _id: key.id }, { $set: { state: 'swordfish' } });
    const refused: unknown = await store.keys(key.vault).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(CorruptDocument);
    expect(refused).toMatchObject({ collection: 'vaultKeys', id: key.id, path: 'state' });
    expect(String(refused)).not.toContain('swordfish');
  });
});
