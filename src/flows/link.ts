import type { Fault } from '../engine/faults.js';
import type { IdentityKey } from '../engine/ids.js';
import type { Identity } from '../engine/person.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { growthOf, holdLink, joinSides, sidesOf } from './link-allow.js';
import type { Held, LinkDeps } from './link-allow.js';
import type { LinkOffer } from './ports.js';

const OFFER_MS = 10 * MINUTE;
const CODE_LENGTH = 8;

/** Opens an offer in one chat: whoever types its code in the other chat can be joined to this identity. */
export const offerLink = async (deps: LinkDeps, from: Identity): Promise<Result<LinkOffer, Fault>> => {
  const offer: LinkOffer = {
    code: readableId(deps.random, CODE_LENGTH),
    from: from.key,
    fromName: from.name,
    confirmedBy: [],
    expiresAt: addMs(deps.clock.now(), OFFER_MS),
  };
  return (await deps.links.insert(offer)) ? ok(offer) : err({ code: 'busy' });
};

/** Names the other side. Nothing is joined yet: both sides are now shown whom they would be joined with. */
export const claimLink = async (deps: LinkDeps, to: Identity, code: string): Promise<Result<LinkOffer, Fault>> => {
  const now = deps.clock.now();
  const offer = await deps.links.load(code);
  if (offer === undefined || offer.expiresAt <= now) return err({ code: 'link.unknown' });
  const [from, person] = await Promise.all([deps.people.byIdentity(offer.from), deps.people.byIdentity(to.key)]);
  if (from === undefined || person === undefined) return err({ code: 'link.unknown' });
  if (from.id === person.id) return err({ code: 'link.already' });
  const other = from.identities.find(({ key }) => key === offer.from);
  if (other?.platform === to.platform) return err({ code: 'link.same-chat', platform: to.platform });
  const claimed = await deps.links.claim(code, to.key, to.name, now);
  return claimed === undefined ? err({ code: 'link.unknown' }) : ok(claimed);
};

/** What a confirmation led to. `held`: both have confirmed, and an owner has to agree as well. */
export type LinkProgress =
  | { readonly kind: 'half'; readonly offer: LinkOffer }
  | { readonly kind: 'joined'; readonly offer: LinkOffer }
  | ({ readonly kind: 'held' } & Held);

/** One side's yes. The second one joins the identities. Repeating a yes changes nothing. */
export const confirmLink = async (
  deps: LinkDeps,
  by: IdentityKey,
  code: string,
): Promise<Result<LinkProgress, Fault>> => {
  const refusal = await whyNotAnswer(deps, by, code);
  if (refusal !== undefined) return err(refusal);
  const offer = await deps.links.confirm(code, by, deps.clock.now());
  if (offer?.to === undefined) return err({ code: 'link.unknown' });
  const both = [offer.from, offer.to].every((side) => offer.confirmedBy.includes(side));
  if (!both) return ok({ kind: 'half', offer });
  const sides = await sidesOf(deps, offer);
  if (sides === undefined) return err({ code: 'link.unknown' });
  const growth = await growthOf(deps, sides);
  if (growth !== undefined || offer.held !== undefined) {
    const held = await holdLink(deps, offer, sides, growth ?? []);
    return held.ok ? ok({ kind: 'held', ...held.value }) : held;
  }
  await joinSides(deps, offer, sides, { by: sides.into });
  return ok({ kind: 'joined', offer });
};

/** One side's no ends the offer. */
export const refuseLink = async (deps: LinkDeps, by: IdentityKey, code: string): Promise<Result<LinkOffer, Fault>> => {
  const refusal = await whyNotAnswer(deps, by, code);
  if (refusal !== undefined) return err(refusal);
  const offer = await deps.links.load(code);
  if (offer === undefined) return err({ code: 'link.unknown' });
  await deps.links.remove(code);
  return ok(offer);
};

const whyNotAnswer = async (deps: LinkDeps, by: IdentityKey, code: string): Promise<Fault | undefined> => {
  const offer = await deps.links.load(code);
  if (offer === undefined || offer.expiresAt <= deps.clock.now()) return { code: 'link.unknown' };
  return offer.from === by || offer.to === by ? undefined : { code: 'link.not-yours' };
};
