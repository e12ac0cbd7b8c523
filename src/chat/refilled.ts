import { isYes, listIn, textIn } from './form-values.js';
import type { FormValues } from './speaker.js';
import type { Form } from './view.js';

/** The form as it was filled, with what is wrong. */
export const refilled = (form: Form, values: FormValues, problem: string): Form => ({
  ...form,
  problem,
  fields: form.fields.map((field) => {
    switch (field.kind) {
      case 'text':
        return { ...field, value: textIn(values, field.name) ?? '' };
      case 'choice': {
        const value = textIn(values, field.name);
        return value === undefined ? field : { ...field, value };
      }
      case 'choices':
        return { ...field, values: listIn(values, field.name) };
      case 'yes-no':
        return { ...field, value: isYes(values, field.name) };
    }
  }),
});
