import { LONGEST_REASON } from './asking.js';
import type { Form } from './view.js';

/** Whoever is denied is owed a reason. `about` is the request's id. */
export const denyForm = (about: string, problem?: string): Form => ({
  kind: 'form',
  form: 'deny',
  id: about,
  title: `Deny ${about}`,
  fields: [
    {
      kind: 'text',
      name: 'note',
      label: 'Why not?',
      placeholder: 'The requester reads this.',
      optional: false,
      value: '',
      multiline: true,
      longest: LONGEST_REASON,
    },
  ],
  submit: 'Deny',
  ...(problem === undefined ? {} : { problem }),
});
