import type { FormValues } from './speaker.js';
import type { Field, Form } from './view.js';

/** What somebody entered in a text field or chose in a choice field; `undefined`: nothing. */
export const textIn = (values: FormValues, field: string): string | undefined => {
  const value = values[field];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
};

/** What was chosen in a field of several choices. */
export const listIn = (values: FormValues, field: string): readonly string[] => {
  const value = values[field] ?? [];
  return typeof value === 'string' ? [value] : value;
};

/** Whether a yes-no field says yes. */
export const isYes = (values: FormValues, field: string): boolean => values[field] === 'yes';

/** A form's values as it opens. */
export const valuesOf = ({ fields }: Form): FormValues =>
  Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]));

const valueOf = (field: Field): string | readonly string[] => {
  switch (field.kind) {
    case 'text':
      return field.value;
    case 'yes-no':
      return field.value ? 'yes' : 'no';
    case 'choice':
      return field.choices.some(({ value }) => value === field.value) ? (field.value ?? '') : '';
    case 'choices':
      return field.values.filter((chosen) => field.choices.some(({ value }) => value === chosen));
  }
};

/**
 * What the fields hold on which another one hangs, as one text: the mark under which something was entered there. '' for
 * a field that hangs on none.
 */
export const markOf = (of: readonly string[], values: FormValues): string =>
  new URLSearchParams(of.map((field): [string, string] => [field, heldBy(values[field])])).toString();

const heldBy = (value: FormValues[string] = ''): string => [value].flat().toSorted().join(',');

/** Whether the fields named in a mark still hold what they held. */
export const stands = (mark: string, values: FormValues): boolean =>
  markOf([...new URLSearchParams(mark).keys()], values) === mark;
