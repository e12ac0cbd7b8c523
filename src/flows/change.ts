/** What every change of the configuration has in common: who may make it, and the line that it leaves in the log. */
import type { Fault } from '../engine/faults.js';
import type { OrganizationId } from '../engine/ids.js';
import { isAdmin, mayChange, maySee } from '../engine/organization.js';
import type { Standing } from '../engine/organization.js';
import type { Person, Platform } from '../engine/person.js';
import { randomId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { adminNames } from './standing.js';
import type { AuditEvent, Facts } from './ports/audit.js';

export type ChangeDeps = Pick<FlowDeps, 'clock' | 'random' | 'people' | 'config' | 'settings' | 'audit'>;

/** Somebody who administers, in which chat, and what they are as loaded for this turn. */
export interface Admin {
  readonly person: Person;
  readonly on: Platform;
  readonly standing: Standing;
}

/**
 * Whether somebody may change what belongs to this organization (`undefined`: to the owners) and lies in their sight.
 * What does not lie there is for the caller to call unknown.
 */
export const mayTouch = async (
  deps: ChangeDeps,
  { standing }: Pick<Admin, 'standing'>,
  organization: OrganizationId | undefined,
): Promise<Result<undefined, Fault>> => {
  if (mayChange(standing, organization)) return ok(undefined);
  return err(await refusalFor(deps, standing, maySee(standing, organization)));
};

/** Only owners. */
export const mayOwn = async (
  deps: ChangeDeps,
  { standing }: Pick<Admin, 'standing'>,
): Promise<Result<undefined, Fault>> => {
  if (standing.owner) return ok(undefined);
  return err(await refusalFor(deps, standing, standing.auditor));
};

const refusalFor = async (deps: ChangeDeps, standing: Standing, sees: boolean): Promise<Fault> => {
  const admins = await adminNames(deps);
  if (sees) return { code: 'admin.read-only', admins };
  return isAdmin(standing) ? { code: 'admin.owners', admins } : { code: 'admin.only', admins };
};

/** What a change is about, for those who read the log later. */
export type Change = Pick<AuditEvent, 'what' | 'facts' | 'organization' | 'tenant' | 'about' | 'before' | 'after'>;

/**
 * Records a change of the configuration before it is made: a line about a change that a crash prevented can be seen to
 * be one, a change without a line cannot.
 */
export const recordChange = (
  deps: ChangeDeps,
  { person, on }: Pick<Admin, 'person' | 'on'>,
  change: Change,
): Promise<void> =>
  deps.audit.append(`change/${randomId(deps.random)}`, { ...change, at: deps.clock.now(), by: person.id, on });

/** Of two versions of the same thing, the fields in which they differ. */
export const difference = (before: Facts, after: Facts): { readonly before: Facts; readonly after: Facts } => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const only = (facts: Facts): Facts =>
    Object.fromEntries(changed.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])));
  return { before: only(before), after: only(after) };
};

/** The organization of something, as a field that is absent where there is none. */
export const owned = (organization: OrganizationId | undefined): { readonly organization?: OrganizationId } =>
  organization === undefined ? {} : { organization };
