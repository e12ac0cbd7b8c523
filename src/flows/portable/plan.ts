import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../engine/faults.js';
import type { IdentityKey, OrganizationId, PersonId } from '../../engine/ids.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import type { Shelf } from '../ports/config.js';
import {
  namesIn,
  portableGroup,
  portableOrganization,
  portableRule,
  portableSettings,
  portableTemplate,
  portableTenant,
  snapshotOf,
} from './export.js';
import type { Snapshot } from './export.js';
import { compare } from './compare.js';
import type { Change, Compared, Noun } from './compare.js';
import { readGroup, readOrganization, readSettings, readTemplate, readTenant } from './read.js';
import { readRule } from './read-rule.js';
import { beginReading, withNewPeople } from './reading.js';
import type { Reading } from './reading.js';
import { Unreadable } from './references.js';
import { portableSchema } from './schema.js';
import type { Portable } from './schema.js';

export type ImportDeps = Pick<
  FlowDeps,
  'clock' | 'random' | 'people' | 'config' | 'settings' | 'audit' | 'directory' | 'tenantApps'
>;

export interface ImportPlan {
  readonly changes: readonly Change[];
  /** People whom the document names and nobody here knows yet, with the ids they get. */
  readonly newPeople: ReadonlyMap<IdentityKey, PersonId>;
  /** How many things are already as the document says. */
  readonly same: number;
  /** How many things are here that the document does not name; they stay. */
  readonly untouched: number;
}

const MOST_PROBLEMS = 10;

/** What importing a document would change, without changing anything; or every reason why it cannot be imported. */
export const planImport = async (deps: ImportDeps, document: unknown): Promise<Result<ImportPlan, Fault>> => {
  const parsed = portableSchema.safeParse(document);
  if (!parsed.success) {
    return problems(parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`));
  }
  const now = await snapshotOf(deps);
  const reading = await beginReading(deps, parsed.data, now);
  try {
    const changes = await changesOf(deps, parsed.data, now, reading);
    const found = [...reading.problems, ...(await tenantProblems(deps, parsed.data, now))];
    if (found.length > 0) return problems(found);
    const stored =
      now.organizations.length + now.tenants.length + now.groups.length + now.templates.length + now.rules.length;
    const named = changes.filter(({ change }) => change.noun !== 'office' && change.noun !== 'settings');
    const known = named.filter(({ known: isKnown }) => isKnown).length;
    const real = changes.map(({ change }) => change).filter(({ kind, fields }) => kind === 'add' || fields.length > 0);
    return ok({
      changes: real,
      newPeople: reading.newPeople,
      same: changes.length - real.length,
      untouched: stored - known,
    });
  } catch (thrown) {
    if (thrown instanceof Unreadable) return problems([...reading.problems, thrown.message]);
    throw thrown;
  }
};

const problems = (found: readonly string[]): Result<ImportPlan, Fault> =>
  err({
    code: 'import.invalid',
    problems: found.slice(0, MOST_PROBLEMS),
    more: Math.max(0, found.length - MOST_PROBLEMS),
  });

const changesOf = async (
  deps: ImportDeps,
  document: Portable,
  now: Snapshot,
  reading: Reading,
): Promise<readonly Compared[]> => {
  const { config } = deps;
  const groups = document.groups.map((one) => readGroup(reading, one));
  const templates = document.templates.map((one) => readTemplate(reading, one));
  const rules = document.rules.map((one) => readRule(reading, one));
  const organizations = document.organizations.map((one) => readOrganization(reading, one));
  const tenants = document.tenants.map((one) => readTenant(reading, one));
  // Both sides are written in the same names, or every reference to something new would read as a change.
  const known = await namesIn(deps, {
    organizations: [...now.organizations, ...organizations],
    groups: merged(now.groups, groups),
    templates: merged(now.templates, templates),
    rules: merged(now.rules, rules),
    offices: now.offices,
  });
  const names = withNewPeople(reading, known);
  return [
    ...onShelf('organization', config.organizations, now.organizations, organizations, (one) =>
      portableOrganization(one, names),
    ),
    ...onShelf('tenant', config.tenants, now.tenants, tenants, portableTenant),
    ...onShelf('group', config.groups, now.groups, groups, (one) => portableGroup(one, names)),
    ...onShelf('template', config.templates, now.templates, templates, (one) => portableTemplate(one, names)),
    ...onShelf('rule', config.rules, now.rules, rules, (one) => portableRule(one, names)),
    ...officeChanges(deps, document, now, reading),
    ...settingsChanges(deps, document, now, reading),
  ];
};

interface Kept {
  readonly id: string;
  readonly name: string;
  readonly organization?: OrganizationId;
}

const onShelf = <T extends Kept>(
  noun: Noun,
  shelf: Pick<Shelf<T, never>, 'add' | 'replace'>,
  stored: readonly T[],
  items: readonly T[],
  portable: (item: T) => object,
): readonly Compared[] =>
  items.map((next) =>
    compare({
      noun,
      name: next.name,
      next,
      previous: stored.find(({ id }) => id === next.id),
      portable,
      add: () => shelf.add(next),
      replace: (previous) => shelf.replace(next, previous),
      organization: noun === 'organization' ? next.id : next.organization,
    }),
  );

const merged = <T extends { readonly id: string }>(known: readonly T[], next: readonly T[]): readonly T[] => [
  ...new Map([...known, ...next].map((one) => [one.id, one])).values(),
];

/** Offices are given by an import and never taken: a document must not lock its importer out. */
const officeChanges = (
  { config }: ImportDeps,
  document: Portable,
  now: Snapshot,
  reading: Reading,
): readonly Compared[] => {
  const owners = [...new Set([...now.offices.owners, ...document.owners.map((key) => reading.person(key))])];
  const auditors = [...new Set([...now.offices.auditors, ...document.auditors.map((key) => reading.person(key))])];
  const next = { ...now.offices, owners, auditors };
  if (isDeepStrictEqual(next, now.offices)) return [];
  const change = compare({
    noun: 'office',
    name: 'owners and auditors',
    next,
    previous: now.offices,
    portable: (offices) => ({ owners: offices.owners, auditors: offices.auditors }),
    add: () => config.offices.replace(next, now.offices),
    replace: (previous) => config.offices.replace(next, previous),
  });
  return [change];
};

const settingsChanges = (
  { config }: ImportDeps,
  { settings }: Portable,
  now: Snapshot,
  reading: Reading,
): readonly Compared[] => {
  if (settings === undefined) return [];
  const next = readSettings(reading, settings);
  const change = compare({
    noun: 'settings',
    name: 'settings',
    next,
    previous: now.settings,
    portable: portableSettings,
    add: () => config.settings.replace(next, now.settings),
    replace: (previous) => config.settings.replace(next, previous),
  });
  return [change];
};

/** A tenant is only taken in when its directory answers, and says that the domain is one in which accounts can be made. */
const tenantProblems = async (
  { directory, tenantApps }: ImportDeps,
  document: Portable,
  now: Snapshot,
): Promise<readonly string[]> => {
  const clouds = await Promise.all(
    document.tenants.map(async ({ id, directory: directoryId, cloud }) =>
      cloud === undefined ||
      now.tenants.find((tenant) => tenant.id === id)?.cloud === cloud ||
      (await tenantApps.of(directoryId.toLowerCase())) !== undefined
        ? []
        : `tenant ${id}: it has no app of its own here, so its cloud is the server's; leave cloud out`,
    ),
  );
  const changed = document.tenants.filter((tenant) => {
    const known = now.tenants.find(({ id }) => id === tenant.id);
    return known?.directoryId !== tenant.directory.toLowerCase() || known.domain !== tenant.domain;
  });
  const found = await Promise.all(
    changed.map(async ({ id, directory: directoryId, domain }) => {
      const described = await directory.describe(directoryId.toLowerCase());
      if (!described.ok) return `tenant ${id}: its directory does not answer; consent first (${described.error.code})`;
      const usable = described.value.domains.filter(({ verified, managed }) => verified && managed);
      return usable.some(({ name }) => name.toLowerCase() === domain.toLowerCase())
        ? []
        : `tenant ${id}: ${domain} is not a verified, managed domain of it`;
    }),
  );
  return [...clouds, ...found].flat();
};
