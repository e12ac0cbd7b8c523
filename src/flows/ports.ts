import type { Redacted } from '../lib/redacted.js';
import type { Observed } from '../engine/account.js';
import type { DirectoryFault } from '../engine/faults.js';
import type { AccountId, IdentityKey, OrganizationId, PersonId, RequestId, TenantId } from '../engine/ids.js';
import type { Address, Identity, Person, Platform } from '../engine/person.js';
import type { Step } from '../engine/plan.js';
import type { AccessRequest, RequestState } from '../engine/request.js';
import type { DirectoryGroup, Role } from '../engine/access.js';
import type { Tenant } from '../engine/tenant.js';
import type { Result } from '../lib/result.js';
import type { AuditEvent } from './ports/audit.js';

/** What a transition sets in motion; recorded in the same write as the transition, performed at least once. */
export type Effect =
  /** Bring every card that shows this request in line with it. */
  | { readonly kind: 'cards' }
  | { readonly kind: 'notice'; readonly to: PersonId; readonly notice: Notice }
  | { readonly kind: 'alarm'; readonly notice: Notice }
  | { readonly kind: 'audit'; readonly event: AuditEvent };

/** A message that is sent once and never changed. */
export type Notice =
  | 'denied'
  | 'lapsed'
  /** To approvers who have not spoken yet. */
  | 'reminder'
  /** To those whom a template names: the access has begun, and it is over. */
  | 'live'
  | 'over'
  | 'ending-soon'
  /** The credential that was shown no longer works, and nobody had asked for another. */
  | 'renewed'
  | 'extended'
  | 'ended'
  | 'failed'
  | 'overdue'
  /** The same to the requester, who can do nothing about it. */
  | 'late'
  | 'overdue-ended'
  /** An owner has closed it although nothing proves its end. */
  | 'unconfirmed';

export interface QueuedEffect {
  /** The same for every attempt to perform it, so that performing twice can be told. */
  readonly id: string;
  readonly effect: Effect;
}

/** Which message shows a request where, so that it is updated and never posted again. */
export interface LedgerEntry {
  /** Place and role of the card, `approval/slack:D1`. */
  readonly key: string;
  readonly ref: MessageRef;
  /** Fingerprint of what it shows. */
  readonly shown: string;
}

/** A posted message. */
export interface MessageRef {
  readonly address: Address;
  readonly message: string;
}

/** A request as stored. `version` counts transitions; outbox and ledger change without it. */
export interface StoredRequest {
  readonly request: AccessRequest;
  readonly version: number;
  readonly outbox: readonly QueuedEffect[];
  readonly ledger: readonly LedgerEntry[];
}

/** A request as it was loaded, or has just been saved, to be changed. */
export type LoadedRequest = Omit<StoredRequest, 'outbox'>;

export interface DueRequest {
  readonly id: RequestId;
  readonly tenant: TenantId;
}

/** Whoever shows the token has the right, from `now` until `until`. */
export interface DeliveryRight {
  readonly token: string;
  readonly now: Date;
  readonly until: Date;
}

export interface RequestStore {
  /** `false`: the id is taken. */
  insert(request: AccessRequest, effects: readonly Effect[], ledger: readonly LedgerEntry[]): Promise<boolean>;
  load(id: RequestId): Promise<StoredRequest | undefined>;
  /** Compare-and-swap on `version`; `false`: somebody else was first. Effects join the outbox in the same write. */
  save(next: AccessRequest, version: number, effects: readonly Effect[]): Promise<boolean>;
  /**
   * The same with the sole right to perform its effects, in one write; `undefined`: nothing was written, as somebody
   * else changed the request first, or has that right, or it is not time to perform them.
   */
  saveToDeliver(
    next: AccessRequest,
    version: number,
    effects: readonly Effect[],
    right: DeliveryRight,
  ): Promise<StoredRequest | undefined>;
  /** Requests whose `dueAt` has come, most overdue first, but none of these tenants. */
  due(now: Date, limit: number, except?: readonly TenantId[]): Promise<readonly DueRequest[]>;
  /** Requests with effects nobody is performing. */
  undelivered(now: Date, limit: number): Promise<readonly RequestId[]>;
  /** Takes the sole right to perform this request's effects until `until`; `undefined`: held by another, or nothing to do. */
  claimDelivery(id: RequestId, right: DeliveryRight): Promise<StoredRequest | undefined>;
  /**
   * Under the same token, in one write: drops performed effects, replaces ledger entries by key, and gives the right
   * back; `retryAt`: nobody performs the rest before. Whoever has lost the right changes nothing. The answer: whether
   * there are effects left.
   */
  finishDelivery(
    id: RequestId,
    token: string,
    done: readonly string[],
    ledger: readonly LedgerEntry[],
    retryAt?: Date,
  ): Promise<boolean>;
  byAccount(account: AccountId, states: readonly RequestState[]): Promise<readonly StoredRequest[]>;
  /** Newest first. */
  list(filter: RequestFilter, limit: number): Promise<readonly AccessRequest[]>;
}

export interface RequestFilter {
  readonly requesters?: readonly PersonId[];
  /** Those that one of these was asked to decide. */
  readonly askedOf?: readonly PersonId[];
  readonly organizations?: readonly OrganizationId[];
  readonly states?: readonly RequestState[];
  readonly tenant?: TenantId;
  readonly tenants?: readonly TenantId[];
  /** Only those that were closed without proof. */
  readonly unconfirmed?: true;
  /** Those that began to end first, first; instead of newest first. */
  readonly longestEndingFirst?: true;
}

export interface PersonStore {
  byIdentity(key: IdentityKey): Promise<Person | undefined>;
  byId(id: PersonId): Promise<Person | undefined>;
  byIds(ids: readonly PersonId[]): Promise<readonly Person[]>;
  /** By e-mail or by display name, case-insensitive. */
  named(text: string): Promise<readonly Person[]>;
  /** Creates the person at the first appearance; afterwards refreshes name, e-mail, zone and address (never erases them). */
  appear(identity: Identity, newId: PersonId): Promise<Person>;
  /** Makes every identity of `from` one of `into`, and `from` an alias. Safe to repeat. */
  join(into: PersonId, from: PersonId): Promise<void>;
}

/** An offer to join two identities, waiting for both sides. */
export interface LinkOffer {
  readonly code: string;
  readonly from: IdentityKey;
  readonly fromName: string;
  readonly to?: IdentityKey;
  readonly toName?: string;
  readonly confirmedBy: readonly IdentityKey[];
  /** What both may do together, as an owner is shown it who has yet to agree. */
  readonly held?: readonly string[];
  readonly expiresAt: Date;
}

export interface LinkStore {
  insert(offer: LinkOffer): Promise<boolean>;
  load(code: string): Promise<LinkOffer | undefined>;
  /** Names the other side, once; `undefined`: unknown, expired, or already claimed by another. */
  claim(code: string, to: IdentityKey, toName: string, now: Date): Promise<LinkOffer | undefined>;
  /** Adds a confirmation by one of the two; the offer as it is afterwards. */
  confirm(code: string, by: IdentityKey, now: Date): Promise<LinkOffer | undefined>;
  /** Keeps it for an owner's word until then, once; `undefined`: it is held already, or gone. */
  hold(code: string, rights: readonly string[], until: Date, now: Date): Promise<LinkOffer | undefined>;
  remove(code: string): Promise<void>;
}

/** What became of one step. `unclear`: it may have happened. */
export type StepOutcome =
  | {
      readonly kind: 'done';
      readonly objectId?: string;
      readonly assignment?: string;
      /** It was this write that made the user a member, and none before it. */
      readonly joined?: true;
      /** An access pass, whose value no read ever tells again. */
      readonly pass?: { readonly id: string; readonly value: Redacted<string>; readonly endsAt: Date };
    }
  /** The thing to take away was not there to this replica; only a late enough read settles it. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly fault: DirectoryFault; readonly unclear: boolean };

/** Which user a call is about. */
export interface DirectoryUser {
  readonly account: AccountId;
  readonly upn: string;
  readonly displayName: string;
  readonly objectId?: string;
}

/** One tenant's directory, as far as Latchkey needs it. Every call has a deadline; no write is blindly retried. */
export interface Directory {
  /** Reads the account by object id, or by name while no id is known: two round trips then, one otherwise. */
  observe(tenant: Tenant, user: DirectoryUser, look?: Look): Promise<Result<Observed, DirectoryFault>>;
  /** An access pass will be issued there soon: what that takes to know is read meanwhile. */
  anticipatePass(tenant: Pick<Tenant, 'directoryId'>): void;
  /**
   * Performs the steps in order, in as few round trips as Graph allows: a creation by itself, the rest in batches.
   * The outcomes stand in the order of the steps. A step whose predecessor failed is tried all the same.
   */
  apply(
    tenant: Tenant,
    user: DirectoryUser,
    steps: readonly Step[],
    password: Redacted<string>,
  ): Promise<readonly StepOutcome[]>;
  /** The roles that exist in the tenant. */
  roles(tenant: Pick<Tenant, 'directoryId'>): Promise<Result<readonly DirectoryRole[], DirectoryFault>>;
  /** The groups whose names begin with these words, or the one with this id; with no words, all of them. */
  groups(tenant: Pick<Tenant, 'directoryId'>, words: string): Promise<Result<readonly ListedGroup[], DirectoryFault>>;
  /** Who the tenant is and which domains it has; proves that the app's consent works. */
  describe(directoryId: string): Promise<Result<DirectoryDescription, DirectoryFault>>;
}

/**
 * What is read beside the user, direct role assignments and groups; it costs an item of the same round trip. `needed`:
 * without it nothing is known; `wanted`: a directory that refuses it is read without.
 */
export interface Look {
  /** Access passes, which the directory lets nobody read often. */
  readonly passes?: 'needed' | 'wanted';
  /** Roles that Entra itself ends. */
  readonly schedules?: 'needed' | 'wanted';
}

export interface DirectoryRole extends Role {
  readonly privileged: boolean;
}

export interface ListedGroup extends DirectoryGroup {
  /** Its members are not ours to change: a rule, Exchange or a directory on the premises decides them. */
  readonly keptElsewhere: boolean;
}

export interface DirectoryDescription {
  readonly name: string;
  readonly domains: readonly { readonly name: string; readonly verified: boolean; readonly managed: boolean }[];
}

/** Seals secrets before they touch the database. */
export interface Vault {
  seal(secret: Redacted<string>): Promise<string>;
  open(sealed: string): Promise<Redacted<string>>;
}

/** What happened to a message. `unreachable`: this address will not take messages; trying again does not help. */
export type Delivery =
  | { readonly kind: 'sent'; readonly ref: MessageRef }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'later'; readonly detail: string; readonly retryAfterMs?: number };

/** Puts cards where people read them. A card is platform-neutral; the platform's adapter renders it. */
export interface Notifier<Card> {
  readonly platforms: readonly Platform[];
  post(address: Address, card: Card): Promise<Delivery>;
  update(ref: MessageRef, card: Card): Promise<Delivery>;
}

/** The alarm clock. Never the truth: a sweeper finds whatever it forgets. */
export interface Jobs {
  /** Has somebody look at what is due at that time, or soon after. */
  wake(at: Date): Promise<void>;
}

/** Which service hosts a Teams conversation, remembered so that the bot can write there after a restart. */
export interface ConversationStore {
  serviceUrlOf(conversation: string): Promise<string | undefined>;
  remember(conversation: string, serviceUrl: string): Promise<void>;
}
