import type { Fault } from '../../engine/faults.js';
import type { Template } from '../../engine/template.js';
import { parseDuration } from '../../engine/when.js';
import { addTemplate, removeTemplate, renameTemplate, setTemplate } from '../../flows/templates.js';
import type { TemplateParts } from '../../flows/templates.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show as answer } from '../answers.js';
import { cleaned } from '../asking.js';
import { readAccount, readAtEnd } from '../manner.js';
import { sayAccounts, sayEnds } from '../rule-text.js';
import { code, line, sayDuration, sayList, strong } from '../say.js';
import type { Fact, Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { allFound, found, inUse, nameOf, organizationFor } from './find.js';
import { LISTING, paged } from './listing.js';
import { flag, many, maybe, needed, verb } from './noun.js';
import type { AdminContext, Noun, Said } from './noun.js';
import { groupMeant } from './rule-words.js';

const TEMPLATE = { template: needed('TEMPLATE', 'name or id') };

const WORDS = {
  description: maybe('TEXT', 'what it is for, one sentence'),
  tenant: many('TENANT', 'for which tenants; else for every one'),
  role: many('ROLE', 'a role it holds, by its full name'),
  group: many('GROUP', 'a group of the directory it holds, by name or id'),
  for: maybe('DURATION', 'for how long; else what is usual in the tenant'),
  account: maybe('KIND', 'on which account: mine, fresh or existing; else mine'),
  'name-pattern': maybe('PATTERN', 'what a fresh account is called: {person}-{ticket}'),
  'at-end': maybe('ACTION', 'what becomes of the account: keep, disable or delete; else disable'),
  notify: many('GROUP', 'whose members are told when the access is live and when it has ended'),
};

const add = verb({
  name: 'add',
  summary: 'makes a named, pre-filled request',
  needs: 'change',
  arguments: { name: needed('NAME', 'what it is called') },
  options: {
    ...WORDS,
    tap: flag('with an access pass'),
    default: flag('the form starts with it'),
    organization: maybe('ORGANIZATION', "whose it is; else the owners'"),
  },
  examples: [
    '/jit admin template add "Mailbox repair" --role "Exchange Administrator" --for 2h --description "Rights for one mailbox"',
    '/jit admin template add "Onboarding" --tenant contoso --role "User Administrator" --group Sales --notify "Service desk leads" --default',
  ],
  notes: [
    'A template lets nobody do anything: rules do. A rule with --template lets people ask for what it holds, and no more.',
  ],
  run: async (ctx, { name: typed }, words) => {
    const name = nameOf('template', typed);
    if (!name.ok) return name;
    const organization = await organizationFor(ctx, words.organization);
    if (!organization.ok) return organization;
    const parts = await partsIn(ctx, words);
    if (!parts.ok) return parts;
    const added = await addTemplate(ctx.deps, ctx.admin, {
      name: name.value,
      parts: parts.value,
      ...(organization.value === undefined ? {} : { organization: organization.value }),
    });
    return added.ok ? ok(await templateNow(ctx, added.value)) : added;
  },
});

const set = verb({
  name: 'set',
  summary: 'changes the parts of a template that you name, and no others',
  needs: 'change',
  arguments: TEMPLATE,
  options: {
    ...WORDS,
    tap: maybe('YES-OR-NO', 'with an access pass'),
    default: maybe('YES-OR-NO', 'whether the form starts with it'),
  },
  examples: ['/jit admin template set "Mailbox repair" --for 1h --default yes'],
  notes: [
    'What you name takes the place of what was: to add a role, name all of them.',
    '--tenant all means every tenant; --group none and --notify none empty the list.',
  ],
  run: async (ctx, { template: typed }, words) => {
    const template = await found('template', ctx.sight.templates, typed);
    if (!template.ok) return template;
    const parts = await partsIn(ctx, words);
    if (!parts.ok) return parts;
    if (Object.keys(parts.value).length === 0) {
      return err({ code: 'admin.invalid', field: 'template set', problem: 'say what to change, like --for 1h' });
    }
    const changed = await setTemplate(ctx.deps, ctx.admin, template.value, parts.value);
    return changed.ok ? ok(await templateNow(ctx, changed.value)) : changed;
  },
});

type TemplateWords = Said<typeof WORDS> & {
  readonly tap: string | boolean | undefined;
  readonly default: string | boolean | undefined;
};

const NOTHING = /^(?:none|all)$/iu;

const partsIn = async (ctx: AdminContext, words: TemplateWords): Promise<Result<TemplateParts, Fault>> => {
  const tenants = await allFound(
    'tenant',
    ctx.sight.tenants,
    words.tenant.filter((word) => !NOTHING.test(word)),
  );
  if (!tenants.ok) return tenants;
  const duration = words.for === undefined ? ok(undefined) : parseDuration(words.for);
  if (!duration.ok) return duration;
  const account = readAccount(words.account);
  if (!account.ok) return account;
  const atEnd = readAtEnd(words['at-end']);
  if (!atEnd.ok) return atEnd;
  const tap = yesOrNo('--tap', words.tap);
  if (!tap.ok) return tap;
  const isDefault = yesOrNo('--default', words.default);
  if (!isDefault.ok) return isDefault;
  const notify = await notifiedIn(ctx, words.notify);
  if (!notify.ok) return notify;
  return ok({
    ...said('description', words.description === undefined ? undefined : cleaned(words.description)),
    ...said('tenants', words.tenant.length === 0 ? undefined : tenants.value.map(({ id }) => id)),
    ...said('roles', namesIn(words.role)),
    ...said('groups', namesIn(words.group)),
    ...said('durationMs', duration.value),
    ...said('account', account.value),
    ...said('namePattern', words['name-pattern'] === undefined ? undefined : cleaned(words['name-pattern'])),
    ...said('atEnd', atEnd.value),
    ...said('tap', tap.value),
    ...said('notify', notify.value),
    ...said('isDefault', isDefault.value),
  });
};

const said = <K extends keyof TemplateParts>(name: K, value: TemplateParts[K] | undefined): Pick<TemplateParts, K> =>
  (value === undefined ? {} : { [name]: value }) as Pick<TemplateParts, K>;

const namesIn = (words: readonly string[]): readonly string[] | undefined =>
  words.length === 0 ? undefined : words.map(cleaned).filter((name) => name !== '' && !NOTHING.test(name));

const yesOrNo = (field: string, word: string | boolean | undefined): Result<boolean | undefined, Fault> => {
  if (typeof word !== 'string') return ok(word === true ? true : undefined);
  if (/^(?:yes|no)$/iu.test(word)) return ok(word.toLowerCase() === 'yes');
  return err({ code: 'admin.invalid', field, problem: 'say yes or no' });
};

const notifiedIn = async (
  ctx: AdminContext,
  words: readonly string[],
): Promise<Result<TemplateParts['notify'], Fault>> => {
  if (words.length === 0) return ok(undefined);
  const groups = new Set<Template['notify'][number]>();
  for (const word of words.filter((name) => !NOTHING.test(name))) {
    const group = await groupMeant(ctx, word);
    if (!group.ok) return group;
    groups.add(group.value.id);
  }
  return ok([...groups]);
};

/** The template in one sentence, and what to type next. */
const templateNow = async (ctx: AdminContext, template: Template): Promise<Answer> => {
  const place = template.tenants[0] ?? (await ctx.sight.tenants.page({ skip: 0, limit: 1 })).items[0]?.id ?? 'TENANT';
  return answer(
    card(await sayTemplate(ctx, template), [
      line(
        'Let people use it: ',
        code(`/jit admin rule add --subject "GROUP" --tenant ${place} --template "${template.name}"`),
      ),
      line('Use it: ', code(`/jit request ${place} --template "${template.name}" --reason "why"`)),
    ]),
  );
};

const sayTemplate = async (ctx: AdminContext, template: Template): Promise<string> => {
  const { name, roles, groups, durationMs, account, atEnd, tap, isDefault } = template;
  const things = [...roles.map((role) => role.name), ...groups.map((group) => `group ${group.name}`)];
  const parts = [
    `Template ${name} asks for ${sayList(things)} in ${await sayTenants(ctx, template)}`,
    ...(durationMs === undefined ? [] : [` for ${sayDuration(durationMs)}`]),
    ...(account === 'dedicated' ? [] : [` on ${sayAccounts([account])}`]),
    ...(tap ? [' with an access pass'] : []),
    ...(atEnd === 'disable' ? [] : [`, ${sayEnds([atEnd])} at the end`]),
    isDefault ? '; the form starts with it.' : '.',
  ];
  return parts.join('');
};

const sayTenants = async ({ deps }: AdminContext, { tenants, organization }: Template): Promise<string> => {
  if (tenants.length > 0) return sayList((await deps.config.tenants.byIds(tenants)).map(({ name }) => name));
  if (organization === undefined) return 'every tenant';
  return `every tenant of ${(await deps.config.organizations.byId(organization))?.name ?? organization}`;
};

const list = verb({
  name: 'list',
  summary: 'shows the templates, each as a sentence',
  needs: 'see',
  arguments: {},
  options: LISTING,
  examples: ['/jit admin template list', '/jit admin template list --find mailbox'],
  run: (ctx, _, options) =>
    paged(
      ctx,
      { noun: 'template', title: 'Templates', empty: 'None yet. /jit help admin template add shows how to make one.' },
      options,
      ctx.sight.templates,
      async (template): Promise<Line> => line(strong(template.id), ` ${await sayTemplate(ctx, template)}`),
    ),
});

const fact = (label: string, value: string): Fact => ({ label, value: line(value) });

const MOST_NAMES = 50;

const show = verb({
  name: 'show',
  summary: 'shows a template, part by part',
  needs: 'see',
  arguments: TEMPLATE,
  options: {},
  examples: ['/jit admin template show "Mailbox repair"'],
  run: async (ctx, { template: typed }) => {
    const template = await found('template', ctx.sight.templates, typed);
    if (!template.ok) return template;
    const { id, name, organization, description, roles, groups, durationMs, account, atEnd, tap } = template.value;
    const { notify, namePattern, isDefault } = template.value;
    const groupNames = (await ctx.deps.config.groups.byIds(notify)).map((group) => group.name);
    const rules = await ctx.sight.rules.using({ kind: 'template', id }, MOST_NAMES);
    const facts = [
      fact('Id', id),
      fact('Owned by', organization ?? 'the owners'),
      ...(description === '' ? [] : [fact('For', description)]),
      fact('Where', await sayTenants(ctx, template.value)),
      ...(roles.length === 0
        ? []
        : [
            fact(
              'Roles',
              sayList(
                roles.map((role) => role.name),
                MOST_NAMES,
              ),
            ),
          ]),
      ...(groups.length === 0
        ? []
        : [
            fact(
              'Groups',
              sayList(
                groups.map((group) => group.name),
                MOST_NAMES,
              ),
            ),
          ]),
      fact('For how long', durationMs === undefined ? 'what is usual in the tenant' : sayDuration(durationMs)),
      fact('Account', sayAccounts([account])),
      ...(namePattern === undefined ? [] : [fact('Called', namePattern)]),
      fact('At the end', sayEnds([atEnd])),
      fact('Access pass', tap ? 'yes' : 'no'),
      ...(notify.length === 0 ? [] : [fact('Told', sayList(groupNames, MOST_NAMES))]),
      fact('Default', isDefault ? 'yes' : 'no'),
      fact(
        'Named by',
        rules.length === 0
          ? 'no rule'
          : sayList(
              rules.map((rule) => rule.name),
              MOST_NAMES,
            ),
      ),
    ];
    const next = line('Change it: ', code(`/jit admin template set ${id} --for 1h`));
    return ok(answer({ ...card(`Template ${name}`, [next]), facts }));
  },
});

const rename = verb({
  name: 'rename',
  summary: 'gives a template another name',
  needs: 'change',
  arguments: { ...TEMPLATE, name: needed('NAME', 'the new name') },
  options: {},
  examples: ['/jit admin template rename "Mailbox repair" "Mailbox"'],
  run: async (ctx, { template: typed, name: typedName }) => {
    const template = await found('template', ctx.sight.templates, typed);
    if (!template.ok) return template;
    const name = nameOf('template', typedName);
    if (!name.ok) return name;
    const renamed = await renameTemplate(ctx.deps, ctx.admin, template.value, name.value);
    if (!renamed.ok) return renamed;
    return ok(answer(card(`Template ${template.value.name} is now called ${renamed.value.name}`)));
  },
});

const remove = verb({
  name: 'remove',
  summary: 'removes a template that no rule names',
  needs: 'change',
  arguments: TEMPLATE,
  options: YES,
  examples: ['/jit admin template remove "Mailbox repair"'],
  run: async (ctx, { template: typed }, { yes }) => {
    const template = await found('template', ctx.sight.templates, typed);
    if (!template.ok) return template;
    const { id, name } = template.value;
    const used = await inUse(ctx, 'template', name, { kind: 'template', id });
    if (used !== undefined) return err(used);
    const consequence = 'Requests that were made from it stay as they are.';
    const question = unconfirmed(yes, { noun: 'template', id, what: `template ${name}`, consequence });
    if (question !== undefined) return ok(question);
    const removed = await removeTemplate(ctx.deps, ctx.admin, template.value);
    return removed.ok ? ok(answer(card(`Template ${name} is removed`))) : removed;
  },
});

export const template: Noun = {
  name: 'template',
  summary: 'a named, pre-filled request',
  verbs: [add, list, show, set, rename, remove],
  pages: 'list',
};
