import type { Db } from 'mongodb';
import { existingAccountId } from '../engine/ids.js';
import type { KeptUsers } from '../flows/ports/kept-users.js';
import type { AccountDocument } from './account-document.js';
import type { BreakGlassDocument } from './break-glass-document.js';
import { BOUNDED, openCollection } from './collection.js';
import { retrying } from './retry.js';

/** Both kinds of accounts are kept under these names. */
interface KeptDocument {
  readonly account: { readonly objectId?: string; readonly upn: string };
}

const NAMES = { 'account.objectId': 1, 'account.upn': 1 } as const;

/** Answered from the accounts and the break-glass accounts: within one tenant there are never many. */
export const createKeptUsers = (db: Db): KeptUsers => {
  const accounts = openCollection<AccountDocument>(db, 'accounts');
  const breakGlass = openCollection<BreakGlassDocument>(db, 'breakGlass');
  return {
    among: async (tenant, users) => {
      if (users.length === 0) return [];
      const ids = users.map(({ id }): string => id);
      const names = users.map(({ upn }) => upn.toLowerCase());
      const named = {
        'account.tenant': tenant,
        $or: [{ 'account.objectId': { $in: ids } }, { 'account.upn': { $in: names } }],
      };
      const made = retrying(() =>
        accounts
          .find(
            {
              ...named,
              // Who is borrowed already is on record as well, and stays theirs; under a name that may be another's by now.
              _id: { $nin: users.map(({ id }) => existingAccountId(tenant, id)) },
              'account.kind': { $ne: 'existing' },
            },
            BOUNDED,
          )
          .project<KeptDocument>(NAMES)
          .toArray(),
      );
      const emergency = retrying(() => breakGlass.find(named, BOUNDED).project<KeptDocument>(NAMES).toArray());
      const found = (await Promise.all([made, emergency])).flat();
      const kept = new Set(found.flatMap(({ account: { objectId, upn } }) => [objectId, upn.toLowerCase()]));
      return users.flatMap(({ id, upn }) => (kept.has(id) || kept.has(upn.toLowerCase()) ? [id] : []));
    },
  };
};
