/** What roles and directory groups a rule is about: from names and patterns to selectors, by asking directories. */
import type { Fault } from '../../engine/faults.js';
import type { DirectoryGroupId, DirectoryUserId, OrganizationId, RoleId } from '../../engine/ids.js';
import { fitsPattern, grants } from '../../engine/patterns.js';
import type { Rule, Selector, Thing, Where } from '../../engine/rule.js';
import { reaches } from '../../engine/rule.js';
import type { Tenant } from '../../engine/tenant.js';
import { isUntouchable } from '../../engine/untouchable.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { askEach, groupCalled, roleCalled, unknownRole } from '../directory-names.js';
import type { Answers } from '../directory-names.js';
import { userMeant } from '../lendable.js';
import type { DirectoryRole, ListedGroup } from '../ports.js';
import { splitRole, unitNamed } from '../role-names.js';

type ThingDeps = Pick<FlowDeps, 'config' | 'directory' | 'search' | 'keptUsers'>;

/** Where names are looked up, and what the rule does with what it finds. */
export interface ThingScope {
  readonly where: readonly Where[];
  readonly organization?: OrganizationId;
  readonly effect: Rule['effect'];
}

/** What a pattern stands for at this moment, so that whoever wrote it sees what they did. */
export interface Coverage {
  readonly pattern: string;
  readonly names: readonly string[];
  /** Privileged things that fit it all the same; nobody gets them by it. */
  readonly spared: readonly string[];
}

export interface Found<Id> {
  readonly selectors: readonly Selector<Id>[];
  readonly coverage: readonly Coverage[];
}

/** Built-in roles are the same everywhere; so many directories are asked for others before it is enough. */
const MOST_DIRECTORIES = 10;

const isPatternText = (word: string): boolean => word.includes('*');

export const rolesFor = async (
  deps: ThingDeps,
  scope: ThingScope,
  words: readonly string[],
): Promise<Result<Found<RoleId>, Fault>> => {
  if (words.length === 0) return ok({ selectors: [], coverage: [] });
  const tenants = await tenantsIn(deps, scope);
  const asked = await askEach(tenants, (tenant) => deps.directory.roles(tenant));
  const selectors: Selector<RoleId>[] = [];
  const coverage: Coverage[] = [];
  for (const word of words) {
    if (isPatternText(word)) {
      const covered = covers(scope, asked, word, 'role');
      if (!covered.ok) return covered;
      coverage.push(covered.value);
      selectors.push({ kind: 'pattern', pattern: word });
      continue;
    }
    const roles = await roleAt(deps, asked, tenants, word);
    if (!roles.ok) return roles;
    selectors.push(...roles.value);
  }
  return ok({ selectors: distinct(selectors), coverage });
};

/** `User Administrator@Berlin office`: a unit is one tenant's. */
const roleAt = async (
  deps: ThingDeps,
  asked: Answers<readonly DirectoryRole[]>,
  tenants: readonly Tenant[],
  word: string,
): Promise<Result<readonly Selector<RoleId>[], Fault>> => {
  const whole = roleIn(asked, word);
  const { role, unit: unitName } = splitRole(word);
  if (whole.ok || unitName === undefined) return whole;
  const roles = roleIn(asked, role);
  if (!roles.ok) return roles;
  const [tenant, ...others] = tenants;
  if (tenant === undefined || others.length > 0) return err(ONE_TENANT);
  const unit = await unitNamed(deps, tenant, unitName);
  return unit.ok ? ok(roles.value.map((one) => ({ ...one, unit: unit.value }))) : unit;
};

const ONE_TENANT: Fault = {
  code: 'admin.invalid',
  field: '--role, --user',
  problem: "units and users are one tenant's, so the rule must be for exactly one: name it with --tenant",
};

/** The users a rule is about, by user principal name, object id or pattern; a name is looked up in the one tenant. */
export const usersFor = async (
  deps: ThingDeps,
  scope: ThingScope,
  words: readonly string[],
): Promise<Result<readonly Selector<DirectoryUserId>[], Fault>> => {
  const tenants = words.some((word) => !isPatternText(word)) ? await tenantsIn(deps, scope) : [];
  const selectors: Selector<DirectoryUserId>[] = [];
  for (const word of words) {
    if (isPatternText(word)) {
      selectors.push({ kind: 'pattern', pattern: word });
      continue;
    }
    const [tenant, ...others] = tenants;
    if (tenant === undefined || others.length > 0) return err(ONE_TENANT);
    const user = await userMeant(deps, tenant, word);
    if (!user.ok) return user;
    const kept = scope.effect === 'deny' ? [] : await deps.keptUsers.among(tenant.id, [user.value]);
    if (isUntouchable(user.value, kept)) return err({ code: 'user.kept', upn: user.value.upn });
    selectors.push({ kind: 'one', id: user.value.id, name: user.value.upn });
  }
  return ok(distinct(selectors));
};

/** A role of a customer's own making has another id in each tenant that has it. */
const roleIn = (
  { answers, fault }: Answers<readonly DirectoryRole[]>,
  word: string,
): Result<readonly Selector<RoleId>[], Fault> => {
  const found = answers.flatMap(({ value }) => roleCalled(value, word) ?? []);
  if (found.length > 0) return ok(found.map(({ id, name }) => ({ kind: 'one', id, name })));
  const [first] = answers;
  if (fault !== undefined) return err(fault);
  return err(first === undefined ? NO_DIRECTORY : unknownRole(first.tenant.name, first.value, word));
};

const NO_DIRECTORY: Fault = {
  code: 'admin.invalid',
  field: '--role, --group',
  problem: 'names are looked up in a tenant, and none is connected there yet: /jit admin tenant add connects one',
};

export const groupsFor = async (
  deps: ThingDeps,
  scope: ThingScope,
  words: readonly string[],
): Promise<Result<Found<DirectoryGroupId>, Fault>> => {
  const tenants = words.length === 0 ? [] : await tenantsIn(deps, scope);
  const selectors: Selector<DirectoryGroupId>[] = [];
  const coverage: Coverage[] = [];
  for (const word of words) {
    const beginning = word.slice(0, isPatternText(word) ? word.indexOf('*') : undefined);
    const asked = await askEach(tenants, (tenant) => deps.directory.groups(tenant, beginning));
    if (isPatternText(word)) {
      const covered = covers(scope, asked, word, 'group');
      if (!covered.ok) return covered;
      coverage.push(covered.value);
      selectors.push({ kind: 'pattern', pattern: word });
      continue;
    }
    const groups = groupIn(asked, word);
    if (!groups.ok) return groups;
    selectors.push(...groups.value);
  }
  return ok({ selectors: distinct(selectors), coverage });
};

const groupIn = (
  { answers, fault }: Answers<readonly ListedGroup[]>,
  word: string,
): Result<readonly Selector<DirectoryGroupId>[], Fault> => {
  const looked = answers.map(({ tenant, value }) => groupCalled(value, tenant.name, word));
  const found = looked.flatMap((one) => (one.ok ? [one.value] : []));
  if (found.length > 0) return ok(found.map(({ id, name }) => ({ kind: 'one', id, name })));
  const refused = looked.flatMap((one) => (one.ok ? [] : [one.error]));
  // Why the one that exists cannot be had says more than that others do not have it.
  const telling = refused.find(({ code }) => code !== 'group.unknown') ?? fault ?? refused[0] ?? NO_DIRECTORY;
  return err(telling);
};

/** A pattern of a rule that allows must stand for something, and for something that patterns can give. */
const covers = (
  { effect }: ThingScope,
  { answers, fault }: Answers<readonly Thing[]>,
  pattern: string,
  what: 'role' | 'group',
): Result<Coverage, Fault> => {
  const fitting = answers.flatMap(({ value }) => value).filter(({ name }) => fitsPattern(pattern, name));
  const given = effect === 'deny' ? fitting : fitting.filter((thing) => grants({ kind: 'pattern', pattern }, thing));
  const spared = fitting.filter((thing) => !given.includes(thing));
  if (given.length === 0 && answers.length === 0 && fault !== undefined) return err(fault);
  if (given.length === 0 && spared.length > 0) {
    return err({ code: 'rule.privileged-pattern', pattern, what, names: namesOf(spared) });
  }
  if (given.length === 0 && answers.length > 0 && pattern !== '*') {
    return err({ code: 'rule.empty-pattern', pattern, what });
  }
  return ok({ pattern, names: namesOf(given), spared: namesOf(spared) });
};

const namesOf = (things: readonly Thing[]): readonly string[] =>
  [...new Set(things.map(({ name }) => name))].toSorted((one, other) => one.localeCompare(other));

const distinct = <Id>(selectors: readonly Selector<Id>[]): readonly Selector<Id>[] => [
  ...new Map(
    selectors.map((one) => [
      one.kind === 'one' ? `id ${String(one.id)}@${one.unit?.id ?? ''}` : `* ${one.pattern}`,
      one,
    ]),
  ).values(),
];

const tenantsIn = async ({ config }: ThingDeps, scope: ThingScope): Promise<readonly Tenant[]> => {
  const named = scope.where.flatMap((place) => (place.kind === 'tenant' ? [place.id] : []));
  const known = named.length === scope.where.length ? await config.tenants.byIds(named) : await config.tenants.all();
  return known.filter((tenant) => reaches(scope, tenant)).slice(0, MOST_DIRECTORIES);
};
