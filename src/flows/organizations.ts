import type { Fault } from '../engine/faults.js';
import { organizationId } from '../engine/ids.js';
import type { OrganizationId, PersonId } from '../engine/ids.js';
import type { Organization } from '../engine/organization.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import { edit } from './edit.js';
import type { Editing } from './edit.js';
import type { Facts } from './ports/audit.js';

const factsOf = ({ name, admins }: Organization): Facts => ({ name, admins });

export const addOrganization = async (
  deps: ChangeDeps,
  admin: Admin,
  organization: Organization,
): Promise<Result<Organization, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const { id, name, admins } = organization;
  const taken = (await deps.config.organizations.byId(id)) ?? (await deps.config.organizations.named(name))[0];
  if (taken !== undefined) return err({ code: 'admin.exists', what: 'organization', name: taken.name });
  await recordChange(deps, admin, {
    what: 'organization.added',
    organization: id,
    about: admins,
    facts: { organization: id, name },
    after: factsOf(organization),
  });
  const added = await deps.config.organizations.add(organization);
  return added ? ok(organization) : err({ code: 'admin.exists', what: 'organization', name });
};

type Renamed = Pick<Editing<Organization>, 'event' | 'next' | 'about'>;

/** What an organization is called and who administers it is its owners' word: whoever administers it may not spread that. */
const change = async (
  deps: ChangeDeps,
  admin: Admin,
  id: OrganizationId,
  { event, next, about }: Renamed,
): Promise<Result<Organization, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  return edit(deps, admin, deps.config.organizations, id, {
    what: 'organization',
    ownerOf: (organization) => organization.id,
    event,
    factsOf,
    next,
    ...(about === undefined ? {} : { about }),
  });
};

export const renameOrganization = (deps: ChangeDeps, admin: Admin, id: OrganizationId, name: string) =>
  change(deps, admin, id, { event: 'organization.renamed', next: (current) => ok({ ...current, name }) });

export const setOrganizationAdmins = (
  deps: ChangeDeps,
  admin: Admin,
  id: OrganizationId,
  { add, remove }: { readonly add: readonly PersonId[]; readonly remove: readonly PersonId[] },
) =>
  change(deps, admin, id, {
    event: 'organization.admins',
    about: { about: [...add, ...remove] },
    next: (current) => {
      const kept = current.admins.filter((known) => !remove.includes(known));
      return ok({ ...current, admins: [...new Set([...kept, ...add])] });
    },
  });

/** Removes an organization that owns nothing any more; whether it does, the caller has asked. */
export const removeOrganization = async (
  deps: ChangeDeps,
  admin: Admin,
  { id, name, admins }: Organization,
): Promise<Result<undefined, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const facts = { organization: id, name };
  await recordChange(deps, admin, { what: 'organization.removed', organization: id, about: admins, facts });
  await deps.config.organizations.remove(id);
  return ok(undefined);
};

/** `Contoso Ltd.` is typed `contoso-ltd`. */
export const organizationIdFrom = (name: string): OrganizationId => organizationId(shortNameFrom(name));

export const shortNameFrom = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
    .slice(0, 40);
