import type { Fault } from '../../engine/faults.js';
import { ruleId } from '../../engine/ids.js';
import type { OrganizationId } from '../../engine/ids.js';
import type { Rule } from '../../engine/rule.js';
import { readableId } from '../../lib/random.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { difference, mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { factsOfRule } from './rule-facts.js';
import { describe } from './rule-parts.js';
import type { Described, RuleParts } from './rule-parts.js';

export interface NewRule {
  readonly name: string;
  /** Absent: the owners'. */
  readonly organization?: OrganizationId;
  readonly effect: Rule['effect'];
  readonly parts: RuleParts;
}

/** Adds a rule all of whose names have been found. */
export const addRule = async (
  deps: ChangeDeps & Pick<FlowDeps, 'directory' | 'search' | 'keptUsers'>,
  admin: Admin,
  { name, organization, effect, parts }: NewRule,
): Promise<Result<Described, Fault>> => {
  const touch = await mayTouch(deps, admin, organization);
  if (!touch.ok) return touch;
  const head = { id: ruleId(readableId(deps.random, 8)), name, ...owned(organization) };
  const namesakes = await deps.config.rules.named(name);
  if (namesakes.some((known) => known.organization === organization)) {
    return err({ code: 'admin.exists', what: 'rule', name });
  }
  const described = await describe(deps, head, effect, parts);
  if (!described.ok) return described;
  const { rule } = described.value;
  await recordChange(deps, admin, {
    what: 'rule.added',
    facts: { rule: rule.id, name },
    ...difference({}, factsOfRule(rule)),
    ...owned(organization),
  });
  return (await deps.config.rules.add(rule)) ? ok(described.value) : err({ code: 'admin.exists', what: 'rule', name });
};
