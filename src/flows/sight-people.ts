/** The people an admin may come across: an organization's admin those who have to do with it, everybody else's are unknown. */
import type { PersonId } from '../engine/ids.js';
import { idsOf } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { Standing } from '../engine/organization.js';
import type { FlowDeps } from './deps.js';
import type { SeenPeople, SeenShelves } from './seen.js';

export type PeopleDeps = Pick<FlowDeps, 'people' | 'identities' | 'requests'>;

/** More requests than this of one tenant say nothing new about who has to do with it. */
const MOST_REQUESTS = 500;

export const peopleIn = (
  deps: PeopleDeps,
  { owner, auditor }: Standing,
  self: Person,
  shelves: SeenShelves,
): SeenPeople => {
  const everybody = owner || auditor;
  let concerned: Promise<ReadonlySet<PersonId>> | undefined;
  const isSeen = async (person: Person): Promise<boolean> => {
    if (everybody) return true;
    const ids = await (concerned ??= concernedBy(deps, shelves));
    return person.id === self.id || idsOf(person).some((id) => ids.has(id));
  };
  const seenOf = async (people: readonly Person[]): Promise<readonly Person[]> => {
    const seen = await Promise.all(people.map(isSeen));
    return people.filter((_, index) => seen[index] === true);
  };
  return {
    byId: async (id) => {
      const person = await deps.people.byId(id);
      return person !== undefined && (await isSeen(person)) ? person : undefined;
    },
    named: async (text) => seenOf(await deps.people.named(text)),
    all: async () => {
      const ids = everybody
        ? await everybodyOnRecord(deps)
        : [self.id, ...(await (concerned ??= concernedBy(deps, shelves)))];
      return (await deps.people.byIds(ids)).toSorted((one, other) => one.name.localeCompare(other.name));
    },
  };
};

const everybodyOnRecord = async ({ identities }: PeopleDeps): Promise<readonly PersonId[]> => {
  const known = await Promise.all([identities.on('slack'), identities.on('teams')]);
  return [...new Set(known.flat().map(({ person }) => person))];
};

const EVERYTHING = { skip: 0, limit: 0 };

const concernedBy = async (deps: PeopleDeps, shelves: SeenShelves): Promise<ReadonlySet<PersonId>> => {
  const [organizations, groups, rules, tenants] = await Promise.all([
    shelves.organizations.page(EVERYTHING),
    shelves.groups.page(EVERYTHING),
    shelves.rules.page(EVERYTHING),
    shelves.tenants.page(EVERYTHING),
  ]);
  const requests = await Promise.all(tenants.items.map(({ id }) => deps.requests.list({ tenant: id }, MOST_REQUESTS)));
  return new Set([
    ...organizations.items.flatMap(({ admins }) => admins),
    ...groups.items.flatMap(({ members }) => members),
    ...rules.items.flatMap(({ subjects }) => subjects.flatMap((one) => (one.kind === 'person' ? [one.id] : []))),
    ...requests.flat().map(({ requester }) => requester),
  ]);
};
