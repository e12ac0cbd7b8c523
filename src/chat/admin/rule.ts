import { quorumsToMeet } from '../../engine/decide-look.js';
import type { AllowRule, Rule } from '../../engine/rule.js';
import { sayWindow } from '../../engine/window-text.js';
import { removeRule } from '../../flows/rules/rule-remove.js';
import { renameRule } from '../../flows/rules/rule-set.js';
import { ok } from '../../lib/result.js';
import { card, show as answer } from '../answers.js';
import { cleaned, shortened } from '../asking.js';
import {
  namesIn,
  sayAccounts,
  sayEnds,
  sayPlace,
  sayQuorums,
  sayRule,
  saySelector,
  saySubject,
  sayUsers,
} from '../rule-text.js';
import type { Names } from '../rule-text.js';
import { code, line, sayDuration, sayList, strong } from '../say.js';
import type { Fact } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { found, nameOf } from './find.js';
import { LISTING, PAGE, pagedFrom } from './listing.js';
import { needed, verb } from './noun.js';
import type { Noun } from './noun.js';
import { test } from './rule-test.js';
import { add, set } from './rule-write.js';

const RULE = { rule: needed('RULE', 'name or id') };

const list = verb({
  name: 'list',
  summary: 'shows the rules, each as a sentence',
  needs: 'see',
  arguments: {},
  options: LISTING,
  examples: ['/jit admin rule list', '/jit admin rule list --find exchange'],
  run: (ctx, _, { page, find = '' }) => {
    const words = shortened(cleaned(find));
    const options = words === '' ? {} : { find: words };
    const empty = 'None yet. /jit help admin rule add shows how to add one.';
    return pagedFrom({ noun: 'rule', title: 'Rules', empty }, page, options, async (skip) => {
      const { items, total } = await ctx.sight.rules.page({ ...(words === '' ? {} : { words }), skip, limit: PAGE });
      const names = await namesIn(ctx.deps, items);
      return { lines: items.map((rule) => line(strong(rule.name), ` (${rule.id}): ${sayRule(rule, names)}`)), total };
    });
  },
});

const show = verb({
  name: 'show',
  summary: 'shows a rule, part by part',
  needs: 'see',
  arguments: RULE,
  options: {},
  examples: ['/jit admin rule show "Leads approve Exchange"'],
  run: async (ctx, { rule: typed }) => {
    const rule = await found('rule', ctx.sight.rules, typed);
    if (!rule.ok) return rule;
    const { id, name } = rule.value;
    const names = await namesIn(ctx.deps, [rule.value]);
    const lines = [
      line(sayRule(rule.value, names)),
      line('Change it: ', code(`/jit admin rule set ${id} --max 2h`), ' · Help: ', code('/jit help admin rule set')),
    ];
    return ok(answer({ ...card(name, lines), facts: factsOf(rule.value, names) }));
  },
});

const MOST_NAMES = 50;

const fact = (label: string, value: string): Fact => ({ label, value: line(value) });

const factsOf = (rule: Rule, names: Names): readonly Fact[] => {
  const { what, when, organization } = rule;
  const { tap = false } = what;
  const denies = rule.effect === 'deny';
  const everything = [
    ...what.roles.map((role) => saySelector(role, 'role')),
    ...what.groups.map((group) => saySelector(group, 'group')),
    ...what.templates.map((template) => `template ${names.of('template', template)}`),
  ];
  return [
    fact('Id', rule.id),
    fact('Effect', denies ? 'denies' : 'allows'),
    fact('Owned by', organization === undefined ? 'the owners' : names.of('organization', organization)),
    fact(
      'Who',
      sayList(
        rule.subjects.map((subject) => saySubject(subject, names)),
        MOST_NAMES,
      ),
    ),
    fact(
      'Where',
      sayList(
        rule.where.map((place) => sayPlace(place, rule, names)),
        MOST_NAMES,
      ),
    ),
    fact('What', sayEverything(what, everything)),
    ...(what.breakGlass === true ? [] : accountFacts(rule)),
    ...(denies && what.tap === undefined ? [] : [fact('Access pass', tap ? 'yes' : 'no')]),
    fact('When', when === undefined ? 'at any time' : sayWindow(when)),
    ...(rule.effect === 'deny' ? [] : demandFacts(rule, names)),
  ];
};

const sayEverything = ({ breakGlass }: Rule['what'], things: readonly string[]): string => {
  if (breakGlass === true) return 'looking at break-glass passwords';
  return things.length === 0 ? 'anything' : sayList(things, MOST_NAMES);
};

/** On whose account, and what becomes of it. */
const accountFacts = ({ what, effect }: Rule): readonly Fact[] => {
  const { accounts = ['dedicated'], atEnd, users = [], outsiders } = what;
  const denies = effect === 'deny';
  return [
    ...(denies && what.accounts === undefined ? [] : [fact('Account', sayAccounts(accounts))]),
    ...(users.length === 0 ? [] : [fact('Users', sayUsers(what))]),
    ...(users.length > 0 || outsiders === undefined
      ? []
      : [fact('Guests and synced users', outsiders ? 'only those' : 'none of those')]),
    ...(denies && atEnd === undefined
      ? []
      : [fact('At the end', atEnd === undefined ? 'as is usual in the tenant' : sayEnds(atEnd))]),
  ];
};

const demandFacts = ({ demands, what }: AllowRule, names: Names): readonly Fact[] => {
  const { ticket } = demands;
  const quorums = what.breakGlass === true ? quorumsToMeet(demands.quorums) : demands.quorums;
  const escalation = quorums.find((quorum) => quorum.escalation !== undefined)?.escalation;
  return [
    fact('Longest', sayDuration(demands.longestMs)),
    fact('Ticket', ticket === undefined ? 'not needed' : (ticket.pattern ?? 'needed')),
    fact('Approvals', quorums.length === 0 ? 'none' : sayQuorums(quorums, names)),
    ...(escalation === undefined
      ? []
      : [fact('Escalation', `after ${sayDuration(escalation.afterMs)} to ${names.of('group', escalation.group)}`)]),
    fact('Own approval', demands.selfApproval ? 'counts' : 'never counts'),
    fact('Denials', String(demands.denials)),
    fact('Lapses after', sayDuration(demands.pendingMs)),
    fact('Passkey', demands.secondFactor ? 'needed to agree' : 'not needed'),
  ];
};

const rename = verb({
  name: 'rename',
  summary: 'gives a rule another name',
  needs: 'change',
  arguments: { ...RULE, name: needed('NAME', 'the new name') },
  options: {},
  examples: ['/jit admin rule rename "Leads approve Exchange" "Exchange"'],
  run: async (ctx, { rule: typed, name: typedName }) => {
    const rule = await found('rule', ctx.sight.rules, typed);
    if (!rule.ok) return rule;
    const name = nameOf('rule', typedName);
    if (!name.ok) return name;
    const renamed = await renameRule(ctx.deps, ctx.admin, rule.value, name.value);
    return renamed.ok ? ok(answer(card(`Rule ${rule.value.name} is now called ${renamed.value.name}`))) : renamed;
  },
});

const CONSEQUENCE = 'Access that is live under it runs to its end; nothing new starts.';

const remove = verb({
  name: 'remove',
  summary: 'removes a rule: nothing new starts under it',
  needs: 'change',
  arguments: RULE,
  options: YES,
  examples: ['/jit admin rule remove "Leads approve Exchange"'],
  run: async (ctx, { rule: typed }, { yes }) => {
    const rule = await found('rule', ctx.sight.rules, typed);
    if (!rule.ok) return rule;
    const { id, name } = rule.value;
    const question = unconfirmed(yes, { noun: 'rule', id, what: `rule ${name}`, consequence: CONSEQUENCE });
    if (question !== undefined) return ok(question);
    const removed = await removeRule(ctx.deps, ctx.admin, rule.value);
    return removed.ok ? ok(answer(card(`Rule ${name} is removed`, [line(CONSEQUENCE)]))) : removed;
  },
});

export const rule: Noun = {
  name: 'rule',
  summary: 'who may ask for what, where, for how long, and who has to agree',
  verbs: [add, list, show, set, rename, test, remove],
  pages: 'list',
};
