/** The vault of an organization: whose it is, who may change it, and what every change of it has in common. */
import type { Fault } from '../../engine/faults.js';
import { organizationOf, vaultOf } from '../../engine/ids.js';
import type { PersonId, VaultId } from '../../engine/ids.js';
import { maySee } from '../../engine/organization.js';
import { isNamedBy } from '../../engine/person.js';
import type { Person } from '../../engine/person.js';
import type { Tenant } from '../../engine/tenant.js';
import { recipientsOf } from '../../engine/vault.js';
import type { OrganizationVault, VaultKey } from '../../engine/vault.js';
import { addMs, MINUTE } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { rotateVault } from '../break-glass/schedule.js';
import { difference, mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import type { Facts } from '../ports/audit.js';
import { adminNames } from '../standing.js';

export type VaultDeps = ChangeDeps & Pick<FlowDeps, 'vaults' | 'breakGlass'>;

/** What a vault holds, and for whom. */
export type KeptDeps = Pick<FlowDeps, 'clock' | 'config' | 'vaults' | 'breakGlass'>;

/** What people call the vault of what belongs to no organization. */
const OWNERS = 'the owners';

/** Whose vault it is, in words: "the vault of …". */
export const vaultName = async ({ config }: Pick<FlowDeps, 'config'>, id: VaultId): Promise<string> => {
  const organization = organizationOf(id);
  if (organization === undefined) return OWNERS;
  return (await config.organizations.byId(organization))?.name ?? organization;
};

/** Somebody's place in a vault. */
export interface Membership {
  readonly vault: OrganizationVault;
  readonly name: string;
  /** As whom the vault lists them. */
  readonly member: PersonId;
}

/** Whether somebody is, at this moment, among those who may have a key to a vault. */
export const membershipOf = async (
  deps: VaultDeps,
  person: Person,
  id: VaultId,
): Promise<Result<Membership, Fault>> => {
  const [vault, name] = await Promise.all([deps.vaults.of(id), vaultName(deps, id)]);
  const admins = () => adminNames(deps, organizationOf(id));
  if (vault === undefined) return err({ code: 'vault.not-set-up', vault: name, admins: await admins() });
  if (vault.mode === 'server') return err({ code: 'vault.server-sealed', vault: name });
  const member = vault.members.find((listed) => isNamedBy(person, listed));
  if (member === undefined) return err({ code: 'vault.not-member', vault: name, admins: await admins() });
  return ok({ vault, name, member });
};

/** The vaults that somebody is a member of. */
export const vaultsWith = async ({ vaults }: Pick<FlowDeps, 'vaults'>, person: Person) =>
  (await vaults.all()).filter(({ members }) => members.some((listed) => isNamedBy(person, listed)));

export const tenantsOf = async ({ config }: Pick<FlowDeps, 'config'>, id: VaultId): Promise<readonly Tenant[]> =>
  (await config.tenants.all()).filter(({ organization }) => vaultOf(organization) === id);

/** Whether a vault holds passwords: then somebody must stay who can open it. */
export const keepsPasswords = async (deps: KeptDeps, id: VaultId): Promise<boolean> => {
  for (const tenant of await tenantsOf(deps, id)) {
    const accounts = await deps.breakGlass.ofTenant(tenant.id);
    if (accounts.some(({ candidates }) => candidates.length > 0)) return true;
  }
  return false;
};

/** Who may have a key, and the keys that there are. */
type Openers = Parameters<typeof recipientsOf>;

/** The refusal of a change after which nobody could open what somebody can open before it. */
export const whyLastKey = async (
  deps: KeptDeps,
  { id, mode }: OrganizationVault,
  before: Openers,
  after: Openers,
): Promise<Fault | undefined> => {
  const loses = recipientsOf(...before).length > 0 && recipientsOf(...after).length === 0;
  if (mode === 'server' || !loses || !(await keepsPasswords(deps, id))) return undefined;
  return { code: 'vault.last-key', vault: await vaultName(deps, id) };
};

/**
 * Changes who can open a vault, and has everything in it sealed anew at once. That is put down before the change as well,
 * for a minute later: a crash in between leaves nothing sealed to whoever has just lost their key.
 */
export const resealing = async <T>(deps: KeptDeps, id: VaultId, change: () => Promise<T>): Promise<T> => {
  await rotateVault(deps, id, 'recipients', addMs(deps.clock.now(), MINUTE));
  const changed = await change();
  await rotateVault(deps, id, 'recipients');
  return changed;
};

export interface VaultChange {
  /** The event's name in the log. */
  readonly event: string;
  readonly about?: readonly PersonId[];
  /** From the vault as it is at that moment. */
  readonly next: (current: OrganizationVault) => Promise<Result<OrganizationVault, Fault>>;
}

/** More would mean that somebody is at it without end. */
const MOST_RACES = 5;

/** Changes a vault that is set up, whoever else is at it. */
export const changeVault = async (
  deps: VaultDeps,
  admin: Admin,
  id: VaultId,
  { event, about, next }: VaultChange,
): Promise<Result<OrganizationVault, Fault>> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const current = await vaultToChange(deps, admin, id);
    if (!current.ok) return current;
    const changed = await next(current.value);
    if (!changed.ok) return changed;
    const differs = difference(factsOf(current.value), factsOf(changed.value));
    if (Object.keys(differs.after).length + Object.keys(differs.before).length === 0) return current;
    await recordVault(deps, admin, event, changed.value, {
      ...differs,
      ...(about === undefined ? {} : { about }),
    });
    const save = () => deps.vaults.save(changed.value, current.value);
    const saved = await (opensToOthers(current.value, changed.value) ? resealing(deps, id, save) : save());
    if (saved) return changed;
  }
  return err({ code: 'busy' });
};

/** Whoever joins has no key yet, so that nothing is sealed to anybody else by it. */
const opensToOthers = (before: OrganizationVault, after: OrganizationVault): boolean =>
  before.mode !== after.mode ||
  before.recovery?.recipient !== after.recovery?.recipient ||
  before.members.some((member) => !after.members.includes(member));

const vaultToChange = async (deps: VaultDeps, admin: Admin, id: VaultId): Promise<Result<OrganizationVault, Fault>> => {
  const organization = organizationOf(id);
  const allowed = await mayTouch(deps, admin, organization);
  if (!allowed.ok) return allowed;
  const vault = await deps.vaults.of(id);
  if (vault !== undefined) return ok(vault);
  const admins = await adminNames(deps, organization);
  return err({ code: 'vault.not-set-up', vault: await vaultName(deps, id), admins });
};

/** A line about a vault, before what it tells is done. */
export const recordVault = async (
  deps: VaultDeps,
  by: Pick<Admin, 'person' | 'on'>,
  what: string,
  { id }: Pick<OrganizationVault, 'id'>,
  {
    facts,
    ...more
  }: { readonly facts?: Facts; readonly about?: readonly PersonId[]; readonly before?: Facts; readonly after?: Facts },
): Promise<void> => {
  const name = await vaultName(deps, id);
  await recordChange(deps, by, { what, ...owned(organizationOf(id)), ...more, facts: { vault: id, name, ...facts } });
};

export const factsOf = ({ mode, members, recovery, rotateEveryMs }: OrganizationVault): Facts => ({
  sealedTo: mode,
  members,
  recovery: recovery?.recipient ?? null,
  rotateEveryMs,
});

/** A key of a vault in this person's sight, by its id. */
export const keySeen = async (
  deps: VaultDeps,
  { standing }: Pick<Admin, 'standing'>,
  asked: string,
): Promise<Result<VaultKey, Fault>> => {
  const key = await deps.vaults.key(asked);
  if (key === undefined || !maySee(standing, organizationOf(key.vault)))
    return err({ code: 'vault.no-such-key', asked });
  const allowed = await mayTouch(deps, { standing }, organizationOf(key.vault));
  return allowed.ok ? ok(key) : allowed;
};
