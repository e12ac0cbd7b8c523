/** How each organization's break-glass passwords are sealed, and the keys of the people who can open them. */
import type { Collection, Db } from 'mongodb';
import { z } from 'zod';
import type { PersonId, VaultId } from '../engine/ids.js';
import type { OrganizationVault, VaultKey } from '../engine/vault.js';
import type { VaultStore } from '../flows/ports/vaults.js';
import { batching } from '../lib/batching.js';
import { BOUNDED, insertUnlessTaken, openCollection, removeOne } from './collection.js';
import { readerOf, wordOf, type FieldsOf } from './document.js';
import { readerById } from './grouped.js';
import { retrying } from './retry.js';
import { digestOf } from './shelf.js';
import { personIdSchema, vaultIdSchema } from './values.js';

interface VaultDocument {
  readonly _id: VaultId;
  /** Of the item: who changes it must have read this very one. */
  readonly digest: string;
  readonly item: OrganizationVault;
}

type KeyDocument = Omit<VaultKey, 'id'> & { readonly _id: string };

const vaultSchema = z.strictObject({
  id: vaultIdSchema,
  mode: wordOf<OrganizationVault['mode']>({ recipients: true, server: true }),
  members: z.array(personIdSchema),
  enrolled: z.array(personIdSchema).exactOptional(),
  recovery: z.strictObject({ recipient: z.string(), at: z.date(), by: personIdSchema }).exactOptional(),
  rotateEveryMs: z.number(),
} satisfies FieldsOf<OrganizationVault>);

const vaultDocument = z.strictObject({
  _id: vaultIdSchema,
  digest: z.string(),
  item: vaultSchema,
} satisfies FieldsOf<VaultDocument>);

const keyDocument = z.strictObject({
  _id: z.string(),
  vault: vaultIdSchema,
  person: personIdSchema,
  recipient: z.string(),
  sealedIdentity: z.string(),
  sealedBy: wordOf<VaultKey['sealedBy']>({ passkey: true, passphrase: true }),
  passkey: z.string().exactOptional(),
  state: wordOf<VaultKey['state']>({ waiting: true, current: true }),
  enrolledAt: z.date(),
  confirmedBy: personIdSchema.exactOptional(),
} satisfies FieldsOf<KeyDocument>);

const readVault = readerOf<VaultDocument>('vaults', vaultDocument);

const readKeyDocument = readerOf<KeyDocument>('vaultKeys', keyDocument);

const readKey = (document: unknown): VaultKey => {
  const { _id, ...key } = readKeyDocument(document);
  return { id: _id, ...key };
};

export const createVaultStore = (db: Db): VaultStore => {
  const vaults = openCollection<VaultDocument>(db, 'vaults');
  const keys = openCollection<KeyDocument>(db, 'vaultKeys');
  const vaultById = readerById(vaults, (found) => readVault(found).item);
  const keysOf = readerOfAll(keys);
  return {
    of: vaultById,
    all: async () => {
      const found = await retrying(() => vaults.find({}, BOUNDED).sort({ _id: 1 }).toArray());
      return found.map((one) => readVault(one).item);
    },
    save: (next, previous) => save(vaults, next, previous),
    keys: async (vault) => ((await keysOf(vault)) ?? []).map(readKey),
    key: async (id) => {
      const found = await retrying(() => keys.findOne({ _id: id }, BOUNDED));
      return found === null ? undefined : readKey(found);
    },
    addKey: ({ id, ...key }) => insertUnlessTaken(keys, { _id: id, ...key }),
    makeCurrent: (id, by) => makeCurrent(keys, id, by),
    removeKey: (id) => removeOne(keys, id),
  };
};

/** The keys of each vault, the oldest first. */
const readerOfAll = (keys: Collection<KeyDocument>) =>
  batching(async (vaults: readonly VaultId[]) => {
    const filter = { vault: { $in: vaults } };
    const found = await retrying(() => keys.find(filter, BOUNDED).sort({ enrolledAt: 1, _id: 1 }).toArray());
    return new Map(vaults.map((vault) => [vault, found.filter((key) => key.vault === vault)]));
  });

const save = async (
  vaults: Collection<VaultDocument>,
  item: OrganizationVault,
  previous: OrganizationVault | undefined,
): Promise<boolean> => {
  const document = { _id: item.id, digest: digestOf(item), item };
  if (previous === undefined) return await insertUnlessTaken(vaults, document);
  return await retrying(async (attempt) => {
    const asRead = { _id: item.id, digest: digestOf(previous) };
    if ((await vaults.replaceOne(asRead, document, BOUNDED)).matchedCount === 1) return true;
    // After a lost answer, whoever was first may have been this very call.
    const asWritten = { _id: item.id, digest: document.digest };
    return attempt > 1 && (await vaults.countDocuments(asWritten, BOUNDED)) === 1;
  });
};

/** In this order nothing is ever sealed to the key that was replaced once the new one counts. */
const makeCurrent = async (keys: Collection<KeyDocument>, id: string, by: PersonId): Promise<boolean> => {
  const found = await retrying(() => keys.findOne({ _id: id, state: 'waiting' }, BOUNDED));
  if (found === null) return false;
  const { vault, person } = readKey(found);
  await retrying(() => keys.deleteMany({ vault, person, _id: { $ne: id } }, BOUNDED));
  return await retrying(async (attempt) => {
    const confirmed = { state: 'current', confirmedBy: by } as const;
    const { matchedCount } = await keys.updateOne({ _id: id, state: 'waiting' }, { $set: confirmed }, BOUNDED);
    return matchedCount === 1 || (attempt > 1 && (await keys.countDocuments({ _id: id, ...confirmed }, BOUNDED)) === 1);
  });
};
