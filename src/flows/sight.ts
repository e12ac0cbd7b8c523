/** What somebody may see of all that is set up. Whatever they may not, is to them as if it were not there. */
import type { GroupId, OrganizationId, RuleId, TemplateId, TenantId } from '../engine/ids.js';
import type { Group } from '../engine/group.js';
import { maySee } from '../engine/organization.js';
import type { Organization, Standing } from '../engine/organization.js';
import type { Rule } from '../engine/rule.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import type { ConfigStore, PageOf, Reference, Shelf } from './ports/config.js';

/** The part of a shelf that is in sight: the reading half of `Shelf`. */
export interface SeenShelf<T, Id> {
  byId(id: Id): Promise<T | undefined>;
  named(name: string): Promise<readonly T[]>;
  page(page: Omit<PageOf, 'organizations'>): Promise<{ readonly items: readonly T[]; readonly total: number }>;
  using(reference: Reference, limit: number): Promise<readonly T[]>;
}

export interface Sight {
  readonly organizations: SeenShelf<Organization, OrganizationId>;
  readonly tenants: SeenShelf<Tenant, TenantId>;
  readonly groups: SeenShelf<Group, GroupId>;
  readonly rules: SeenShelf<Rule, RuleId>;
  readonly templates: SeenShelf<Template, TemplateId>;
}

/** The one place where it is decided what an admin command can come across. */
export const sightOf = (config: ConfigStore, standing: Standing): Sight => ({
  organizations: organizationsIn(config.organizations, standing),
  tenants: shelfIn(config.tenants, standing),
  groups: shelfIn(config.groups, standing),
  rules: shelfIn(config.rules, standing),
  templates: shelfIn(config.templates, standing),
});

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
      return { items: own.slice(skip, skip + limit), total: own.length };
    },
    using: async (reference, limit) => (await shelf.using(reference, 0)).filter(isSeen).slice(0, limit),
  };
};
