import type { Redacted } from '../lib/redacted.js';
import type { AccessRequest } from '../engine/request.js';

/**
 * What the bot shows, free of any platform. Every text in it is literal: the platforms' renderers see to it that no
 * user's words become markup, a link or a mention.
 */
export type View = Card | CredentialView | Form;

/** A run of text. */
export interface Span {
  readonly text: string;
  readonly strong?: boolean;
  readonly code?: boolean;
  readonly href?: string;
}

export type Line = readonly Span[];

/** What a button means. With `id` it is all a button carries; whoever adds one to the union answers it in dispatch. */
export type Verb =
  | 'approve'
  | 'deny'
  | 'deny-form'
  | 'cancel'
  | 'end'
  | 'reveal'
  /** Another link to the page of a look at break-glass passwords. */
  | 'look-link'
  /** Closes without proof what can never be proven to have ended. */
  | 'leave-unconfirmed'
  | 'link-confirm'
  | 'link-refuse'
  | 'link-allow'
  | 'link-forbid'
  | 'extend-form'
  /** A second person's word on a key; the id is the key's. */
  | 'vault-confirm'
  | 'vault-refuse'
  /** Another page of a list; the id is `WHAT/NUMBER`, as in `rule/2`. */
  | 'page'
  /** Opens a form; the id is `FORM/ID`, as in `request/`. */
  | 'form'
  /** The id is `WHAT/ID`, as in `rule/K7Q2`. */
  | `admin-${string}`;

export type Button = ActButton | LinkButton;

export interface ActButton {
  readonly verb: Verb;
  readonly id: string;
  readonly label: string;
  readonly style: 'default' | 'primary' | 'danger';
  /** One sentence that has to be agreed to before the click counts. */
  readonly confirm?: string;
}

/** Opens a page; the bot does not hear of the click. */
export interface LinkButton {
  readonly verb: 'open';
  readonly id: '';
  readonly label: string;
  readonly style: 'default' | 'primary' | 'danger';
  /** https, or http on this machine; a button that leads elsewhere is not shown. */
  readonly href: string;
}

/** A message: a card of a request, a list, a refusal, an answer. */
export interface Card {
  readonly kind: 'card';
  /** One line; also what a phone's notification shows. */
  readonly title: string;
  readonly lines: readonly Line[];
  /** What something is, property by property; stands below the lines. */
  readonly facts?: readonly Fact[];
  /** The rest of a long answer: folded where the platform can fold, below everything else where it cannot. */
  readonly more?: readonly Line[];
  /** Text for machines, as in an export: its line breaks and indentation count. What does not fit is cut, visibly. */
  readonly block?: { readonly text: string };
  readonly buttons: readonly Button[];
  /** `deny` asks for a reason: Teams unfolds the field inside the card, Slack opens a modal. */
  readonly denyReason?: { readonly id: string };
}

export interface Fact {
  readonly label: string;
  readonly value: Line;
}

/** The one showing of a credential. Never posted as a message; never stored. */
export interface CredentialView {
  readonly kind: 'credential';
  readonly id: AccessRequest['id'];
  readonly title: string;
  readonly portal: string;
  readonly upn: string;
  /** What the secret is, to be shown above it. */
  readonly label: string;
  readonly secret: Redacted<string>;
  readonly note: string;
}

/** Something to fill in: a modal in Slack, a card in a 1:1 chat of Teams. */
export interface Form {
  readonly kind: 'form';
  /** Which form, as in `rule-add`; comes back in the intent. */
  readonly form: string;
  /** What it is about, '' if nothing; comes back in the intent. */
  readonly id: string;
  readonly title: string;
  readonly fields: readonly Field[];
  /** The label of the button that sends it. */
  readonly submit: string;
  /** What will follow, for the values as they are. */
  readonly hint?: string;
  /** A refusal of the last attempt, shown in the form so that nothing typed is lost. */
  readonly problem?: string;
}

export type Field = TextField | ChoiceField | ChoicesField | YesNoField;

interface FieldBasics {
  /** Its key in the values of the intent: lower case letters and hyphens, but not `form`, `id`, `verb`, `lists` or `marks`. */
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly optional: boolean;
  /**
   * Names of the fields that this one hangs on: when one of those changes, what was entered here is forgotten and
   * `value` stands again. Without it, whatever somebody entered outlives each redrawing of the form.
   */
  readonly of?: readonly string[];
}

export interface TextField extends FieldBasics {
  readonly kind: 'text';
  readonly value: string;
  readonly multiline: boolean;
  readonly placeholder?: string;
  /** Characters; no platform takes more than 3,000. A longer `value` is still shown, for the reader to shorten. */
  readonly longest?: number;
}

interface Choosing extends FieldBasics {
  readonly choices: readonly Choice[];
  /** A change asks for the form again. */
  readonly refresh?: boolean;
  /** What stands in the field's place when there is nothing to choose from. */
  readonly none?: string;
}

export interface ChoiceField extends Choosing {
  readonly kind: 'choice';
  /** One that is not among the choices counts as none. */
  readonly value?: string;
}

export interface ChoicesField extends Choosing {
  readonly kind: 'choices';
  readonly values: readonly string[];
}

/** Always answered; its value in the intent is `yes` or `no`. */
export interface YesNoField extends FieldBasics {
  readonly kind: 'yes-no';
  readonly value: boolean;
}

export interface Choice {
  /** At most 150 characters; no comma where several can be chosen. */
  readonly value: string;
  readonly label: string;
}
