/** What both sides of a link and the owners who judge it are told. */
import type { IdentityKey } from '../engine/ids.js';
import { allowLink, forbidLink } from '../flows/link-allow.js';
import type { Held } from '../flows/link-allow.js';
import { standingOf } from '../flows/standing.js';
import type { Answer } from './answer.js';
import { card, refuse } from './answers.js';
import type { ChatDeps, Turn } from './deps.js';
import { line, strong } from './say.js';
import type { Card } from './view.js';

export const JOINED = card('Joined: your Slack and Teams identities are one person now');

export const WAITS = card('Confirmed on both sides; now an owner has to agree', [
  line('Together these two may do more than each alone. I have asked the owners and tell you here what they decide.'),
]);

const FORBIDDEN = card('An owner did not agree: nothing was joined');

/** Asks every owner who may decide it. */
export const askJudges = async (deps: ChatDeps, held: Held): Promise<void> => {
  const question = judgeCard(held);
  await Promise.all(
    held.judges.map(async ({ id, identities }) => {
      const address = identities.find((identity) => identity.address !== undefined)?.address;
      const delivery = address && (await deps.notifier.post(address, question));
      if (delivery?.kind !== 'sent') deps.log.warn({ person: id }, 'an owner could not be asked about a link');
    }),
  );
};

const judgeCard = ({ offer, rights }: Held): Card =>
  card(
    `May ${offer.fromName} and ${offer.toName ?? 'somebody'} become one person?`,
    [
      line('Both have confirmed it: ', strong(`${offer.from} and ${offer.to ?? ''}`), '.'),
      line('As one they can do what each may now:'),
      ...rights.map(({ text }) => line(`· ${text}`)),
      line('Agree only if you know that they are one human. Undecided, it lapses in 24 hours.'),
    ],
    [
      { verb: 'link-allow', id: offer.code, label: 'Agree', style: 'primary' },
      { verb: 'link-forbid', id: offer.code, label: 'Do not', style: 'danger' },
    ],
  );

/** An owner's click. */
export const judgeLink = async (
  deps: ChatDeps,
  turn: Turn,
  verb: 'link-allow' | 'link-forbid',
  code: string,
): Promise<Answer> => {
  const { person, on } = turn;
  const admin = { person, on, standing: await standingOf(deps, person) };
  const judged = await (verb === 'link-allow' ? allowLink : forbidLink)(deps, admin, code);
  if (!judged.ok) return refuse(judged.error, turn.reading);
  const { from, to, fromName, toName } = judged.value;
  const told = verb === 'link-allow' ? JOINED : FORBIDDEN;
  await Promise.all([from, to].map((side) => tellSide(deps, side, told)));
  const outcome = verb === 'link-allow' ? 'are one person now' : 'stay two people';
  return { kind: 'replace', view: card(`${fromName} and ${toName ?? 'the other'} ${outcome}`) };
};

/** `false`: no message reaches them. */
export const tellSide = async (deps: ChatDeps, side: IdentityKey | undefined, message: Card): Promise<boolean> => {
  const person = side === undefined ? undefined : await deps.people.byIdentity(side);
  const address = person?.identities.find(({ key }) => key === side)?.address;
  if (address === undefined) return false;
  const delivery = await deps.notifier.post(address, message);
  if (delivery.kind !== 'sent') deps.log.warn({ side, detail: delivery.detail }, 'a link could not be told');
  return delivery.kind === 'sent';
};
