import type { Fault } from '../../engine/faults.js';
import type { Rule } from '../../engine/rule.js';
import { ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { difference, mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import { factsOfRule } from './rule-facts.js';

/** Removes a rule. Access that started under it runs to its end; what has not started will not. */
export const removeRule = async (deps: ChangeDeps, admin: Admin, rule: Rule): Promise<Result<Rule, Fault>> => {
  const touch = await mayTouch(deps, admin, rule.organization);
  if (!touch.ok) return touch;
  await recordChange(deps, admin, {
    what: 'rule.removed',
    facts: { rule: rule.id, name: rule.name },
    ...difference(factsOfRule(rule), {}),
    ...owned(rule.organization),
  });
  await deps.config.rules.remove(rule.id);
  return ok(rule);
};
