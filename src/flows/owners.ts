import type { Person } from '../engine/person.js';
import type { FlowDeps } from './deps.js';

type OwnersDeps = Pick<FlowDeps, 'people' | 'settings'>;

export const isOwner = ({ settings }: Pick<FlowDeps, 'settings'>, person: Person): boolean =>
  person.identities.some(({ key }) => settings.owners.includes(key));

/** The owners who have spoken to the bot at least once, each once. */
export const owners = async ({ people, settings }: OwnersDeps): Promise<readonly Person[]> => {
  const found = await Promise.all(settings.owners.map((key) => people.byIdentity(key)));
  const byId = new Map(found.flatMap((person) => (person === undefined ? [] : [[person.id, person] as const])));
  return [...byId.values()];
};

/** Whom to turn to, for refusals: names where known, otherwise the configured identity. */
export const ownerNames = async (deps: OwnersDeps): Promise<readonly string[]> => {
  const known = await owners(deps);
  return known.length > 0 ? known.map(({ name }) => name) : deps.settings.owners;
};
