import { idsOf } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { FlowDeps } from './deps.js';
import { standingOf } from './standing.js';

/** Something that gives a person more than any stranger may. */
export interface Right {
  readonly key: string;
  readonly text: string;
}

type RightsDeps = Pick<FlowDeps, 'config' | 'settings'>;

/** All that a person may do, by what gives it: groups, offices, and rules that name them. */
export const rightsOf = async (deps: RightsDeps, person: Person): Promise<readonly Right[]> => {
  const ids = idsOf(person);
  const [groups, standing, rules] = await Promise.all([
    deps.config.groups.ofPeople(ids),
    standingOf(deps, person),
    Promise.all(ids.map((id) => deps.config.rules.using({ kind: 'person', id }, 0))),
  ]);
  const organizations = await deps.config.organizations.byIds(standing.adminOf);
  return [
    ...(standing.owner ? [{ key: 'owner', text: 'is an owner' }] : []),
    ...(standing.auditor ? [{ key: 'auditor', text: 'is an auditor' }] : []),
    ...organizations.map(({ id, name }) => ({ key: `organization:${id}`, text: `administers ${name}` })),
    ...groups.map(({ id, name }) => ({ key: `group:${id}`, text: `is in ${name}` })),
    ...rules.flat().map(({ id, name }) => ({ key: `rule:${id}`, text: `is named by rule ${name}` })),
  ];
};

/** Whether two people as one could do more than either of them can. */
export const growsBy = (one: readonly Right[], other: readonly Right[]): boolean => {
  const holds = (rights: readonly Right[], { key }: Right): boolean => rights.some((known) => known.key === key);
  return one.some((right) => !holds(other, right)) && other.some((right) => !holds(one, right));
};
