import type { Fault } from '../engine/faults.js';
import { tenantId } from '../engine/ids.js';
import type { Person } from '../engine/person.js';
import type { Role } from '../engine/access.js';
import type { Tenant } from '../engine/tenant.js';
import { parseDuration, parseMoment, sameDay } from '../engine/when.js';
import type { FlowDeps } from '../flows/deps.js';
import type { Book } from '../engine/decide.js';
import { libraryFor } from '../flows/book.js';
import { coveredRoles, isOpenTo } from '../flows/consult.js';
import type { Question } from '../flows/consult.js';
import { rolesNamed } from '../flows/rules.js';
import type { Submission } from '../flows/submit.js';
import { closest } from '../lib/closest.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { RequestOptions } from './command.js';

export const LONGEST_REASON = 500;
const LONGEST_TICKET = 60;

type AskDeps = Pick<FlowDeps, 'clock' | 'config' | 'directory' | 'settings'>;

export interface Allowed {
  readonly tenant: Tenant;
  readonly roles: readonly (Role & { readonly longestMs: number })[];
}

/** Every tenant in which some rule lets this person ask, with the roles it lets them ask for. */
export const allowedTo = async (deps: AskDeps, person: Person): Promise<readonly Allowed[]> => {
  const { tenants, bookOf } = await libraryFor(deps, person);
  const open = tenants.filter((tenant) => isOpenTo(bookOf(tenant), person, tenant));
  const allowed = await Promise.all(
    open.map(async (tenant) => {
      const book = bookOf(tenant);
      const roles = await candidateRoles(deps, tenant, book);
      return { tenant, roles: coveredRoles(book, person, ordinarily(tenant, deps.clock.now()), roles) };
    }),
  );
  return allowed
    .filter(({ roles }) => roles.length > 0)
    .toSorted((one, other) => one.tenant.name.localeCompare(other.tenant.name));
};

/** The roles that rules name there; where one names them by pattern, the directory is asked which exist. */
const candidateRoles = async ({ directory }: AskDeps, tenant: Tenant, book: Book): Promise<readonly Role[]> => {
  const selectors = book.rules.flatMap((rule) => (rule.effect === 'allow' ? rule.what.roles : []));
  if (selectors.some(({ kind }) => kind === 'pattern')) {
    const known = await directory.roles(tenant);
    if (known.ok) return known.value;
  }
  const named = selectors.flatMap((one) => (one.kind === 'one' ? [{ id: one.id, name: one.name }] : []));
  return [...new Map(named.map((role) => [role.id, role])).values()].toSorted((one, other) =>
    one.name.localeCompare(other.name),
  );
};

/** The plainest question about a tenant: one's own account, now. */
export const ordinarily = (tenant: Tenant, startsAt: Date): Question => ({
  tenant,
  roles: [],
  groups: [],
  account: 'dedicated',
  atEnd: 'disable',
  tap: false,
  durationMs: tenant.defaultDurationMs,
  startsAt,
});

/** The tenant a person means by its short name, its name, its domain or its GUID. */
export const tenantMeant = async (deps: Pick<AskDeps, 'config'>, asked: string): Promise<Result<Tenant, Fault>> => {
  const direct = await deps.config.tenants.byId(tenantId(asked.toLowerCase()));
  if (direct !== undefined) return ok(direct);
  const wanted = asked.trim().toLowerCase();
  const tenants = await deps.config.tenants.all();
  const found = tenants.find(({ id, name, domain, directoryId }) =>
    [id, name, domain, directoryId].some((known) => known.toLowerCase() === wanted),
  );
  if (found !== undefined) return ok(found);
  const meant = closest(
    asked,
    tenants.map(({ id }) => id),
  );
  return err({ code: 'tenant.unknown', asked: shortened(asked), ...(meant === undefined ? {} : { meant }) });
};

/** Reads what was asked for into a submission; every bound is checked here, before any rule is asked. */
export const readSubmission = async (
  deps: AskDeps,
  tenant: Tenant,
  options: RequestOptions,
  zone: string,
): Promise<Result<Submission, Fault>> => {
  const texts = readTexts(options);
  if (!texts.ok) return texts;
  const time = readTimes(options, tenant, zone, deps.clock.now());
  if (!time.ok) return time;
  if (options.role.length === 0) return err({ code: 'role.missing' });
  const roles = await rolesNamed(deps, tenant, options.role);
  if (!roles.ok) return roles;
  const ordinary = { groups: [], account: 'dedicated', atEnd: 'disable', tap: false } as const;
  return ok({ tenant, roles: roles.value, ...ordinary, ...time.value, ...texts.value });
};

const readTexts = (options: RequestOptions): Result<Pick<Submission, 'reason' | 'ticket'>, Fault> => {
  const reason = cleaned(options.reason ?? '');
  if (reason === '') return err({ code: 'reason.missing' });
  if (reason.length > LONGEST_REASON) {
    return err({ code: 'text.too-long', field: 'reason', length: reason.length, most: LONGEST_REASON });
  }
  const ticket = cleaned(options.ticket ?? '');
  if (ticket.length > LONGEST_TICKET) {
    return err({ code: 'text.too-long', field: 'ticket', length: ticket.length, most: LONGEST_TICKET });
  }
  return ok(ticket === '' ? { reason } : { reason, ticket });
};

type Times = Pick<Submission, 'durationMs' | 'startsAt' | 'endsBy'>;

/** `--until` fixes the end; the duration that rules judge is then the whole span up to it. */
export const readTimes = (
  options: Pick<RequestOptions, 'for' | 'from' | 'until'>,
  tenant: Pick<Tenant, 'defaultDurationMs'>,
  zone: string,
  now: Date,
): Result<Times, Fault> => {
  if (options.for !== undefined && options.until !== undefined) return err({ code: 'time.both' });
  const from = options.from === undefined ? ok(undefined) : parseMoment(options.from, zone, now);
  if (!from.ok) return from;
  const start = from.value === undefined ? {} : { startsAt: from.value };
  if (options.until !== undefined) {
    const until = readEnd(options.until, zone, now, from.value ?? now);
    if (!until.ok) return until;
    return ok({ durationMs: until.value.getTime() - (from.value ?? now).getTime(), endsBy: until.value, ...start });
  }
  const duration = options.for === undefined ? ok(tenant.defaultDurationMs) : parseDuration(options.for);
  return duration.ok ? ok({ durationMs: duration.value, ...start }) : duration;
};

/** `17:00` means today, or the day of a start that lies further ahead; never a day later than either. */
const readEnd = (text: string, zone: string, now: Date, start: Date): Result<Date, Fault> => {
  const end = parseMoment(text, zone, now);
  if (!end.ok || end.value > start) return end;
  const later = parseMoment(text, zone, start);
  return later.ok && sameDay(later.value, start, zone) ? later : err({ code: 'time.end-before-start' });
};

/**
 * People's words without what could disguise them: control characters, and marks that reverse the reading direction.
 * Line breaks become spaces.
 */
export const cleaned = (text: string): string =>
  text
    .replaceAll(/(?!\s)[\p{Cc}\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();

const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/** What was typed, short enough to be quoted back. */
export const shortened = (text: string): string => {
  const clean = cleaned(text);
  return clean.length > 60 ? `${clean.slice(0, 59).replace(HALF_CHARACTER, '')}…` : clean;
};
