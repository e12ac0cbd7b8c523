/** From what an admin typed to the vault they mean, and the word to the others about what became of it. */
import type { Fault } from '../../engine/faults.js';
import { organizationId, organizationOf, vaultOf } from '../../engine/ids.js';
import type { VaultId } from '../../engine/ids.js';
import { owned } from '../../flows/change.js';
import { tellAdmins } from '../../flows/tell-admins.js';
import { ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { vaultChangedCard } from '../vault-cards.js';
import { isOwnersVault } from '../vault-keys.js';
import { found, organizationFor } from './find.js';
import type { AdminContext } from './noun.js';

/** What to write for ORGANIZATION. */
export const ORGANIZATION = 'name or id; owners for what belongs to none';

/** The vault of an organization in this person's sight. */
export const vaultSeen = async (ctx: AdminContext, typed: string): Promise<Result<VaultId, Fault>> => {
  const seesOwners = ctx.standing.owner || ctx.standing.auditor;
  const organization = await found('organization', ctx.sight.organizations, typed);
  if (organization.ok) return ok(vaultOf(organizationId(organization.value.id)));
  return seesOwners && isOwnersVault(typed) ? ok(vaultOf(undefined)) : organization;
};

/** One that they may change as well. */
export const vaultToChange = async (ctx: AdminContext, typed: string): Promise<Result<VaultId, Fault>> => {
  const seen = await vaultSeen(ctx, typed);
  const organization = seen.ok ? organizationOf(seen.value) : undefined;
  if (!seen.ok || organization === undefined) return seen;
  const touch = await organizationFor(ctx, organization);
  return touch.ok ? seen : touch;
};

/** Tells the other admins what this one did about a vault. */
export const tellOthers = async (
  { deps, turn }: AdminContext,
  id: VaultId,
  name: string,
  what: string,
): Promise<void> => {
  const concerned = { ...owned(organizationOf(id)), except: turn.person };
  await tellAdmins(deps, () => vaultChangedCard(turn.person.name, name, what), concerned);
};
