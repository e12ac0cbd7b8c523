import type { BreakGlassAccount, SealedEntry } from '../../engine/break-glass.js';
import type { BreakGlassFault } from '../../engine/break-glass-faults.js';
import { vaultOf } from '../../engine/ids.js';
import type { OrganizationId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { recipientsOf } from '../../engine/vault.js';
import type { OrganizationVault } from '../../engine/vault.js';
import { redacted } from '../../lib/redacted.js';
import type { Redacted } from '../../lib/redacted.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { adminNames } from '../standing.js';
import type { StandingDeps } from '../standing.js';
import { vaultName } from '../vault/vaults.js';

/** To whom the passwords of a tenant are sealed at this moment, and how often they change. */
export interface VaultTerms {
  readonly mode: OrganizationVault['mode'];
  /** Public keys; never empty, but where they are sealed to the server. */
  readonly recipients: readonly string[];
  readonly everyMs: number;
}

/** Why nothing can be sealed for a tenant. */
export type Unsealable = 'vault.not-set-up' | 'vault.no-recipients';

export const vaultTerms = async (
  { vaults }: Pick<FlowDeps, 'vaults'>,
  organization: OrganizationId | undefined,
): Promise<Result<VaultTerms, Unsealable>> => {
  const id = vaultOf(organization);
  const [vault, keys] = await Promise.all([vaults.of(id), vaults.keys(id)]);
  if (vault === undefined) return err('vault.not-set-up');
  const { mode, rotateEveryMs: everyMs } = vault;
  if (mode === 'server') return ok({ mode, recipients: [], everyMs });
  const recipients = recipientsOf(vault, keys);
  return recipients.length === 0 ? err('vault.no-recipients') : ok({ mode, recipients, everyMs });
};

/** What an admin is told who wants something sealed for it. */
export const unsealableFault = async (
  deps: StandingDeps,
  why: Unsealable,
  organization: OrganizationId | undefined,
): Promise<BreakGlassFault> => {
  const vault = await vaultName(deps, vaultOf(organization));
  if (why === 'vault.no-recipients') return { code: why, vault };
  return { code: why, vault, admins: await adminNames(deps, organization) };
};

/** Complete by itself, so that it can be read where nothing else is left. Throws where one of the recipients is none. */
export const sealPassword = async (
  { sealer, vault }: Pick<FlowDeps, 'sealer' | 'vault'>,
  { mode, recipients }: VaultTerms,
  { tenant, account: { upn } }: { readonly tenant: Tenant; readonly account: BreakGlassAccount },
  password: Redacted<string>,
  at: Date,
): Promise<string> => {
  const entry: SealedEntry = {
    tenant: tenant.name,
    directoryId: tenant.directoryId,
    upn,
    password: password.reveal(),
    at: at.toISOString(),
  };
  if (mode === 'server') return await vault.seal(redacted(JSON.stringify(entry)));
  return await sealer.seal(entry, recipients);
};
