/** From what an admin typed to the thing they mean, among what they may see. */
import type { Fault } from '../../engine/faults.js';
import { organizationId } from '../../engine/ids.js';
import type { OrganizationId } from '../../engine/ids.js';
import { mayTouch } from '../../flows/change.js';
import type { Reference } from '../../flows/ports/config.js';
import type { SeenShelf } from '../../flows/seen.js';
import { closest } from '../../lib/closest.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { cleaned, shortened } from '../asking.js';
import type { AdminContext } from './noun.js';

const LONGEST_NAME = 80;

// A quotation mark could not be typed in a command; what begins with a dash would be read as an option.
const UNTYPABLE = /["\u201C\u201D]|^[-\u2013\u2014]/u;

/** A name fit to be shown and to be typed again. */
export const nameOf = (field: string, text: string): Result<string, Fault> => {
  const name = cleaned(text);
  if (name === '') return err({ code: 'admin.invalid', field, problem: 'a name is needed' });
  if (name.length > LONGEST_NAME) return err({ code: 'text.too-long', field, length: name.length, most: LONGEST_NAME });
  if (UNTYPABLE.test(name)) {
    return err({ code: 'admin.invalid', field, problem: 'leave out quotation marks, and do not begin with a dash' });
  }
  return ok(name);
};

/** Rules name groups as `group:NAME`; wherever only one kind can be meant, its prefix may be said or not. */
export const withoutPrefix = (kind: string, typed: string): string =>
  typed.toLowerCase().startsWith(`${kind}:`) ? typed.slice(kind.length + 1) : typed;

interface Kept {
  readonly id: string;
  readonly name: string;
  readonly organization?: OrganizationId;
}

/** How many names a typing error is held against. */
const MOST_CANDIDATES = 2_000;

/** By id or by name, whatever their case. `what` is the noun. */
export const found = async <T extends Kept>(
  what: string,
  shelf: SeenShelf<T, T['id']>,
  typed: string,
): Promise<Result<T, Fault>> => {
  const asked = cleaned(withoutPrefix(what, typed));
  for (const id of new Set([asked, asked.toLowerCase(), asked.toUpperCase()])) {
    const item = await shelf.byId(id);
    if (item !== undefined) return ok(item);
  }
  const named = await shelf.named(asked);
  const [one] = named;
  if (one === undefined) return err(await unknown(what, shelf, asked));
  if (named.length === 1) return ok(one);
  const candidates = named.map(({ id, organization }) => `${id} (${organization ?? 'the owners'})`);
  return err({ code: 'admin.ambiguous', what, asked: shortened(asked), candidates });
};

const unknown = async <T extends Kept>(what: string, shelf: SeenShelf<T, T['id']>, asked: string): Promise<Fault> => {
  const { items } = await shelf.page({ skip: 0, limit: MOST_CANDIDATES });
  const meant = closest(
    asked,
    items.map(({ name }) => name),
  );
  return { code: 'admin.unknown', what, asked: shortened(asked), ...(meant === undefined ? {} : { meant }) };
};

/** Several at once, each as with `found`. */
export const allFound = async <T extends Kept>(
  what: string,
  shelf: SeenShelf<T, T['id']>,
  typed: readonly string[],
): Promise<Result<readonly T[], Fault>> => {
  const items: T[] = [];
  for (const word of typed) {
    const item = await found(what, shelf, word);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return ok(items);
};

/**
 * Whose a new thing is to be: of the organization that was named, else of the only one that the speaker administers;
 * `undefined`: the owners'.
 */
export const organizationFor = async (
  ctx: AdminContext,
  typed: string | undefined,
): Promise<Result<OrganizationId | undefined, Fault>> => {
  const { standing, sight, deps } = ctx;
  if (typed === undefined) {
    const [only, ...others] = standing.adminOf;
    if (standing.owner || only === undefined) return ok(undefined);
    if (others.length === 0) return ok(only);
    const field = '--organization';
    return err({ code: 'admin.invalid', field, problem: `say for which: ${standing.adminOf.join(', ')}` });
  }
  const organization = await found('organization', sight.organizations, typed);
  if (!organization.ok) return organization;
  const touch = await mayTouch(deps, ctx, organization.value.id);
  return touch.ok ? ok(organizationId(organization.value.id)) : touch;
};

const MOST_USERS = 6;

/**
 * The refusal to remove what something else still names, saying by what and how that is removed; what is out of the speaker's sight is counted
 * and not named. `undefined`: nothing names it.
 */
export const inUse = async (
  { deps: { config }, sight }: AdminContext,
  what: string,
  name: string,
  reference: Reference,
): Promise<Fault | undefined> => {
  const by: string[] = [];
  let hidden = 0;
  for (const kind of ['tenants', 'groups', 'rules', 'templates'] as const) {
    const all = await config[kind].using(reference, MOST_USERS);
    const seen = all.length === 0 ? [] : await sight[kind].using(reference, MOST_USERS);
    const noun = kind.slice(0, -1);
    by.push(...seen.map(({ name: user }) => `${noun} ${user} (/jit admin ${noun} remove "${user}")`));
    hidden += Math.max(0, all.length - seen.length);
  }
  if (hidden > 0) by.push('something that is not yours to see (ask an owner)');
  return by.length === 0 ? undefined : { code: 'admin.in-use', what, name, by };
};
