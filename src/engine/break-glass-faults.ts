import type { ViewId } from './ids.js';
import type { ViewState } from './break-glass-view.js';

/** What can be refused about break-glass accounts, their vault and looks at it. */
export type BreakGlassFault =
  /** Nobody has chosen yet how the passwords of this organization are sealed. */
  | { readonly code: 'vault.not-set-up'; readonly vault: string; readonly admins: readonly string[] }
  /** Sealed to nobody, a password would be lost. */
  | { readonly code: 'vault.no-recipients'; readonly vault: string }
  | { readonly code: 'vault.set-up-already'; readonly vault: string }
  /** Sealed to the server's own key, it knows no keys of people. */
  | { readonly code: 'vault.server-sealed'; readonly vault: string }
  /** There is no vault at all that this person is a member of. */
  | { readonly code: 'vault.none'; readonly admins: readonly string[] }
  | { readonly code: 'vault.not-member'; readonly vault: string; readonly admins: readonly string[] }
  | { readonly code: 'vault.not-enrolled'; readonly vault: string }
  /** What a browser sent is not such a key, or not one that it holds. */
  | { readonly code: 'vault.bad-key' }
  | { readonly code: 'vault.no-such-key'; readonly asked: string }
  /** Whoever's key it is cannot confirm it. */
  | { readonly code: 'vault.own-key' }
  | { readonly code: 'vault.last-key'; readonly vault: string }
  | { readonly code: 'break-glass.none'; readonly tenant: string }
  | { readonly code: 'break-glass.exists'; readonly upn: string }
  | { readonly code: 'break-glass.bad-name'; readonly asked: string; readonly problem: string }
  | { readonly code: 'break-glass.too-many'; readonly tenant: string }
  | { readonly code: 'break-glass.no-domain'; readonly tenant: string }
  | { readonly code: 'break-glass.foreign'; readonly upn: string }
  | { readonly code: 'break-glass.not-covered'; readonly tenant: string; readonly admins: readonly string[] }
  | { readonly code: 'break-glass.nobody-to-ask'; readonly tenant: string; readonly admins: readonly string[] }
  /** No password is on record yet. */
  | { readonly code: 'break-glass.empty'; readonly tenant: string }
  | { readonly code: 'break-glass.no-pass'; readonly tenant: string; readonly admins: readonly string[] }
  | { readonly code: 'view.pending'; readonly id: ViewId; readonly asked: readonly string[] }
  | {
      readonly code: 'view.decided';
      readonly id: ViewId;
      readonly by: string;
      readonly verdict: 'approved' | 'denied';
      readonly at: Date;
    }
  | { readonly code: 'view.second-factor'; readonly id: ViewId }
  /** The rules, or the tenant, are not any more what they were when it was asked. */
  | { readonly code: 'view.no-ground'; readonly id: ViewId; readonly requester: string }
  /** Those who agreed would not be enough any more. */
  | { readonly code: 'view.outdated'; readonly id: ViewId; readonly tenant: string }
  /** `tenant`: its short name, to type. */
  | { readonly code: 'drill.not-begun'; readonly tenant: string }
  | { readonly code: 'drill.no-look'; readonly tenant: string }
  | { readonly code: 'view.unknown'; readonly asked: string }
  | { readonly code: 'view.own' }
  | { readonly code: 'view.not-approver'; readonly asked: readonly string[] }
  | { readonly code: 'view.not-yours'; readonly id: ViewId; readonly requester: string }
  | { readonly code: 'view.wrong-state'; readonly id: ViewId; readonly state: ViewState; readonly verb: string };
