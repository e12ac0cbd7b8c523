import type { Fault } from '../engine/faults.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import { parseDuration, parseMoment, sameDay } from '../engine/when.js';
import type { Question } from '../flows/consult.js';
import type { FlowDeps } from '../flows/deps.js';
import { groupsNamed } from '../flows/directory-names.js';
import { rolesNamed } from '../flows/role-names.js';
import { ordinaryIn } from '../engine/access.js';
import type { Manner } from '../engine/access.js';
import { endFor } from '../flows/holder.js';
import type { Submission } from '../flows/submit.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { RequestOptions } from './command.js';
import { readAccount, readAtEnd } from './manner.js';

export const LONGEST_REASON = 500;
const LONGEST_TICKET = 60;
const MOST_THINGS = 50;

type AskDeps = Pick<FlowDeps, 'clock' | 'config' | 'directory' | 'search' | 'settings'>;

/** The plainest question about a tenant: one's own account, now. */
export const ordinarily = (tenant: Tenant, startsAt: Date): Question => ({
  tenant,
  roles: [],
  groups: [],
  ...ordinaryIn(tenant),
  durationMs: tenant.defaultDurationMs,
  startsAt,
});

/** A question as somebody means to put it, and the end that they fixed, if any. */
export type Asked = Omit<Question, 'startsAt'> & Pick<Submission, 'startsAt' | 'endsBy'>;

/** Reads what is asked for; a template fills in whatever was not said. Every name is looked up here. */
export const readAsked = async (
  deps: AskDeps,
  tenant: Tenant,
  options: RequestOptions,
  zone: string,
  template?: Template,
): Promise<Result<Asked, Fault>> => {
  const usual = { ...tenant, defaultDurationMs: template?.durationMs ?? tenant.defaultDurationMs };
  const time = readTimes(options, usual, zone, deps.clock.now());
  if (!time.ok) return time;
  const manner = readManner(tenant, options, template);
  if (!manner.ok) return manner;
  const things = await readThings(deps, tenant, options, template);
  if (!things.ok) return things;
  const ticket = cleaned(options.ticket ?? '');
  if (ticket.length > LONGEST_TICKET) {
    return err({ code: 'text.too-long', field: 'ticket', length: ticket.length, most: LONGEST_TICKET });
  }
  return ok({
    tenant,
    ...things.value,
    ...manner.value,
    ...time.value,
    ...(ticket === '' ? {} : { ticket }),
    ...(template === undefined ? {} : { template }),
  });
};

type Things = Pick<Question, 'roles' | 'groups'>;

/** Roles and groups that were named take the place of the template's. */
const readThings = async (
  deps: AskDeps,
  tenant: Tenant,
  { role, group = [] }: RequestOptions,
  template: Template | undefined,
): Promise<Result<Things, Fault>> => {
  if (role.length + group.length === 0) {
    return template === undefined
      ? err({ code: 'role.missing' })
      : ok({ roles: template.roles, groups: template.groups });
  }
  // Each group is looked up by itself, so that many of them would keep a directory busy.
  const [roleNames, groupNames] = [[...new Set(role)], [...new Set(group)]];
  const count = roleNames.length + groupNames.length;
  if (count > MOST_THINGS) {
    return err({ code: 'command.usage', problem: `At most ${MOST_THINGS} roles and groups fit.`, topic: 'request' });
  }
  const roles = await rolesNamed(deps, tenant, roleNames);
  if (!roles.ok) return roles;
  const groups = await groupsNamed(deps, tenant, groupNames);
  return groups.ok ? ok({ roles: roles.value, groups: groups.value }) : groups;
};

/** On which account and how, as it was said; else as the template has it, else as is usual there. */
export const readManner = (
  tenant: Tenant,
  options: RequestOptions,
  template: Template | undefined,
): Result<Manner, Fault> => {
  const account = readAccount(options.account);
  if (!account.ok) return account;
  const atEnd = readAtEnd(options.atEnd);
  if (!atEnd.ok) return atEnd;
  const usual = template ?? ordinaryIn(tenant);
  // Whoever names somebody new wants somebody new.
  const named = options.first === undefined && options.last === undefined ? usual.account : 'fresh';
  const kind = account.value ?? named;
  return ok({
    account: kind,
    atEnd: atEnd.value ?? endFor(kind, usual.atEnd),
    tap: options.tap ?? usual.tap,
  });
};

/** Reads what was asked for into a submission; every bound is checked here, before any rule is asked. */
export const readSubmission = async (
  deps: AskDeps,
  tenant: Tenant,
  options: RequestOptions,
  zone: string,
  template?: Template,
): Promise<Result<Submission, Fault>> => {
  const reason = readReason(options);
  if (!reason.ok) return reason;
  const asked = await readAsked(deps, tenant, options, zone, template);
  return asked.ok ? ok({ ...asked.value, reason: reason.value }) : asked;
};

const readReason = (options: RequestOptions): Result<string, Fault> => {
  const reason = cleaned(options.reason ?? '');
  if (reason === '') return err({ code: 'reason.missing' });
  if (reason.length <= LONGEST_REASON) return ok(reason);
  return err({ code: 'text.too-long', field: 'reason', length: reason.length, most: LONGEST_REASON });
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
