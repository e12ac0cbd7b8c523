import type { Answer } from '../answer.js';
import { faultSentence } from '../copy.js';
import type { ChatDeps, Turn } from '../deps.js';
import { refilled } from '../refilled.js';
import type { FormIntent } from '../speaker.js';
import { administer } from './administer.js';
import { commandIn } from './rule-form.js';

/** A rule by form: what was filled in is the command that it stands for, judged as if it had been typed. */
export const addRuleByForm = async (deps: ChatDeps, turn: Turn, { values, submit }: FormIntent): Promise<Answer> => {
  const open = (): Promise<Answer> =>
    administer(deps, turn, { name: 'admin', noun: 'rule', verb: 'add', args: {}, options: {} });
  if (!submit) return open();
  const answer = await administer(deps, turn, commandIn(values));
  if (answer.kind !== 'show' || answer.tone !== 'refusal' || answer.fault === undefined) return answer;
  const again = await open();
  if (again.kind !== 'show' || again.view.kind !== 'form') return answer;
  return { ...answer, view: refilled(again.view, values, faultSentence(answer.fault, turn.reading)) };
};
