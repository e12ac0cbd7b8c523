/** What a look rests on, loaded anew at each step: the rules, the tenant, its accounts, and what its viewer can open. */
import { openers } from '../../engine/break-glass.js';
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import { decideLook } from '../../engine/decide-look.js';
import type { LookDecision, LookRefusal } from '../../engine/decide-look.js';
import type { Fault } from '../../engine/faults.js';
import { vaultOf } from '../../engine/ids.js';
import { isDeactivated, isNamedBy } from '../../engine/person.js';
import type { Person } from '../../engine/person.js';
import type { Tenant } from '../../engine/tenant.js';
import type { VaultKey } from '../../engine/vault.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { bookFor } from '../book.js';
import type { FlowDeps } from '../deps.js';
import { passkeysOf, whyNoPasskeysAt } from '../passkey-proof.js';
import type { Passkey } from '../ports/passkeys.js';
import { adminNames } from '../standing.js';
import { vaultName } from '../vault/vaults.js';

export type GroundDeps = Pick<
  FlowDeps,
  'clock' | 'people' | 'config' | 'settings' | 'vaults' | 'breakGlass' | 'passkeys'
>;

export type Permission = Extract<LookDecision, { kind: 'may' }>;

/** What the rules say of this person's look at this moment. */
export const permissionFor = async (
  deps: GroundDeps,
  requester: Person,
  tenant: Tenant,
  accessPass: boolean,
): Promise<Result<Permission, Fault>> => {
  const decision = await consultOnLook(deps, requester, tenant, accessPass);
  return decision.kind === 'may' ? ok(decision) : err(await lookRefusalOf(deps, tenant, decision.why));
};

/** The decision itself, with what each rule had to do with it. */
export const consultOnLook = async (
  deps: GroundDeps,
  requester: Person,
  tenant: Tenant,
  accessPass: boolean,
): Promise<LookDecision> =>
  decideLook({ requester, tenant, accessPass, startsAt: deps.clock.now() }, await bookFor(deps, requester, tenant));

/** What somebody is told whom the rules do not let look. */
export const lookRefusalOf = async (
  deps: GroundDeps,
  { name, organization }: Tenant,
  why: LookRefusal,
): Promise<Fault> => {
  const about = { tenant: name, admins: await adminNames(deps, organization) };
  switch (why.kind) {
    case 'leaving':
      return { code: 'tenant.leaving', ...about };
    case 'denied':
      return { code: 'policy.denied', rule: why.rule.name, ...about };
    case 'no-pass':
      return { code: 'break-glass.no-pass', ...about };
    case 'not-covered':
      return { code: 'break-glass.not-covered', ...about };
    default:
      return why satisfies never;
  }
};

/** With what somebody opens what a vault holds. */
export type Opening =
  | { readonly mode: 'recipients'; readonly keys: readonly VaultKey[] }
  | { readonly mode: 'server'; readonly passkeys: readonly Passkey[] };

/** A current key to the vault; where it is sealed to the server, a passkey that proves who asks the server to open it. */
export const openingFor = async (
  deps: GroundDeps,
  person: Person,
  { organization }: Tenant,
): Promise<Result<Opening, Fault>> => {
  const id = vaultOf(organization);
  const [vault, name] = await Promise.all([deps.vaults.of(id), vaultName(deps, id)]);
  const admins = (): Promise<readonly string[]> => adminNames(deps, organization);
  if (vault === undefined) return err({ code: 'vault.not-set-up', vault: name, admins: await admins() });
  if (vault.mode === 'server') {
    const unusable = whyNoPasskeysAt(deps.settings.publicUrl);
    if (unusable !== undefined) return err(unusable);
    const passkeys = await passkeysOf(deps, person);
    return passkeys.length === 0 ? err({ code: 'passkey.none' }) : ok({ mode: 'server', passkeys });
  }
  if (isDeactivated(person) || !vault.members.some((member) => isNamedBy(person, member))) {
    return err({ code: 'vault.not-member', vault: name, admins: await admins() });
  }
  const keys = (await deps.vaults.keys(id)).filter(
    ({ state, person: owner }) => state === 'current' && isNamedBy(person, owner) && vault.members.includes(owner),
  );
  return keys.length === 0 ? err({ code: 'vault.not-enrolled', vault: name }) : ok({ mode: 'recipients', keys });
};

/** The accounts that are meant and whose password is on record. */
export const accountsToShow = async (
  deps: Pick<GroundDeps, 'breakGlass'>,
  tenant: Tenant,
  name?: string,
): Promise<Result<readonly BreakGlassAccount[], Fault>> => {
  const all = await deps.breakGlass.ofTenant(tenant.id);
  if (all.length === 0) return err({ code: 'break-glass.none', tenant: tenant.name });
  const meant = name === undefined ? all : all.filter((one) => [one.name, one.upn].includes(name.toLowerCase()));
  if (meant.length === 0) return err({ code: 'admin.unknown', what: 'break-glass account', asked: name ?? '' });
  const ready = meant.filter(({ candidates }) => openers(candidates).length > 0);
  return ready.length === 0 ? err({ code: 'break-glass.empty', tenant: tenant.name }) : ok(ready);
};
