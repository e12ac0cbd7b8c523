import { OWN_CREDENTIAL, shutCredential } from '../engine/account.js';
import type { Account, Credential } from '../engine/account.js';
import { credentialNeeded, passNeeded, wantsReissue } from '../engine/desired.js';
import type { Ways } from '../engine/desired.js';
import { generatePassword } from '../engine/password.js';
import type { Step } from '../engine/plan.js';
import { isLive } from '../engine/request.js';
import type { AccessRequest } from '../engine/request.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import type { FlowDeps } from './deps.js';

type CredentialDeps = Pick<FlowDeps, 'random' | 'vault'>;

/** An account with its credential decided on, not yet saved. */
export interface Decided {
  readonly account: Account;
  /** What was sealed just now: for the rest of the pass it need not be opened again. */
  readonly password?: Redacted<string>;
}

/** The account with the credential and the access pass that its requests need. */
export const decideCredential = async (
  deps: CredentialDeps,
  account: Account,
  requests: readonly AccessRequest[],
  ways: Ways,
): Promise<Decided> => {
  const need = credentialNeeded(account, requests, ways);
  const decided = need === undefined ? { account } : await newCredential(deps, account, need, requests);
  return { ...decided, account: withNewPass(decided.account, requests, ways) };
};

/** One more access pass is only decided on here; its value comes with the directory's answer. */
const withNewPass = (account: Account, requests: readonly AccessRequest[], ways: Ways): Account => {
  const borrower = passNeeded(account, requests, ways);
  if (borrower === undefined) return account;
  return { ...account, pass: { request: borrower.id, number: (account.pass?.number ?? 0) + 1 } };
};

/** The next credential: a sealed password that will be lent, the lent one that stays set, or one nobody will ever know. */
export const newCredential = async (
  deps: CredentialDeps,
  account: Account,
  use: Credential['use'],
  requests: readonly AccessRequest[],
): Promise<Decided> => {
  if (use === 'kept') {
    return { account: { ...account, credential: { ...shutCredential(account.credential.generation), use } } };
  }
  if (use === 'own') return { account: { ...account, credential: { ...OWN_CREDENTIAL, sessionsRevoked: false } } };
  const { credential } = account;
  const generation = credential.generation + 1;
  if (use === 'shut') return { account: { ...account, credential: shutCredential(generation) } };
  // Nobody can have signed in since a shut account's sessions were revoked, or before there was an account.
  const sessionsRevoked = !account.creationSent || (credential.use === 'shut' && credential.sessionsRevoked);
  if (use === 'blind') return { account: { ...account, credential: { use, generation, sessionsRevoked } } };
  // Those who wait for a credential come first; what the others once saw is worthless from now on.
  const isWaiting = (request: AccessRequest): boolean => request.state === 'provisioning';
  const borrower = requests.find(wantsReissue) ?? requests.find(isWaiting) ?? requests.find(isLive);
  if (borrower === undefined) return { account };
  const password = redacted(generatePassword(deps.random));
  const sealed = await deps.vault.seal(password);
  return {
    account: { ...account, credential: { use, generation, sealed, request: borrower.id, sessionsRevoked } },
    password,
  };
};

export const writesPassword = (step: Step): boolean =>
  step.do === 'create' || (step.do === 'set' && step.generation !== undefined);

/** The password these steps are to write; `undefined` where it is known to nobody any more, and needed. */
export const passwordFor = async (
  deps: CredentialDeps,
  { account: { credential }, password }: Decided,
  steps: readonly Step[],
): Promise<Redacted<string> | undefined> => {
  if (!steps.some(writesPassword)) return redacted('');
  if (credential.use !== 'lent') return redacted(generatePassword(deps.random));
  if (password !== undefined) return password;
  return credential.sealed === undefined ? undefined : deps.vault.open(credential.sealed);
};
