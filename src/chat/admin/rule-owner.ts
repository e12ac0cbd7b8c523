/** Whose a new rule is, how long it lends where nobody says, and what it is called. */
import type { Fault } from '../../engine/faults.js';
import { ruleId } from '../../engine/ids.js';
import type { OrganizationId } from '../../engine/ids.js';
import type { Subject, Where } from '../../engine/rule.js';
import { DEFAULT_DURATION_MS } from '../../flows/defaults.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { namesIn, sayPlace, saySubject } from '../rule-text.js';
import { sayList } from '../say.js';
import { cut } from '../text.js';
import { organizationFor } from './find.js';
import type { AdminContext } from './noun.js';

/** An owner's rules are the owners'; an admin's belong to the organization of the places that they name. */
export const ruleOwner = async (
  ctx: AdminContext,
  typed: string | undefined,
  where: readonly Where[],
): Promise<Result<OrganizationId | undefined, Fault>> => {
  if (typed !== undefined || ctx.standing.owner) return organizationFor(ctx, typed);
  const owners = new Set<OrganizationId>();
  for (const place of where) {
    const owner = place.kind === 'all' ? await organizationFor(ctx, undefined) : ok(await ownerOfPlace(ctx, place));
    if (!owner.ok) return owner;
    if (owner.value !== undefined) owners.add(owner.value);
  }
  const [one, ...others] = owners;
  if (others.length === 0) return one === undefined ? organizationFor(ctx, undefined) : ok(one);
  const problem = `these are places of several organizations (${[...owners].join(', ')}); make a rule for each`;
  return err({ code: 'admin.invalid', field: '--tenant', problem });
};

const ownerOfPlace = async (
  { sight }: AdminContext,
  place: Exclude<Where, { kind: 'all' }>,
): Promise<OrganizationId | undefined> =>
  place.kind === 'organization' ? place.id : (await sight.tenants.byId(place.id))?.organization;

/** The shortest of what is usual in the tenants that are named. */
export const usualDuration = async ({ sight }: AdminContext, where: readonly Where[]): Promise<number> => {
  const tenants = await Promise.all(
    where.flatMap((place) => (place.kind === 'tenant' ? [sight.tenants.byId(place.id)] : [])),
  );
  const usual = tenants.map((tenant) => tenant?.defaultDurationMs ?? DEFAULT_DURATION_MS);
  return usual.length === 0 ? DEFAULT_DURATION_MS : Math.min(...usual);
};

const LONGEST_NAME = 80;
const MOST_NAMESAKES = 50;

/** `All admins in Contoso`, and a number where that is taken. */
export const nameFor = async (
  { deps }: AdminContext,
  organization: OrganizationId | undefined,
  { subjects = [], where = [] }: { readonly subjects?: readonly Subject[]; readonly where?: readonly Where[] },
): Promise<string> => {
  const owner = organization === undefined ? {} : { organization };
  const names = await namesIn(deps, [{ ...PLAIN, ...owner, subjects, where }]);
  const whom = sayList(
    subjects.map((subject) => saySubject(subject, names)),
    2,
  );
  const places = sayList(
    where.map((place) => sayPlace(place, owner, names)),
    2,
  );
  const name = cut(
    `${whom} in ${places}`.replaceAll(/["\u201C\u201D]/gu, '').replace(/^[-\s]+/u, ''),
    LONGEST_NAME - 4,
  );
  for (let number = 2; number < MOST_NAMESAKES; number += 1) {
    const candidate = number === 2 ? name : `${name} ${number - 1}`;
    if ((await deps.config.rules.named(candidate)).every((known) => known.organization !== organization))
      return candidate;
  }
  return name;
};

const PLAIN = { id: ruleId('-'), name: '', effect: 'deny', what: { roles: [], groups: [], templates: [] } } as const;
