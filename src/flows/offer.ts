/** What somebody may ask for, before they ask: told by the same decision that a request will meet. */
import { ordinaryIn } from '../engine/access.js';
import type { AdministrativeUnit, DirectoryGroup, ExistingUser, Manner, Role } from '../engine/access.js';
import { decide } from '../engine/decide.js';
import type { Book, Decision } from '../engine/decide.js';
import type { DirectoryFault } from '../engine/faults.js';
import { fitsPattern } from '../engine/patterns.js';
import type { Person } from '../engine/person.js';
import type { AllowRule, Demands, Rule, Selector } from '../engine/rule.js';
import { isTemplateFor } from '../engine/template.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import { edgesAfter } from '../engine/window-edges.js';
import { bookFor, libraryFor } from './book.js';
import { isOpenTo } from './consult.js';
import type { Question } from './consult.js';
import type { FlowDeps } from './deps.js';
import { asGroup } from './directory-names.js';

export type OfferDeps = Pick<FlowDeps, 'clock' | 'config' | 'directory' | 'settings'>;

/** How something may be asked for; on whose account, where it is somebody's who was there before. */
export interface OfferedManner extends Manner {
  readonly user?: ExistingUser;
}

/** Of more users it is not told what each may be lent with. */
const MOST_USERS = 20;

/** Every manner that rules tell apart and an offer may name, the ordinary one first; `users`: whoever may be borrowed. */
export const mannersIn = (
  tenant: Pick<Tenant, 'atEnd'>,
  users: readonly ExistingUser[] = [],
): readonly OfferedManner[] => {
  const usual = ordinaryIn(tenant);
  const ends = [...new Set([usual.atEnd, 'disable', 'delete', 'keep'] as const)];
  return [
    ...ends.map((atEnd) => ({ ...usual, atEnd })),
    ...ends.flatMap((atEnd) => (atEnd === 'keep' ? [] : [{ ...usual, account: 'fresh' as const, atEnd }])),
    ...users.slice(0, MOST_USERS).map((user) => ({ ...BORROWED, user })),
  ];
};

const BORROWED = { account: 'existing', atEnd: 'keep', tap: false } as const;

/** Something that may be asked for, in this manner, for an access that begins at this moment, on these terms. */
export interface Offered<T> {
  readonly thing: T;
  readonly manner: OfferedManner;
  readonly at: Date;
  readonly terms: Demands;
  readonly rules: readonly AllowRule[];
}

export interface TenantOffer {
  readonly tenant: Tenant;
  readonly roles: readonly Offered<Role>[];
  readonly groups: readonly Offered<DirectoryGroup>[];
  readonly templates: readonly Offered<Template>[];
  /** Why what patterns stand for could not be looked up; only what rules name in full is offered then. */
  readonly fault?: DirectoryFault;
}

/** A tenant, and what some rule lets a person ask for in it, as the rules name it. */
export interface OpenTenant {
  readonly tenant: Tenant;
  readonly rules: readonly AllowRule[];
}

/** The tenants in which some rule lets this person ask for anything, by name. No directory is asked. */
export const openTenants = async (
  deps: Pick<FlowDeps, 'config' | 'settings'>,
  person: Person,
): Promise<readonly OpenTenant[]> => {
  const { tenants, bookOf } = await libraryFor(deps, person);
  return tenants
    .map((tenant) => {
      const { rules, memberOf } = bookOf(tenant);
      return {
        tenant,
        rules: allowing({
          rules: rules.filter((rule) => lends(rule) && isOpenTo({ rules: [rule], memberOf }, person, tenant)),
        }),
      };
    })
    .filter(({ rules }) => rules.length > 0)
    .toSorted((one, other) => one.tenant.name.localeCompare(other.tenant.name));
};

/** A rule about break-glass passwords gives nothing that could be asked for as a request. */
const lends = ({ what }: Rule): boolean => what.breakGlass !== true;

const allowing = ({ rules }: Pick<Book, 'rules'>): readonly AllowRule[] =>
  rules.flatMap((rule) => (rule.effect === 'allow' ? [rule] : []));

export interface OfferOptions {
  /** In the first of these manners and at the first of these moments in which it is offered, each thing is. */
  readonly manners: readonly OfferedManner[];
  readonly moments: readonly Date[];
}

/** Everything that this person may ask for there. */
export const offerIn = async (
  deps: OfferDeps,
  person: Person,
  tenant: Tenant,
  options: OfferOptions,
): Promise<TenantOffer> => {
  const [book, templates] = await Promise.all([bookFor(deps, person, tenant), templatesIn(deps, tenant)]);
  const [roles, groups] = await Promise.all([rolesOf(deps, tenant, book), groupsOf(deps, tenant, book)]);
  const fault = roles.fault ?? groups.fault;
  const asking = { book, person, tenant, options };
  return {
    tenant,
    roles: roles.things.flatMap((role) => offered(asking, role, { roles: [role], groups: [] }) ?? []),
    groups: groups.things.flatMap((group) => offered(asking, group, { roles: [], groups: [group] }) ?? []),
    templates: templates.flatMap((template) => offeredTemplate(asking, template) ?? []),
    ...(fault === undefined ? {} : { fault }),
  };
};

/** The templates that can be used in a tenant. */
export const templatesIn = async (
  { config }: Pick<FlowDeps, 'config'>,
  tenant: Pick<Tenant, 'id' | 'organization'>,
): Promise<readonly Template[]> => (await config.templates.all()).filter((template) => isTemplateFor(template, tenant));

/** Every moment at which something may change that windows decide: now, and where a window next begins or ends. */
export const momentsOf = async (deps: OfferDeps, person: Person, tenant: Tenant): Promise<readonly Date[]> => {
  const now = deps.clock.now();
  const { rules } = await bookFor(deps, person, tenant);
  const edges = rules.flatMap(({ when }) => (when === undefined ? [] : edgesAfter(when, now)));
  const later = new Map(edges.map((edge) => [edge.getTime(), edge]));
  return [now, ...[...later.values()].toSorted((one, other) => one.getTime() - other.getTime())];
};

interface Asking {
  readonly book: Book;
  readonly person: Person;
  readonly tenant: Tenant;
  readonly options: OfferOptions;
}

type Things = Pick<Question, 'roles' | 'groups' | 'template'>;

const offered = <T>({ book, person, tenant, options }: Asking, thing: T, things: Things): Offered<T> | undefined => {
  for (const at of options.moments) {
    for (const manner of options.manners) {
      const decision = decide({ requester: person, tenant, ...things, ...manner, durationMs: 0, startsAt: at }, book);
      if (decision.terms !== undefined) {
        return { thing, manner, at, terms: decision.terms, rules: coveringIn(decision) };
      }
    }
  }
  return undefined;
};

/** A template says itself in what manner it is asked for. */
const offeredTemplate = (asking: Asking, template: Template): Offered<Template> | undefined => {
  const { roles, groups, account, atEnd, tap } = template;
  const borrowed = asking.options.manners.flatMap(({ user }) => (user === undefined ? [] : [user]));
  const manners: readonly OfferedManner[] =
    account === 'existing' ? borrowed.map((user) => ({ ...BORROWED, tap, user })) : [{ account, atEnd, tap }];
  return offered({ ...asking, options: { ...asking.options, manners } }, template, { roles, groups, template });
};

const coveringIn = ({ findings }: Decision): readonly AllowRule[] =>
  findings.flatMap(({ rule, failed }) => (failed === undefined && rule.effect === 'allow' ? [rule] : []));

interface Candidates<T> {
  readonly things: readonly T[];
  readonly fault?: DirectoryFault;
}

/** The roles that rules name there; where one names them by pattern, the directory is asked which exist. */
const rolesOf = async (deps: OfferDeps, tenant: Tenant, book: Book): Promise<Candidates<Role>> => {
  const selectors = allowing(book).flatMap(({ what }) => what.roles);
  const named = namedBy(selectors);
  if (!selectors.some(({ kind }) => kind === 'pattern')) return { things: named };
  const known = await deps.directory.roles(tenant);
  if (!known.ok) return { things: named, fault: known.error };
  const confined = named.flatMap(({ id, name, unit }): readonly Role[] => {
    const privileged = known.value.find((role) => role.id === id)?.privileged;
    return unit === undefined ? [] : [{ id, name, unit, ...(privileged === undefined ? {} : { privileged }) }];
  });
  return { things: [...known.value, ...confined] };
};

interface NamedThing<Id> {
  readonly id: Id;
  readonly name: string;
  readonly unit?: AdministrativeUnit;
}

/** What selectors name in full; a role in a unit is another thing than in the whole directory. */
const namedBy = <Id extends string>(selectors: readonly Selector<Id>[]): readonly NamedThing<Id>[] => {
  const named = selectors.flatMap((one): readonly NamedThing<Id>[] => {
    if (one.kind === 'pattern') return [];
    return [{ id: one.id, name: one.name, ...(one.unit === undefined ? {} : { unit: one.unit }) }];
  });
  return byName([...new Map(named.map((thing) => [`${thing.id}@${thing.unit?.id ?? ''}`, thing])).values()]);
};

const byName = <T extends { readonly name: string }>(things: readonly T[]): readonly T[] =>
  things.toSorted((one, other) => one.name.localeCompare(other.name));

const groupsOf = async (deps: OfferDeps, tenant: Tenant, book: Book): Promise<Candidates<DirectoryGroup>> => {
  const selectors = allowing(book).flatMap(({ what }) => what.groups);
  const things = new Map<string, DirectoryGroup>();
  let fault: DirectoryFault | undefined;
  for (const pattern of new Set(selectors.flatMap((one) => (one.kind === 'pattern' ? [one.pattern] : [])))) {
    const listed = await deps.directory.groups(tenant, pattern.slice(0, pattern.indexOf('*')));
    if (!listed.ok) fault = listed.error;
    for (const group of listed.ok ? listed.value : []) {
      if (!group.keptElsewhere && fitsPattern(pattern, group.name)) things.set(group.id, asGroup(group));
    }
  }
  // A rule that names a group in full gives it whatever it is; only patterns must know what it may hold.
  for (const { id, name } of namedBy(selectors))
    if (!things.has(id)) things.set(id, { id, name, roleAssignable: true });
  return { things: byName([...things.values()]), ...(fault === undefined ? {} : { fault }) };
};
