import { markOf, valuesOf } from '../chat/form-values.js';
import type { FormValues } from '../chat/speaker.js';
import { loadTemplate } from '../chat/template.js';
import { cut, wellFormed } from '../chat/text.js';
import type { Choice, ChoiceField, ChoicesField, Field, Form, TextField } from '../chat/view.js';
import { executeAction } from './render-actions.js';
import { literal, withoutMarkdown } from './text.js';

const fillTemplate = loadTemplate('form', 'teams');

/** More choices than these are searched, not read. */
const MOST_IN_VIEW = 10;
const LONGEST_LABEL = 100;
const LONGEST_SENTENCE = 1_000;
const LONGEST_TEXT = 3_000;
const LONGEST_VALUE = 200;

/**
 * A form as a card. Teams tells nobody that something was chosen, so what other fields hang on is chosen first, alone,
 * and from then on fixed; whatever else changes a form has a button for that.
 */
export const fillForm = (form: Form, mostChoices: number): unknown => {
  const layout = layoutOf(form);
  const draw: Drawing = { mostChoices, fixed: layout.fixed, required: refreshes(layout).length === 0 };
  return fillTemplate({
    title: said(form.title) || 'Latchkey',
    problem: said(form.problem),
    fields: layout.shown.flatMap((field) => elementsOf(field, draw)),
    hint: said(form.hint),
    actions: actionsOf(form, layout),
  });
};

interface Layout {
  readonly shown: readonly Field[];
  /** What was chosen first, and can only be chosen anew. */
  readonly fixed: readonly ChoiceField[];
  /** Whether something is to be chosen before the rest is shown. */
  readonly asksFirst: boolean;
}

const layoutOf = ({ fields }: Form): Layout => {
  const questions = fields
    .filter((field) => field.kind === 'choice')
    .filter((field) => field.refresh === true && !field.optional && usable(field).length > 0)
    .filter(({ name }) => fields.some(({ of = [] }) => of.includes(name)));
  const next = questions.find((field) => !isAnswered(field));
  return {
    shown: next === undefined ? fields : fields.slice(0, fields.indexOf(next) + 1),
    fixed: questions.filter(isAnswered),
    asksFirst: next !== undefined,
  };
};

interface Drawing extends Pick<Layout, 'fixed'> {
  readonly mostChoices: number;
  /**
   * Whether the client insists on what is required. It would insist when a form is only drawn again, too: where one
   * can be, the answer to an incomplete form says what is missing.
   */
  readonly required: boolean;
}

const said = (text: string | undefined): string => cut(literal(text ?? '').trim(), LONGEST_SENTENCE);

const isUsable = ({ value }: Choice): boolean => value !== '' && value.length <= LONGEST_VALUE;

// Teams puts commas between several values.
const usable = ({ kind, choices }: ChoiceField | ChoicesField): readonly Choice[] =>
  choices.filter(isUsable).filter(({ value }) => kind === 'choice' || !value.includes(','));

const isAnswered = (field: ChoiceField): boolean => usable(field).some(({ value }) => value === field.value);

const elementsOf = (field: Field, draw: Drawing): readonly object[] => {
  const fixed = draw.fixed.find(({ name }) => name === field.name);
  if (fixed !== undefined) return [fixedLine(fixed)];
  const help = said(field.help);
  const input = inputOf(field, draw);
  if (input === undefined) return 'none' in field && said(field.none) !== '' ? [subtle(said(field.none))] : [];
  return [input, ...remarksOn(field, draw).map(subtle), ...(help === '' ? [] : [subtle(help)])];
};

const fixedLine = ({ label, choices, value }: ChoiceField): object => ({
  type: 'RichTextBlock',
  inlines: [
    { type: 'TextRun', text: `${said(label)}: ` },
    { type: 'TextRun', text: said(choices.find((choice) => choice.value === value)?.label) || '—', weight: 'Bolder' },
  ],
});

const subtle = (text: string): object => ({
  type: 'RichTextBlock',
  spacing: 'Small',
  inlines: [{ type: 'TextRun', text, isSubtle: true, size: 'Small' }],
});

const remarksOn = (field: Field, { mostChoices }: Drawing): readonly string[] => {
  const count = 'choices' in field ? usable(field).length : 0;
  return count > mostChoices ? [`Only ${mostChoices} of ${count} are listed here; a command takes any of them.`] : [];
};

const inputOf = (field: Field, draw: Drawing): object | undefined => {
  const label = withoutMarkdown(said(field.label));
  const asked = { id: field.name, label: field.optional && field.kind !== 'yes-no' ? `${label} (optional)` : label };
  const insisted = draw.required && !field.optional;
  const needed = insisted ? { isRequired: true, errorMessage: `${label} is needed.` } : {};
  switch (field.kind) {
    case 'text':
      return { type: 'Input.Text', ...asked, ...textOf(field), ...needed };
    case 'yes-no': {
      const value = field.value ? 'yes' : 'no';
      return { type: 'Input.Toggle', id: field.name, title: label, valueOn: 'yes', valueOff: 'no', value };
    }
    case 'choice': {
      const choices = listed(field, [field.value ?? ''], draw);
      const style = choices.length > MOST_IN_VIEW ? 'filtered' : 'compact';
      const value = isAnswered(field) ? { value: field.value } : {};
      return choices.length === 0 ? undefined : { ...choiceSet(asked, style, choices), ...value, ...needed };
    }
    case 'choices': {
      const choices = listed(field, field.values, draw);
      const style = choices.length > MOST_IN_VIEW ? 'filtered' : 'expanded';
      const value = choices.filter((choice) => field.values.includes(choice.value)).map((choice) => choice.value);
      if (choices.length === 0) return undefined;
      return { ...choiceSet(asked, style, choices), isMultiSelect: true, value: value.join(','), ...needed };
    }
  }
};

const textOf = ({ value, multiline, placeholder, longest = LONGEST_TEXT }: TextField): object => ({
  isMultiline: multiline,
  // What is there already is not cut for being too long: whoever wrote it is to shorten it.
  maxLength: Math.min(LONGEST_TEXT, Math.max(longest, value.length)),
  value: cut(wellFormed(value), LONGEST_TEXT),
  ...(placeholder === undefined ? {} : { placeholder: said(placeholder) }),
});

const choiceSet = (asked: object, style: string, choices: readonly Choice[]): object => ({
  type: 'Input.ChoiceSet',
  ...asked,
  style,
  choices: choices.map(({ value, label }) => ({
    value,
    title: withoutMarkdown(cut(literal(label).trim() || value, LONGEST_LABEL)),
  })),
});

/** What can be listed, never without what is already chosen. */
const listed = (
  field: ChoiceField | ChoicesField,
  chosen: readonly string[],
  { mostChoices }: Drawing,
): readonly Choice[] => {
  const all = usable(field);
  if (all.length <= mostChoices) return all;
  const isChosen = ({ value }: Choice): boolean => chosen.includes(value);
  return [...all.filter(isChosen), ...all.filter((choice) => !isChosen(choice))].slice(0, mostChoices);
};

type Data = Readonly<Record<string, string>>;

/** What a button of the form carries: which form it is, and whatever stands in no input of this card. */
const dataOf = (form: Form, { shown, fixed }: Layout): Data => {
  const values = valuesOf(form);
  const inputs = shown.filter((field) => !fixed.some(({ name }) => name === field.name));
  const carried = form.fields.filter((field) => !inputs.includes(field));
  return {
    ...Object.fromEntries(carried.map(({ name }) => [name, [values[name] ?? ''].flat().join(',')])),
    id: form.id,
    form: form.form,
    lists: form.fields.flatMap((field) => (field.kind === 'choices' ? [field.name] : [])).join(','),
    marks: marksOf(form, values),
  };
};

const marksOf = ({ fields }: Form, values: FormValues): string =>
  JSON.stringify(
    Object.fromEntries(fields.flatMap(({ name, of }) => (of === undefined ? [] : [[name, markOf(of, values)]]))),
  );

const actionsOf = (form: Form, layout: Layout): readonly object[] => {
  const data = dataOf(form, layout);
  const refresh = refreshes(layout).map(({ label, style, changes }) =>
    executeAction({ verb: 'form-refresh', label, style, data: { ...data, ...changes } }),
  );
  const submit = executeAction({ verb: 'form-submit', label: form.submit, style: 'primary', data });
  return [...(!layout.asksFirst && form.fields.every(canBeFilled) ? [submit] : []), ...refresh];
};

/** Whatever is required must offer something. */
const canBeFilled = (field: Field): boolean => !('choices' in field) || field.optional || usable(field).length > 0;

interface Refresh {
  readonly label: string;
  readonly style: 'default' | 'primary';
  readonly changes: Data;
}

const refreshes = ({ shown, fixed, asksFirst }: Layout): readonly Refresh[] => {
  const changing = shown.filter((field) => 'refresh' in field && field.refresh && usable(field).length > 0);
  const forward: Refresh = asksFirst
    ? { label: 'Next', style: 'primary', changes: {} }
    : { label: 'Update', style: 'default', changes: {} };
  return [...(asksFirst || changing.length > fixed.length ? [forward] : []), ...fixed.flatMap(otherThan)];
};

/** The way back to what was chosen first, where there is something else to choose. */
const otherThan = (field: ChoiceField): readonly Refresh[] => {
  const label = `Other ${said(field.label).toLowerCase()}`;
  return usable(field).length > 1 ? [{ label, style: 'default', changes: { [field.name]: '' } }] : [];
};
