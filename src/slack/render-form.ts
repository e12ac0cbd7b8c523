import type { types } from '@slack/bolt';
import { markOf, valuesOf } from '../chat/form-values.js';
import type { FormValues } from '../chat/speaker.js';
import { loadTemplate } from '../chat/template.js';
import { cut, oneLine } from '../chat/text.js';
import type { Choice, ChoiceField, ChoicesField, Field, Form, TextField, YesNoField } from '../chat/view.js';
import { LIMITS } from './limits.js';

const fillForm = loadTemplate('form', 'slack');

const CALLBACK = 'form:';

export const formNamed = (callback: string): string | undefined =>
  callback.startsWith(CALLBACK) ? callback.slice(CALLBACK.length) : undefined;

/** A form as a modal. It carries which form it is and what it is about, and nothing else. */
export const renderForm = (form: Form): types.ModalView => {
  const title = said(form.title) || 'Latchkey';
  const values = valuesOf(form);
  const blocks = [
    ...problemBlock(said(form.problem)),
    ...(title.length > LIMITS.modalTitle ? [textBlock(title)] : []),
    ...form.fields.slice(0, LIMITS.fields).flatMap((field) => fieldBlocks(field, values)),
    ...hintBlock(said(form.hint)),
  ];
  return fillForm({
    callback: cut(`${CALLBACK}${form.form}`, LIMITS.callbackId),
    id: cut(form.id, LIMITS.privateMetadata),
    title: cut(title, LIMITS.modalTitle),
    submit: cut(said(form.submit) || 'Send', LIMITS.modalTitle),
    // Slack refuses a window with nothing in it.
    blocks: blocks.length === 0 ? [textBlock(title)] : blocks,
  }) as types.ModalView;
};

/** Slack keeps what was entered as long as a block keeps its id, so the id says what the entry hangs on. */
export const blockIdOf = (name: string, of: readonly string[], values: FormValues): string => {
  const marked = of.length === 0 ? name : `${name}?${markOf(of, values)}`;
  return marked.length > LIMITS.blockId ? name : marked;
};

/** What the entry of a block hung on when the form was drawn; '' when on nothing. */
export const markIn = (blockId: string): string => blockId.split('?').slice(1).join('?');

const said = (text: string | undefined): string => cut(oneLine(text ?? '').trim(), LIMITS.sentence);

const textBlock = (text: string): types.KnownBlock => ({ type: 'section', text: plain(text, LIMITS.text) });

const problemBlock = (problem: string): readonly types.KnownBlock[] => {
  if (problem === '') return [];
  const elements: types.RichTextElement[] = [
    { type: 'emoji', name: 'no_entry' },
    { type: 'text', text: ' ' },
    { type: 'text', text: problem, style: { bold: true } },
  ];
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }];
};

const hintBlock = (hint: string): readonly types.KnownBlock[] =>
  hint === '' ? [] : [{ type: 'context', elements: [plain(hint, LIMITS.text)] }];

const fieldBlocks = (field: Field, values: FormValues): readonly types.KnownBlock[] => {
  const element = elementOf(field);
  if (element === undefined) return 'none' in field && said(field.none) !== '' ? [textBlock(said(field.none))] : [];
  const help = said(field.help);
  return [
    {
      type: 'input',
      block_id: blockIdOf(field.name, field.of ?? [], values),
      label: plain(field.label, LIMITS.inputLabel),
      optional: field.optional,
      dispatch_action: 'refresh' in field && field.refresh,
      ...(help !== '' && { hint: plain(help, LIMITS.inputLabel) }),
      element,
    },
  ];
};

const elementOf = (field: Field): types.InputBlock['element'] | undefined => {
  switch (field.kind) {
    case 'text':
      return input(field);
    case 'yes-no':
      return yesOrNo(field);
    case 'choice':
      return select(field);
    case 'choices':
      return multiSelect(field);
  }
};

const input = ({
  name,
  value,
  multiline,
  placeholder,
  longest = LIMITS.inputText,
}: TextField): types.PlainTextInput => ({
  type: 'plain_text_input',
  action_id: name,
  multiline,
  // What is there already is not cut for being too long: whoever wrote it is to shorten it.
  max_length: Math.min(LIMITS.inputText, Math.max(longest, value.length)),
  ...(placeholder !== undefined && { placeholder: plain(placeholder, LIMITS.placeholder) }),
  ...(value !== '' && { initial_value: cut(value, LIMITS.inputText) }),
});

// Boxes to tick count as unanswered when empty; of two answers one is always given.
const yesOrNo = ({ name, value }: YesNoField): types.RadioButtons => {
  const yes = { text: plain('Yes', LIMITS.optionText), value: 'yes' };
  const no = { text: plain('No', LIMITS.optionText), value: 'no' };
  return { type: 'radio_buttons', action_id: name, options: [yes, no], initial_option: value ? yes : no };
};

/** Choices as Slack takes them; a value cannot be cut, it would be another one. */
export const optionsOf = (choices: readonly Choice[]): readonly types.PlainTextOption[] =>
  choices
    .filter(({ value }) => value !== '' && value.length <= LIMITS.optionValue)
    .map(({ value, label }) => ({ text: plain(label || value, LIMITS.optionText), value }));

/** More options than Slack lists are asked for as somebody types. */
const searched = (options: readonly types.PlainTextOption[]): boolean => options.length > LIMITS.options;

const select = ({ name, choices, value }: ChoiceField): types.StaticSelect | types.ExternalSelect | undefined => {
  const options = optionsOf(choices);
  if (options.length === 0) return undefined;
  const initial = options.find((option) => option.value === value);
  const chosen = initial && { initial_option: initial };
  return searched(options)
    ? { type: 'external_select', action_id: name, placeholder: SEARCH, min_query_length: 0, ...chosen }
    : { type: 'static_select', action_id: name, placeholder: CHOOSE, options: [...options], ...chosen };
};

const multiSelect = (field: ChoicesField): types.MultiStaticSelect | types.MultiExternalSelect | undefined => {
  const options = optionsOf(field.choices);
  if (options.length === 0) return undefined;
  const initial = options.filter(({ value }) => value !== undefined && field.values.includes(value));
  const chosen = initial.length > 0 && { initial_options: initial.slice(0, LIMITS.options) };
  return searched(options)
    ? { type: 'multi_external_select', action_id: field.name, placeholder: SEARCH, min_query_length: 0, ...chosen }
    : { type: 'multi_static_select', action_id: field.name, placeholder: CHOOSE, options: [...options], ...chosen };
};

const plain = (text: string, max: number): types.PlainTextElement => ({
  type: 'plain_text',
  text: cut(oneLine(text).trim() || '—', max),
  emoji: false,
});

const SEARCH = plain('Type to search', LIMITS.placeholder);
const CHOOSE = plain('Choose', LIMITS.placeholder);
