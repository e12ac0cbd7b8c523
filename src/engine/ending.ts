import type { ExpirationAction } from './access.js';
import type { Credential } from './account.js';
import type { AccountId } from './ids.js';
import type { AccessRequest } from './request.js';

/** What becomes of an account that nobody needs any more, as those who needed it have asked for it. */

/** What of an account matters here. */
interface Account {
  readonly id: AccountId;
  readonly credential: Pick<Credential, 'use'>;
  readonly owed?: ExpirationAction;
}

const STRICTNESS: Readonly<Record<ExpirationAction, number>> = { keep: 0, disable: 1, delete: 2 };

const strictest = (actions: readonly ExpirationAction[]): ExpirationAction | undefined =>
  actions.toSorted((one, other) => STRICTNESS[other] - STRICTNESS[one])[0];

/** What a request says about the end. One that was never ready leaves behind nothing that somebody could keep. */
const saidBy = ({ atEnd, readyAt }: AccessRequest): readonly ExpirationAction[] =>
  atEnd === 'keep' && readyAt === undefined ? [] : [atEnd];

/** The strictest end asked for by the requests that are over, since nobody last needed the account; if any asked. */
export const owedBy = (account: Account, requests: readonly AccessRequest[]): ExpirationAction | undefined => {
  const ending = requests.filter((request) => request.account === account.id && request.state === 'closing');
  return strictest([...(account.owed === undefined ? [] : [account.owed]), ...ending.flatMap(saidBy)]);
};

/** What is done with the account once nobody needs it. */
export const restsAs = (account: Account, requests: readonly AccessRequest[]): ExpirationAction =>
  owedBy(account, requests) ?? (account.credential.use === 'kept' ? 'keep' : 'disable');

/** Whether somebody's access to it is approved and has yet to begin. */
export const isAwaited = (account: Account, requests: readonly AccessRequest[]): boolean =>
  requests.some(
    (request) => request.account === account.id && request.state === 'approved' && request.extends === undefined,
  );
