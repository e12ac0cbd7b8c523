import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import { newCachedEnforcer, newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { familyOf, isOrdinary } from './decide-world.js';
import type { PlainOrganization, PlainRule } from './decide-world.js';

/** Another policy engine with one organization's rules: answers all its questions in turn. */
export interface Rival {
  readonly name: string;
  answer(): Promise<readonly boolean[]> | readonly boolean[];
}

// Equalities come first: they cost less than looking for a membership. A pattern never covers what is privileged.
const CASBIN_MODEL = `
[request_definition]
r = sub, tenant, role, family, hours
[policy_definition]
p = sub, tenant, role, most, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (r.tenant == p.tenant || p.tenant == '*') && (r.role == p.role || r.family == p.role) && r.hours <= p.most && g(r.sub, p.sub)
`;

/** Hours enough for a denial to hold always. */
const ALWAYS = 99;

/** Its cache takes text alone, so that hours are compared as text. */
const twoDigits = (hours: number): string => String(hours).padStart(2, '0');

const casbinPolicy = ({ rules, people }: PlainOrganization): string => {
  const policies = rules.map(({ deny, group, tenant = '*', role, family, mostHours }) =>
    [
      'p',
      group,
      tenant,
      role ?? `family ${family}`,
      twoDigits(deny ? ALWAYS : mostHours),
      deny ? 'deny' : 'allow',
    ].join(', '),
  );
  const memberships = [...people].flatMap(([person, groups]) => groups.map((group) => `g, ${person}, ${group}`));
  return [...policies, ...memberships].join('\n');
};

const casbinQuestions = ({ questions }: PlainOrganization): readonly (readonly string[])[] =>
  questions.map(({ person, tenant, role, hours }) => {
    const family = isOrdinary(role) ? `family ${familyOf(role)}` : 'none';
    return [person, tenant, role, family, twoDigits(hours)];
  });

/** Its synchronous call, which names no reasons: the fastest that it has. */
export const casbin = async (organization: PlainOrganization): Promise<Rival> => {
  const adapter = new StringAdapter(casbinPolicy(organization));
  const enforcer = await newEnforcer(newModelFromString(CASBIN_MODEL), adapter);
  const questions = casbinQuestions(organization);
  return {
    name: 'casbin enforceSync',
    answer: () => questions.map((question) => enforcer.enforceSync(...question)),
  };
};

/** Its cache forgotten before each turn: an answer that outlives a change of rules or of memberships is none. */
export const casbinCached = async (organization: PlainOrganization): Promise<Rival> => {
  const adapter = new StringAdapter(casbinPolicy(organization));
  const enforcer = await newCachedEnforcer(newModelFromString(CASBIN_MODEL), adapter);
  const questions = casbinQuestions(organization);
  return {
    name: 'casbin CachedEnforcer',
    answer: async () => {
      enforcer.invalidateCache();
      const answers: boolean[] = [];
      for (const question of questions) answers.push(await enforcer.enforce(...question));
      return answers;
    },
  };
};

/** What can stand in a policy's scope does: nothing there needs an expression to be evaluated. */
const cedarPolicy = ({ deny, group, tenant, role, family, mostHours }: PlainRule): string => {
  const action = role === undefined ? `action in Action::"${family}"` : `action == Action::"${role}"`;
  const resource = tenant === undefined ? 'resource' : `resource == Tenant::"${tenant}"`;
  const limit = deny ? '' : ` when { context.hours <= ${mostHours} }`;
  return `${deny ? 'forbid' : 'permit'}(principal in Group::"${group}", ${action}, ${resource})${limit};`;
};

/** Policies parsed beforehand; of entities only those that the question is about. */
export const cedar = (organization: PlainOrganization): Rival => {
  const staticPolicies = Object.fromEntries(organization.rules.map((rule) => [rule.id, cedarPolicy(rule)]));
  const parsed = preparsePolicySet(organization.id, { staticPolicies });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors));
  const calls = organization.questions.map(({ person, tenant, role, hours }): StatefulAuthorizationCall => {
    const principal = { type: 'Person', id: person };
    const action = { type: 'Action', id: role };
    const groups = (organization.people.get(person) ?? []).map((id) => ({ type: 'Group', id }));
    const families = isOrdinary(role) ? [{ type: 'Action', id: familyOf(role) }] : [];
    return {
      principal,
      action,
      resource: { type: 'Tenant', id: tenant },
      context: { hours },
      preparsedPolicySetId: organization.id,
      entities: [
        { uid: principal, attrs: {}, parents: groups },
        { uid: action, attrs: {}, parents: families },
      ],
    };
  });
  return {
    name: 'cedar statefulIsAuthorized',
    answer: () =>
      calls.map((call) => {
        const answer = statefulIsAuthorized(call);
        if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors));
        return answer.response.decision === 'allow';
      }),
  };
};
