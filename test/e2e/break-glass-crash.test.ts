import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { openers } from '../../src/engine/break-glass.js';
import type { BreakGlassAccount } from '../../src/engine/break-glass.js';
import { breakGlassId, personId, tenantId, vaultOf } from '../../src/engine/ids.js';
import { ROTATE_EVERY_MS } from '../../src/engine/vault.js';
import { HOUR, systemClock } from '../../src/lib/clock.js';
import { systemRandom } from '../../src/lib/random.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { createStores } from '../../src/store/stores.js';
import type { Stores } from '../../src/store/stores.js';
import { releaseClaimsOfTheDead } from '../../src/store/takeover.js';
import { generateAuditKey } from '../../src/vault/audit-key.js';
import { newTestKey, openSealed } from '../fakes/break-glass-desk.js';
import type { TestKey } from '../fakes/break-glass-desk.js';
import { createTestDatabase } from '../fakes/database.js';
import type { TestDatabase } from '../fakes/database.js';
import { openRig } from './rig.js';
import type { Rig, RunningBot } from './rig.js';
import { openSlackDesk } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// A bot that is killed while Graph works on a password leaves a vault that opens the account all the same: with a
// member's key from the database, and with the paper key from the copies outside it. The next bot goes on from there.

const TENANT = tenantId('contoso');
const ID = breakGlassId(TENANT, 'emergency1');
const UPN = 'emergency1@contoso.onmicrosoft.com';
const MEMBER = personId('P-member');

let rig: Rig;
let desk: SlackDesk;
let database: TestDatabase;
let stores: Stores;
let member: TestKey;
let paper: TestKey;
let bot: RunningBot;

beforeEach(async () => {
  [rig, desk, database] = await Promise.all([openRig(), openSlackDesk(), createTestDatabase()]);
  await ensureIndexes(database.db);
  stores = createStores(database.db);
  [member, paper] = await Promise.all([newTestKey(), newTestKey()]);
  await putOnRecord();
});
afterEach(async () => {
  await Promise.all([desk.close(), rig.close()]);
  await database.close();
});

const putOnRecord = async (): Promise<void> => {
  const now = systemClock.now();
  const vault = vaultOf(undefined);
  await stores.config.tenants.add({
    id: TENANT,
    name: 'Contoso',
    directoryId: CONTOSO.id,
    domain: 'contoso.com',
    defaultDurationMs: HOUR,
  });
  const recovery = { recipient: paper.recipient, at: now, by: MEMBER };
  await stores.vaults.save(
    { id: vault, mode: 'recipients', members: [MEMBER], recovery, rotateEveryMs: ROTATE_EVERY_MS },
    undefined,
  );
  await stores.vaults.addKey({
    id: 'K-1',
    vault,
    person: MEMBER,
    recipient: member.recipient,
    sealedIdentity: 'elsewhere',
    sealedBy: 'passphrase',
    state: 'current',
    enrolledAt: now,
  });
  await stores.breakGlass.insert({
    id: ID,
    tenant: TENANT,
    name: 'emergency1',
    upn: UPN,
    origin: 'made',
    isAdministrator: false,
    candidates: [],
    rotateAt: now,
    rotateFor: 'enabled',
  });
};

const copyFolder = (): string => join(rig.folder, 'copies');

const start = async (): Promise<void> => {
  const secrets = { VAULT_IDENTITY: (await newTestKey()).identity, AUDIT_KEY: generateAuditKey(systemRandom).reveal() };
  bot = await rig.startBot({ ...desk.env, ...secrets, MONGODB_URI: database.uri, VAULT_COPY_DIR: copyFolder() });
};

const account = async (): Promise<BreakGlassAccount> => (await stores.breakGlass.load(ID))!;

const signsIn = async (sealed: readonly string[], key: TestKey): Promise<boolean> => {
  const entries = await Promise.all(sealed.map((one) => openSealed(one, key)));
  return entries.some((entry) => entry !== undefined && rig.signIn({ upn: UPN, password: entry.password }).ok);
};

const expectOpen = async (): Promise<void> => {
  const { candidates } = await account();
  expect(
    await signsIn(
      openers(candidates).map(({ sealed }) => sealed),
      member,
    ),
  ).toBe(true);
  const files = (await readdir(copyFolder(), { recursive: true })).filter((name) => name.endsWith('.age'));
  const copies = await Promise.all(files.map((name) => readFile(join(copyFolder(), name), 'utf8')));
  expect(await signsIn(copies, paper)).toBe(true);
};

/** Graph has done it, and its answer is on the way for ever. */
const killDuring = async (method: 'POST' | 'PATCH'): Promise<void> => {
  const seen = await eventually('the call', () =>
    rig.entra.world.requests.since(0).find((request) => request.method === method && request.faults.includes('slow')),
  );
  expect(seen.path).toContain('/users');
  await bot.kill();
  rig.entra.world.faults.clear();
};

const withhold = (method: 'POST' | 'PATCH'): void => {
  const match = { service: 'graph', method, path: '^(/v1.0)?/users' } as const;
  rig.entra.world.faults.add({ kind: 'slow', ms: 120_000, match, times: 1 });
};

const rotated = (since: Date) =>
  eventually(
    'a password that was answered',
    async () => {
      const { rotatedAt, isAdministrator, trouble } = await account();
      return rotatedAt !== undefined && rotatedAt > since && isAdministrator && trouble === undefined
        ? true
        : undefined;
    },
    20_000,
  );

test('killed while Graph makes the account, and once more while it changes the password', async () => {
  const before = systemClock.now();
  withhold('POST');
  await start();
  await killDuring('POST');
  await expectOpen();
  expect((await account()).candidates[0]).not.toHaveProperty('answer');

  // As a minute does.
  await releaseClaimsOfTheDead(database.db);
  withhold('PATCH');
  await start();
  await killDuring('PATCH');
  await expectOpen();

  await releaseClaimsOfTheDead(database.db);
  await start();
  await rotated(before);
  await expectOpen();
  const { candidates } = await account();
  expect(candidates.map(({ answer }) => answer?.kind)).toEqual(['set', undefined, undefined]);
}, 120_000);
