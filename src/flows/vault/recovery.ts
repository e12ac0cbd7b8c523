/** A key on paper, for the day when nobody else can open a vault: a browser makes it, prints it, and forgets it. */
import type { Fault } from '../../engine/faults.js';
import { organizationId, organizationOf, vaultOf } from '../../engine/ids.js';
import type { VaultId } from '../../engine/ids.js';
import type { OrganizationVault } from '../../engine/vault.js';
import type { Redacted } from '../../lib/redacted.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch, owned } from '../change.js';
import type { Admin } from '../change.js';
import { issuePage, visitOf } from '../page-links.js';
import type { PageAddress } from '../page-links.js';
import { chatOf } from '../passkey-proof.js';
import { recordRefusal } from '../refused.js';
import { standingOf } from '../standing.js';
import { tellAdmins } from '../tell-admins.js';
import type { TellDeps } from '../tell-admins.js';
import type { EnrolDeps } from './enrol.js';
import { challengeFor, isPossessed } from './possession.js';
import { changeVault, vaultName, whyLastKey } from './vaults.js';
import type { VaultDeps } from './vaults.js';

export const VAULT_RECOVERY_PAGE = 'vault-recovery';

export const offerRecovery = async (
  deps: EnrolDeps,
  admin: Admin,
  vault: VaultId,
): Promise<Result<PageAddress, Fault>> => {
  const open = await whyNot(deps, admin, vault);
  if (!open.ok) return open;
  const facts = { on: admin.on, ...owned(organizationOf(vault)) };
  return ok(await issuePage(deps, { kind: VAULT_RECOVERY_PAGE, person: admin.person.id, facts }));
};

const whyNot = async (deps: VaultDeps, admin: Admin, id: VaultId): Promise<Result<OrganizationVault, Fault>> => {
  const allowed = await mayTouch(deps, admin, organizationOf(id));
  if (!allowed.ok) return allowed;
  const [vault, name] = await Promise.all([deps.vaults.of(id), vaultName(deps, id)]);
  if (vault === undefined) return err({ code: 'vault.not-set-up', vault: name, admins: [] });
  return vault.mode === 'server' ? err({ code: 'vault.server-sealed', vault: name }) : ok(vault);
};

/** Who makes a recovery key and to what, with the standing they have now. */
export interface RecoveryVisit {
  readonly admin: Admin;
  readonly vault: OrganizationVault;
  readonly name: string;
}

export const recoveryVisitor = async (
  deps: EnrolDeps,
  token: Redacted<string>,
): Promise<Result<RecoveryVisit, Fault>> => {
  const visit = await visitOf(deps, token, VAULT_RECOVERY_PAGE);
  if (!visit.ok) return visit;
  const { person, link } = visit.value;
  const admin: Admin = { person, on: chatOf(link), standing: await standingOf(deps, person) };
  const { organization } = link.facts;
  const id = vaultOf(organization === undefined ? undefined : organizationId(organization));
  const vault = await whyNot(deps, admin, id);
  return vault.ok ? ok({ admin, vault: vault.value, name: await vaultName(deps, id) }) : vault;
};

export const beginRecovery = async (deps: EnrolDeps, token: Redacted<string>, recipient: string) => {
  const visit = await recoveryVisitor(deps, token);
  return visit.ok ? challengeFor(deps, token, VAULT_RECOVERY_PAGE, recipient) : visit;
};

/** Has everything sealed to the new key as well, and to an earlier one no more. Admins are told. */
export const finishRecovery = async <Card>(
  deps: EnrolDeps & TellDeps<Card>,
  token: Redacted<string>,
  sent: { readonly recipient: string; readonly proof: string },
  cardFor: (made: RecoveryVisit, zone: string | undefined) => Card,
): Promise<Result<RecoveryVisit, Fault>> => {
  const visit = await recoveryVisitor(deps, token);
  if (!visit.ok) return visit;
  const { admin, name } = visit.value;
  const changed = await take(deps, token, visit.value, sent);
  const organization = owned(organizationOf(visit.value.vault.id));
  if (!changed.ok) {
    await recordRefusal(deps, admin, { what: 'vault recovery', ...organization }, changed.error);
    return changed;
  }
  const made = { admin, name, vault: changed.value };
  await tellAdmins(deps, (zone) => cardFor(made, zone), organization);
  return ok(made);
};

const take = async (
  deps: EnrolDeps,
  token: Redacted<string>,
  { admin, vault }: RecoveryVisit,
  sent: { readonly recipient: string; readonly proof: string },
): Promise<Result<OrganizationVault, Fault>> => {
  const at = deps.clock.now();
  if (!(await isPossessed(deps, token, VAULT_RECOVERY_PAGE, sent))) return err({ code: 'vault.bad-key' });
  if ((await deps.pageLinks.take(token, VAULT_RECOVERY_PAGE, at)) === undefined) return err({ code: 'page.gone' });
  const recovery = { recipient: sent.recipient, at, by: admin.person.id };
  return changeVault(deps, admin, vault.id, {
    event: 'vault.recovery-made',
    next: async (current) => ok({ ...current, recovery }),
  });
};

/** Nothing is sealed to it any more. */
export const removeRecovery = (deps: VaultDeps, admin: Admin, id: VaultId): Promise<Result<OrganizationVault, Fault>> =>
  changeVault(deps, admin, id, {
    event: 'vault.recovery-removed',
    next: async (current) => {
      const { recovery, ...next } = current;
      if (recovery === undefined) return err({ code: 'admin.unknown', what: 'recovery key', asked: 'one' });
      const keys = await deps.vaults.keys(id);
      const last = await whyLastKey(deps, current, [current, keys], [next, keys]);
      return last === undefined ? ok(next) : err(last);
    },
  });
