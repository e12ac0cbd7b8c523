/** Making a key to a vault: the browser makes it, and only its public half and what it sealed ever come here. */
import type { Fault } from '../../engine/faults.js';
import { organizationId, organizationOf, vaultOf } from '../../engine/ids.js';
import type { PersonId, VaultId } from '../../engine/ids.js';
import { isNamedBy } from '../../engine/person.js';
import type { Person, Platform } from '../../engine/person.js';
import type { OrganizationVault, VaultKey } from '../../engine/vault.js';
import { fingerprintOf, isSealedIdentity } from '../../engine/vault-keys.js';
import { readableId } from '../../lib/random.js';
import type { Redacted } from '../../lib/redacted.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { owned } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { issuePage, visitOf } from '../page-links.js';
import type { PageAddress } from '../page-links.js';
import { chatOf } from '../passkey-proof.js';
import { recordRefusal } from '../refused.js';
import { tellAdmins } from '../tell-admins.js';
import type { TellDeps } from '../tell-admins.js';
import { challengeFor, isPossessed } from './possession.js';
import { membershipOf, recordVault, resealing } from './vaults.js';
import type { Membership, VaultDeps } from './vaults.js';

export const VAULT_ENROL_PAGE = 'vault-enrol';

export type EnrolDeps = VaultDeps & Pick<FlowDeps, 'pageLinks' | 'sealer' | 'log'>;

export const offerKey = async (
  deps: EnrolDeps,
  person: Person,
  on: Platform,
  vault: VaultId,
): Promise<Result<PageAddress, Fault>> => {
  const membership = await membershipOf(deps, person, vault);
  if (!membership.ok) return membership;
  const organization = organizationOf(vault);
  const facts = { on, ...(organization === undefined ? {} : { organization }) };
  return ok(await issuePage(deps, { kind: VAULT_ENROL_PAGE, person: person.id, facts }));
};

/** Whose key it will be and to what, with the standing they have now. */
export interface KeyVisit extends Membership {
  readonly person: Person;
  readonly on: Platform;
  /** The key that counts now; absent: there is none. */
  readonly current?: VaultKey;
  /** Whether a second person has to confirm the new one. */
  readonly waits: boolean;
}

export const keyVisitor = async (deps: EnrolDeps, token: Redacted<string>): Promise<Result<KeyVisit, Fault>> => {
  const visit = await visitOf(deps, token, VAULT_ENROL_PAGE);
  if (!visit.ok) return visit;
  const { person, link } = visit.value;
  const { organization } = link.facts;
  const id = vaultOf(organization === undefined ? undefined : organizationId(organization));
  const membership = await membershipOf(deps, person, id);
  if (!membership.ok) return membership;
  const keys = (await deps.vaults.keys(id)).filter((key) => isNamedBy(person, key.person));
  const current = keys.find(({ state }) => state === 'current');
  const waits = current !== undefined || hadKey(membership.value.vault, person);
  return ok({ ...membership.value, person, on: chatOf(link), waits, ...(current === undefined ? {} : { current }) });
};

const hadKey = ({ enrolled = [] }: OrganizationVault, person: Person): boolean =>
  enrolled.some((id) => isNamedBy(person, id));

/** What a new key has to open before it is believed. */
export const beginKey = async (deps: EnrolDeps, token: Redacted<string>, recipient: string) => {
  const visit = await keyVisitor(deps, token);
  return visit.ok ? challengeFor(deps, token, VAULT_ENROL_PAGE, recipient) : visit;
};

/** What a browser sends of the key it made. */
export interface NewKey extends Pick<VaultKey, 'recipient' | 'sealedIdentity' | 'sealedBy' | 'passkey'> {
  /** What was sealed to it as a challenge, opened. */
  readonly proof: string;
}

export interface Enrolled {
  readonly key: VaultKey;
  readonly vault: OrganizationVault;
  /** Whose vault. */
  readonly name: string;
  readonly person: Person;
}

/** Keeps the key: somebody's first counts at once, any other waits. Admins are told of both. */
export const finishKey = async <Card>(
  deps: EnrolDeps & TellDeps<Card>,
  token: Redacted<string>,
  sent: NewKey,
  cardFor: (enrolled: Enrolled, zone: string | undefined) => Card,
): Promise<Result<Enrolled, Fault>> => {
  const visit = await keyVisitor(deps, token);
  if (!visit.ok) return visit;
  const kept = await keep(deps, token, visit.value, sent);
  const organization = owned(organizationOf(visit.value.vault.id));
  if (kept.ok) await tellAdmins(deps, (zone) => cardFor(kept.value, zone), organization);
  else await recordRefusal(deps, visit.value, { what: 'vault enrol', ...organization }, kept.error);
  return kept;
};

const keep = async (
  deps: EnrolDeps,
  token: Redacted<string>,
  visit: KeyVisit,
  sent: NewKey,
): Promise<Result<Enrolled, Fault>> => {
  const possessed = await isPossessed(deps, token, VAULT_ENROL_PAGE, sent);
  const isWhole = isSealedIdentity(sent.sealedIdentity, sent.sealedBy);
  if (!possessed || !isWhole) return err({ code: 'vault.bad-key' });
  if ((await deps.pageLinks.take(token, VAULT_ENROL_PAGE, deps.clock.now())) === undefined) {
    return err({ code: 'page.gone' });
  }
  const marked = visit.waits ? ok(false) : await markEnrolled(deps, visit);
  if (!marked.ok) return marked;
  const { person, vault, name } = visit;
  const key = keyFrom(deps, visit, sent, marked.value ? 'current' : 'waiting');
  await recordVault(deps, visit, key.state === 'current' ? 'vault.enrolled' : 'vault.enrolled-again', vault, {
    facts: factsOf(key),
    about: [person.id],
  });
  const added = key.state === 'current' ? await resealing(deps, vault.id, () => add(deps, key)) : await add(deps, key);
  return added ? ok({ key, vault, name, person }) : err({ code: 'vault.bad-key' });
};

const MOST_RACES = 5;

/**
 * Puts down, before there is a key, that this person has had one: of two who make a first key at once, with the same
 * person's links, one gets it. `false`: the other was first.
 */
const markEnrolled = async (deps: EnrolDeps, visit: KeyVisit): Promise<Result<boolean, Fault>> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const now = await membershipOf(deps, visit.person, visit.vault.id);
    if (!now.ok) return now;
    const { vault, member } = now.value;
    if (hadKey(vault, visit.person)) return ok(false);
    if (await deps.vaults.save({ ...vault, enrolled: [...(vault.enrolled ?? []), member] }, vault)) return ok(true);
  }
  return err({ code: 'busy' });
};

const ID_LENGTH = 8;

const keyFrom = (
  { random, clock }: EnrolDeps,
  { vault, member }: KeyVisit,
  { recipient, sealedIdentity, sealedBy, passkey }: NewKey,
  state: VaultKey['state'],
): VaultKey => ({
  id: `K-${readableId(random, ID_LENGTH)}`,
  vault: vault.id,
  person: member,
  recipient,
  sealedIdentity,
  sealedBy,
  ...(passkey === undefined || sealedBy === 'passphrase' ? {} : { passkey }),
  state,
  enrolledAt: clock.now(),
});

/** What the log says of a key. */
export const factsOf = ({ id, recipient, sealedBy }: VaultKey) => ({
  key: id,
  recipient,
  fingerprint: fingerprintOf(recipient),
  sealedBy,
});

/** One key of a person waits at a time: the newest that they made. */
const add = async ({ vaults }: EnrolDeps, key: VaultKey): Promise<boolean> => {
  if (!(await vaults.addKey(key))) return false;
  if (key.state === 'current') return true;
  const older = (await vaults.keys(key.vault)).filter((other) => isOlder(other, key, key.person));
  for (const { id } of older) await vaults.removeKey(id);
  return true;
};

const isOlder = (other: VaultKey, key: VaultKey, person: PersonId): boolean =>
  other.person === person && other.state === 'waiting' && other.id !== key.id && other.enrolledAt <= key.enrolledAt;
