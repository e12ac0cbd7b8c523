import type { Db } from 'mongodb';
import { existingAccountId } from '../engine/ids.js';
import type { KeptUsers } from '../flows/ports/kept-users.js';
import type { AccountDocument } from './account-document.js';
import { BOUNDED, openCollection } from './collection.js';
import { retrying } from './retry.js';

/** Answered from the accounts: within one tenant there are never many. */
export const createKeptUsers = (db: Db): KeptUsers => {
  const accounts = openCollection<AccountDocument>(db, 'accounts');
  return {
    among: async (tenant, users) => {
      if (users.length === 0) return [];
      const ids = users.map(({ id }): string => id);
      const names = users.map(({ upn }) => upn.toLowerCase());
      const found = await retrying(() =>
        accounts
          .find(
            {
              'account.tenant': tenant,
              // Who is borrowed already is on record as well, and stays theirs; under a name that may be another's by now.
              _id: { $nin: users.map(({ id }) => existingAccountId(tenant, id)) },
              'account.kind': { $ne: 'existing' },
              $or: [{ 'account.objectId': { $in: ids } }, { 'account.upn': { $in: names } }],
            },
            BOUNDED,
          )
          .project<{ account: { objectId?: string; upn: string } }>({ 'account.objectId': 1, 'account.upn': 1 })
          .toArray(),
      );
      const kept = new Set(found.flatMap(({ account: { objectId, upn } }) => [objectId, upn.toLowerCase()]));
      return users.flatMap(({ id, upn }) => (kept.has(id) || kept.has(upn.toLowerCase()) ? [id] : []));
    },
  };
};
