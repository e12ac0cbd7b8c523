import type { Template } from '../../engine/template.js';
import { addTemplate, removeTemplate, renameTemplate, setTemplate } from '../../flows/templates.js';
import { err, ok } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show as answer } from '../answers.js';
import { sayAccounts, sayEnds } from '../rule-text.js';
import { code, line, sayDuration, sayList, strong } from '../say.js';
import type { Fact, Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { found, inUse, nameOf, organizationFor } from './find.js';
import { LISTING, paged } from './listing.js';
import { flag, maybe, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';
import { partsIn, TEMPLATE_WORDS } from './template-words.js';

const TEMPLATE = { template: needed('TEMPLATE', 'name or id') };

const add = verb({
  name: 'add',
  summary: 'makes a named, pre-filled request',
  needs: 'change',
  arguments: { name: needed('NAME', 'what it is called') },
  options: {
    ...TEMPLATE_WORDS,
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
    ...TEMPLATE_WORDS,
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
