import type { Answer } from '../answer.js';
import { faultSentence } from '../copy.js';
import type { ChatDeps, Turn } from '../deps.js';
import { refilled } from '../refilled.js';
import type { FormIntent } from '../speaker.js';
import { tenantId } from '../../engine/ids.js';
import type { Fault } from '../../engine/faults.js';
import { administer } from './administer.js';
import { commandIn, readFormId } from './tenant-form.js';

/** A tenant's settings by form: what was changed in it is the command that it stands for, judged as if it had been typed. */
export const setTenantByForm = async (
  deps: ChatDeps,
  turn: Turn,
  { id, values, submit }: FormIntent,
): Promise<Answer> => {
  const { tenant, isFresh } = readFormId(id);
  const say = (verb: 'set' | 'show'): Promise<Answer> =>
    administer(deps, turn, { name: 'admin', noun: 'tenant', verb, args: { tenant }, options: {} });
  const opened = await say('set');
  // Whoever may not open it is told so, and neither may they send it.
  if (!submit || opened.kind !== 'show' || opened.view.kind !== 'form') return opened;
  const form = opened.view;
  const refusing = (view: typeof form, fault: Fault): Answer => ({ kind: 'show', view, tone: 'refusal', fault });
  const known = await deps.config.tenants.byId(tenantId(tenant));
  if (known === undefined) return opened;
  if (!isFresh(known)) {
    const fault: Fault = { code: 'admin.changed', what: 'tenant', name: known.name };
    return refusing({ ...form, problem: faultSentence(fault, turn.reading) }, fault);
  }
  const command = commandIn(values, known);
  if (command === undefined) return say('show');
  const answer = await administer(deps, turn, command);
  if (answer.kind !== 'show' || answer.tone !== 'refusal' || answer.fault === undefined) return answer;
  return refusing(refilled(form, values, faultSentence(answer.fault, turn.reading)), answer.fault);
};
