/** The audit log, as flows write, read and check it. */
import type { AuditHead, ChainLine } from '../../engine/audit-chain.js';
import type { SignedHead } from '../../engine/audit-head.js';
import type { OrganizationId, PersonId, RequestId, TenantId } from '../../engine/ids.js';
import type { Platform } from '../../engine/person.js';

/** Plain values under plain names. No secret ever enters them. */
export type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What one line of the audit log tells. */
export interface AuditEvent {
  readonly what: string;
  readonly at: Date;
  /** A person's id, `operator` for a command of the server's own, or `latchkey` where nobody's hand was in it. */
  readonly by: string;
  readonly on?: Platform;
  readonly request?: RequestId;
  readonly tenant?: TenantId;
  /** Whose business it is; lines without one are the whole house's. */
  readonly organization?: OrganizationId;
  /** People whom it concerns, besides the one who did it. */
  readonly about?: readonly PersonId[];
  readonly facts: Facts;
  /** What a change changed: only the fields that differ. */
  readonly before?: Facts;
  readonly after?: Facts;
}

export type AuditLine = ChainLine<AuditEvent>;

/** A stored line that is not what this program writes; `unreadable` names the place in it. */
export interface UnreadableLine {
  readonly seq: number;
  readonly unreadable: string;
}

/** All of what is given must fit. */
export interface AuditFilter {
  readonly request?: RequestId;
  /** Lines by or about any of these. */
  readonly people?: readonly PersonId[];
  /** Only lines of these; none where the list is empty. */
  readonly organizations?: readonly OrganizationId[];
  readonly since?: Date;
  /** Only lines before this one: the last one read gives the next page. */
  readonly before?: number;
}

/** A signed head that was issued, and when. */
export interface IssuedHead {
  readonly head: SignedHead;
  readonly at: Date;
}

/** Only ever grows. */
export interface AuditLog {
  /** Appends once for each id, in the order of the calls. Throws `UnfitForAudit` where the event holds what it may not. */
  append(id: string, event: AuditEvent): Promise<void>;
  /** Newest first. */
  read(filter: AuditFilter, limit: number): Promise<readonly AuditLine[]>;
  /** `undefined`: nothing was ever written. */
  head(): Promise<AuditHead | undefined>;
  /** Every line from this one on, in their order, whatever their state. */
  walk(from: number): AsyncIterable<AuditLine | UnreadableLine>;
  rememberHead(head: SignedHead, at: Date): Promise<void>;
  /** Every signed head that was remembered, the lowest line first. */
  heads(): Promise<readonly IssuedHead[]>;
}

/** Tells whether a head was signed with `AUDIT_KEY`. */
export interface HeadVerifier {
  confirms(head: SignedHead): boolean;
}

/** `AUDIT_KEY` at work. */
export interface HeadSigner extends HeadVerifier {
  sign(head: AuditHead): SignedHead;
  /** For those who check heads without the key. */
  readonly publicKey: string;
}
