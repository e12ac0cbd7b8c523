import type { AccountKind } from './access.js';
import type { BreakGlassFault } from './break-glass-faults.js';
import type { Platform } from './person.js';
import type { RequestState } from './request.js';

/** Something a person typed that names nothing; `meant` is the closest thing that exists. */
interface UnknownName {
  readonly asked: string;
  readonly meant?: string;
}

/** What somebody may ask for in a tenant, for a refusal that helps. */
export interface Allowance {
  readonly role: string;
  readonly longestMs: number;
  /** On which account, where it is not one's own. */
  readonly account?: Exclude<AccountKind, 'dedicated'>;
}

/**
 * What went wrong between us and a tenant's directory.
 * `throttled`, `unavailable`, `unclear` and `too-soon` pass by themselves; the others need a human.
 */
export type DirectoryFault =
  | { readonly code: 'directory.throttled'; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly code: 'directory.unavailable'; readonly detail: string }
  | { readonly code: 'directory.unclear'; readonly detail: string }
  /** PIM lets go of an assignment only five minutes after it was given. */
  | { readonly code: 'directory.too-soon'; readonly detail: string }
  | { readonly code: 'directory.forbidden'; readonly detail: string }
  | { readonly code: 'directory.consent'; readonly detail: string }
  | { readonly code: 'directory.credential'; readonly detail: string }
  | { readonly code: 'directory.name-taken'; readonly detail: string }
  | { readonly code: 'directory.not-found'; readonly detail: string }
  | { readonly code: 'directory.rejected'; readonly detail: string }
  | { readonly code: 'directory.malformed'; readonly detail: string }
  /** The tenant has not bought what this takes: Entra ID P1 or P2. */
  | { readonly code: 'directory.licence'; readonly detail: string }
  /** The tenant's policy gives this user no Temporary Access Pass. */
  | { readonly code: 'directory.no-pass'; readonly detail: string }
  /** The tenant holds as many objects as it may. */
  | { readonly code: 'directory.quota'; readonly detail: string }
  /** Nothing the directory said: our own side failed on the way. */
  | { readonly code: 'directory.internal'; readonly detail: string };

/** Why a list of people that lives elsewhere cannot be found or read: a Slack user group, a Teams team, an Entra group. */
export type RosterFault =
  | ({ readonly code: 'roster.unknown'; readonly what: string } & UnknownName)
  | { readonly code: 'roster.ambiguous'; readonly asked: string; readonly candidates: readonly string[] }
  /** That platform is not set up in this installation. */
  | { readonly code: 'roster.no-platform'; readonly platform: Platform }
  /** Only where the bot is a member of the team may it read who else is. */
  | { readonly code: 'roster.not-in-team'; readonly team: string }
  /** The people of that directory are not those who speak in Teams. */
  | { readonly code: 'roster.foreign-directory'; readonly directoryId: string }
  | { readonly code: 'roster.forbidden'; readonly platform: Platform; readonly scope?: string; readonly detail: string }
  | {
      readonly code: 'roster.unavailable';
      readonly platform: Platform;
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
  | DirectoryFault;

/**
 * Every reason to refuse, by a stable code and the facts its sentence needs. The sentence itself is written in
 * `chat/copy.ts`, so that the core speaks no language; `detail` is for the log and never shown.
 */
export type Fault =
  | { readonly code: 'command.usage'; readonly problem: string; readonly topic?: string }
  | { readonly code: 'command.quotes' }
  /** `admins`: whom to ask, where it may be that somebody else knows it. */
  | ({ readonly code: 'tenant.unknown'; readonly admins?: readonly string[] } & UnknownName)
  | { readonly code: 'tenant.none'; readonly admins: readonly string[] }
  | ({ readonly code: 'role.unknown'; readonly tenant: string } & UnknownName)
  | { readonly code: 'role.missing' }
  | { readonly code: 'reason.missing' }
  | { readonly code: 'text.too-long'; readonly field: string; readonly length: number; readonly most: number }
  | { readonly code: 'duration.invalid'; readonly asked: string }
  | { readonly code: 'duration.too-short'; readonly leastMs: number }
  | { readonly code: 'time.invalid'; readonly asked: string }
  | { readonly code: 'time.past'; readonly asked: string }
  | { readonly code: 'time.too-far'; readonly asked: string; readonly mostMs: number }
  | { readonly code: 'time.end-before-start' }
  | { readonly code: 'time.both' }
  | {
      readonly code: 'policy.not-covered';
      /** Whatever was asked beside the ordinary: the same might be had without it. */
      readonly beside: readonly ('account' | 'at-end' | 'tap')[];
      readonly tenant: string;
      /** The tenant's short name, to type. */
      readonly id: string;
      readonly roles: readonly string[];
      readonly allowances: readonly Allowance[];
      readonly admins: readonly string[];
    }
  /** `rule`: that allows no more; absent: a setting of the tenant. */
  | {
      readonly code: 'policy.too-long';
      readonly tenant: string;
      readonly longestMs: number;
      readonly rule?: string;
    }
  /** Rules allow it, the tenant's settings do not. `roles`, `groups`: what the tenant lends, of the kinds that were asked. */
  | {
      readonly code: 'policy.not-lent';
      readonly tenant: string;
      readonly things: readonly string[];
      readonly roles?: readonly string[];
      readonly groups?: readonly string[];
      readonly admins: readonly string[];
    }
  | { readonly code: 'tenant.leaving'; readonly tenant: string; readonly admins: readonly string[] }
  | {
      readonly code: 'policy.denied';
      readonly tenant: string;
      readonly rule: string;
      readonly admins: readonly string[];
    }
  | { readonly code: 'policy.ticket'; readonly rule: string; readonly pattern?: string; readonly asked?: string }
  | {
      readonly code: 'policy.nobody-to-ask';
      readonly group: string;
      readonly unreachable: readonly string[];
      readonly admins: readonly string[];
    }
  | ({ readonly code: 'request.unknown' } & UnknownName)
  | { readonly code: 'request.own'; readonly asked: readonly string[] }
  | { readonly code: 'request.not-approver'; readonly asked: readonly string[] }
  | { readonly code: 'request.unlinked'; readonly platform: Platform }
  | { readonly code: 'request.second-factor'; readonly id: string }
  | { readonly code: 'request.called-off'; readonly id: string; readonly why: string }
  | {
      readonly code: 'request.decided';
      readonly id: string;
      readonly by: string;
      readonly verdict: 'approved' | 'denied';
      readonly at: Date;
    }
  | { readonly code: 'request.wrong-state'; readonly id: string; readonly state: RequestState; readonly verb: string }
  | { readonly code: 'request.not-yours'; readonly id: string; readonly requester: string }
  | { readonly code: 'extend.open'; readonly id: string; readonly open: string }
  | {
      readonly code: 'extend.too-long';
      readonly id: string;
      readonly longestMs: number;
      /** How much more than now is granted would still be allowed. */
      readonly moreMs: number;
      /** Absent: a setting of this tenant. */
      readonly rule?: string;
      readonly tenant: string;
    }
  /** Nothing is known yet of why it does not end. */
  | { readonly code: 'unconfirmed.untried'; readonly id: string }
  /** What stands in the way may pass; from `from` on it counts as lasting. */
  | { readonly code: 'unconfirmed.passing'; readonly id: string; readonly clause: string; readonly from: Date }
  | { readonly code: 'reveal.taken'; readonly id: string; readonly at: Date }
  | { readonly code: 'reveal.shared'; readonly id: string }
  | { readonly code: 'reveal.own'; readonly id: string; readonly upn: string }
  | { readonly code: 'reveal.lost'; readonly id: string }
  | { readonly code: 'reveal.shared-place' }
  | { readonly code: 'admin.only'; readonly admins: readonly string[] }
  | { readonly code: 'admin.owners'; readonly admins: readonly string[] }
  | { readonly code: 'admin.read-only'; readonly admins: readonly string[] }
  | { readonly code: 'admin.exists'; readonly what: string; readonly name: string }
  | ({ readonly code: 'admin.unknown'; readonly what: string } & UnknownName)
  | {
      readonly code: 'admin.ambiguous';
      readonly what: string;
      readonly asked: string;
      readonly candidates: readonly string[];
    }
  | { readonly code: 'admin.in-use'; readonly what: string; readonly name: string; readonly by: readonly string[] }
  | { readonly code: 'admin.invalid'; readonly field: string; readonly problem: string }
  /** Somebody changed or removed it since it was read. */
  | { readonly code: 'admin.changed'; readonly what: string; readonly name: string }
  | { readonly code: 'admin.built-in'; readonly name: string }
  | {
      readonly code: 'rule.privileged-pattern';
      readonly pattern: string;
      readonly what: 'role' | 'group';
      readonly names: readonly string[];
    }
  | { readonly code: 'rule.empty-pattern'; readonly pattern: string; readonly what: 'role' | 'group' }
  | { readonly code: 'group.follows'; readonly group: string; readonly list: string }
  | ({ readonly code: 'group.unknown'; readonly tenant: string } & UnknownName)
  | { readonly code: 'group.ambiguous'; readonly asked: string; readonly candidates: readonly string[] }
  | { readonly code: 'group.kept-elsewhere'; readonly tenant: string; readonly group: string }
  | { readonly code: 'template.unknown'; readonly tenant: string; readonly asked: string; readonly meant?: string }
  | ({ readonly code: 'unit.unknown'; readonly tenant: string } & UnknownName)
  | { readonly code: 'unit.ambiguous'; readonly asked: string; readonly candidates: readonly string[] }
  /** There is none, or none that this person may borrow. */
  | { readonly code: 'user.unknown'; readonly tenant: string; readonly asked: string }
  | { readonly code: 'user.ambiguous'; readonly asked: string; readonly candidates: readonly string[] }
  | { readonly code: 'user.missing' }
  | { readonly code: 'fresh.missing' }
  /** Latchkey keeps it itself. */
  | { readonly code: 'user.kept'; readonly upn: string }
  | { readonly code: 'user.taken'; readonly upn: string; readonly tenant: string; readonly free?: string }
  | { readonly code: 'account.end'; readonly kind: 'fresh' | 'existing' }
  | { readonly code: 'person.unknown'; readonly asked: string }
  | { readonly code: 'person.ambiguous'; readonly asked: string; readonly candidates: readonly string[] }
  | { readonly code: 'person.deactivated' }
  | { readonly code: 'person.busy'; readonly name: string; readonly requests: readonly string[] }
  | { readonly code: 'owner.last'; readonly name: string }
  | { readonly code: 'domain.unverified'; readonly domain: string; readonly verified: readonly string[] }
  | { readonly code: 'domain.federated'; readonly domain: string; readonly usable: readonly string[] }
  /** Unknown, used already, or its time is over. */
  | { readonly code: 'connect.gone' }
  /** `byHand`: somebody said no; otherwise `reason` is the login authority's own code. */
  | { readonly code: 'connect.declined'; readonly reason: string; readonly byHand: boolean }
  | { readonly code: 'connect.incomplete' }
  | { readonly code: 'connect.other-tenant'; readonly asked: string; readonly answered: string }
  | { readonly code: 'connect.unproven'; readonly detail: string }
  /** The server's app lives in another national cloud. */
  | { readonly code: 'connect.cloud' }
  | { readonly code: 'app.refused'; readonly clause: string; readonly detail: string }
  | { readonly code: 'link.unknown' }
  | { readonly code: 'link.same-chat'; readonly platform: Platform }
  | { readonly code: 'link.already' }
  | { readonly code: 'link.not-yours' }
  | { readonly code: 'link.no-owner' }
  | { readonly code: 'link.grown' }
  | { readonly code: 'link.decided' }
  | { readonly code: 'link.own' }
  | { readonly code: 'page.gone' }
  | { readonly code: 'passkey.none' }
  | { readonly code: 'passkey.address' }
  | { readonly code: 'passkey.again' }
  | { readonly code: 'passkey.unknown' }
  | { readonly code: 'passkey.refused' }
  | { readonly code: 'passkey.copied'; readonly name: string }
  | { readonly code: 'passkey.taken' }
  | ({ readonly code: 'passkey.no-such' } & UnknownName)
  | { readonly code: 'passkey.last'; readonly admins: readonly string[] }
  | { readonly code: 'import.invalid'; readonly problems: readonly string[]; readonly more: number }
  | { readonly code: 'import.overtaken'; readonly noun: string; readonly name: string }
  | { readonly code: 'direct-only' }
  | { readonly code: 'busy' }
  | { readonly code: 'internal'; readonly detail: string }
  | BreakGlassFault
  | RosterFault;

export type FaultCode = Fault['code'];

/** A fault on its way through code that cannot return it; caught where the answer to a person is made. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`${fault.code}${'detail' in fault ? `: ${fault.detail}` : ''}`);
    this.fault = fault;
  }
}

const PASSING: readonly FaultCode[] = [
  'directory.throttled',
  'directory.unavailable',
  'directory.unclear',
  'directory.too-soon',
];

/** Whether waiting alone can help. */
export const isPassing = ({ code }: { readonly code: string }): boolean => PASSING.some((passing) => passing === code);

/** Who or what has to change for it to work: whom an alert is for. */
export type Blame =
  /** This software or its configuration. */
  | 'us'
  /** What the tenant granted the app. */
  | 'rights'
  /** What the tenant has bought. */
  | 'licence'
  /** Too much in too short a time. */
  | 'throttling'
  /** Microsoft, or the way to it. */
  | 'outage'
  /** What was asked for. */
  | 'input';

const BLAME: Readonly<Record<DirectoryFault['code'], Blame>> = {
  'directory.throttled': 'throttling',
  'directory.too-soon': 'throttling',
  'directory.unavailable': 'outage',
  'directory.unclear': 'outage',
  'directory.malformed': 'outage',
  'directory.forbidden': 'rights',
  'directory.consent': 'rights',
  'directory.licence': 'licence',
  'directory.no-pass': 'rights',
  'directory.quota': 'licence',
  'directory.name-taken': 'input',
  'directory.not-found': 'input',
  'directory.credential': 'us',
  'directory.rejected': 'us',
  'directory.internal': 'us',
};

export const blameOf = (fault: DirectoryFault): Blame => BLAME[fault.code];
