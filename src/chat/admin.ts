import type { Fault } from '../engine/faults.js';
import type { PersonId } from '../engine/ids.js';
import type { Group } from '../engine/group.js';
import type { Rule } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { parseDuration } from '../engine/when.js';
import { asOwner } from '../flows/change.js';
import type { Admin } from '../flows/change.js';
import { addToGroup, removeFromGroup } from '../flows/groups.js';
import { addRule, removeRule } from '../flows/rules.js';
import { addTenant, removeTenant, tenantIdFrom } from '../flows/tenants.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Answer } from './answer.js';
import { card, listCard, refuse, show } from './answers.js';
import { cleaned, tenantMeant } from './asking.js';
import type { AdminCommand, RuleOptions, TenantOptions } from './commands.js';
import type { ChatDeps, Turn } from './deps.js';
import { peopleMeant } from './people.js';
import { code, line, sayDuration, sayList, strong } from './say.js';
import type { Line } from './view.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
const LONGEST_NAME = 80;

/** `/jit admin …`: each change answers with what now is, in one sentence, and what to type next. */
export const administer = async (deps: ChatDeps, turn: Turn, command: AdminCommand): Promise<Answer> => {
  const answer = await asOwner(deps, { person: turn.person, on: turn.on }, () => run(deps, turn, command));
  return answer.ok ? answer.value : refuse(answer.error, turn.reading);
};

const run = (deps: ChatDeps, turn: Turn, command: AdminCommand): Promise<Result<Answer, Fault>> => {
  switch (command.name) {
    case 'admin tenant add':
      return tenantAdd(deps, turn, command.tenant, command.options);
    case 'admin tenant remove':
      return tenantRemove(deps, turn, command.tenant);
    case 'admin group add':
    case 'admin group remove':
      return groupChange(deps, turn, command.name, command.group, command.members);
    case 'admin rule add':
      return ruleAdd(deps, turn, command.rule, command.options);
    case 'admin rule remove':
      return ruleRemove(deps, turn, command.rule);
    case 'admin tenant list':
      return listTenants(deps);
    case 'admin group list':
      return listGroups(deps);
    case 'admin rule list':
      return listRules(deps);
    default:
      return command satisfies never;
  }
};

const adminOf = ({ person, on }: Turn): Admin => ({ person, on });

const nameOf = (field: string, text: string): Result<string, Fault> => {
  const name = cleaned(text);
  if (name === '') return err({ code: 'admin.invalid', field, problem: 'a name is needed' });
  if (name.length > LONGEST_NAME) return err({ code: 'text.too-long', field, length: name.length, most: LONGEST_NAME });
  return ok(name);
};

const tenantAdd = async (
  deps: ChatDeps,
  turn: Turn,
  typed: string,
  options: TenantOptions,
): Promise<Result<Answer, Fault>> => {
  const id = tenantIdFrom(cleaned(typed));
  if (id === '')
    return err({ code: 'admin.invalid', field: 'tenant', problem: 'use letters and digits, like contoso' });
  if (!GUID.test(options.id)) {
    return err({
      code: 'admin.invalid',
      field: '--id',
      problem: "give the tenant's GUID, as the Entra admin center shows it",
    });
  }
  const name = options.name === undefined ? ok(undefined) : nameOf('--name', options.name);
  if (!name.ok) return name;
  const tenant = await addTenant(deps, adminOf(turn), {
    id,
    directoryId: options.id,
    ...(name.value === undefined ? {} : { name: name.value }),
    ...(options.domain === undefined ? {} : { domain: options.domain }),
  });
  if (!tenant.ok) return tenant;
  return ok(
    show(
      card(`${tenant.value.name} is connected`, [
        line(`Accounts will be made as …@${tenant.value.domain}; people type `, code(tenant.value.id), '.'),
        line(
          'Next: ',
          code(
            `/jit admin rule add "NAME" --subject "GROUP" --tenant ${tenant.value.id} --role "ROLE" --approvers "GROUP"`,
          ),
        ),
      ]),
    ),
  );
};

const tenantRemove = async (deps: ChatDeps, turn: Turn, typed: string): Promise<Result<Answer, Fault>> => {
  const tenant = await tenantMeant(deps, typed);
  if (!tenant.ok) return tenant;
  const removed = await removeTenant(deps, adminOf(turn), tenant.value.id);
  return removed.ok ? ok(show(card(`${removed.value.name} is no longer connected`))) : removed;
};

const groupChange = async (
  deps: ChatDeps,
  turn: Turn,
  verb: 'admin group add' | 'admin group remove',
  typed: string,
  words: readonly string[],
): Promise<Result<Answer, Fault>> => {
  const name = nameOf('group', withoutPrefix(typed));
  if (!name.ok) return name;
  const people = await peopleMeant(deps, turn, words);
  if (!people.ok) return people;
  const change = verb === 'admin group add' ? addToGroup : removeFromGroup;
  const group = await change(deps, adminOf(turn), name.value, people.value);
  if (!group.ok) return group;
  const gone = verb === 'admin group remove' && people.value.length === 0;
  if (gone) return ok(show(card(`Group ${group.value.name} is removed`)));
  const names = await namesOf(deps, group.value.members);
  return ok(show(card(`Group ${group.value.name} has ${names.length === 0 ? 'nobody in it' : sayList(names)}`)));
};

/** A group may be written `group:NAME`, as rules about other things than groups will need it. */
const withoutPrefix = (typed: string): string => typed.replace(/^group:/iu, '');

const namesOf = async (deps: ChatDeps, ids: readonly PersonId[]): Promise<readonly string[]> =>
  (await deps.people.byIds(ids)).map(({ name }) => name);

const ruleAdd = async (
  deps: ChatDeps,
  turn: Turn,
  typed: string,
  options: RuleOptions,
): Promise<Result<Answer, Fault>> => {
  const name = nameOf('rule', typed);
  if (!name.ok) return name;
  const longest = parseDuration(options.max);
  if (!longest.ok) return longest;
  if (!/^\d{1,2}$/u.test(options.approvals)) {
    return err({ code: 'admin.invalid', field: '--approvals', problem: 'give a number from 0 to 99' });
  }
  const tenants = await tenantsMeant(deps, options.tenant);
  if (!tenants.ok) return tenants;
  const rule = await addRule(deps, adminOf(turn), {
    name: name.value,
    subject: withoutPrefix(options.subject),
    tenants: tenants.value.map(({ id }) => id),
    roles: options.role,
    longestMs: longest.value,
    approvals: Number(options.approvals),
    ...(options.approvers === undefined ? {} : { approvers: withoutPrefix(options.approvers) }),
  });
  if (!rule.ok) return rule;
  const next = line('Remove it again: ', code(`/jit admin rule remove ${rule.value.id}`));
  return ok(
    show(card(sayRule(rule.value, await deps.config.groups.all(), tenants.value), [line(rule.value.id), next])),
  );
};

const tenantsMeant = async (deps: ChatDeps, words: readonly string[]): Promise<Result<readonly Tenant[], Fault>> => {
  const tenants: Tenant[] = [];
  for (const word of words) {
    const tenant = await tenantMeant(deps, word);
    if (!tenant.ok) return tenant;
    tenants.push(tenant.value);
  }
  return ok(tenants);
};

/** The rule as a sentence, the same for whoever makes it and whoever lists it. */
const sayRule = (rule: Rule, groups: readonly Group[], tenants: readonly Tenant[]): string => {
  const nameOfGroup = (id: string): string => groups.find((group) => group.id === id)?.name ?? id;
  const nameOfTenant = (id: string): string => tenants.find((tenant) => tenant.id === id)?.name ?? id;
  const subjects = rule.subjects.map((subject) => (subject.kind === 'everyone' ? 'Everyone' : nameOfGroup(subject.id)));
  const where = rule.where.map((place) => (place.kind === 'all' ? 'every tenant' : nameOfTenant(place.id)));
  const roles = rule.what.roles.map((role) => (role.kind === 'one' ? role.name : role.pattern));
  if (rule.effect === 'deny') return `${sayList(subjects)} may never ask for ${sayList(roles)} in ${sayList(where)}`;
  const what = `${sayList(subjects)} may ask for ${sayList(roles)} in ${sayList(where)}`;
  const { quorums, longestMs } = rule.demands;
  const asked = quorums.map(({ count, groupName }) => `${count} of ${groupName}`);
  const consent = asked.length === 0 ? 'without approval' : `when ${sayList(asked)} agrees`;
  return `${what} for up to ${sayDuration(longestMs)} ${consent}`;
};

const ruleRemove = async (deps: ChatDeps, turn: Turn, typed: string): Promise<Result<Answer, Fault>> => {
  const rule = await removeRule(deps, adminOf(turn), cleaned(typed));
  if (!rule.ok) return rule;
  return ok(
    show(
      card(`Rule ${rule.value.name} is removed`, [
        line('Access that is live under it runs to its end; nothing new starts.'),
      ]),
    ),
  );
};

const listTenants = async (deps: ChatDeps): Promise<Result<Answer, Fault>> => {
  const lines = (await deps.config.tenants.all()).map(({ id, name, domain, directoryId }): Line =>
    line(strong(id), ` ${name} · ${domain} · ${directoryId}`),
  );
  return ok(show(listCard('Tenants', lines, 'None yet. /jit admin tenant add NAME --id GUID connects one.')));
};

const listGroups = async (deps: ChatDeps): Promise<Result<Answer, Fault>> => {
  const groups = await deps.config.groups.all();
  const lines = await Promise.all(
    groups.map(async ({ name, members }) => line(strong(name), `: ${sayList(await namesOf(deps, members))}`)),
  );
  return ok(show(listCard('Groups', lines, 'None yet. /jit admin group add NAME --member PERSON makes one.')));
};

const listRules = async (deps: ChatDeps): Promise<Result<Answer, Fault>> => {
  const [rules, groups, tenants] = await Promise.all([
    deps.config.rules.all(),
    deps.config.groups.all(),
    deps.config.tenants.all(),
  ]);
  const lines = rules.map((rule) => line(strong(rule.name), ` (${rule.id}): ${sayRule(rule, groups, tenants)}`));
  return ok(show(listCard('Rules', lines, 'None yet. /jit help admin shows how to add one.')));
};
