import type { SaidWords } from './admin/noun.js';
import type { LookOptions } from './look-options.js';

/** A command as typed: words, not yet looked up. */
export type Command =
  | { readonly name: 'help'; readonly topic?: string }
  | { readonly name: 'request'; readonly tenant?: string; readonly options: RequestOptions }
  | { readonly name: 'can'; readonly tenant?: string }
  | { readonly name: 'list'; readonly all: boolean; readonly page: number }
  | { readonly name: 'extend'; readonly id: string; readonly duration: string; readonly reason?: string }
  | { readonly name: 'status' | 'cancel' | 'end' | 'revoke'; readonly id: string }
  | { readonly name: 'revoke unconfirmed'; readonly id: string; readonly yes: boolean }
  | { readonly name: 'reveal'; readonly id: string; readonly again: boolean }
  | { readonly name: 'approve' | 'deny'; readonly id: string; readonly note?: string }
  | { readonly name: 'break-glass'; readonly tenant: string; readonly options: LookOptions }
  | { readonly name: 'link'; readonly code?: string }
  | { readonly name: 'link passkey' | 'link passkeys' }
  | { readonly name: 'link passkey remove'; readonly passkey: string; readonly of?: string }
  | { readonly name: 'vault enrol'; readonly vault?: string }
  | { readonly name: 'vault status' }
  | { readonly name: 'vault confirm' | 'vault refuse'; readonly key: string }
  | AdminCommand;

export interface RequestOptions {
  readonly role: readonly string[];
  readonly for?: string;
  readonly until?: string;
  readonly from?: string;
  readonly reason?: string;
  readonly ticket?: string;
  readonly template?: string;
  readonly group?: readonly string[];
  /** `mine`, `fresh` or `existing:UPN`. */
  readonly account?: string;
  /** Of a new account: whom to make. */
  readonly first?: string;
  readonly last?: string;
  readonly userName?: string;
  readonly userDomain?: string;
  readonly atEnd?: string;
  readonly tap?: boolean;
}

/** By the names of the table in `admin/noun.ts`, which also says what each word is. */
export interface AdminCommand {
  readonly name: 'admin';
  readonly noun: string;
  readonly verb: string;
  readonly args: SaidWords;
  readonly options: SaidWords;
}
