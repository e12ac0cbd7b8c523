import type { AccountKind, DirectoryGroup, ExistingUser, ExpirationAction, FreshUser, Role } from './access.js';
import type { AccountId, OrganizationId, PersonId, RequestId, RuleId, TemplateId, TenantId } from './ids.js';
import type { Platform } from './person.js';
import type { Quorum } from './rule.js';

export type RequestState =
  'pending' | 'approved' | 'provisioning' | 'active' | 'closing' | 'closed' | 'denied' | 'cancelled' | 'lapsed';

/**
 * How a closed request's access came to its end. `extended`: it gave none of its own but prolonged another's.
 * `unconfirmed`: an owner said so, nothing proves it, and it may still be there.
 */
export type Outcome = 'expired' | 'ended' | 'revoked' | 'failed' | 'extended' | 'unconfirmed';

/** One approver's word. */
export interface Verdict {
  readonly person: PersonId;
  readonly name: string;
  readonly at: Date;
  readonly on: Platform;
  readonly note?: string;
  /** What they proved themselves with, beyond their chat account. */
  readonly factor?: 'passkey';
}

/** What convergence last ran into; shown to people while it retries. */
export interface Trouble {
  readonly attempts: number;
  readonly since: Date;
  /** Since when it has been this very code; absent: from the beginning. */
  readonly sameSince?: Date;
  /** A code of `Fault`, never a library's text. */
  readonly code: string;
  /** One plain clause, "Graph is throttling". */
  readonly clause: string;
}

/** What the directory last showed of an access that is to end. */
export interface Remains {
  readonly readAt: Date;
  readonly signIn: boolean;
  /** Roles and groups, by name. */
  readonly access: readonly string[];
}

/** What Entra does not let go before its time: a role that PIM has given just now. */
export interface Hold {
  readonly until: Date;
  /** When sign-in was first seen to be shut; absent: the account stays open, for another request or for its owner. */
  readonly shutSince?: Date;
}

/**
 * Where the credential of a request stands. `shared`: it joined one that was already live on the account. `own`: whoever
 * uses it signs in as before, there is nothing to reveal.
 */
export type RevealState = 'none' | 'offered' | 'taken' | 'shared' | 'own';

/** `in-use`: open for another request. `enabled`: open without access. `as-before`: an existing user, as it was. */
export type AccountLeft = 'in-use' | 'enabled' | 'disabled' | 'deleted' | 'as-before';

/** What a technician asks for; also the record of the access that came of it. */
export interface AccessRequest {
  readonly id: RequestId;
  readonly requester: PersonId;
  readonly requesterName: string;
  readonly askedOn: Platform;
  readonly tenant: TenantId;
  readonly tenantName: string;
  readonly organization?: OrganizationId;
  readonly account: AccountId;
  readonly accountKind: AccountKind;
  /** Of an `existing` account: whose it is. */
  readonly existing?: ExistingUser;
  /** Of a `fresh` account: who shall be made. */
  readonly fresh?: FreshUser;
  readonly upn: string;
  readonly roles: readonly Role[];
  readonly groups: readonly DirectoryGroup[];
  readonly atEnd: ExpirationAction;
  readonly tap: boolean;
  readonly template?: { readonly id: TemplateId; readonly name: string };
  /**
   * The request whose access this one prolongs, if it is decided so, and when that was to end when this was asked. It
   * gives no access of its own.
   */
  readonly extends?: { readonly id: RequestId; readonly from: Date };
  readonly durationMs: number;
  /** Nothing exists or is enabled before this. Absent: as soon as approved. */
  readonly startsAt?: Date;
  /** A fixed end that the requester named; otherwise the duration counts from `readyAt`. */
  readonly endsBy?: Date;
  readonly reason: string;
  readonly ticket?: string;
  readonly rules: readonly { readonly id: RuleId; readonly name: string }[];
  /** Whose consent is needed, as the rules last said; with the escalations that have happened. */
  readonly quorums: readonly Quorum[];
  readonly selfApproval: boolean;
  readonly secondFactor: boolean;
  /** How many denials end it. */
  readonly denialsToEnd: number;
  /** How long approvers are waited for before they are reminded, and between two reminders; 0: never. */
  readonly remindEveryMs: number;
  /** Who is told, beside the requester, when the access is live and when it has ended. */
  readonly notify: readonly { readonly id: PersonId; readonly name: string }[];
  /** Who was asked to decide. Who may decide is looked up at the click; this says whom cards were sent to. */
  readonly asked: readonly { readonly id: PersonId; readonly name: string }[];
  /** Names of approvers whom no message can reach. */
  readonly unreachable: readonly string[];
  readonly createdAt: Date;
  readonly lapsesAt: Date;

  readonly state: RequestState;
  readonly approvals: readonly Verdict[];
  /** The last one, once there are enough of them, is the one that ended it. */
  readonly denials: readonly Verdict[];
  /** How many approvals counted towards each of `quorums` when somebody last spoke; in their order. */
  readonly tally: readonly number[];
  readonly decidedAt?: Date;
  /** When approvers were last reminded, and how often. */
  readonly reminded?: { readonly at: Date; readonly times: number };
  /** Of one that extends another: it is settled that it shall, and only that other one says whether it still can. */
  readonly merging?: true;
  /** The requests that have moved its end. */
  readonly extensions: readonly RequestId[];
  /** Why Latchkey itself called it off, one plain sentence. */
  readonly calledOff?: string;
  /** Steps done on the way in, in order, each a short past-tense clause. */
  readonly progress: readonly string[];
  readonly readyAt?: Date;
  /** Written before the first directory write, moved to ready + duration once the credential is ready. */
  readonly endsAt?: Date;
  readonly reveal: RevealState;
  readonly revealedAt?: Date;
  /** Until when its access pass lets somebody sign in. */
  readonly passEndsAt?: Date;
  readonly warnedAt?: Date;
  readonly closeCause?: Outcome;
  readonly closedBy?: string;
  readonly closingSince?: Date;
  /** When admins were last alarmed that it has not ended, and how often. */
  readonly alarmedAt?: Date;
  readonly alarms?: number;
  readonly trouble?: Trouble;
  /** No attempt before this. */
  readonly retryAt?: Date;
  readonly remains?: Remains;
  readonly hold?: Hold;
  /** When the directory was read to prove that the access is gone. */
  readonly confirmedAt?: Date;
  /** What its end has left of the account itself. */
  readonly accountLeft?: AccountLeft;
  readonly outcome?: Outcome;
  /** The owner who closed it without proof, by name, and when. */
  readonly unconfirmed?: { readonly by: string; readonly at: Date };
}

const LIVE: readonly RequestState[] = ['provisioning', 'active'];

/** Whether the account must hold this request's access now. */
export const isLive = (request: AccessRequest): boolean => LIVE.includes(request.state);

export const isOver = (request: AccessRequest): boolean =>
  request.state === 'closed' ||
  request.state === 'denied' ||
  request.state === 'cancelled' ||
  request.state === 'lapsed';

/** Requests that have a say in what an account should be. Approved ones need nothing done yet, but the account. */
export const CONCERNED: readonly RequestState[] = ['approved', 'provisioning', 'active', 'closing'];
