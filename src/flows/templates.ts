/** Making, changing and removing templates. */
import type { AccountKind, DirectoryGroup, ExpirationAction, Role } from '../engine/access.js';
import type { Fault } from '../engine/faults.js';
import { templateId } from '../engine/ids.js';
import type { GroupId, OrganizationId, TenantId } from '../engine/ids.js';
import { isTemplateFor } from '../engine/template.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { difference, mayTouch, owned, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import { askEach, groupCalled, roleCalled, unknownRole } from './directory-names.js';
import { edit, isNameTaken } from './edit.js';
import type { Facts } from './ports/audit.js';

type TemplateDeps = ChangeDeps & Pick<FlowDeps, 'directory'>;

/** What was said of a template. A part that is said takes the place of what was; an absent one stays, or is the ordinary. */
export interface TemplateParts {
  readonly description?: string;
  readonly tenants?: readonly TenantId[];
  /** Names or ids, as the directories of its tenants know them. */
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly durationMs?: number;
  readonly account?: AccountKind;
  readonly namePattern?: string;
  readonly atEnd?: ExpirationAction;
  readonly tap?: boolean;
  readonly notify?: readonly GroupId[];
  readonly isDefault?: boolean;
}

export interface NewTemplate {
  readonly name: string;
  /** Absent: the owners'. */
  readonly organization?: OrganizationId;
  readonly parts: TemplateParts;
}

export const addTemplate = async (
  deps: TemplateDeps,
  admin: Admin,
  { name, organization, parts }: NewTemplate,
): Promise<Result<Template, Fault>> => {
  const touch = await mayTouch(deps, admin, organization);
  if (!touch.ok) return touch;
  const empty: Template = {
    ...PLAIN,
    id: templateId(readableId(deps.random, 8)),
    name,
    ...owned(organization),
  };
  const looked = await lookUp(deps, empty, parts);
  if (!looked.ok) return looked;
  const template = withParts(empty, looked.value);
  const fault = unfitTemplate(template);
  if (fault !== undefined) return err(fault);
  const taken: Fault = { code: 'admin.exists', what: 'template', name };
  if (await isNameTaken(deps.config.templates, ownerOf, template)) return err(taken);
  await recordChange(deps, admin, {
    what: 'template.added',
    facts: { template: template.id, name },
    ...difference({}, factsOf(template)),
    ...owned(organization),
  });
  return (await deps.config.templates.add(template)) ? ok(template) : err(taken);
};

const PLAIN = {
  description: '',
  tenants: [],
  roles: [],
  groups: [],
  account: 'dedicated',
  atEnd: 'disable',
  tap: false,
  notify: [],
  isDefault: false,
} as const;

/** Changes the parts that are named of the template as it is at that moment. */
export const setTemplate = async (
  deps: TemplateDeps,
  admin: Admin,
  template: Template,
  parts: TemplateParts,
): Promise<Result<Template, Fault>> => {
  const looked = await lookUp(deps, template, parts);
  if (!looked.ok) return looked;
  return change(deps, admin, template, 'template.changed', (current) => withParts(current, looked.value));
};

export const renameTemplate = (
  deps: ChangeDeps,
  admin: Admin,
  template: Template,
  name: string,
): Promise<Result<Template, Fault>> =>
  change(deps, admin, template, 'template.renamed', (current) => ({ ...current, name }));

const change = (
  deps: ChangeDeps,
  admin: Admin,
  template: Template,
  event: string,
  next: (current: Template) => Template,
): Promise<Result<Template, Fault>> =>
  edit(deps, admin, deps.config.templates, template.id, {
    what: 'template',
    event,
    ownerOf,
    factsOf,
    next: (current) => {
      const changed = next(current);
      const fault = unfitTemplate(changed);
      return fault === undefined ? ok(changed) : err(fault);
    },
  });

/** Removes a template that nothing names any more; whether anything does, its caller has looked. */
export const removeTemplate = async (
  deps: ChangeDeps,
  admin: Admin,
  template: Template,
): Promise<Result<Template, Fault>> => {
  const touch = await mayTouch(deps, admin, template.organization);
  if (!touch.ok) return touch;
  await recordChange(deps, admin, {
    what: 'template.removed',
    facts: { template: template.id, name: template.name },
    ...difference(factsOf(template), {}),
    ...owned(template.organization),
  });
  await deps.config.templates.remove(template.id);
  return ok(template);
};

type Looked = Omit<TemplateParts, 'roles' | 'groups'> & Partial<Pick<Template, 'roles' | 'groups'>>;

const withParts = (template: Template, parts: Looked): Template => ({ ...template, ...parts });

/** Built-in roles are the same everywhere; so many directories are asked for others before it is enough. */
const MOST_DIRECTORIES = 10;

const lookUp = async (
  deps: TemplateDeps,
  template: Template,
  { roles: roleNames, groups: groupNames, ...parts }: TemplateParts,
): Promise<Result<Looked, Fault>> => {
  const scope = { ...template, ...parts };
  const count = (roleNames ?? []).length + (groupNames ?? []).length;
  // Before any is looked up: each group takes a question to the directory.
  if (count > MOST_NAMED) return err(TOO_MANY);
  const needed = count > 0;
  const tenants = needed ? await tenantsOf(deps, scope) : [];
  const roles = roleNames === undefined ? ok(undefined) : await rolesIn(deps, tenants, roleNames);
  if (!roles.ok) return roles;
  const groups = groupNames === undefined ? ok(undefined) : await groupsIn(deps, tenants, groupNames);
  if (!groups.ok) return groups;
  return ok({
    ...parts,
    ...(roles.value === undefined ? {} : { roles: roles.value }),
    ...(groups.value === undefined ? {} : { groups: groups.value }),
  });
};

const tenantsOf = async (
  { config }: TemplateDeps,
  scope: Pick<Template, 'organization' | 'tenants'>,
): Promise<readonly Tenant[]> =>
  (await config.tenants.all()).filter((tenant) => isTemplateFor(scope as Template, tenant)).slice(0, MOST_DIRECTORIES);

const NO_DIRECTORY: Fault = {
  code: 'admin.invalid',
  field: '--role, --group',
  problem: 'names are looked up in a tenant, and none is connected there yet: /jit admin tenant add connects one',
};

/** A role of a customer's own making has another id in each tenant, so the template holds what the first of them says. */
const rolesIn = async (
  { directory }: TemplateDeps,
  tenants: readonly Tenant[],
  names: readonly string[],
): Promise<Result<readonly Role[], Fault>> => {
  if (names.length === 0) return ok([]);
  const { answers, fault } = await askEach(tenants, (tenant) => directory.roles(tenant));
  const roles = new Map<string, Role>();
  for (const name of names) {
    const role = answers.map(({ value }) => roleCalled(value, name)).find((found) => found !== undefined);
    const [first] = answers;
    if (role !== undefined) roles.set(role.id, role);
    else return err(fault ?? (first === undefined ? NO_DIRECTORY : unknownRole(first.tenant.name, first.value, name)));
  }
  return ok([...roles.values()]);
};

const groupsIn = async (
  { directory }: TemplateDeps,
  tenants: readonly Tenant[],
  names: readonly string[],
): Promise<Result<readonly DirectoryGroup[], Fault>> => {
  const [tenant, ...others] = tenants;
  if (names.length === 0) return ok([]);
  if (tenant === undefined) return err(NO_DIRECTORY);
  if (others.length > 0) {
    const problem = "a group is one tenant's, so the template must be for one: add --tenant";
    return err({ code: 'admin.invalid', field: '--group', problem });
  }
  const groups = new Map<string, DirectoryGroup>();
  for (const name of names) {
    const listed = await directory.groups(tenant, name);
    const group = listed.ok ? groupCalled(listed.value, tenant.name, name) : listed;
    if (!group.ok) return group;
    groups.set(group.value.id, group.value);
  }
  return ok([...groups.values()]);
};

const MOST_NAMED = 50;
const LONGEST_DESCRIPTION = 200;
const LONGEST_PATTERN = 64;

/** Letters, digits, dots and dashes around `{person}` and `{ticket}`: what a user name may hold. */
const NAME_PATTERN = /^(?:[a-z0-9._-]|\{person\}|\{ticket\})+$/iu;

/** What no template may be, whoever writes it and however. */
export const unfitTemplate = ({
  roles,
  groups,
  tenants,
  notify,
  description,
  namePattern,
}: Template): Fault | undefined => {
  if (roles.length + groups.length === 0) return invalid('--role', 'say what it holds: a role or a group');
  if (roles.length + groups.length > MOST_NAMED) return TOO_MANY;
  if (tenants.length > MOST_NAMED)
    return invalid('--tenant', `at most ${MOST_NAMED} fit; leave all out to mean every one`);
  if (notify.length > MOST_NAMED) return invalid('--notify', `at most ${MOST_NAMED} groups fit`);
  if (description.length > LONGEST_DESCRIPTION) {
    return { code: 'text.too-long', field: 'description', length: description.length, most: LONGEST_DESCRIPTION };
  }
  if (namePattern === undefined) return undefined;
  if (namePattern.length > LONGEST_PATTERN) {
    return { code: 'text.too-long', field: 'name pattern', length: namePattern.length, most: LONGEST_PATTERN };
  }
  return NAME_PATTERN.test(namePattern)
    ? undefined
    : invalid('--name-pattern', 'use letters, digits, dots and dashes around {person} and {ticket}, like adm-{person}');
};

const invalid = (field: string, problem: string): Fault => ({ code: 'admin.invalid', field, problem });

const TOO_MANY = invalid('--role', `at most ${MOST_NAMED} roles and groups fit`);

const ownerOf = ({ organization }: Template): OrganizationId | undefined => organization;

const factsOf = ({ id: _id, organization: _organization, roles, groups, ...rest }: Template): Facts => ({
  ...rest,
  roles: roles.map(({ id, name }) => `${name} (${id})`),
  groups: groups.map(({ id, name }) => `${name} (${id})`),
});
