/** What is said of a template, as the parts of one. */
import type { Fault } from '../../engine/faults.js';
import type { Template } from '../../engine/template.js';
import { parseDuration } from '../../engine/when.js';
import type { TemplateParts } from '../../flows/templates.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { cleaned } from '../asking.js';
import { readAccount, readAtEnd } from '../manner.js';
import { allFound } from './find.js';
import { many, maybe } from './noun.js';
import type { AdminContext, Said } from './noun.js';
import { groupMeant } from './rule-words.js';

export const TEMPLATE_WORDS = {
  description: maybe('TEXT', 'what it is for, one sentence'),
  tenant: many('TENANT', 'for which tenants; else for every one'),
  role: many('ROLE', 'a role it holds, by its full name'),
  group: many('GROUP', 'a group of the directory it holds, by name or id'),
  for: maybe('DURATION', 'for how long; else what is usual in the tenant'),
  account: maybe('KIND', 'on which account: mine, fresh or existing; else mine'),
  'name-pattern': maybe('PATTERN', 'what a new account is called: {person}-{ticket}'),
  'at-end': maybe('ACTION', 'what becomes of the account: keep, disable or delete; else disable'),
  notify: many('GROUP', 'whose members are told when the access is live and when it has ended'),
};

type TemplateWords = Said<typeof TEMPLATE_WORDS> & {
  readonly tap: string | boolean | undefined;
  readonly default: string | boolean | undefined;
};

const NOTHING = /^(?:none|all)$/iu;

export const partsIn = async (ctx: AdminContext, words: TemplateWords): Promise<Result<TemplateParts, Fault>> => {
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
