import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armor, Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { openers } from '../../src/engine/break-glass.js';
import type { BreakGlassAccount, SealedEntry } from '../../src/engine/break-glass.js';
import { breakGlassId, tenantId, vaultOf } from '../../src/engine/ids.js';
import type { BreakGlassId, PersonId } from '../../src/engine/ids.js';
import type { Tenant } from '../../src/engine/tenant.js';
import { ROTATE_EVERY_MS } from '../../src/engine/vault.js';
import type { OrganizationVault } from '../../src/engine/vault.js';
import type { Admin } from '../../src/flows/change.js';
import { systemRandom } from '../../src/lib/random.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { openCopies } from '../../src/vault/copies.js';
import { openServiceDesk, PEOPLE, setUpContoso } from './service-desk.js';
import type { ServiceDesk } from './service-desk.js';

/** A key pair whose secret half never reaches the bot. */
export interface TestKey {
  readonly identity: string;
  readonly recipient: string;
}

export const newTestKey = async (): Promise<TestKey> => {
  const identity = await generateIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
};

/** The service desk with Contoso, whose vault two people and a paper key can open. */
export interface BreakGlassDesk extends ServiceDesk {
  /** What `VAULT_COPY_DIR` names. */
  readonly copyFolder: string;
  readonly keys: { readonly olga: TestKey; readonly dana: TestKey; readonly recovery: TestKey };
  readonly vault: OrganizationVault;
  readonly olga: Admin;
  tenant(): Promise<Tenant>;
  /** Puts an account on record as `enable` does, its first rotation due. */
  addAccount(name?: string, more?: Partial<BreakGlassAccount>): Promise<BreakGlassId>;
  account(id: BreakGlassId): Promise<BreakGlassAccount>;
  /** Of the passwords on record, those that this key opens, likeliest first. */
  passwordsFor(id: BreakGlassId, key?: TestKey): Promise<readonly string[]>;
  /** Why the vault would leave somebody outside, with a member's key or with the paper key and the copies alone. */
  whyShut(id: BreakGlassId): Promise<string | undefined>;
  /** As on the first day: the vault and its keys, but no account and no user. */
  startOver(): Promise<void>;
}

export const openSealed = async (sealed: string, { identity }: TestKey): Promise<SealedEntry | undefined> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return JSON.parse(await decrypter.decrypt(armor.decode(sealed), 'text')) as SealedEntry;
  } catch {
    return undefined;
  }
};

export const openBreakGlassDesk = async (): Promise<BreakGlassDesk> => {
  const copyFolder = await mkdtemp(join(tmpdir(), 'latchkey-copies-'));
  const desk = await openServiceDesk({ copies: await openCopies(copyFolder, systemRandom) });
  await setUpContoso(desk);
  const [olga, dana, recovery] = [await newTestKey(), await newTestKey(), await newTestKey()];
  const people = await Promise.all(
    (['olga', 'dana'] as const).map(async (who) => (await desk.stores.people.byIdentity(PEOPLE[who].key))!),
  );
  const now = desk.parts.clock.now();
  const vault: OrganizationVault = {
    id: vaultOf(undefined),
    mode: 'recipients',
    members: people.map(({ id }) => id),
    recovery: { recipient: recovery.recipient, at: now, by: people[0]!.id },
    rotateEveryMs: ROTATE_EVERY_MS,
  };
  await desk.stores.vaults.save(vault, undefined);
  await addKey(desk, vault, people[0]!.id, olga);
  await addKey(desk, vault, people[1]!.id, dana);

  const account = async (id: BreakGlassId): Promise<BreakGlassAccount> => {
    const found = await desk.stores.breakGlass.load(id);
    if (found === undefined) throw new Error(`no account ${id}`);
    return found;
  };
  const passwordsFor = async (id: BreakGlassId, key = olga): Promise<readonly string[]> => {
    const entries = await Promise.all(
      openers((await account(id)).candidates).map(({ sealed }) => openSealed(sealed, key)),
    );
    return entries.flatMap((entry) => (entry === undefined ? [] : [entry.password]));
  };
  const signsIn = (upn: string, passwords: readonly string[]): boolean =>
    passwords.some((password) => desk.canSignIn({ upn, password }).ok);

  return {
    ...desk,
    copyFolder,
    keys: { olga, dana, recovery },
    vault,
    olga: {
      person: people[0]!,
      on: 'slack',
      standing: { owner: true, auditor: false, adminOf: [] },
    },
    tenant: async () => (await desk.stores.config.tenants.byId(tenantId('contoso')))!,
    addAccount: async (name = 'emergency1', more = {}) => {
      const id = breakGlassId(tenantId('contoso'), name);
      await desk.stores.breakGlass.insert({
        id,
        tenant: tenantId('contoso'),
        name,
        upn: `${name}@contoso.onmicrosoft.com`,
        origin: 'made',
        isAdministrator: false,
        candidates: [],
        rotateAt: desk.parts.clock.now(),
        rotateFor: 'enabled',
        ...more,
      });
      return id;
    },
    account,
    passwordsFor,
    whyShut: async (id) => {
      const { upn } = await account(id);
      if (!isThere(desk, upn)) return undefined;
      if (!signsIn(upn, await passwordsFor(id))) return `no password in the vault opens ${upn}`;
      const copies = (await readCopies(copyFolder)).map((sealed) => openSealed(sealed, recovery));
      const entries = (await Promise.all(copies)).flatMap((entry) => (entry?.upn === upn ? [entry.password] : []));
      return signsIn(upn, entries) ? undefined : `no copy outside the database opens ${upn}`;
    },
    startOver: async () => {
      desk.entra.sandbox.reset();
      await desk.database.collection('breakGlass').deleteMany({});
      for (const name of await readdir(copyFolder)) await rm(join(copyFolder, name), { recursive: true });
    },
    close: async () => {
      await desk.close();
      await rm(copyFolder, { recursive: true, force: true });
    },
  };
};

export const addKey = async (
  desk: ServiceDesk,
  { id }: OrganizationVault,
  person: PersonId,
  { recipient }: TestKey,
): Promise<string> => {
  const key = { id: `key-${recipient.slice(-8)}`, vault: id, person, recipient, sealedIdentity: 'sealed elsewhere' };
  const enrolledAt = desk.parts.clock.now();
  await desk.stores.vaults.addKey({ ...key, sealedBy: 'passphrase', state: 'current', enrolledAt });
  return key.id;
};

/** Every file below the folder, and nothing else of what the bot knows. */
const readCopies = async (folder: string): Promise<readonly string[]> => {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.age'));
  return Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
};

const contoso = (desk: ServiceDesk) => desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;

export const isThere = (desk: ServiceDesk, upn: string): boolean =>
  contoso(desk).users.withKey(upn.toLowerCase()).length > 0;
