import { ALL_ADMINS } from '../../engine/group.js';
import { organizationId, tenantId } from '../../engine/ids.js';
import type { IdentityKey, OrganizationId, PersonId, TenantId } from '../../engine/ids.js';
import { parseDuration } from '../../engine/when.js';
import { randomId, readableId } from '../../lib/random.js';
import type { FlowDeps } from '../deps.js';
import { whyUnfit } from './bounds.js';
import type { Unfit } from './bounds.js';
import type { Snapshot } from './export.js';
import type { Names } from './names.js';
import { idsFor, lookup, peopleIn } from './references.js';
import type { Portable, PortableItem } from './schema.js';

/** A document while it is read: what its words mean here, and what is wrong with them. */
export interface Reading {
  readonly now: Snapshot;
  /** What is wrong and does not keep the rest from being read. */
  readonly problems: string[];
  /** People whom nobody here knows yet, by the ids that were drawn for them. */
  readonly newPeople: ReadonlyMap<IdentityKey, PersonId>;
  readonly groups: ReadonlyMap<PortableItem['groups'], string>;
  readonly templates: ReadonlyMap<PortableItem['templates'], string>;
  readonly rules: ReadonlyMap<PortableItem['rules'], string>;
  readonly groupNamed: Lookup;
  readonly templateNamed: Lookup;
  readonly person: (key: string) => PersonId;
  readonly fault: (about: string, problem: string) => void;
  /** The thing itself, with every bound on record that it breaks. */
  readonly fit: <T>(about: string, thing: T, unfit: Unfit<T>) => T;
  readonly ms: (about: string, text: string | undefined, fallback: number) => number;
  readonly owner: (about: string, id: string | undefined) => { readonly organization?: OrganizationId };
  readonly organization: (about: string, id: string) => OrganizationId;
  readonly tenant: (about: string, id: string) => TenantId;
}

type Lookup = (about: string, name: string) => { readonly id: string; readonly name: string };

export const beginReading = async (
  deps: Pick<FlowDeps, 'people' | 'random'>,
  document: Portable,
  now: Snapshot,
): Promise<Reading> => {
  const problems: string[] = [];
  const people = await peopleIn(deps, document);
  const organizations = new Set([...now.organizations, ...document.organizations].map(({ id }) => String(id)));
  const tenants = new Set([...now.tenants, ...document.tenants].map(({ id }) => String(id)));
  const groups = idsFor(document.groups, now.groups, () => randomId(deps.random), problems, 'group');
  const templates = idsFor(document.templates, now.templates, () => readableId(deps.random, 8), problems, 'template');
  const fault = (about: string, problem: string): void => void problems.push(`${about}: ${problem}`);
  const organization = (about: string, id: string): OrganizationId => {
    if (!organizations.has(id)) fault(about, `there is no organization ${id}`);
    return organizationId(id);
  };
  return {
    ...people,
    now,
    problems,
    groups,
    templates,
    rules: idsFor(document.rules, now.rules, () => readableId(deps.random, 8), problems, 'rule'),
    groupNamed: lookup('group', document.groups, groups, [...now.groups, ALL_ADMINS]),
    templateNamed: lookup('template', document.templates, templates, now.templates),
    fault,
    fit: (about, thing, unfit) => {
      for (const clause of whyUnfit(thing, unfit)) fault(about, clause);
      return thing;
    },
    ms: (about, text, fallback) => {
      const parsed = text === undefined ? undefined : parseDuration(text);
      if (parsed?.ok === false) fault(about, `${text} is not a duration; write it like 4h`);
      return parsed?.ok === true ? parsed.value : fallback;
    },
    organization,
    owner: (about, id) => (id === undefined ? {} : { organization: organization(about, id) }),
    tenant: (about, id) => {
      if (!tenants.has(id)) fault(about, `there is no tenant ${id}`);
      return tenantId(id);
    },
  };
};

/** The names of those who are known, and of those whom the document brings. */
export const withNewPeople = ({ newPeople }: Reading, names: Names): Names => {
  const keys = new Map([...newPeople].map(([key, id]) => [id, key]));
  return { ...names, person: (id) => names.person(id) ?? keys.get(id) };
};
