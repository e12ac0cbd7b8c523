import { identityKey } from '../engine/ids.js';
import type { Address, Identity } from '../engine/person.js';
import type { MessageRef } from '../flows/ports.js';

/** Who says something, and from where. The platform's adapter has verified it before it comes here. */
export interface Speaker {
  readonly identity: Identity;
  /** Whether only the speaker and the bot can read this conversation. */
  readonly direct: boolean;
  readonly conversation: Address;
}

/** The identity of a user whom the platform knows by this id, whatever its case. */
export const identityOf = (user: string, known: Omit<Identity, 'key'>): Identity => ({
  key: identityKey(known.platform, user),
  ...known,
});

/** What is being asked. A button carries a verb and an id; what it may do is decided from what is loaded. */
export type Intent =
  | { readonly kind: 'command'; readonly text: string }
  | {
      readonly kind: 'button';
      readonly verb: string;
      readonly id: string;
      readonly note?: string;
      /** The message that carries the button. */
      readonly source?: MessageRef;
    }
  | FormIntent;

/** A form as filled so far; `submit: false` asks only for the form again, for these values. */
export interface FormIntent {
  readonly kind: 'form';
  readonly form: string;
  readonly id: string;
  readonly values: FormValues;
  readonly submit: boolean;
  /** The message that is the form. */
  readonly source?: MessageRef;
}

/** By field: lists for `choices`, text for all others; what was left empty is absent. `form-values.ts` reads them. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>;
