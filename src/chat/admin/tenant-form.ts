/** The form of a tenant's settings: all that is set, as it is now. What is changed in it is the command that it stands for. */
import { createHash } from 'node:crypto';
import { heldAs } from '../../engine/access.js';
import { USUAL_PATTERN } from '../../engine/naming.js';
import type { Tenant } from '../../engine/tenant.js';
import { writeDuration } from '../../engine/when.js';
import { usableDomains } from '../../flows/domains.js';
import { factsOf } from '../../flows/tenant-settings.js';
import type { AdminCommand } from '../command.js';
import { listIn, textIn } from '../form-values.js';
import type { FormValues } from '../speaker.js';
import type { Choice, ChoiceField, Form, TextField } from '../view.js';
import type { AdminContext, SaidWords } from './noun.js';

export const TENANT_FORM = 'tenant-set';

/** Chosen where a tenant shall be the owners'. */
const OWNERS = '-';

/** More than anybody looks through; whoever has more types the names. */
const MOST_CHOICES = 100;

const ENDS: readonly Choice[] = [
  { value: 'disable', label: 'Disable the account' },
  { value: 'delete', label: 'Delete the account' },
  { value: 'keep', label: 'Keep the account open' },
];

const PASSES: readonly Choice[] = [
  { value: 'off', label: 'Off' },
  { value: 'on', label: 'On: for any number of sign-ins' },
  { value: 'once', label: 'On: for one sign-in' },
];

const CLOUDS: readonly Choice[] = [
  { value: 'global', label: 'Global' },
  { value: 'usgov', label: 'US government' },
  { value: 'usdod', label: 'US Department of Defense' },
  { value: 'china', label: 'China (21Vianet)' },
];

/** The settings as the form shows them. */
const settingsIn = (tenant: Tenant) => ({
  name: tenant.name,
  organization: tenant.organization ?? OWNERS,
  domain: tenant.domain,
  default: writeDuration(tenant.defaultDurationMs),
  longest: tenant.longestDurationMs === undefined ? '' : writeDuration(tenant.longestDurationMs),
  role: (tenant.roles ?? []).map(heldAs),
  group: (tenant.groups ?? []).map(({ name }) => name),
  'account-name': tenant.namePattern ?? USUAL_PATTERN,
  'at-end': tenant.atEnd ?? 'disable',
  tap: tenant.accessPass === undefined ? 'off' : tenant.accessPass === 'many' ? 'on' : 'once',
  cloud: tenant.cloud ?? 'global',
});

/** The form, filled with how the tenant is now. */
export const tenantForm = async (ctx: AdminContext, tenant: Tenant): Promise<Form> => {
  const now = settingsIn(tenant);
  const [organizations, domains, roles, clouds] = await Promise.all([
    organizationChoices(ctx),
    domainChoices(ctx, tenant),
    roleChoices(ctx, tenant),
    cloudChoices(ctx, tenant),
  ]);
  return {
    kind: 'form',
    form: TENANT_FORM,
    id: formId(tenant),
    title: 'Settings of a tenant',
    fields: [
      text('name', 'Name', { value: now.name, optional: false, help: 'What technicians read.' }),
      ...choice('organization', 'Whose is it?', organizations, now.organization),
      ...choice('domain', 'Domain of its accounts', domains, now.domain),
      text('default', 'How long does an access last?', { value: now.default, optional: false, help: 'Unless said.' }),
      text('longest', 'How long at the most?', { value: now.longest, help: 'Empty: as long as rules allow.' }),
      {
        kind: 'choices',
        name: 'role',
        label: 'Which roles may be asked for?',
        help: 'None chosen: any that rules allow.',
        optional: true,
        choices: roles,
        values: now.role,
        none: 'The directory does not answer, so its roles are not shown and stay as they are.',
      },
      text('group', 'Which groups may be asked for?', {
        value: now.group.join('\n'),
        multiline: true,
        help: 'By name or id, each on a line. Empty: any that rules allow.',
      }),
      text('account-name', 'What are accounts called?', {
        value: now['account-name'],
        help: '{person}, {first} and {last} stand for the name of whoever gets it.',
      }),
      ...choice('at-end', 'What happens at the end?', ENDS, now['at-end']),
      ...choice('tap', 'Access passes', PASSES, now.tap),
      ...choice('cloud', 'Cloud', clouds, now.cloud),
    ],
    submit: 'Save',
    hint: 'Limits hold whatever rules say. Accounts that exist keep their names.',
  };
};

interface TextMore {
  readonly value: string;
  readonly optional?: boolean;
  readonly multiline?: boolean;
  readonly help?: string;
}

const text = (name: string, label: string, { optional = true, multiline = false, ...more }: TextMore): TextField => ({
  kind: 'text',
  name,
  label,
  optional,
  multiline,
  ...more,
});

/** Asked only where there is a choice. */
const choice = (name: string, label: string, choices: readonly Choice[], value: string): readonly ChoiceField[] =>
  choices.length < 2 ? [] : [{ kind: 'choice', name, label, optional: false, choices, value }];

/** Whose a tenant is, owners alone decide. */
const organizationChoices = async ({ standing, sight }: AdminContext): Promise<readonly Choice[]> => {
  if (!standing.owner) return [];
  const { items } = await sight.organizations.page({ skip: 0, limit: MOST_CHOICES - 1 });
  return [{ value: OWNERS, label: 'The owners' }, ...items.map(({ id, name }) => ({ value: id, label: name }))];
};

const domainChoices = async ({ deps }: AdminContext, { directoryId, domain }: Tenant): Promise<readonly Choice[]> => {
  const described = await deps.directory.describe(directoryId);
  const usable = described.ok ? usableDomains(described.value.domains) : [];
  return [...new Set([domain, ...usable])].map((value) => ({ value, label: value }));
};

/** What is chosen already comes first and is never missing, whatever the directory answers. */
const roleChoices = async ({ deps }: AdminContext, tenant: Tenant): Promise<readonly Choice[]> => {
  const chosen = (tenant.roles ?? []).map((role) => ({
    value: String(heldAs(role)),
    label: role.unit === undefined ? role.name : `${role.name}@${role.unit.name}`,
  }));
  const known = await deps.directory.roles(tenant);
  const others = known.ok ? known.value.map(({ id, name }) => ({ value: String(id), label: name })) : [];
  return [
    ...chosen,
    ...others
      .filter(({ value }) => !chosen.some((one) => one.value === value))
      .toSorted((one, other) => one.label.localeCompare(other.label)),
  ];
};

const cloudChoices = async ({ deps }: AdminContext, { directoryId }: Tenant): Promise<readonly Choice[]> =>
  (await deps.tenantApps.of(directoryId)) === undefined ? [] : CLOUDS;

/** The tenant, and how it was when the form was opened. */
const formId = (tenant: Tenant): string => `${tenant.id}/${stateOf(tenant)}`;

const stateOf = (tenant: Tenant): string =>
  createHash('sha256')
    .update(JSON.stringify(factsOf(tenant)))
    .digest('hex')
    .slice(0, 16);

/** Which tenant a form is about, and whether that has stayed as it was when the form was opened. */
export const readFormId = (id: string): { readonly tenant: string; readonly isFresh: (tenant: Tenant) => boolean } => {
  const [tenant = '', state] = id.split('/');
  return { tenant, isFresh: (current) => state === undefined || state === stateOf(current) };
};

/** What was changed in the form, as the command that it stands for; `undefined`: nothing was. */
export const commandIn = (values: FormValues, tenant: Tenant): AdminCommand | undefined => {
  const now = settingsIn(tenant);
  const options: Record<string, string | true | readonly string[]> = {};
  for (const name of ['name', 'organization', 'domain', 'default', 'at-end', 'tap', 'cloud'] as const) {
    const said = textIn(values, name);
    if (said !== undefined && said !== now[name]) options[name] = said;
  }
  if (options['organization'] === OWNERS) {
    delete options['organization'];
    options['no-organization'] = true;
  }
  const longest = textIn(values, 'longest') ?? '';
  if (longest !== now.longest) Object.assign(options, longest === '' ? { 'no-longest': true } : { longest });
  const pattern = textIn(values, 'account-name') ?? USUAL_PATTERN;
  if (pattern !== now['account-name']) options['account-name'] = pattern;
  const groups = (textIn(values, 'group') ?? '').split('\n').flatMap((group) => group.trim() || []);
  for (const [name, said] of [
    ['role', listIn(values, 'role')],
    ['group', groups],
  ] as const) {
    if (isSame(said, now[name])) continue;
    if (said.length === 0) options[`any-${name}`] = true;
    else options[name] = said;
  }
  if (Object.keys(options).length === 0) return undefined;
  return {
    name: 'admin',
    noun: 'tenant',
    verb: 'set',
    args: { tenant: tenant.id },
    options: options satisfies SaidWords,
  };
};

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one) => others.includes(one));
