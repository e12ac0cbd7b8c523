import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import { parseDuration } from '../engine/when.js';
import { extend } from '../flows/extend.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Answer } from './answer.js';
import { card, nothing, refuse, show } from './answers.js';
import { cleaned, LONGEST_REASON } from './asking.js';
import { faultSentence } from './copy.js';
import type { ChatDeps, Turn } from './deps.js';
import { textIn } from './form-values.js';
import { line } from './say.js';
import type { FormIntent } from './speaker.js';
import type { Form } from './view.js';

interface Wanted {
  readonly duration: string;
  readonly reason?: string;
}

/** `/jit extend ID 1h ["reason"]`. */
export const extendByCommand = async (deps: ChatDeps, turn: Turn, id: RequestId, wanted: Wanted): Promise<Answer> => {
  const asked = await ask(deps, turn, id, wanted);
  if (!asked.ok) return refuse(asked.error, turn.reading);
  return turn.speaker.direct
    ? nothing
    : show(card(`Asked as ${asked.value}`, [line('Its card is in your own chat with me.')]));
};

/** The form behind Extend…, opened or sent. */
export const extendByForm = async (
  deps: ChatDeps,
  turn: Turn,
  id: RequestId,
  { values, submit }: FormIntent,
): Promise<Answer> => {
  if (turn.on === 'teams' && !turn.speaker.direct) return refuse({ code: 'direct-only' }, turn.reading);
  const duration = textIn(values, 'more') ?? '1h';
  const reason = textIn(values, 'reason');
  const wanted = { duration, ...(reason === undefined ? {} : { reason }) };
  if (!submit) return show(extendForm(id, wanted));
  const asked = await ask(deps, turn, id, wanted);
  if (asked.ok) return turn.on === 'teams' ? { kind: 'replace', view: card(`Asked as ${asked.value}`) } : nothing;
  return {
    kind: 'show',
    view: extendForm(id, wanted, faultSentence(asked.error, turn.reading)),
    tone: 'refusal',
    fault: asked.error,
  };
};

const ask = async (deps: ChatDeps, turn: Turn, id: RequestId, wanted: Wanted): Promise<Result<RequestId, Fault>> => {
  const extra = parseDuration(wanted.duration);
  if (!extra.ok) return extra;
  const reason = cleaned(wanted.reason ?? '');
  if (reason.length > LONGEST_REASON) {
    return err({ code: 'text.too-long', field: 'reason', length: reason.length, most: LONGEST_REASON });
  }
  const extended = await extend(deps, turn.person, turn.on, id, {
    extraMs: extra.value,
    ...(reason === '' ? {} : { reason }),
  });
  return extended.ok ? ok(extended.value.id) : extended;
};

const extendForm = (id: RequestId, { duration, reason = '' }: Wanted, problem?: string): Form => ({
  kind: 'form',
  form: 'extend',
  id,
  title: `Extend ${id}`,
  fields: [
    {
      kind: 'choice',
      name: 'more',
      label: 'How much longer?',
      optional: false,
      value: duration,
      choices: [
        { value: '30m', label: '30 min more' },
        { value: '1h', label: '1 h more' },
        { value: '2h', label: '2 h more' },
        { value: '4h', label: '4 h more' },
      ],
    },
    {
      kind: 'text',
      name: 'reason',
      label: 'Why?',
      help: 'Without a word, the reason you gave at first.',
      optional: true,
      value: reason,
      multiline: true,
      longest: LONGEST_REASON,
    },
  ],
  submit: 'Ask for it',
  hint: 'The rules, and those who approve, are asked once more. What you have goes on meanwhile.',
  ...(problem === undefined ? {} : { problem }),
});
