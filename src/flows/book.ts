import type { Ask, Book } from '../engine/decide.js';
import { ALL_ADMINS } from '../engine/group.js';
import type { Group } from '../engine/group.js';
import type { GroupId, PersonId } from '../engine/ids.js';
import { isAdmin, mayChange } from '../engine/organization.js';
import { idsOf } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { Rule, Subject } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import type { FlowDeps } from './deps.js';
import { appointmentsOf, standingIn, standingOf } from './standing.js';
import type { Appointments } from './standing.js';

type BookDeps = Pick<FlowDeps, 'config' | 'settings'>;

/** What somebody is a member of and appointed to. */
export interface Affiliations extends Appointments {
  readonly groups: readonly Group[];
}

/** Of somebody who goes by these ids. */
export const affiliationsOf = async (deps: BookDeps, ids: readonly PersonId[]): Promise<Affiliations> => {
  const [groups, appointments] = await Promise.all([deps.config.groups.ofPeople(ids), appointmentsOf(deps, ids)]);
  return { groups, ...appointments };
};

/** The rules that can concern this person in this tenant, and no others. `known`: what was just read of them. */
export const bookFor = async (
  deps: BookDeps,
  person: Person,
  tenant: Ask['tenant'],
  known?: Affiliations,
): Promise<Book> => {
  const affiliations = known ?? (await affiliationsOf(deps, idsOf(person)));
  const memberOf = new Set<GroupId>(affiliations.groups.map(({ id }) => id));
  if (mayChange(standingIn(deps, person, affiliations), tenant.organization)) memberOf.add(ALL_ADMINS.id);
  return { rules: await deps.config.rules.concerning(subjectsFor(person, memberOf), tenant), memberOf };
};

/** What rules can name this person by. */
const subjectsFor = (person: Person, memberOf: Iterable<GroupId>): readonly Subject[] => [
  { kind: 'everyone' },
  ...idsOf(person).map((id): Subject => ({ kind: 'person', id })),
  ...[...memberOf].map((id): Subject => ({ kind: 'group', id })),
];

/** Everything that can concern a person anywhere: to tell in which tenants they may ask for something. */
export interface Library {
  readonly tenants: readonly Tenant[];
  readonly bookOf: (tenant: Ask['tenant']) => Book;
}

export const libraryFor = async (deps: BookDeps, person: Person): Promise<Library> => {
  const [groups, standing, tenants] = await Promise.all([
    deps.config.groups.ofPeople(idsOf(person)),
    standingOf(deps, person),
    deps.config.tenants.all(),
  ]);
  const memberOf = new Set<GroupId>(groups.map(({ id }) => id));
  const asAdmin = new Set<GroupId>([...memberOf, ALL_ADMINS.id]);
  const rules: readonly Rule[] = await deps.config.rules.concerning(
    subjectsFor(person, isAdmin(standing) ? asAdmin : memberOf),
  );
  return {
    tenants,
    bookOf: ({ organization }) => ({ rules, memberOf: mayChange(standing, organization) ? asAdmin : memberOf }),
  };
};
