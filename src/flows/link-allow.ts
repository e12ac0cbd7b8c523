/** Joining two identities that together may do more than each alone: an owner has the last word. */
import type { Fault } from '../engine/faults.js';
import { mayBeSameHuman } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import { addMs, HOUR } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn } from './change.js';
import type { Admin } from './change.js';
import type { FlowDeps } from './deps.js';
import type { LinkOffer } from './ports.js';
import { growsBy, rightsOf } from './rights.js';
import type { Right } from './rights.js';
import { owners } from './standing.js';

export type LinkDeps = Pick<FlowDeps, 'clock' | 'random' | 'people' | 'links' | 'audit' | 'config' | 'settings'>;

/** Both sides of an offer, as people. */
export interface Sides {
  readonly into: Person;
  readonly from: Person;
}

const HOLD_MS = 24 * HOUR;

export const sidesOf = async (deps: LinkDeps, offer: LinkOffer): Promise<Sides | undefined> => {
  if (offer.to === undefined) return undefined;
  const [into, from] = await Promise.all([deps.people.byIdentity(offer.from), deps.people.byIdentity(offer.to)]);
  return into === undefined || from === undefined ? undefined : { into, from };
};

/** What both may do together, if that is more than either may; `undefined`: it is not. */
export const growthOf = async (deps: LinkDeps, { into, from }: Sides): Promise<readonly Right[] | undefined> => {
  const [one, other] = await Promise.all([rightsOf(deps, into), rightsOf(deps, from)]);
  if (!growsBy(one, other)) return undefined;
  return [...new Map([...one, ...other].map((right) => [right.key, right])).values()];
};

/** The owners who may agree to it: nobody who is, or may be, one of the two. */
const judgesOf = async (deps: LinkDeps, { into, from }: Sides): Promise<readonly Person[]> =>
  (await owners(deps)).filter((owner) => !mayBeSameHuman(owner, into) && !mayBeSameHuman(owner, from));

/** `judges` is empty where they have been asked already. */
export interface Held {
  readonly offer: LinkOffer;
  readonly rights: readonly Right[];
  readonly judges: readonly Person[];
}

/** Keeps an offer that both sides have confirmed, until an owner decides. */
export const holdLink = async (
  deps: LinkDeps,
  offer: LinkOffer,
  sides: Sides,
  rights: readonly Right[],
): Promise<Result<Held, Fault>> => {
  const judges = await judgesOf(deps, sides);
  if (judges.length === 0) {
    await deps.links.remove(offer.code);
    return err({ code: 'link.no-owner' });
  }
  const now = deps.clock.now();
  const keys = rights.map(({ key }) => key);
  const held = await deps.links.hold(offer.code, keys, addMs(now, HOLD_MS), now);
  if (held === undefined) return ok({ offer, rights, judges: [] });
  await deps.audit.append(`link/${offer.code}/held`, {
    what: 'person.link-asked',
    at: now,
    by: sides.into.id,
    about: [sides.from.id],
    facts: { identities: identitiesOf(offer), rights: rights.map(({ text }) => text) },
  });
  return ok({ offer: held, rights, judges });
};

/** An owner's yes joins the two, if they may by now do nothing that the owner was not shown. */
export const allowLink = async (deps: LinkDeps, admin: Admin, code: string): Promise<Result<LinkOffer, Fault>> => {
  const judged = await judge(deps, admin, code);
  if (!judged.ok) return judged;
  const { offer, sides } = judged.value;
  const rights = (await growthOf(deps, sides)) ?? [];
  if (rights.some(({ key }) => offer.held?.includes(key) !== true)) {
    await deps.links.remove(code);
    return err({ code: 'link.grown' });
  }
  await joinSides(deps, offer, sides, { by: admin.person, on: admin.on });
  return ok(offer);
};

export const forbidLink = async (deps: LinkDeps, admin: Admin, code: string): Promise<Result<LinkOffer, Fault>> => {
  const judged = await judge(deps, admin, code);
  if (!judged.ok) return judged;
  const { offer, sides } = judged.value;
  await deps.audit.append(`link/${code}/forbidden`, {
    what: 'person.link-forbidden',
    at: deps.clock.now(),
    by: admin.person.id,
    on: admin.on,
    about: [sides.into.id, sides.from.id],
    facts: { identities: identitiesOf(offer) },
  });
  await deps.links.remove(code);
  return ok(offer);
};

const judge = async (
  deps: LinkDeps,
  admin: Admin,
  code: string,
): Promise<Result<{ readonly offer: LinkOffer; readonly sides: Sides }, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const offer = await deps.links.load(code);
  const sides = offer && (await sidesOf(deps, offer));
  if (offer?.held === undefined || sides === undefined || offer.expiresAt <= deps.clock.now()) {
    return err({ code: 'link.decided' });
  }
  const isJudge = (await judgesOf(deps, sides)).some(({ id }) => id === admin.person.id);
  return isJudge ? ok({ offer, sides }) : err({ code: 'link.own' });
};

/** On record before it happens: a join that is not in the log would be worse than a line about one that is repeated. */
export const joinSides = async (
  deps: LinkDeps,
  offer: LinkOffer,
  { into, from }: Sides,
  { by, on }: { readonly by: Person; readonly on?: Platform },
): Promise<void> => {
  await deps.audit.append(`link/${offer.code}`, {
    what: 'person.linked',
    at: deps.clock.now(),
    by: by.id,
    ...(on === undefined ? {} : { on }),
    about: [into.id, from.id],
    facts: { identities: identitiesOf(offer), joined: from.id },
  });
  if (into.id !== from.id) await deps.people.join(into.id, from.id);
  await deps.links.remove(offer.code);
};

const identitiesOf = ({ from, to }: LinkOffer): readonly string[] => (to === undefined ? [from] : [from, to]);
