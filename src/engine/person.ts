import type { IdentityKey, PersonId } from './ids.js';

export type Platform = 'slack' | 'teams';

/** Where a message can be put: a conversation of one platform. Teams also needs the service that hosts it. */
export interface Address {
  readonly platform: Platform;
  /** Slack: a user or channel id. Teams: a conversation id. */
  readonly conversation: string;
  readonly serviceUrl?: string;
}

/** One way a person appears: an account of a chat platform. */
export interface Identity {
  readonly key: IdentityKey;
  readonly platform: Platform;
  readonly name: string;
  readonly email?: string;
  /** IANA zone of the person's profile. */
  readonly zone?: string;
  /** The 1:1 chat with the bot. Unknown until the platform lets us write there. */
  readonly address?: Address;
  /** Since when the platform says that this account of its is no more. */
  readonly deactivatedAt?: Date;
}

/** One human, known by chat identities. */
export interface Person {
  readonly id: PersonId;
  readonly name: string;
  /** Ids this person had before identities were joined; records that name them mean this person. */
  readonly aliases: readonly PersonId[];
  readonly identities: readonly Identity[];
}

export const idsOf = (person: Person): readonly PersonId[] => [person.id, ...person.aliases];

export const isNamedBy = (person: Person, id: PersonId): boolean => person.id === id || person.aliases.includes(id);

/** One chat account of theirs was closed: whoever left the company left it everywhere. */
export const isDeactivated = (person: Person): boolean =>
  person.identities.some(({ deactivatedAt }) => deactivatedAt !== undefined);

export const speaksOn = (person: Person, platform: Platform): boolean =>
  person.identities.some((identity) => identity.platform === platform);

const emailsOf = (person: Person): readonly string[] =>
  person.identities.flatMap((identity) => (identity.email === undefined ? [] : [identity.email.toLowerCase()]));

/**
 * Whether two records may be one human. Equal e-mail counts, so that nobody approves their own request from a second,
 * unlinked chat; it is a ground to refuse, never to grant.
 */
export const mayBeSameHuman = (one: Person, other: Person): boolean => {
  if (idsOf(one).some((id) => isNamedBy(other, id))) return true;
  const emails = new Set(emailsOf(one));
  return emailsOf(other).some((email) => emails.has(email));
};

export const addressesOf = (person: Person): readonly Address[] =>
  person.identities.flatMap((identity) => (identity.address === undefined ? [] : [identity.address]));

/** Those who are certainly not the requester. */
export const eligible = (people: readonly Person[], requester: Person): readonly Person[] =>
  people.filter((person) => !mayBeSameHuman(person, requester));
