import { FaultError } from '../engine/faults.js';
import { personId } from '../engine/ids.js';
import type { RequestId, ViewId } from '../engine/ids.js';
import { isDeactivated } from '../engine/person.js';
import { isZone } from '../engine/when.js';
import type { Fault } from '../engine/faults.js';
import { welcomeBack } from '../flows/deactivate.js';
import { cancel, end, revoke } from '../flows/end.js';
import { foresee } from '../flows/reconsider.js';
import type { MessageRef } from '../flows/ports.js';
import { describeError } from '../lib/log.js';
import { randomId } from '../lib/random.js';
import { addRuleByForm } from './admin/by-form.js';
import { RULE_FORM } from './admin/rule-form.js';
import { setTenantByForm } from './admin/tenant-by-form.js';
import { TENANT_FORM } from './admin/tenant-form.js';
import { administer, disableByButton, drilledByButton, removeByButton, turnPage } from './admin/administer.js';
import type { Answer, Dispatch } from './answer.js';
import { card, nothing, refuse, show } from './answers.js';
import type { Command } from './command.js';
import { sayWhatOneCan } from './can.js';
import { parseCommand } from './commands.js';
import { decide } from './decide.js';
import type { ChatDeps, Turn } from './deps.js';
import { denyForm } from './deny-form.js';
import { extendByCommand, extendByForm } from './extend.js';
import { textIn } from './form-values.js';
import { helpCard } from './help.js';
import { idMeant } from './id-meant.js';
import { confirm, link, refuseOffer } from './link.js';
import { judgeLink } from './link-judge.js';
import { listRequests, showStatus } from './list.js';
import { linkPasskey, listPasskeys, unlinkPasskey } from './passkeys.js';
import { noteRefusal } from './refusals.js';
import { askByCommand, askByForm } from './request.js';
import { again, offerReveal, revealTo } from './reveal.js';
import { askForLook, decideOnLook, lookMeant, performOnLook, sendLookLink, withdrawLook } from './look.js';
import { enrolInVault, judgeKey, showOwnKeys } from './vault-keys.js';
import { askToLeave, leave } from './unconfirmed.js';
import type { FormIntent, Intent, Speaker } from './speaker.js';

/** The conversation: whoever speaks is put on record, what they say is done, and every fault becomes a sentence. */
export const createDispatch =
  (deps: ChatDeps): Dispatch =>
  async (speaker, intent) => {
    const reading = { zone: zoneOf(speaker), today: deps.clock.now() };
    const failed = (thrown: unknown): Answer => {
      const fault: Fault = thrown instanceof FaultError ? thrown.fault : { code: 'internal', detail: 'thrown' };
      deps.log.error({ by: speaker.identity.key, intent: intent.kind, ...describeError(thrown) }, 'a turn failed');
      return refuse(fault, reading);
    };
    try {
      const foreseen = foreseeIn(deps, intent);
      const newId = personId(randomId(deps.random));
      const known = await deps.people.appear(speaker.identity, newId);
      const person = isDeactivated(known) ? await welcomeBack(deps, known) : known;
      const turn: Turn = {
        speaker,
        person: person ?? known,
        on: speaker.identity.platform,
        reading,
        // Who was not known yet may count among those who decide; whether somebody is back takes a platform long to say.
        foreseen: person === known && known.id !== newId ? foreseen : undefined,
      };
      const answer =
        person === undefined
          ? refuse({ code: 'person.deactivated' }, reading)
          : await answerTo(deps, turn, intent).catch(failed);
      await noteRefusal(deps, turn, intent, answer);
      return answer;
    } catch (thrown) {
      return failed(thrown);
    }
  };

/** A request that cannot be loaded now is loaded where it is needed, and fails there. */
const foreseeIn = (deps: ChatDeps, intent: Intent): Turn['foreseen'] =>
  intent.kind === 'button' && intent.verb === 'approve' && lookMeant(intent.id) === undefined
    ? foresee(deps, idMeant(intent.id)).catch(() => undefined)
    : undefined;

const zoneOf = ({ identity: { zone } }: Speaker): string | undefined =>
  zone !== undefined && isZone(zone) ? zone : undefined;

const answerTo = (deps: ChatDeps, turn: Turn, intent: Intent): Promise<Answer> => {
  switch (intent.kind) {
    case 'command':
      return obey(deps, turn, intent.text);
    case 'button':
      return press(deps, turn, intent);
    case 'form':
      return fill(deps, turn, intent);
    default:
      return intent satisfies never;
  }
};

const fill = async (deps: ChatDeps, turn: Turn, intent: FormIntent): Promise<Answer> => {
  switch (intent.form) {
    case 'request':
      return askByForm(deps, turn, intent);
    case 'deny': {
      const look = lookMeant(intent.id);
      if (!intent.submit) return show(denyForm(look ?? idMeant(intent.id)));
      const word = { verdict: 'deny', said: textIn(intent.values, 'note'), clicked: true } as const;
      return look === undefined
        ? decide(deps, turn, { ...word, id: idMeant(intent.id) })
        : decideOnLook(deps, turn, { ...word, id: look });
    }
    case RULE_FORM:
      return addRuleByForm(deps, turn, intent);
    case TENANT_FORM:
      return setTenantByForm(deps, turn, intent);
    case 'extend':
      return extendByForm(deps, turn, idMeant(intent.id), intent);
    default:
      return refuse({ code: 'command.usage', problem: 'That form is not one of mine any more.' }, turn.reading);
  }
};

/** The form that a button names as `FORM/ID`, as it opens. */
const opening = (named: string): FormIntent => {
  const [form = '', ...id] = named.split('/');
  return { kind: 'form', form, id: id.join('/'), values: {}, submit: false };
};

const obey = async (deps: ChatDeps, turn: Turn, text: string): Promise<Answer> => {
  const command = parseCommand(text);
  return command.ok ? perform(deps, turn, command.value) : refuse(command.error, turn.reading);
};

/** Looks are decided and withdrawn by the same words as requests; what names none is somebody else's to do. */
const perform = async (deps: ChatDeps, turn: Turn, command: Command): Promise<Answer> => {
  const onLook = performOnLook(deps, turn, command);
  if (onLook !== undefined) return onLook;
  switch (command.name) {
    case 'help':
      return show(helpCard(command.topic));
    case 'request':
      return askByCommand(deps, turn, command.tenant, command.options);
    case 'break-glass':
      return askForLook(deps, turn, command.tenant, command.options);
    case 'can':
      return sayWhatOneCan(deps, turn, command.tenant);
    case 'list':
      return listRequests(deps, turn, command);
    case 'status':
      return showStatus(deps, turn, idMeant(command.id));
    case 'cancel':
    case 'end':
    case 'revoke':
      return stop(deps, turn, command.name, idMeant(command.id));
    case 'revoke unconfirmed':
      return command.yes ? leave(deps, turn, idMeant(command.id)) : askToLeave(deps, turn, idMeant(command.id));
    case 'approve':
    case 'deny':
      return decide(deps, turn, {
        verdict: command.name,
        id: idMeant(command.id),
        said: command.note,
        clicked: false,
      });
    case 'extend':
      return extendByCommand(deps, turn, idMeant(command.id), command);
    case 'reveal':
      return command.again ? again(deps, turn, idMeant(command.id)) : offerReveal(deps, turn, idMeant(command.id));
    case 'link':
      return link(deps, turn, command.code);
    case 'link passkey':
      return linkPasskey(deps, turn);
    case 'link passkeys':
      return listPasskeys(deps, turn);
    case 'vault enrol':
      return enrolInVault(deps, turn, command.vault);
    case 'vault status':
      return showOwnKeys(deps, turn);
    case 'vault confirm':
      return judgeKey(deps, turn, 'confirm', command.key);
    case 'vault refuse':
      return judgeKey(deps, turn, 'refuse', command.key);
    case 'link passkey remove':
      return unlinkPasskey(deps, turn, command.passkey, command.of);
    default:
      return administer(deps, turn, command);
  }
};

const press = async (
  deps: ChatDeps,
  turn: Turn,
  { verb, id, note, source }: Extract<Intent, { kind: 'button' }>,
): Promise<Answer> => {
  const from = source === undefined ? {} : { source };
  const look = lookMeant(id);
  if (look !== undefined) return pressOnLook(deps, turn, { verb, id: look, said: note });
  switch (verb) {
    case 'approve':
    case 'deny':
      return decide(deps, turn, { verdict: verb, id: idMeant(id), said: note, clicked: true, ...from });
    case 'deny-form':
      return show(denyForm(idMeant(id)));
    case 'cancel':
    case 'end':
      return quietly(await stop(deps, turn, verb, idMeant(id), source));
    case 'leave-unconfirmed':
      return leave(deps, turn, idMeant(id));
    case 'extend-form':
      return fill(deps, turn, opening(`extend/${idMeant(id)}`));
    case 'reveal':
      return revealTo(deps, turn, idMeant(id));
    case 'form':
      return fill(deps, turn, opening(id));
    case 'link-confirm':
      return confirm(deps, turn, id);
    case 'link-refuse':
      return refuseOffer(deps, turn, id);
    case 'link-allow':
    case 'link-forbid':
      return judgeLink(deps, turn, verb, id);
    case 'vault-confirm':
      return judgeKey(deps, turn, 'confirm', id);
    case 'vault-refuse':
      return judgeKey(deps, turn, 'refuse', id);
    case 'page':
      return turnPage(deps, turn, id);
    case 'admin-remove':
      return removeByButton(deps, turn, id);
    case 'admin-break-glass-disable':
      return disableByButton(deps, turn, id);
    case 'admin-break-glass-drilled':
      return drilledByButton(deps, turn, id);
    default:
      return refuse({ code: 'command.usage', problem: 'That button is not one of mine any more.' }, turn.reading);
  }
};

const pressOnLook = async (
  deps: ChatDeps,
  turn: Turn,
  { verb, id, said }: { readonly verb: string; readonly id: ViewId; readonly said: string | undefined },
): Promise<Answer> => {
  switch (verb) {
    case 'approve':
    case 'deny':
      return decideOnLook(deps, turn, { verdict: verb, id, said, clicked: true });
    case 'deny-form':
      return show(denyForm(id));
    case 'cancel':
      return withdrawLook(deps, turn, id, true);
    case 'look-link':
      return sendLookLink(deps, turn, id);
    default:
      return refuse({ code: 'command.usage', problem: 'That button is not one of mine any more.' }, turn.reading);
  }
};

/** After a click the card that carried the button changes by itself and says it all; only refusals need words. */
const quietly = (answer: Answer): Answer =>
  answer.kind === 'show' && answer.tone === 'answer' && answer.view.kind === 'card' ? nothing : answer;

const stop = async (
  deps: ChatDeps,
  turn: Turn,
  verb: 'cancel' | 'end' | 'revoke',
  id: RequestId,
  source?: MessageRef,
): Promise<Answer> => {
  const flow = { cancel, end, revoke }[verb];
  const stopped = await flow(deps, turn.person, turn.on, id, source);
  if (!stopped.ok) return refuse(stopped.error, turn.reading);
  const title =
    stopped.value.state === 'cancelled' ? `${id} is cancelled` : `${id} is ending; its card says when that is proven`;
  return show(card(title));
};
