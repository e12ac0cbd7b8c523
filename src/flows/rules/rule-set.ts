import type { Fault } from '../../engine/faults.js';
import type { Rule } from '../../engine/rule.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { difference, mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { factsOfRule } from './rule-facts.js';
import { describe } from './rule-parts.js';
import type { Described, RuleParts } from './rule-parts.js';

/** Changes the parts of a rule that are named, as long as it is still what `rule` is. */
export const setRule = async (
  deps: ChangeDeps & Pick<FlowDeps, 'directory' | 'search' | 'keptUsers'>,
  admin: Admin,
  rule: Rule,
  parts: RuleParts,
): Promise<Result<Described, Fault>> => {
  const touch = await mayTouch(deps, admin, rule.organization);
  if (!touch.ok) return touch;
  const head = { id: rule.id, name: rule.name, ...owned(rule.organization) };
  const described = await describe(deps, head, rule.effect, parts, rule);
  if (!described.ok) return described;
  const changed = await replaceRule(deps, admin, 'rule.changed', rule, described.value.rule);
  return changed.ok ? ok(described.value) : changed;
};

/** Gives a rule another name. Requests that were made under it keep the one they were made under. */
export const renameRule = async (
  deps: ChangeDeps,
  admin: Admin,
  rule: Rule,
  name: string,
): Promise<Result<Rule, Fault>> => {
  const touch = await mayTouch(deps, admin, rule.organization);
  if (!touch.ok) return touch;
  const namesakes = await deps.config.rules.named(name);
  if (namesakes.some(({ id, organization }) => id !== rule.id && organization === rule.organization)) {
    return err({ code: 'admin.exists', what: 'rule', name });
  }
  return replaceRule(deps, admin, 'rule.renamed', rule, { ...rule, name });
};

const replaceRule = async (
  deps: ChangeDeps,
  admin: Admin,
  what: string,
  previous: Rule,
  next: Rule,
): Promise<Result<Rule, Fault>> => {
  await recordChange(deps, admin, {
    what,
    facts: { rule: previous.id, name: previous.name },
    ...difference(factsOfRule(previous), factsOfRule(next)),
    ...owned(previous.organization),
  });
  if (await deps.config.rules.replace(next, previous)) return ok(next);
  return err({ code: 'admin.changed', what: 'rule', name: previous.name });
};
