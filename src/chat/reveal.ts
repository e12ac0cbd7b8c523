import type { RequestId } from '../engine/ids.js';
import { reissue, reveal } from '../flows/reveal.js';
import type { Answer } from './answer.js';
import { card, refuse, show } from './answers.js';
import { credentialView } from './credential.js';
import type { ChatDeps, Turn } from './deps.js';
import { showStatus } from './list.js';
import { revealButton } from './request-card.js';
import { line } from './say.js';

/** `/jit reveal`: a button, so that the credential is shown by a click of its requester's. */
export const offerReveal = async (deps: ChatDeps, turn: Turn, id: RequestId): Promise<Answer> => {
  const status = await showStatus(deps, turn, id);
  if (status.kind !== 'show' || status.tone === 'refusal') return status;
  return show(card(`Credential of ${id}`, [line('Shown once, to its requester alone.')], [revealButton(id)]));
};

/** The click on Reveal. */
export const revealTo = async (deps: ChatDeps, turn: Turn, id: RequestId): Promise<Answer> => {
  // In Slack the answer is a modal, which nobody else sees; in Teams it would be a card in this conversation.
  if (turn.on === 'teams' && !turn.speaker.direct) return refuse({ code: 'reveal.shared-place' }, turn.reading);
  const revealed = await reveal(deps, turn.person, turn.on, id);
  if (!revealed.ok) return refuse(revealed.error, turn.reading);
  const tenant = await deps.config.tenants.byId(revealed.value.request.tenant);
  // The stored cards must stop offering it before the answer shows it: an update that came later would wipe the answer.
  if (turn.on === 'teams') await deps.deliver(id);
  return show(credentialView(revealed.value, tenant, turn.reading));
};

/** `/jit reveal --again`: another credential in the place of one that was lost. */
export const again = async (deps: ChatDeps, turn: Turn, id: RequestId): Promise<Answer> => {
  const reissued = await reissue(deps, turn.person, turn.on, id);
  return reissued.ok
    ? show(
        card(`A new credential for ${id} is being made`, [
          line('The old one stops working. The button comes back when it is ready.'),
        ]),
      )
    : refuse(reissued.error, turn.reading);
};
