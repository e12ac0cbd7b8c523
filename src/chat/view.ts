import type { Redacted } from '../lib/redacted.js';
import type { AccessRequest } from '../engine/request.js';

/**
 * What the bot shows, free of any platform. Every text in it is literal: the platforms' renderers see to it that no
 * user's words become markup, a link or a mention.
 */
export type View = Card | CredentialView | RequestForm | DenyForm;

/** A run of text. */
export interface Span {
  readonly text: string;
  readonly strong?: boolean;
  readonly code?: boolean;
  readonly href?: string;
}

export type Line = readonly Span[];

/** What a button means. With `id` it is all a button carries. */
export type Verb =
  'approve' | 'deny' | 'deny-form' | 'cancel' | 'end' | 'reveal' | 'request-form' | 'link-confirm' | 'link-refuse';

export interface Button {
  readonly verb: Verb;
  readonly id: string;
  readonly label: string;
  readonly style: 'default' | 'primary' | 'danger';
}

/** A message: a card of a request, a list, a refusal, an answer. */
export interface Card {
  readonly kind: 'card';
  /** One line; also what a phone's notification shows. */
  readonly title: string;
  readonly lines: readonly Line[];
  readonly buttons: readonly Button[];
  /** `deny` asks for a reason: Teams unfolds the field inside the card, Slack opens a modal. */
  readonly denyReason?: { readonly id: string };
}

/** The one showing of a credential. Never posted as a message; never stored. */
export interface CredentialView {
  readonly kind: 'credential';
  readonly id: AccessRequest['id'];
  readonly title: string;
  readonly portal: string;
  readonly upn: string;
  readonly password: Redacted<string>;
  readonly note: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** `/jit request` with too little said. Roles belong to the chosen tenant. */
export interface RequestForm {
  readonly kind: 'request-form';
  readonly tenants: readonly Choice[];
  readonly tenant?: string;
  readonly roles: readonly Choice[];
  readonly chosenRoles: readonly string[];
  readonly durations: readonly Choice[];
  readonly duration: string;
  readonly reason: string;
  readonly ticket: string;
  /** What will be needed, from the same decision that will be made. */
  readonly hint: string;
  /** A refusal of the last attempt, shown in the form so that nothing typed is lost. */
  readonly problem?: string;
}

export interface DenyForm {
  readonly kind: 'deny-form';
  readonly id: string;
  readonly title: string;
  readonly problem?: string;
}
