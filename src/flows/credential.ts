import { wantsReissue } from '../engine/account.js';
import type { Account } from '../engine/account.js';
import { generatePassword } from '../engine/password.js';
import type { Step } from '../engine/plan.js';
import { isLive } from '../engine/request.js';
import type { AccessRequest } from '../engine/request.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import type { FlowDeps } from './deps.js';

type CredentialDeps = Pick<FlowDeps, 'random' | 'vault'>;

/**
 * The account with its next credential decided on, not yet saved: a sealed password that will be lent, or a shut one
 * that nobody will ever know.
 */
export const newCredential = async (
  deps: CredentialDeps,
  account: Account,
  use: 'lent' | 'shut',
  requests: readonly AccessRequest[],
): Promise<Account> => {
  const generation = account.credential.generation + 1;
  if (use === 'shut') return { ...account, credential: { use, generation, sessionsRevoked: false } };
  // Those who wait for a credential come first; what the others once saw is worthless from now on.
  const isWaiting = (request: AccessRequest): boolean => request.state === 'provisioning';
  const borrower = requests.find(wantsReissue) ?? requests.find(isWaiting) ?? requests.find(isLive);
  if (borrower === undefined) return account;
  const sealed = await deps.vault.seal(redacted(generatePassword(deps.random)));
  const { credential } = account;
  // Nobody can have signed in since a shut account's sessions were revoked, or before there was an account.
  const sessionsRevoked = !account.creationSent || (credential.use === 'shut' && credential.sessionsRevoked);
  return { ...account, credential: { use, generation, sealed, request: borrower.id, sessionsRevoked } };
};

export const writesPassword = (step: Step): boolean =>
  step.do === 'create' || (step.do === 'set' && step.generation !== undefined);

/** The password these steps are to write; `undefined` where it is known to nobody any more, and needed. */
export const passwordFor = async (
  deps: CredentialDeps,
  { credential }: Account,
  steps: readonly Step[],
): Promise<Redacted<string> | undefined> => {
  if (!steps.some(writesPassword)) return redacted('');
  if (credential.use === 'shut') return redacted(generatePassword(deps.random));
  return credential.sealed === undefined ? undefined : deps.vault.open(credential.sealed);
};
