import type { IdentityKey } from '../engine/ids.js';
import { claimLink, confirmLink, offerLink, refuseLink } from '../flows/link.js';
import type { LinkOffer } from '../flows/ports.js';
import { MINUTE } from '../lib/clock.js';
import type { Answer } from './answer.js';
import { card, refuse, show } from './answers.js';
import type { ChatDeps, Turn } from './deps.js';
import { code, line, strong } from './say.js';
import { askJudges, JOINED, tellSide, WAITS } from './link-judge.js';
import type { Card } from './view.js';

const PLATFORM = { slack: 'Slack', teams: 'Teams' } as const;

/** `/jit link`: a code to type in the other chat. `/jit link CODE`: both sides are shown each other. */
export const link = async (deps: ChatDeps, turn: Turn, typed: string | undefined): Promise<Answer> => {
  // A code that others read could be typed by others.
  if (!turn.speaker.direct && turn.on === 'teams') return refuse({ code: 'direct-only' }, turn.reading);
  const { identity } = turn.speaker;
  if (typed === undefined) {
    const offer = await offerLink(deps, identity);
    return offer.ok ? show(offerCard(offer.value, turn)) : refuse(offer.error, turn.reading);
  }
  const claimed = await claimLink(deps, identity, typed.toUpperCase());
  if (!claimed.ok) return refuse(claimed.error, turn.reading);
  return show(confirmCard(claimed.value, claimed.value.fromName, claimed.value.from));
};

const offerCard = (offer: LinkOffer, turn: Turn): Card => {
  const other = turn.on === 'slack' ? 'Teams' : 'Slack';
  const minutes = Math.round((offer.expiresAt.getTime() - turn.reading.today.getTime()) / MINUTE);
  return card(`Now type this in ${other}, within ${minutes} minutes`, [
    line(code(`/jit link ${offer.code}`)),
    line('Both chats will then ask you to confirm. Give this code to nobody.'),
  ]);
};

const confirmCard = (offer: LinkOffer, otherName: string, other: IdentityKey): Card => {
  const platform = other.startsWith('slack:') ? PLATFORM.slack : PLATFORM.teams;
  return card(
    `Are you ${otherName} in ${platform}?`,
    [
      line('If you join these two, each can do what the other may: ', strong(`${otherName} (${other})`), '.'),
      line('If you did not start this yourself just now, somebody else did: refuse.'),
    ],
    [
      { verb: 'link-confirm', id: offer.code, label: 'Yes, that is me', style: 'primary' },
      { verb: 'link-refuse', id: offer.code, label: 'No', style: 'danger' },
    ],
  );
};

/** One side's yes; after the first the other side is asked, after the second both are told. */
export const confirm = async (deps: ChatDeps, turn: Turn, offerCode: string): Promise<Answer> => {
  const { key } = turn.speaker.identity;
  const progress = await confirmLink(deps, key, offerCode);
  if (!progress.ok) return refuse(progress.error, turn.reading);
  const { kind, offer } = progress.value;
  const otherSide = offer.from === key ? offer.to : offer.from;
  if (kind === 'joined') {
    await tellSide(deps, otherSide, JOINED);
    return { kind: 'replace', view: JOINED };
  }
  if (kind === 'held') {
    if (progress.value.judges.length > 0) await tellSide(deps, otherSide, WAITS);
    await askJudges(deps, progress.value);
    return { kind: 'replace', view: WAITS };
  }
  if (otherSide !== undefined && !offer.confirmedBy.includes(otherSide)) {
    const name = offer.from === key ? offer.fromName : (offer.toName ?? offer.fromName);
    const told = await tellSide(deps, otherSide, confirmCard(offer, name, key));
    if (!told)
      return {
        kind: 'replace',
        view: card('Your other chat cannot be reached', [
          line('Write to me there once, then start again with /jit link.'),
        ]),
      };
  }
  return {
    kind: 'replace',
    view: card('Confirmed here', [line('Now confirm it in your other chat: I have just asked you there.')]),
  };
};

export const refuseOffer = async (deps: ChatDeps, turn: Turn, offerCode: string): Promise<Answer> => {
  const refused = await refuseLink(deps, turn.speaker.identity.key, offerCode);
  if (!refused.ok) return refuse(refused.error, turn.reading);
  return { kind: 'replace', view: card('Refused: nothing was joined') };
};
