/** From the names that people type to the roles and groups that a tenant's directory knows. */
import type { DirectoryGroup, Role } from '../engine/access.js';
import type { DirectoryFault, Fault } from '../engine/faults.js';
import { roleMeant } from '../engine/role-meant.js';
import type { Tenant } from '../engine/tenant.js';
import { closest } from '../lib/closest.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import type { DirectoryRole, ListedGroup } from './ports.js';

export type DirectoryDeps = Pick<FlowDeps, 'directory'>;

export const roleCalled = (known: readonly DirectoryRole[], name: string): Role | undefined => {
  const role = roleMeant(known, name);
  return role && asRole(role);
};

/** What the directory said of it goes along: no pattern grants a role of which nobody said that it is ordinary. */
const asRole = ({ id, name, privileged }: DirectoryRole): Role => ({ id, name, privileged });

export const unknownRole = (tenant: string, known: readonly DirectoryRole[], asked: string): Fault => {
  const meant = closest(
    asked,
    known.map((candidate) => candidate.name),
  );
  return { code: 'role.unknown', tenant, asked, ...(meant === undefined ? {} : { meant }) };
};

/** Groups by name or id as the tenant's directory knows them, of those into which people can be put. */
export const groupsNamed = async (
  deps: DirectoryDeps,
  tenant: Pick<Tenant, 'directoryId' | 'name'>,
  names: readonly string[],
): Promise<Result<readonly DirectoryGroup[], Fault>> => {
  const groups = new Map<string, DirectoryGroup>();
  for (const name of names) {
    const listed = await deps.directory.groups(tenant, name);
    const group = listed.ok ? groupCalled(listed.value, tenant.name, name) : listed;
    if (!group.ok) return group;
    groups.set(group.value.id, group.value);
  }
  return ok([...groups.values()]);
};

/** Names of groups need not be unique; an id always is. */
export const groupCalled = (
  listed: readonly ListedGroup[],
  tenant: string,
  asked: string,
): Result<DirectoryGroup, Fault> => {
  const wanted = asked.trim().toLowerCase();
  const found = listed.filter(({ id, name }) => name.toLowerCase() === wanted || id === wanted);
  const [group, ...others] = found;
  if (group === undefined) {
    const meant = listed[0]?.name;
    return err({ code: 'group.unknown', tenant, asked, ...(meant === undefined ? {} : { meant }) });
  }
  if (others.length > 0) {
    return err({ code: 'group.ambiguous', asked, candidates: found.map(({ id, name }) => `${name} (${id})`) });
  }
  return group.keptElsewhere ? err({ code: 'group.kept-elsewhere', tenant, group: group.name }) : ok(asGroup(group));
};

export const asGroup = ({ id, name, roleAssignable }: ListedGroup): DirectoryGroup => ({ id, name, roleAssignable });

/** What several directories answered, each with its tenant; `fault`: of one that did not. */
export interface Answers<T> {
  readonly answers: readonly { readonly tenant: Tenant; readonly value: T }[];
  readonly fault?: DirectoryFault;
}

/** Asks each directory at the same time. */
export const askEach = async <T>(
  tenants: readonly Tenant[],
  ask: (tenant: Tenant) => Promise<Result<T, DirectoryFault>>,
): Promise<Answers<T>> => {
  const got = await Promise.all(tenants.map(async (tenant) => ({ tenant, answer: await ask(tenant) })));
  const answers = got.flatMap(({ tenant, answer }) => (answer.ok ? [{ tenant, value: answer.value }] : []));
  const failed = got.flatMap(({ answer }) => (answer.ok ? [] : [answer.error]))[0];
  return failed === undefined ? { answers } : { answers, fault: failed };
};
