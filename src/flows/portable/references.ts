import { personId } from '../../engine/ids.js';
import type { IdentityKey, PersonId } from '../../engine/ids.js';
import { randomId } from '../../lib/random.js';
import type { FlowDeps } from '../deps.js';
import { keyOfName } from './names.js';
import type { Portable } from './schema.js';

/** A reference that nothing answers to: what hangs on it cannot be read at all. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

interface Reference {
  readonly id?: string | undefined;
  readonly name: string;
  readonly organization?: string | undefined;
}

interface PeopleIn {
  readonly person: (key: string) => PersonId;
  readonly newPeople: ReadonlyMap<IdentityKey, PersonId>;
}

/** Everybody whom the document names; whoever is not known yet is given an id and, when it is applied, put on record. */
export const peopleIn = async (
  { people, random }: Pick<FlowDeps, 'people' | 'random'>,
  document: Portable,
): Promise<PeopleIn> => {
  const keys = new Set([
    ...document.organizations.flatMap(({ admins }) => admins),
    ...document.groups.flatMap(({ members }) => members),
    ...document.rules.flatMap(({ subjects }) =>
      subjects.flatMap((one) => (one !== 'everyone' && 'person' in one ? [one.person] : [])),
    ),
    ...document.owners,
    ...document.auditors,
  ]);
  const known = new Map<string, PersonId>();
  const newPeople = new Map<IdentityKey, PersonId>();
  for (const key of keys) {
    const found = await people.byIdentity(key as IdentityKey);
    const id = found?.id ?? personId(randomId(random));
    known.set(key, id);
    if (found === undefined) newPeople.set(key as IdentityKey, id);
  }
  return { newPeople, person: (key) => known.get(key) ?? personId(key) };
};

/** Which id each thing of the document has here: its own, that of the thing with the same name, or a new one. */
export const idsFor = <T extends Reference>(
  items: readonly T[],
  stored: readonly Reference[],
  draw: () => string,
  problems: string[],
  noun: string,
): ReadonlyMap<T, string> => {
  const ids = new Map<T, string>();
  const taken = new Set<string>();
  for (const item of items) {
    const same = stored.find((one) => one.id === item.id) ?? stored.find((one) => isSame(one, item));
    const id = same?.id ?? item.id ?? draw();
    if (taken.has(id)) problems.push(`${noun} ${item.name}: it is in the document twice`);
    taken.add(id);
    ids.set(item, id);
  }
  return ids;
};

const isSame = (one: Reference, other: Reference): boolean =>
  keyOfName(one.name) === keyOfName(other.name) && one.organization === other.organization;

/** Finds what a reference means: an id, or a name that only one has. */
export const lookup = <T extends Reference>(
  noun: string,
  items: readonly T[],
  ids: ReadonlyMap<T, string>,
  stored: readonly Reference[],
): ((about: string, name: string) => { readonly id: string; readonly name: string }) => {
  const all = new Map<string, string>();
  for (const one of stored) if (one.id !== undefined) all.set(one.id, one.name);
  for (const item of items) all.set(ids.get(item) ?? item.name, item.name);
  return (about, typed) => {
    const byId = all.get(typed);
    if (byId !== undefined) return { id: typed, name: byId };
    const [one, ...others] = [...all].filter(([, name]) => keyOfName(name) === keyOfName(typed));
    if (one === undefined) throw new Unreadable(`${about}: there is no ${noun} ${typed}`);
    if (others.length > 0) throw new Unreadable(`${about}: several ${noun}s are called ${typed}; name it by its id`);
    return { id: one[0], name: one[1] };
  };
};
