import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { Tenant } from '../../engine/tenant.js';
import { MINUTE } from '../../lib/clock.js';
import type { FlowDeps } from '../deps.js';
import { isShut } from '../pause.js';
import { hindranceOf, unsealable } from './hindrance.js';
import type { Hindrance } from './hindrance.js';
import { vaultTerms } from './vault-terms.js';
import type { VaultTerms } from './vault-terms.js';

/** Where a rotation happens, and to whom its password is sealed. */
export interface Ground {
  readonly tenant: Tenant;
  readonly terms: VaultTerms;
}

/** `gone`: the tenant is not connected any more. */
export type FoundGround =
  | { readonly kind: 'ready'; readonly ground: Ground }
  | { readonly kind: 'gone' | 'leaving' }
  | { readonly kind: 'hindered'; readonly by: Hindrance };

/** A tenant that works again is seen within that time. */
const PAUSED_MS = 5 * MINUTE;

/** Read after the lease was taken: whoever loses their key before is not among the recipients. */
export const groundFor = async (
  deps: Pick<FlowDeps, 'config' | 'checkups' | 'vaults' | 'breakGlassDirectory'>,
  account: Pick<BreakGlassAccount, 'tenant'>,
): Promise<FoundGround> => {
  const [tenant, pause] = await Promise.all([
    deps.config.tenants.byId(account.tenant),
    deps.checkups.pauseOf(account.tenant),
  ]);
  if (tenant === undefined) return { kind: 'gone' };
  if (tenant.leaving !== undefined) return { kind: 'leaving' };
  if (isShut(pause)) {
    const { code, clause } = pause;
    return { kind: 'hindered', by: { code, clause: `the tenant is paused: ${clause}`, retryAfterMs: PAUSED_MS } };
  }
  // Where no call could be made at all, no password is made for it either: an outage leaves none in doubt.
  const [terms, ready] = await Promise.all([
    vaultTerms(deps, tenant.organization),
    deps.breakGlassDirectory.ready(tenant),
  ]);
  if (!terms.ok) return { kind: 'hindered', by: unsealable(terms.error) };
  if (!ready.ok) return { kind: 'hindered', by: hindranceOf(ready.error, 'look') };
  return { kind: 'ready', ground: { tenant, terms: terms.value } };
};
