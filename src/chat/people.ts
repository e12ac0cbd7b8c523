import type { Fault } from '../engine/faults.js';
import { identityKey, personId } from '../engine/ids.js';
import type { PersonId } from '../engine/ids.js';
import type { Identity } from '../engine/person.js';
import type { PersonStore } from '../flows/ports.js';
import { randomId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { shortened } from './asking.js';
import type { ChatDeps, Turn } from './deps.js';

// `<@U0123>` and `<@U0123|tess>` are how Slack writes a mention into a command.
const SLACK_MENTION = /^<@([A-Z0-9]{2,20})(?:\|([^>]*))?>$/iu;
const SLACK_ID = /^slack:([A-Z0-9]{2,20})$/iu;
const TEAMS_ID = /^teams:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/iu;

/**
 * The person a word names: `me`, a mention, `slack:ID`, `teams:ID`, an e-mail or a name. Somebody named by an id of the
 * platform is put on record even before they first speak. `named` says among whom to look for a name.
 */
export const personMeant = async (
  deps: ChatDeps,
  turn: Turn,
  word: string,
  named: PersonStore['named'] = deps.people.named,
): Promise<Result<PersonId, Fault>> => {
  if (word.toLowerCase() === 'me') return ok(turn.person.id);
  const identity = identityNamed(word);
  if (identity !== undefined) {
    const known = await deps.people.byIdentity(identity.key);
    if (known !== undefined) return ok(known.id);
    return ok((await deps.people.appear(identity, personId(randomId(deps.random)))).id);
  }
  const found = await named(word.replace(/^@/u, ''));
  const [one, ...others] = found;
  if (one === undefined) return err({ code: 'person.unknown', asked: shortened(word) });
  if (others.length === 0) return ok(one.id);
  const candidates = found.map(({ name, identities }) => `${name} (${identities.map(({ key }) => key).join(', ')})`);
  return err({ code: 'person.ambiguous', asked: shortened(word), candidates });
};

/** As with `personMeant`, several at once, also separated by commas. */
export const peopleMeant = async (
  deps: ChatDeps,
  turn: Turn,
  words: readonly string[],
  named?: PersonStore['named'],
): Promise<Result<readonly PersonId[], Fault>> => {
  const people: PersonId[] = [];
  for (const word of words.flatMap((many) => many.split(',').map((one) => one.trim())).filter((one) => one !== '')) {
    const person = await personMeant(deps, turn, word, named);
    if (!person.ok) return person;
    people.push(person.value);
  }
  return ok(people);
};

export const identityNamed = (word: string): Identity | undefined => {
  const mention = SLACK_MENTION.exec(word);
  const slack = mention?.[1] ?? SLACK_ID.exec(word)?.[1];
  if (slack !== undefined) {
    const user = slack.toUpperCase();
    const name = mention?.[2] === undefined || mention[2] === '' ? `slack:${user}` : mention[2];
    return {
      key: identityKey('slack', user),
      platform: 'slack',
      name,
      // Slack lets a bot open a chat with anybody of its workspace.
      address: { platform: 'slack', conversation: user },
    };
  }
  const teams = TEAMS_ID.exec(word)?.[1];
  if (teams === undefined) return undefined;
  return { key: identityKey('teams', teams), platform: 'teams', name: `teams:${teams.toLowerCase()}` };
};
