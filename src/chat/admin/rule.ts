import type { Rule } from '../../engine/rule.js';
import { parseDuration } from '../../engine/when.js';
import { addRule, removeRule } from '../../flows/rules.js';
import { err, ok } from '../../lib/result.js';
import { card, show } from '../answers.js';
import { code, line, sayDuration, sayList, strong } from '../say.js';
import type { Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { allFound, found, nameOf, withoutPrefix } from './find.js';
import { LISTING, paged } from './listing.js';
import { maybe, needed, some, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';

const add = verb({
  name: 'add',
  summary: 'says who may ask for what',
  needs: 'change',
  arguments: { name: needed('NAME', 'what it is called') },
  options: {
    subject: needed('GROUP', 'who may ask'),
    tenant: some('TENANT', 'where'),
    role: some('ROLE', 'for what, by the name in the Entra admin center'),
    max: maybe('DURATION', 'for how long at the most; else 4h'),
    approvals: maybe('COUNT', 'how many have to agree; else 1'),
    approvers: maybe('GROUP', 'who may agree'),
  },
  examples: [
    '/jit admin rule add "Leads approve Exchange" --subject "Service desk" --tenant contoso --role "Exchange Administrator" --max 4h --approvals 1 --approvers "Service desk leads"',
  ],
  run: async (ctx, { name: typed }, { max = '4h', approvals = '1', ...options }) => {
    const name = nameOf('rule', typed);
    if (!name.ok) return name;
    const longest = parseDuration(max);
    if (!longest.ok) return longest;
    if (!/^\d{1,2}$/u.test(approvals)) {
      return err({ code: 'admin.invalid', field: '--approvals', problem: 'give a number from 0 to 99' });
    }
    const tenants = await allFound('tenant', ctx.sight.tenants, options.tenant);
    if (!tenants.ok) return tenants;
    const rule = await addRule(ctx.deps, ctx.admin, {
      name: name.value,
      subject: withoutPrefix('group', options.subject),
      tenants: tenants.value.map(({ id }) => id),
      roles: options.role,
      longestMs: longest.value,
      approvals: Number(approvals),
      ...(options.approvers === undefined ? {} : { approvers: withoutPrefix('group', options.approvers) }),
    });
    if (!rule.ok) return rule;
    const next = line('Remove it again: ', code(`/jit admin rule remove ${rule.value.id}`));
    return ok(show(card(await sayRule(ctx, rule.value), [line(rule.value.id), next])));
  },
});

/** The rule as a sentence, the same for whoever makes it and whoever lists it. */
const sayRule = async ({ sight }: AdminContext, rule: Rule): Promise<string> => {
  const subjects = await Promise.all(
    rule.subjects.map(async (subject) => {
      if (subject.kind === 'everyone') return 'Everyone';
      return subject.kind === 'group' ? ((await sight.groups.byId(subject.id))?.name ?? subject.id) : subject.id;
    }),
  );
  const where = await Promise.all(
    rule.where.map(async (place) => {
      if (place.kind === 'all') return 'every tenant';
      return place.kind === 'tenant' ? ((await sight.tenants.byId(place.id))?.name ?? place.id) : place.id;
    }),
  );
  const roles = rule.what.roles.map((role) => (role.kind === 'one' ? role.name : role.pattern));
  if (rule.effect === 'deny') return `${sayList(subjects)} may never ask for ${sayList(roles)} in ${sayList(where)}`;
  const what = `${sayList(subjects)} may ask for ${sayList(roles)} in ${sayList(where)}`;
  const { quorums, longestMs } = rule.demands;
  const asked = quorums.map(({ count, groupName }) => `${count} of ${groupName}`);
  const consent = asked.length === 0 ? 'without approval' : `when ${sayList(asked)} agrees`;
  return `${what} for up to ${sayDuration(longestMs)} ${consent}`;
};

const list = verb({
  name: 'list',
  summary: 'shows the rules, each as a sentence',
  needs: 'see',
  arguments: {},
  options: LISTING,
  examples: ['/jit admin rule list', '/jit admin rule list --find exchange'],
  run: (ctx, _, options) =>
    paged(
      ctx,
      { noun: 'rule', title: 'Rules', empty: 'None yet. /jit help admin rule add shows how to add one.' },
      options,
      ctx.sight.rules,
      ruleLine,
    ),
});

const ruleLine = async (rule: Rule, ctx: AdminContext): Promise<Line> =>
  line(strong(rule.name), ` (${rule.id}): ${await sayRule(ctx, rule)}`);

const remove = verb({
  name: 'remove',
  summary: 'removes a rule: nothing new starts under it',
  needs: 'change',
  arguments: { rule: needed('RULE', 'name or id') },
  options: YES,
  examples: ['/jit admin rule remove "Leads approve Exchange"'],
  run: async (ctx, { rule: typed }, { yes }) => {
    const rule = await found('rule', ctx.sight.rules, typed);
    if (!rule.ok) return rule;
    const { id, name } = rule.value;
    const consequence = 'Access that is live under it runs to its end; nothing new starts.';
    const question = unconfirmed(yes, { noun: 'rule', id, what: `rule ${name}`, consequence });
    if (question !== undefined) return ok(question);
    const removed = await removeRule(ctx.deps, ctx.admin, id);
    return removed.ok ? ok(show(card(`Rule ${removed.value.name} is removed`, [line(consequence)]))) : removed;
  },
});

export const rule: Noun = {
  name: 'rule',
  summary: 'who may ask for what, where, for how long, and who has to agree',
  verbs: [add, list, remove],
  pages: 'list',
};
