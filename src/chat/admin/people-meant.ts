/** From what an admin typed to the people they mean. */
import type { Fault } from '../../engine/faults.js';
import type { PersonId } from '../../engine/ids.js';
import type { Person } from '../../engine/person.js';
import { closest } from '../../lib/closest.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { cleaned, shortened } from '../asking.js';
import { identityNamed, peopleMeant, personMeant } from '../people.js';
import type { AdminContext } from './noun.js';

/** Names are looked for among the people in sight; who knows an exact e-mail knows the person, as with an id. */
const namedIn =
  ({ deps, sight }: AdminContext) =>
  (text: string): Promise<readonly Person[]> =>
    text.includes('@') ? deps.people.named(text) : sight.people.named(text);

/** Somebody to put somewhere; named by an id of their platform, they are put on record if need be. */
export const personToName = (ctx: AdminContext, word: string): Promise<Result<PersonId, Fault>> =>
  personMeant(ctx.deps, ctx.turn, word, namedIn(ctx));

export const peopleToName = (
  ctx: AdminContext,
  words: readonly string[],
): Promise<Result<readonly PersonId[], Fault>> => peopleMeant(ctx.deps, ctx.turn, words, namedIn(ctx));

/** Somebody to look at or to change: only who is in sight, and nobody is put on record by it. */
export const personSeen = async (ctx: AdminContext, typed: string): Promise<Result<Person, Fault>> => {
  const { deps, turn, sight } = ctx;
  const word = cleaned(typed);
  if (word.toLowerCase() === 'me') return ok(turn.person);
  const identity = identityNamed(word);
  if (identity !== undefined) {
    const known = await deps.people.byIdentity(identity.key);
    const seen = known && (await sight.people.byId(known.id));
    return seen === undefined ? err(await unknown(ctx, word)) : ok(seen);
  }
  const found = await sight.people.named(word.replace(/^@/u, ''));
  const [one] = found;
  if (one === undefined) return err(await unknown(ctx, word));
  if (found.length === 1) return ok(one);
  const candidates = found.map(({ name, identities }) => `${name} (${identities.map(({ key }) => key).join(', ')})`);
  return err({ code: 'person.ambiguous', asked: shortened(word), candidates });
};

const unknown = async ({ sight }: AdminContext, asked: string): Promise<Fault> => {
  const names = (await sight.people.all()).map(({ name }) => name);
  const meant = closest(asked, names);
  return { code: 'admin.unknown', what: 'person', asked: shortened(asked), ...(meant === undefined ? {} : { meant }) };
};
