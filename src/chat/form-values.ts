import type { FormValues } from './speaker.js';

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

/** `undefined`: the form had no such field. */
export const isYes = (values: FormValues, field: string): boolean | undefined => {
  const value = values[field];
  return value === undefined ? undefined : value === 'yes';
};
