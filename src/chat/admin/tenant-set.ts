/** `tenant set`: every setting by option, or all of them by form. */
import type { Fault } from '../../engine/faults.js';
import type { Cloud, Tenant } from '../../engine/tenant.js';
import { parseDuration } from '../../engine/when.js';
import { setTenant } from '../../flows/tenant-settings.js';
import type { TenantChange } from '../../flows/tenant-settings.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { show } from '../answers.js';
import { cleaned } from '../asking.js';
import { meantBy, readAtEnd } from '../manner.js';
import { nameOf, organizationFor } from './find.js';
import { flag, many, maybe, needed, verb } from './noun.js';
import type { AdminContext, Said } from './noun.js';
import { tenantCard } from './tenant-card.js';
import { tenantForm } from './tenant-form.js';
import { tenantNamed } from './tenant-named.js';

const PASSES: Readonly<Record<string, 'many' | 'once' | 'off'>> = { off: 'off', on: 'many', once: 'once' };

const CLOUDS: Readonly<Record<string, Cloud>> = { global: 'global', usgov: 'usgov', usdod: 'usdod', china: 'china' };

const OPTIONS = {
  name: maybe('NAME', 'what technicians read'),
  organization: maybe('ORGANIZATION', 'whose it is from now on'),
  'no-organization': flag("makes it the owners'"),
  domain: maybe('DOMAIN', 'a verified, managed domain, under which accounts are made'),
  default: maybe('DURATION', 'what an access lasts when nobody says'),
  longest: maybe('DURATION', 'what it lasts at most, whatever rules say'),
  'no-longest': flag('as long as rules allow'),
  role: many('ROLE', 'a role that may be asked for there, or ROLE@UNIT; no other may, whatever rules say'),
  'any-role': flag('any role that rules allow'),
  group: many('GROUP', 'a group of the directory that may be asked for; no other may'),
  'any-group': flag('any group that rules allow'),
  'account-name': maybe('PATTERN', 'what accounts are called: jit-{person}, or with {first} and {last}'),
  'at-end': maybe('ACTION', 'what becomes of an account where nobody says: keep, disable, delete'),
  tap: maybe('OFF-ON-ONCE', 'whether access passes are given, and whether for one sign-in'),
  cloud: maybe('CLOUD', 'global, usgov, usdod or china, of a tenant that has an app of its own'),
};

export const set = verb({
  name: 'set',
  summary: 'changes its settings, or opens a form with all of them',
  needs: 'change',
  arguments: { tenant: needed('TENANT', 'short name, name, domain or GUID') },
  options: OPTIONS,
  examples: [
    '/jit admin tenant set contoso',
    '/jit admin tenant set contoso --default 2h --longest 8h',
    '/jit admin tenant set contoso --role "Exchange Administrator" --role "Helpdesk Administrator"',
    '/jit admin tenant set contoso --account-name "adm-{first}.{last}" --at-end delete --tap once',
    '/jit admin tenant set contoso --organization "Contoso Ltd."',
  ],
  notes: [
    'What you name takes the place of what was: to add a role, name all of them.',
    'Limits hold for everybody, whatever rules and templates say.',
    'Whose it is, only owners change.',
    'Accounts that exist already keep their names.',
  ],
  run: async (ctx, { tenant: typed }, options): Promise<Result<Answer, Fault>> => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const change = await changeMeant(ctx, options);
    if (!change.ok) return change;
    if (Object.keys(change.value).length === 0) return openForm(ctx, tenant.value);
    const changed = await setTenant(ctx.deps, ctx.admin, tenant.value, change.value);
    return changed.ok ? ok(show(await tenantCard(ctx, changed.value, `${changed.value.name} is changed`))) : changed;
  },
});

/** In a channel of Teams everybody would see the form, and could send it. */
const openForm = async (ctx: AdminContext, tenant: Tenant): Promise<Result<Answer, Fault>> =>
  ctx.turn.on === 'teams' && !ctx.turn.speaker.direct
    ? err({ code: 'direct-only' })
    : ok(show(await tenantForm(ctx, tenant)));

type Options = Said<typeof OPTIONS>;

/** What was said, as far as it can be told without the directory. */
const changeMeant = async (ctx: AdminContext, options: Options): Promise<Result<TenantChange, Fault>> => {
  const odd = (['role', 'group'] as const).find((what) => options[what].length > 0 && options[`any-${what}`]);
  if (odd !== undefined) {
    return err({ code: 'admin.invalid', field: `--${odd}`, problem: `say either --${odd} or --any-${odd}` });
  }
  const name = options.name === undefined ? ok(undefined) : nameOf('--name', options.name);
  if (!name.ok) return name;
  const organization =
    options.organization === undefined ? ok(undefined) : await organizationFor(ctx, options.organization);
  if (!organization.ok) return organization;
  const usual = durationIn(options.default);
  if (!usual.ok) return usual;
  const longest = durationIn(options.longest);
  if (!longest.ok) return longest;
  const atEnd = readAtEnd(options['at-end']);
  if (!atEnd.ok) return atEnd;
  const pass = wordIn('--tap', PASSES, options.tap);
  if (!pass.ok) return pass;
  const cloud = wordIn('--cloud', CLOUDS, options.cloud);
  if (!cloud.ok) return cloud;
  const pattern = options['account-name'];
  return ok(
    withoutSilence({
      name: name.value,
      organization: options['no-organization'] ? null : organization.value,
      domain: options.domain === undefined ? undefined : cleaned(options.domain),
      defaultDurationMs: usual.value,
      longestDurationMs: options['no-longest'] ? null : longest.value,
      roles: listMeant(options.role, options['any-role']),
      groups: listMeant(options.group, options['any-group']),
      namePattern: pattern === undefined ? undefined : cleaned(pattern).toLowerCase(),
      atEnd: atEnd.value,
      accessPass: pass.value === 'off' ? null : pass.value,
      cloud: cloud.value,
    }),
  );
};

const durationIn = (typed: string | undefined): Result<number | undefined, Fault> =>
  typed === undefined ? ok(undefined) : parseDuration(typed);

const wordIn = <T>(
  field: string,
  words: Readonly<Record<string, T>>,
  typed: string | undefined,
): Result<T | undefined, Fault> => {
  if (typed === undefined) return ok(undefined);
  const meant = meantBy(words, typed);
  return meant === undefined
    ? err({ code: 'admin.invalid', field, problem: `say ${Object.keys(words).join(', ')}` })
    : ok(meant);
};

const listMeant = (named: readonly string[], any: boolean): readonly string[] | null | undefined => {
  if (any) return null;
  return named.length === 0 ? undefined : named.map(cleaned);
};

type Silent<T> = { readonly [K in keyof T]: T[K] | undefined };

const withoutSilence = (said: Silent<Required<TenantChange>>): TenantChange =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
