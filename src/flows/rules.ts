import type { Fault } from '../engine/faults.js';
import { ruleId } from '../engine/ids.js';
import { LAPSE_MS } from '../engine/transitions.js';
import type { TenantId } from '../engine/ids.js';
import type { Role } from '../engine/access.js';
import type { Group } from '../engine/group.js';
import type { Rule } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { closest } from '../lib/closest.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { asOwner, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import { groupNamed } from './groups.js';

type RuleDeps = ChangeDeps & Pick<FlowDeps, 'directory'>;

/** A rule as an admin writes it, in names. */
export interface NewRule {
  readonly name: string;
  readonly subject: string;
  readonly tenants: readonly TenantId[];
  readonly roles: readonly string[];
  readonly longestMs: number;
  readonly approvals: number;
  readonly approvers?: string;
}

/** Adds a rule whose every name has been found: groups here, tenants here, roles in each tenant's directory. */
export const addRule = (deps: RuleDeps, admin: Admin, asked: NewRule): Promise<Result<Rule, Fault>> =>
  asOwner(deps, admin, async () => {
    const known = (await deps.config.rules.named(asked.name)).length > 0;
    if (known) return err({ code: 'admin.exists', what: 'rule', name: asked.name });
    const parts = await resolve(deps, asked);
    if (!parts.ok) return parts;
    const { subject, approvers, roles } = parts.value;
    const rule: Rule = {
      id: ruleId(readableId(deps.random, 8)),
      name: asked.name,
      effect: 'allow',
      subjects: [{ kind: 'group', id: subject.id }],
      where: asked.tenants.map((id) => ({ kind: 'tenant', id })),
      what: { roles: roles.map(({ id, name }) => ({ kind: 'one', id, name })), groups: [], templates: [] },
      demands: {
        longestMs: asked.longestMs,
        quorums:
          approvers === undefined ? [] : [{ group: approvers.id, groupName: approvers.name, count: asked.approvals }],
        selfApproval: false,
        denials: 1,
        pendingMs: LAPSE_MS,
        secondFactor: false,
      },
    };
    await recordChange(deps, admin, {
      what: 'rule.added',
      facts: {
        rule: rule.id,
        name: rule.name,
        subject: subject.name,
        tenants: asked.tenants,
        roles: roles.map(({ name }) => name),
        longestMs: asked.longestMs,
        approvals: asked.approvals,
      },
    });
    return (await deps.config.rules.add(rule)) ? ok(rule) : err({ code: 'busy' });
  });

interface Parts {
  readonly subject: Group;
  readonly approvers?: Group;
  readonly roles: readonly Role[];
}

const resolve = async (deps: RuleDeps, asked: NewRule): Promise<Result<Parts, Fault>> => {
  const subject = await findGroup(deps, asked.subject);
  if (!subject.ok) return subject;
  const roles = await rolesInAll(deps, asked.tenants, asked.roles);
  if (!roles.ok) return roles;
  if (asked.approvals === 0) return ok({ subject: subject.value, roles: roles.value });
  if (asked.approvers === undefined) {
    return err({ code: 'admin.invalid', field: '--approvers', problem: 'say who: --approvers "Service desk leads"' });
  }
  const approvers = await findGroup(deps, asked.approvers);
  return approvers.ok ? ok({ subject: subject.value, approvers: approvers.value, roles: roles.value }) : approvers;
};

const findGroup = async (deps: RuleDeps, name: string): Promise<Result<Group, Fault>> => {
  const group = await groupNamed(deps, name);
  if (group !== undefined) return ok(group);
  const meant = closest(
    name,
    (await deps.config.groups.all()).map((known) => known.name),
  );
  return err({ code: 'admin.unknown', what: 'group', asked: name, ...(meant === undefined ? {} : { meant }) });
};

const rolesInAll = async (
  deps: RuleDeps,
  tenants: readonly TenantId[],
  names: readonly string[],
): Promise<Result<readonly Role[], Fault>> => {
  let roles: readonly Role[] = [];
  for (const id of tenants) {
    const tenant = await deps.config.tenants.byId(id);
    if (tenant === undefined) return err({ code: 'tenant.unknown', asked: id });
    const found = await rolesNamed(deps, tenant, names);
    if (!found.ok) return found;
    roles = found.value;
  }
  return ok(roles);
};

/** Roles by name as the tenant's directory knows them; a name that does not exist there is refused. */
export const rolesNamed = async (
  deps: Pick<FlowDeps, 'directory'>,
  tenant: Tenant,
  names: readonly string[],
): Promise<Result<readonly Role[], Fault>> => {
  const known = await deps.directory.roles(tenant);
  if (!known.ok) return known;
  const roles: Role[] = [];
  for (const name of names) {
    const wanted = name.trim().toLowerCase();
    const role = known.value.find((candidate) => candidate.name.toLowerCase() === wanted || candidate.id === wanted);
    if (role === undefined) {
      const meant = closest(
        name,
        known.value.map((candidate) => candidate.name),
      );
      const suggestion = meant === undefined ? {} : { meant };
      return err({ code: 'role.unknown', tenant: tenant.name, asked: name, ...suggestion });
    }
    if (!roles.some(({ id }) => id === role.id)) roles.push({ id: role.id, name: role.name, privileged: role.privileged });
  }
  return ok(roles);
};

/** Removes a rule by id or name. Access that started under it runs to its end; what has not started will not. */
export const removeRule = (deps: ChangeDeps, admin: Admin, asked: string): Promise<Result<Rule, Fault>> =>
  asOwner(deps, admin, async () => {
    const rules = await deps.config.rules.all();
    const wanted = asked.toLowerCase();
    const rule = rules.find(({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted);
    if (rule === undefined) {
      const meant = closest(
        asked,
        rules.map(({ name }) => name),
      );
      return err({ code: 'admin.unknown', what: 'rule', asked, ...(meant === undefined ? {} : { meant }) });
    }
    await recordChange(deps, admin, { what: 'rule.removed', facts: { rule: rule.id, name: rule.name } });
    await deps.config.rules.remove(rule.id);
    return ok(rule);
  });
