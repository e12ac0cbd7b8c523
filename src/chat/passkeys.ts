import type { Passkey } from '../flows/ports/passkeys.js';
import { offerEnrolment } from '../flows/passkey-enrol.js';
import { passkeysOf } from '../flows/passkey-proof.js';
import { removePasskey } from '../flows/passkey-remove.js';
import type { Answer } from './answer.js';
import { card, listCard, refuse, show } from './answers.js';
import type { ChatDeps, Turn } from './deps.js';
import { personMeant } from './people.js';
import { line, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import { pageCard } from './second-factor.js';
import type { Line } from './view.js';

/** `/jit link passkey`: a link to the page that makes one. */
export const linkPasskey = async (deps: ChatDeps, turn: Turn): Promise<Answer> => {
  // In Slack only the speaker sees the answer; in a channel of Teams everybody would have the link.
  if (!turn.speaker.direct && turn.on === 'teams') return refuse({ code: 'direct-only' }, turn.reading);
  const offered = await offerEnrolment(deps, turn.person, turn.on);
  if (!offered.ok) return refuse(offered.error, turn.reading);
  return show(
    pageCard(turn, offered.value, {
      title: 'Make a passkey for approvals',
      label: 'Create passkey',
      text: 'Open the page on the phone or computer whose fingerprint, face or PIN you will confirm with.',
    }),
  );
};

/** `/jit link passkeys`: the speaker's own. */
export const listPasskeys = async (deps: ChatDeps, turn: Turn): Promise<Answer> => {
  const passkeys = await passkeysOf(deps, turn.person);
  return show(
    listCard(
      'Your passkeys',
      passkeys.map((passkey) => passkeyLine(passkey, turn.reading)),
      'None yet. /jit link passkey makes one.',
    ),
  );
};

const passkeyLine = ({ name, createdAt, lastUsedAt }: Passkey, reading: Reading): Line => {
  const used = lastUsedAt === undefined ? 'never used' : `last used ${sayTime(lastUsedAt, reading)}`;
  return line(strong(name), ` · made ${sayTime(createdAt, reading)} · ${used}`);
};

/** `/jit link passkey --remove NAME`: one's own; owners also somebody else's, with `--of PERSON`. */
export const unlinkPasskey = async (
  deps: ChatDeps,
  turn: Turn,
  name: string,
  of: string | undefined,
): Promise<Answer> => {
  const meant = await personMeant(deps, turn, of ?? 'me');
  if (!meant.ok) return refuse(meant.error, turn.reading);
  const person = await deps.people.byId(meant.value);
  if (person === undefined) return refuse({ code: 'person.unknown', asked: of ?? 'me' }, turn.reading);
  const removed = await removePasskey(deps, turn, person, name);
  if (!removed.ok) return refuse(removed.error, turn.reading);
  return show(card(`Passkey ${removed.value.name} of ${person.name} is removed`));
};
