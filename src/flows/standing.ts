import { ALL_ADMINS } from '../engine/group.js';
import type { Group } from '../engine/group.js';
import type { GroupId, OrganizationId, PersonId } from '../engine/ids.js';
import { NO_STANDING, maySee } from '../engine/organization.js';
import type { Organization, Standing } from '../engine/organization.js';
import { idsOf, isDeactivated, isNamedBy } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import { everyGroupAsked } from '../engine/quorum.js';
import type { Quorum } from '../engine/rule.js';
import type { FlowDeps } from './deps.js';
import type { Offices } from './ports/config.js';

export type StandingDeps = Pick<FlowDeps, 'people' | 'config' | 'settings'>;

/** What this person is in Latchkey at this moment. Whoever's chat account was closed is nobody any more. */
export const standingOf = async (deps: Omit<StandingDeps, 'people'>, person: Person): Promise<Standing> =>
  standingIn(deps, person, await appointmentsOf(deps, idsOf(person)));

/** What is on record of somebody who goes by these ids, and the offices of all. */
export interface Appointments {
  readonly offices: Offices;
  readonly organizations: readonly Organization[];
}

export const appointmentsOf = async (
  { config }: Pick<FlowDeps, 'config'>,
  ids: readonly PersonId[],
): Promise<Appointments> => {
  const [offices, organizations] = await Promise.all([config.offices.read(), config.organizations.administeredBy(ids)]);
  return { offices, organizations };
};

export const standingIn = (
  deps: Pick<FlowDeps, 'settings'>,
  person: Person,
  { offices, organizations }: Appointments,
): Standing => {
  if (isDeactivated(person)) return NO_STANDING;
  return {
    owner: isOwnerIn(deps, offices, person),
    auditor: offices.auditors.some((id) => isNamedBy(person, id)),
    adminOf: organizations.map(({ id }) => id),
  };
};

/** The first owners, whom the environment names, are owners until another one dismisses them. */
const isOwnerIn = ({ settings }: Pick<FlowDeps, 'settings'>, offices: Offices, person: Person): boolean =>
  offices.owners.some((id) => isNamedBy(person, id)) ||
  person.identities.some(({ key }) => settings.owners.includes(key) && !offices.dismissed.includes(key));

/** The owners who have spoken to the bot at least once, each once. */
export const owners = async (deps: StandingDeps): Promise<readonly Person[]> =>
  ownersIn(deps, await deps.config.offices.read());

/** Those who are owners by these offices and can still speak. */
export const ownersIn = async (
  deps: Pick<StandingDeps, 'people' | 'settings'>,
  offices: Offices,
): Promise<readonly Person[]> => {
  const first = deps.settings.owners.filter((key) => !offices.dismissed.includes(key));
  const [known, appointed] = await Promise.all([
    Promise.all(first.map((key) => deps.people.byIdentity(key))),
    deps.people.byIds(offices.owners),
  ]);
  return each([...known, ...appointed]);
};

const each = (people: readonly (Person | undefined)[]): readonly Person[] => {
  const active = people.flatMap((person) => (person === undefined || isDeactivated(person) ? [] : [person]));
  return [...new Map(active.map((person) => [person.id, person])).values()];
};

/** The owners, and where it concerns an organization its admins, each once. */
export const adminsOf = async (
  deps: StandingDeps,
  organization: OrganizationId | undefined,
): Promise<readonly Person[]> => {
  const [all, its] = await Promise.all([
    owners(deps),
    organization === undefined ? undefined : deps.config.organizations.byId(organization),
  ]);
  return its === undefined ? all : each([...all, ...(await deps.people.byIds(its.admins))]);
};

/** Whom to turn to, for refusals: names where known, otherwise the configured identity. */
export const adminNames = async (deps: StandingDeps, organization?: OrganizationId): Promise<readonly string[]> => {
  const known = await adminsOf(deps, organization);
  return known.length > 0 ? known.map(({ name }) => name) : deps.settings.owners;
};

/** Groups by id for a tenant of this organization, the built-in one among them where it is asked for. */
export const groupsFor = async (
  deps: StandingDeps,
  ids: readonly GroupId[],
  organization: OrganizationId | undefined,
): Promise<readonly Group[]> => {
  const stored = ids.filter((id) => id !== ALL_ADMINS.id);
  const [groups, admins] = await Promise.all([
    stored.length === 0 ? [] : deps.config.groups.byIds(stored),
    stored.length === ids.length ? undefined : adminsOf(deps, organization),
  ]);
  if (admins === undefined) return groups;
  return [...groups, { ...ALL_ADMINS, members: admins.map(({ id }) => id) }];
};

/** The groups whose members may decide a request. */
export const approverGroups = (
  deps: StandingDeps,
  { quorums, organization }: { readonly quorums: readonly Quorum[]; readonly organization?: OrganizationId },
): Promise<readonly Group[]> => groupsFor(deps, everyGroupAsked(quorums), organization);

/** Whether somebody may see what belongs to this organization without having to do with it. */
export const oversees = async (
  deps: Omit<StandingDeps, 'people'>,
  person: Person,
  organization: OrganizationId | undefined,
): Promise<boolean> => maySee(await standingOf(deps, person), organization);
