/** What somebody may see of all that is set up. Whatever they may not, is to them as if it were not there. */
import type { OrganizationId } from '../engine/ids.js';
import { maySee } from '../engine/organization.js';
import type { Organization, Standing } from '../engine/organization.js';
import type { Person } from '../engine/person.js';
import type { FlowDeps } from './deps.js';
import { peopleIn } from './sight-people.js';
import type { PeopleDeps } from './sight-people.js';
import type { ConfigStore, Shelf } from './ports/config.js';
import type { SeenShelf, Sight } from './seen.js';

/** The one place where it is decided what an admin command can come across. */
export const sightOf = (deps: PeopleDeps & Pick<FlowDeps, 'config'>, standing: Standing, self: Person): Sight => {
  const { config } = deps;
  const shelves = {
    organizations: organizationsIn(config.organizations, standing),
    tenants: shelfIn(config.tenants, standing),
    groups: shelfIn(config.groups, standing),
    rules: shelfIn(config.rules, standing),
    templates: shelfIn(config.templates, standing),
  };
  return { ...shelves, people: peopleIn(deps, standing, self, shelves) };
};

interface Owned {
  readonly organization?: OrganizationId;
}

const seesAll = ({ owner, auditor }: Standing): boolean => owner || auditor;

const shelfIn = <T extends Owned, Id>(shelf: Shelf<T, Id>, standing: Standing): SeenShelf<T, Id> => {
  const isSeen = ({ organization }: T): boolean => maySee(standing, organization);
  const own = seesAll(standing) ? {} : { organizations: standing.adminOf };
  return {
    byId: async (id) => {
      const item = await shelf.byId(id);
      return item !== undefined && isSeen(item) ? item : undefined;
    },
    named: async (name) => (await shelf.named(name)).filter(isSeen),
    page: (page) => shelf.page({ ...page, ...own }),
    // Without a limit of its own: those out of sight must not crowd out those that are in it.
    using: async (reference, limit) =>
      seesAll(standing)
        ? shelf.using(reference, limit)
        : (await shelf.using(reference, 0)).filter(isSeen).slice(0, limit),
  };
};

/** An organization belongs to itself. */
const organizationsIn = (
  shelf: ConfigStore['organizations'],
  standing: Standing,
): SeenShelf<Organization, OrganizationId> => {
  const isSeen = ({ id }: Organization): boolean => maySee(standing, id);
  return {
    byId: async (id) => (maySee(standing, id) ? shelf.byId(id) : undefined),
    named: async (name) => (await shelf.named(name)).filter(isSeen),
    page: async ({ words, skip, limit }) => {
      if (seesAll(standing)) return shelf.page({ ...(words === undefined ? {} : { words }), skip, limit });
      const own = (await shelf.byIds(standing.adminOf)).filter(
        ({ name }) => words === undefined || name.toLowerCase().includes(words.toLowerCase()),
      );
      return { items: own.slice(skip, limit === 0 ? undefined : skip + limit), total: own.length };
    },
    using: async (reference, limit) => (await shelf.using(reference, 0)).filter(isSeen).slice(0, limit),
  };
};
