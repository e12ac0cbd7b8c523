import type { Account } from '../engine/account.js';
import type { DirectoryUser } from './ports.js';

/** Which user a call about the account is about. */
export const userOf = ({ id, upn, displayName, objectId }: Account): DirectoryUser => ({
  account: id,
  upn,
  displayName,
  ...(objectId === undefined ? {} : { objectId }),
});
