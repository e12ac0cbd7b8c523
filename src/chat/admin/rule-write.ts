/** `rule add` and `rule set`: the same words make a rule and change it. */
import { VIEW_MS } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import type { Rule } from '../../engine/rule.js';
import { addRule } from '../../flows/rules/rule-add.js';
import type { Described } from '../../flows/rules/rule-parts.js';
import { setRule } from '../../flows/rules/rule-set.js';
import type { Coverage } from '../../flows/rules/rule-things.js';
import { groupsFor } from '../../flows/standing.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { namesIn, sayRule } from '../rule-text.js';
import { code, line, LONGEST_TITLE, sayList, strong } from '../say.js';
import type { Line } from '../view.js';
import { found, nameOf } from './find.js';
import { flag, many, maybe, needed, verb } from './noun.js';
import type { AdminContext } from './noun.js';
import { nameFor, ruleOwner, usualDuration } from './rule-owner.js';
import { ruleForm } from './rule-form.js';
import { partsIn } from './rule-words.js';
import type { RuleWords } from './rule-words.js';

const WORDS = {
  subject: many('WHOM', 'who may ask: a group, person:NAME, a mention, an e-mail, or everyone'),
  tenant: many('TENANT', 'where'),
  organization: many('ORGANIZATION', 'where: in all of its tenants'),
  everywhere: flag('in every tenant'),
  role: many(
    'ROLE',
    'for what: a role by its full name, "User Administrator@Berlin office" to confine it to a unit, or a pattern like "Exchange*", which never gives a privileged one',
  ),
  group: many('GROUP', 'a group of the directory, by name, id or pattern'),
  template: many('TEMPLATE', 'whatever this template holds, for requests made from it'),
  account: many('KIND', 'on which account: mine, fresh, existing; else mine'),
  user: many(
    'USER',
    'of existing accounts: which users, by user principal name, id or pattern like "svc-*@contoso.com"; nobody else is lent',
  ),
  'at-end': many('ACTION', 'what becomes of the account: keep, disable, delete; else what is usual in the tenant'),
  when: maybe('WINDOW', 'when it may begin: "Mon-Fri 08:00-18:00 Europe/Berlin"'),
  max: maybe('DURATION', 'for how long at the most; else what is usual in the tenant'),
  'ticket-pattern': maybe('PATTERN', 'a ticket is needed, and all of it matches this regular expression'),
  approvals: maybe('COUNT', 'how many have to agree; else 1'),
  approvers: many(
    'GROUP',
    'who may agree; several groups are all asked: --approvers "1 of Leads" --approvers "2 of Managers"',
  ),
  auto: flag('nobody has to agree'),
  denials: maybe('COUNT', 'how many have to deny; else 1'),
  escalate: maybe('WHEN', 'whom to ask as well after a while: "30m to Managers"'),
  pending: maybe('DURATION', 'how long a request waits for a decision; else 8h'),
};

const FLAGS = {
  outsiders: flag('guests and users synced from elsewhere are among the users'),
  tap: flag('an access pass may be asked for'),
  ticket: flag('a ticket is needed'),
  'self-approval': flag('whoever is among the approvers may agree to their own request'),
  passkey: flag('agreeing takes a passkey'),
};

const YES_OR_NO = {
  outsiders: maybe('YES-OR-NO', 'whether guests and users synced from elsewhere are among the users'),
  tap: maybe('YES-OR-NO', 'whether an access pass may be asked for'),
  ticket: maybe('YES-OR-NO', 'whether a ticket is needed'),
  'self-approval': maybe('YES-OR-NO', 'whether approvers may agree to their own requests'),
  passkey: maybe('YES-OR-NO', 'whether agreeing takes a passkey'),
};

export const add = verb({
  name: 'add',
  summary: 'says who may ask for what, or never may',
  needs: 'change',
  arguments: { name: maybe('NAME', 'what it is called; else it is named after its parts') },
  options: {
    ...WORDS,
    ...FLAGS,
    'break-glass': flag(
      'they may look at break-glass passwords, and nothing else; with --tap also a fresh access pass',
    ),
    deny: flag('they may never; a rule that denies wins over every other'),
    'owned-by': maybe('ORGANIZATION', 'whose admins may change it; else the owners alone'),
  },
  examples: [
    '/jit admin rule add "Leads approve Exchange" --subject "Service desk" --tenant contoso --role "Exchange Administrator" --max 4h --approvals 1 --approvers "Service desk leads"',
    '/jit admin rule add --subject "All admins" --tenant contoso',
    '/jit admin rule add "Nights" --subject "On call" --everywhere --role "Helpdesk Administrator" --when "daily 18:00-08:00 Europe/Berlin" --ticket --auto',
    '/jit admin rule add "Scanners" --subject "Service desk" --tenant contoso --role "Printer Administrator" --account existing --user "svc-scan*@contoso.com"',
    '/jit admin rule add "Berlin" --subject "Berlin desk" --tenant contoso --role "User Administrator@Berlin office"',
    '/jit admin rule add "Emergencies" --subject "Service desk leads" --tenant contoso --break-glass',
    '/jit admin rule add "Never global" --deny --subject everyone --everywhere --role "Global Administrator"',
  ],
  notes: [
    'With nothing said, /jit admin rule add opens a form.',
    'Without --role, --group and --template it is about every role that is not privileged; privileged ones are named in full.',
    'Without --approvers, 1 of All admins has to agree; to a look at break-glass passwords another member of the vault, or an owner.',
    'Where several rules cover what is asked, all that they demand holds.',
    'Users who are there already are lent only where --user names them, are never disabled or deleted, and with --tap whoever borrows them signs in as them.',
  ],
  run: async (ctx, { name: typed }, words) => {
    if (typed === undefined && saysNothing(words)) return openForm(ctx);
    const parts = await partsIn(ctx, words);
    if (!parts.ok) return parts;
    const odd = words.deny ? demandSaid(words) : undefined;
    if (odd !== undefined) return err({ code: 'admin.invalid', field: `--${odd}`, problem: DENY_DEMANDS_NOTHING });
    const owner = await ruleOwner(ctx, words['owned-by'], parts.value.where ?? []);
    if (!owner.ok) return owner;
    const organization = owner.value;
    const name = nameOf('rule', typed ?? (await nameFor(ctx, organization, parts.value)));
    if (!name.ok) return name;
    const longestMs =
      parts.value.longestMs ?? (words['break-glass'] ? VIEW_MS : await usualDuration(ctx, parts.value.where ?? []));
    const added = await addRule(ctx.deps, ctx.admin, {
      name: name.value,
      effect: words.deny ? 'deny' : 'allow',
      parts: { ...parts.value, longestMs },
      ...(organization === undefined ? {} : { organization }),
    });
    return added.ok ? ok(await answerWith(ctx, added.value)) : added;
  },
});

const saysNothing = (words: object): boolean =>
  Object.values(words).every(
    (said) => said === undefined || said === false || (Array.isArray(said) && said.length === 0),
  );

/** In a channel of Teams everybody would see the form, and could send it. */
const openForm = async (ctx: AdminContext): Promise<Result<Answer, Fault>> =>
  ctx.turn.on === 'teams' && !ctx.turn.speaker.direct ? err({ code: 'direct-only' }) : ok(show(await ruleForm(ctx)));

const DENY_DEMANDS_NOTHING = 'a rule that denies asks for nothing in return; leave it out';

const DEMANDS = ['max', 'ticket', 'ticket-pattern', 'approvals', 'approvers', 'auto', 'self-approval'] as const;
const MORE_DEMANDS = ['denials', 'escalate', 'pending', 'passkey'] as const;

/** An option that says something of how to ask, which a rule that denies has no use for. */
const demandSaid = (words: RuleWords): string | undefined =>
  [...DEMANDS, ...MORE_DEMANDS].find((name) => {
    const said = words[name];
    return typeof said === 'object' ? said.length > 0 : said !== undefined && said !== false;
  });

export const set = verb({
  name: 'set',
  summary: 'changes the parts of a rule that you name, and no others',
  needs: 'change',
  arguments: { rule: needed('RULE', 'name or id') },
  options: { ...WORDS, ...YES_OR_NO },
  examples: [
    '/jit admin rule set "Leads approve Exchange" --max 2h --ticket yes',
    '/jit admin rule set "Leads approve Exchange" --role "Exchange Administrator" --role "Teams Administrator"',
    '/jit admin rule set "Nights" --when always --approvers "1 of Leads" --escalate none',
  ],
  notes: [
    'What you name takes the place of what was: to add a role, name all of them.',
    '--role none, --group none, --template none and --user none empty the list; --when always and --escalate none take them out.',
  ],
  run: async (ctx, { rule: typed }, words) => {
    const rule = await found('rule', ctx.sight.rules, typed);
    if (!rule.ok) return rule;
    const parts = await partsIn(ctx, words, rule.value);
    if (!parts.ok) return parts;
    if (Object.keys(parts.value).length === 0) {
      return err({ code: 'admin.invalid', field: 'rule set', problem: 'say what to change, like --max 2h' });
    }
    const odd = rule.value.effect === 'deny' ? demandSaid(words) : undefined;
    if (odd !== undefined) return err({ code: 'admin.invalid', field: `--${odd}`, problem: DENY_DEMANDS_NOTHING });
    const changed = await setRule(ctx.deps, ctx.admin, rule.value, parts.value);
    return changed.ok ? ok(await answerWith(ctx, changed.value)) : changed;
  },
});

/** The rule in one sentence, what its patterns stand for, what will not work as it is, and what to type next. */
const answerWith = async (ctx: AdminContext, { rule, coverage }: Described): Promise<Answer> => {
  const names = await namesIn(ctx.deps, [rule]);
  const sentence = sayRule(rule, names);
  const [title, ...head] =
    sentence.length > LONGEST_TITLE
      ? [`${rule.name} (${rule.id})`, line(sentence)]
      : [sentence, line(strong(rule.name), ` (${rule.id})`)];
  return show(
    card(title, [
      ...head,
      ...coverage.map(coverageLine),
      ...(await emptyQuorumLines(ctx, rule)),
      line('Try it: ', code(`/jit admin rule test ${await placeFor(ctx, rule)} --as @somebody`)),
      line('Remove it again: ', code(`/jit admin rule remove ${rule.id}`)),
    ]),
  );
};

const MOST_NAMES = 12;

const coverageLine = ({ pattern, names, spared }: Coverage): Line => {
  const left = spared.length === 0 ? '' : ` Not by a pattern, as they are privileged: ${sayList(spared)}.`;
  return line(strong(pattern), ` stands for ${sayList(names, MOST_NAMES)} now.${left}`);
};

/** Nobody can agree where a group has too few people. */
const emptyQuorumLines = async (ctx: AdminContext, rule: Rule): Promise<readonly Line[]> => {
  if (rule.effect === 'deny') return [];
  const { quorums } = rule.demands;
  const groups = await groupsFor(
    ctx.deps,
    quorums.map(({ group }) => group),
    rule.organization,
  );
  return quorums.flatMap(({ group, groupName, count }) => {
    const size = groups.find(({ id }) => id === group)?.members.length ?? 0;
    if (size >= count) return [];
    const add = code(`/jit admin group add "${groupName}" --member @somebody`);
    return [line(`${groupName} has ${size} of the ${count} who have to agree, so nobody gets in yet: `, add)];
  });
};

const placeFor = async ({ sight }: AdminContext, { where }: Rule): Promise<string> => {
  const named = where.find((place) => place.kind === 'tenant');
  if (named !== undefined) return named.id;
  const { items } = await sight.tenants.page({ skip: 0, limit: 1 });
  return items[0]?.id ?? 'TENANT';
};
