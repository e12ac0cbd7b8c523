import type { IdentityKey, PersonId } from '../../engine/ids.js';
import type { OrganizationId } from '../../engine/ids.js';
import { idsOf } from '../../engine/person.js';
import type { FlowDeps } from '../deps.js';

interface Named {
  readonly id: string;
  readonly name: string;
  readonly organization?: OrganizationId;
}

/** How things are called in a portable document: by name where only one has it, otherwise by id. */
export interface Names {
  readonly group: (id: string) => string;
  readonly template: (id: string) => string;
  readonly person: (id: PersonId) => IdentityKey | undefined;
}

export const keyOfName = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** Names that several things share, or that look like another's id, name nothing. */
export const namesOf = (things: readonly Named[]): ((id: string) => string) => {
  const ids = new Set(things.map(({ id }) => keyOfName(id)));
  const uses = new Map<string, number>();
  for (const { name } of things) uses.set(keyOfName(name), (uses.get(keyOfName(name)) ?? 0) + 1);
  const byId = new Map(things.map((thing) => [thing.id, thing.name]));
  return (id) => {
    const name = byId.get(id);
    return name === undefined || uses.get(keyOfName(name)) !== 1 || ids.has(keyOfName(name)) ? id : name;
  };
};

/** Each person by the first of their chat identities, the same one every time. */
export const peopleNames = async (
  { people }: Pick<FlowDeps, 'people'>,
  ids: readonly PersonId[],
): Promise<Names['person']> => {
  const keys = new Map<PersonId, IdentityKey>();
  for (const person of await people.byIds([...new Set(ids)])) {
    const [first] = person.identities.map(({ key }) => key).toSorted();
    if (first !== undefined) for (const id of idsOf(person)) keys.set(id, first);
  }
  return (id) => keys.get(id);
};
