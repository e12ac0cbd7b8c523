import { z } from 'zod';
import type { RequestId } from '../engine/ids.js';
import type {
  AccessRequest,
  AccountLeft,
  Hold,
  Outcome,
  Remains,
  RequestState,
  RevealState,
  Trouble,
} from '../engine/request.js';
import type { Effect, LedgerEntry, MessageRef, Notice, QueuedEffect, StoredRequest } from '../flows/ports.js';
import { auditEventSchema } from './audit-document.js';
import { accountKindSchema, expirationActionSchema } from './config-document.js';
import { readerOf, wordOf, type FieldsOf } from './document.js';
import {
  accountIdSchema,
  addressSchema,
  directoryGroupSchema,
  existingUserSchema,
  freshUserSchema,
  organizationIdSchema,
  personIdSchema,
  platformSchema,
  quorumSchema,
  requestIdSchema,
  roleSchema,
  ruleIdSchema,
  templateIdSchema,
  tenantIdSchema,
  verdictSchema,
} from './values.js';

/** One document of `requests`. */
export interface RequestDocument {
  readonly _id: RequestId;
  /** Counts transitions. */
  readonly version: number;
  /** One is drawn for each of the last transitions, so that a writer whose answer got lost can tell whether it was the one. */
  readonly stamps: readonly string[];
  readonly request: AccessRequest;
  /** When somebody has to look at it next; `null`: never again. Derived from `request`, here for its index. */
  readonly dueAt: Date | null;
  /** Nobody performs the outbox before this. */
  readonly deliverAt: Date | null;
  /** Who performs the outbox, and until when nobody else may. */
  readonly delivery?: { readonly token: string; readonly until: Date };
  readonly outbox: readonly QueuedEffect[];
  readonly ledger: readonly LedgerEntry[];
}

const states = wordOf<RequestState>({
  pending: true,
  approved: true,
  provisioning: true,
  active: true,
  closing: true,
  closed: true,
  denied: true,
  cancelled: true,
  lapsed: true,
});

const outcomes = wordOf<Outcome>({
  expired: true,
  ended: true,
  revoked: true,
  failed: true,
  extended: true,
  unconfirmed: true,
});

const accountsLeft = wordOf<AccountLeft>({
  'in-use': true,
  enabled: true,
  disabled: true,
  deleted: true,
  'as-before': true,
});

const revealStates = wordOf<RevealState>({ none: true, offered: true, taken: true, shared: true, own: true });

const notices = wordOf<Notice>({
  denied: true,
  lapsed: true,
  reminder: true,
  live: true,
  'ending-soon': true,
  extended: true,
  ended: true,
  over: true,
  failed: true,
  overdue: true,
  renewed: true,
  'overdue-ended': true,
  late: true,
  unconfirmed: true,
});

const trouble = z.strictObject({
  attempts: z.int(),
  since: z.date(),
  sameSince: z.date().exactOptional(),
  code: z.string(),
  clause: z.string(),
} satisfies FieldsOf<Trouble>);

const remains = z.strictObject({
  readAt: z.date(),
  signIn: z.boolean(),
  access: z.array(z.string()),
} satisfies FieldsOf<Remains>);

const hold = z.strictObject({
  until: z.date(),
  shutSince: z.date().exactOptional(),
} satisfies FieldsOf<Hold>);

const ruleReference = z.strictObject({
  id: ruleIdSchema,
  name: z.string(),
} satisfies FieldsOf<AccessRequest['rules'][number]>);

const approver = z.strictObject({
  id: personIdSchema,
  name: z.string(),
} satisfies FieldsOf<AccessRequest['asked'][number]>);

const request = z.strictObject({
  id: requestIdSchema,
  requester: personIdSchema,
  requesterName: z.string(),
  askedOn: platformSchema,
  tenant: tenantIdSchema,
  tenantName: z.string(),
  organization: organizationIdSchema.exactOptional(),
  account: accountIdSchema,
  accountKind: accountKindSchema,
  existing: existingUserSchema.exactOptional(),
  fresh: freshUserSchema.exactOptional(),
  upn: z.string(),
  roles: z.array(roleSchema),
  groups: z.array(directoryGroupSchema),
  atEnd: expirationActionSchema,
  tap: z.boolean(),
  template: z.strictObject({ id: templateIdSchema, name: z.string() }).exactOptional(),
  extends: z.strictObject({ id: requestIdSchema, from: z.date() }).exactOptional(),
  durationMs: z.number(),
  startsAt: z.date().exactOptional(),
  endsBy: z.date().exactOptional(),
  reason: z.string(),
  ticket: z.string().exactOptional(),
  rules: z.array(ruleReference),
  quorums: z.array(quorumSchema),
  selfApproval: z.boolean(),
  secondFactor: z.boolean(),
  denialsToEnd: z.int(),
  remindEveryMs: z.number(),
  notify: z.array(approver),
  asked: z.array(approver),
  unreachable: z.array(z.string()),
  createdAt: z.date(),
  lapsesAt: z.date(),
  state: states,
  approvals: z.array(verdictSchema),
  denials: z.array(verdictSchema),
  tally: z.array(z.int()),
  decidedAt: z.date().exactOptional(),
  reminded: z.strictObject({ at: z.date(), times: z.int() }).exactOptional(),
  merging: z.literal(true).exactOptional(),
  extensions: z.array(requestIdSchema),
  calledOff: z.string().exactOptional(),
  progress: z.array(z.string()),
  readyAt: z.date().exactOptional(),
  endsAt: z.date().exactOptional(),
  reveal: revealStates,
  revealedAt: z.date().exactOptional(),
  passEndsAt: z.date().exactOptional(),
  warnedAt: z.date().exactOptional(),
  closeCause: outcomes.exactOptional(),
  closedBy: z.string().exactOptional(),
  closingSince: z.date().exactOptional(),
  alarmedAt: z.date().exactOptional(),
  alarms: z.int().exactOptional(),
  trouble: trouble.exactOptional(),
  retryAt: z.date().exactOptional(),
  remains: remains.exactOptional(),
  hold: hold.exactOptional(),
  confirmedAt: z.date().exactOptional(),
  accountLeft: accountsLeft.exactOptional(),
  outcome: outcomes.exactOptional(),
  unconfirmed: z.strictObject({ by: z.string(), at: z.date() }).exactOptional(),
} satisfies FieldsOf<AccessRequest>);

const effect: z.ZodType<Effect> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cards') }),
  z.strictObject({ kind: z.literal('notice'), to: personIdSchema, notice: notices }),
  z.strictObject({ kind: z.literal('alarm'), notice: notices }),
  z.strictObject({ kind: z.literal('audit'), event: auditEventSchema }),
]);

const messageRef = z.strictObject({ address: addressSchema, message: z.string() } satisfies FieldsOf<MessageRef>);

const requestDocument = z.strictObject({
  _id: requestIdSchema,
  version: z.int(),
  stamps: z.array(z.string()),
  request,
  dueAt: z.date().nullable(),
  deliverAt: z.date().nullable(),
  delivery: z.strictObject({ token: z.string(), until: z.date() }).exactOptional(),
  outbox: z.array(z.strictObject({ id: z.string(), effect } satisfies FieldsOf<QueuedEffect>)),
  ledger: z.array(
    z.strictObject({ key: z.string(), ref: messageRef, shown: z.string() } satisfies FieldsOf<LedgerEntry>),
  ),
} satisfies FieldsOf<RequestDocument>);

export const readRequest = readerOf<RequestDocument>('requests', requestDocument);

export const readRequestId = readerOf('requests', z.object({ _id: requestIdSchema }));

export const readOwed = readerOf('requests', z.object({ outbox: z.array(z.object({ id: z.string() })) }));

export const readDue = readerOf(
  'requests',
  z.object({ _id: requestIdSchema, request: z.object({ tenant: tenantIdSchema }) }),
);

export const toStored = ({ request, version, outbox, ledger }: RequestDocument): StoredRequest => ({
  request,
  version,
  outbox,
  ledger,
});
