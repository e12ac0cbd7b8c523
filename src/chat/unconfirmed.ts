/** `/jit revoke ID --unconfirmed`: an owner closes what nothing can prove to have ended, knowing what that means. */
import type { RequestId } from '../engine/ids.js';
import { leaveUnconfirmed, mayLeaveUnconfirmed } from '../flows/leave-unconfirmed.js';
import type { Answer } from './answer.js';
import { card, refuse, show } from './answers.js';
import type { ChatDeps, Turn } from './deps.js';
import { endingNow, remainsWords } from './ending-words.js';
import { code, line, strong } from './say.js';

/** Judged before it is asked, so that nobody agrees to what is refused afterwards; and once more at the click. */
export const askToLeave = async (deps: ChatDeps, turn: Turn, id: RequestId): Promise<Answer> => {
  const possible = await mayLeaveUnconfirmed(deps, turn.person, id);
  if (!possible.ok) return refuse(possible.error, turn.reading);
  const request = possible.value;
  return show(
    card(
      `Close ${id} without proof of its end?`,
      [
        line(
          strong('The access may still be there, and nobody has proven its end. '),
          `${remainsWords(request, turn.reading)}.`,
        ),
        line(`${endingNow(request, turn.reading)}.`),
        line(
          `I stop trying to end what ${request.requesterName} has in ${request.tenantName}. All admins are told that you closed it. ${request.upn} stays on record, to be shut should the tenant be reachable again.`,
        ),
        line('To do it, click, or type ', code(`/jit revoke ${id} --unconfirmed --yes`)),
      ],
      [{ verb: 'leave-unconfirmed', id, label: 'Close as unconfirmed', style: 'danger' }],
    ),
  );
};

export const leave = async (deps: ChatDeps, turn: Turn, id: RequestId): Promise<Answer> => {
  const left = await leaveUnconfirmed(deps, turn.person, turn.on, id);
  if (!left.ok) return refuse(left.error, turn.reading);
  return show(
    card(`${id} is closed as unconfirmed`, [
      line('Nothing proves its end. All admins are told, and it stays in /jit list --all.'),
    ]),
  );
};
