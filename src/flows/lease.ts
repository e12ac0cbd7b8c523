import type { Account } from '../engine/account.js';
import { addMs, MINUTE, SECOND } from '../lib/clock.js';
import type { FlowDeps } from './deps.js';

/** Longer than any one directory call with its retries; each write to the account's document prolongs it. */
export const LEASE_MS = MINUTE;

/** A call to the directory is begun for 25 s at most, and then has 20 s. */
const LONGEST_CALL_MS = 45 * SECOND;

/** Another process took the account over; whatever we were about to do is theirs now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

type LeaseDeps = Pick<FlowDeps, 'clock' | 'accounts'>;

/** The account under our lease: what we last wrote is what it is. */
export class Lease {
  readonly #deps: LeaseDeps;
  readonly #fence: number;
  #account: Account;
  #until = -Infinity;

  constructor(deps: LeaseDeps, fence: number, account: Account) {
    this.#deps = deps;
    this.#fence = fence;
    this.#account = account;
  }

  get account(): Account {
    return this.#account;
  }

  async write(account: Account): Promise<void> {
    const until = addMs(this.#deps.clock.now(), LEASE_MS);
    if (!(await this.#deps.accounts.update(account, this.#fence, until))) throw new LeaseLost(account.id);
    this.#account = account;
    this.#until = until.getTime();
  }

  /** Whether the last write keeps everybody else away for longer than a call to the directory takes, with its retries. */
  isSure(): boolean {
    return this.#until - this.#deps.clock.now().getTime() > LONGEST_CALL_MS;
  }

  /** `false`: another account of the tenant has that name. */
  async rename(upn: string): Promise<boolean> {
    const isRenamed = await this.#deps.accounts.rename(this.#account.id, this.#fence, upn);
    if (isRenamed) this.#account = { ...this.#account, upn };
    return isRenamed;
  }
}
