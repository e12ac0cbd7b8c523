import fc from 'fast-check';
import type { Account, Before, Credential, Grant, Pass } from '../../src/engine/account.js';
import {
  accountId,
  directoryGroupId,
  directoryUserId,
  groupId,
  organizationId,
  personId,
  requestId,
  roleId,
  ruleId,
  templateId,
  tenantId,
  unitId,
} from '../../src/engine/ids.js';
import type { Address } from '../../src/engine/person.js';
import type { AccessRequest, Outcome, Trouble, Verdict } from '../../src/engine/request.js';
import type { Escalation, Quorum } from '../../src/engine/rule.js';
import type { Effect, LedgerEntry, Notice } from '../../src/flows/ports.js';
import type { AuditEvent } from '../../src/flows/ports/audit.js';

/** Any value of our types that the types allow, for what has to hold for all of them. */
type Fields<T> = { readonly [K in keyof T]-?: fc.Arbitrary<T[K]> };

const text = fc.string({ unit: 'binary', maxLength: 20 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const date = fc.date({ noInvalidDate: true });
const platform = fc.constantFrom('slack', 'teams');
const role = fc.record(
  {
    id: name.map(roleId),
    name: text,
    privileged: fc.boolean(),
    unit: fc.record({ id: name.map(unitId), name: text }),
  },
  { requiredKeys: ['id', 'name'] },
);
const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 3 });

const verdictFields: Fields<Verdict> = {
  person: name.map(personId),
  name: text,
  at: date,
  on: platform,
  note: text,
  factor: fc.constant('passkey'),
};
const verdict = fc.record(verdictFields, { requiredKeys: ['person', 'name', 'at', 'on'] });

const outcome = fc.constantFrom<Outcome>('expired', 'ended', 'revoked', 'failed', 'extended', 'unconfirmed');

const troubleFields: Fields<Trouble> = { attempts: fc.nat(), since: date, sameSince: date, code: text, clause: text };
const trouble = fc.record(troubleFields, { requiredKeys: ['attempts', 'since', 'code', 'clause'] });

const person = fc.record({ id: name.map(personId), name: text });

const escalation: fc.Arbitrary<Escalation> = fc.record(
  { afterMs: fc.nat(), group: name.map(groupId), groupName: text, at: date, lookAt: date },
  { requiredKeys: ['afterMs', 'group', 'groupName'] },
);

const quorum: fc.Arbitrary<Quorum> = fc.record(
  { group: name.map(groupId), groupName: text, count: fc.nat(), escalation },
  { requiredKeys: ['group', 'groupName', 'count'] },
);

const directoryGroup = fc.record({ id: name.map(directoryGroupId), name: text, roleAssignable: fc.boolean() });

const requestFields: Fields<AccessRequest> = {
  id: name.map(requestId),
  requester: name.map(personId),
  requesterName: text,
  askedOn: platform,
  tenant: name.map(tenantId),
  tenantName: text,
  organization: name.map(organizationId),
  account: name.map(accountId),
  accountKind: fc.constantFrom('dedicated', 'fresh', 'existing'),
  existing: fc.record({
    id: name.map(directoryUserId),
    upn: text,
    name: text,
    origin: fc.constantFrom('cloud', 'synced', 'guest'),
  }),
  fresh: fc.record({ firstName: text, lastName: text, upn: text }),
  upn: text,
  roles: few(role),
  groups: few(directoryGroup),
  atEnd: fc.constantFrom('keep', 'disable', 'delete'),
  tap: fc.boolean(),
  template: fc.record({ id: name.map(templateId), name: text }),
  extends: fc.record({ id: name.map(requestId), from: date }),
  durationMs: fc.nat(),
  startsAt: date,
  endsBy: date,
  reason: text,
  ticket: text,
  rules: few(fc.record({ id: name.map(ruleId), name: text })),
  quorums: few(quorum),
  selfApproval: fc.boolean(),
  secondFactor: fc.boolean(),
  denialsToEnd: fc.nat(),
  remindEveryMs: fc.nat(),
  notify: few(person),
  asked: few(person),
  unreachable: few(text),
  createdAt: date,
  lapsesAt: date,
  state: fc.constantFrom(
    'pending',
    'approved',
    'provisioning',
    'active',
    'closing',
    'closed',
    'denied',
    'cancelled',
    'lapsed',
  ),
  approvals: few(verdict),
  denials: few(verdict),
  tally: few(fc.nat()),
  reminded: fc.record({ at: date, times: fc.nat() }),
  merging: fc.constant(true),
  extensions: few(name.map(requestId)),
  decidedAt: date,
  calledOff: text,
  progress: few(text),
  readyAt: date,
  endsAt: date,
  reveal: fc.constantFrom('none', 'offered', 'taken', 'shared', 'own'),
  revealedAt: date,
  passEndsAt: date,
  warnedAt: date,
  closeCause: outcome,
  closedBy: text,
  closingSince: date,
  alarmedAt: date,
  alarms: fc.nat(),
  trouble,
  retryAt: date,
  remains: fc.record({ readAt: date, signIn: fc.boolean(), access: few(text) }),
  hold: fc.record({ until: date, shutSince: date }, { requiredKeys: ['until'] }),
  confirmedAt: date,
  accountLeft: fc.constantFrom('in-use', 'enabled', 'disabled', 'deleted'),
  outcome,
  unconfirmed: fc.record({ by: text, at: date }),
};

export const anyRequest: fc.Arbitrary<AccessRequest> = fc.record(requestFields, {
  requiredKeys: [
    ...(['id', 'requester', 'requesterName', 'askedOn', 'tenant', 'tenantName', 'account', 'accountKind'] as const),
    ...(['upn', 'roles', 'groups', 'atEnd', 'tap', 'durationMs', 'reason', 'rules', 'quorums', 'tally'] as const),
    ...(['selfApproval', 'secondFactor', 'denialsToEnd', 'remindEveryMs', 'notify', 'asked', 'unreachable'] as const),
    ...(['createdAt', 'lapsesAt', 'state', 'approvals', 'denials', 'extensions', 'progress', 'reveal'] as const),
  ],
});

const fact = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), few(text));

const notice = fc.constantFrom<Notice>(
  ...(['denied', 'lapsed', 'reminder', 'live', 'over', 'ending-soon', 'extended'] as const),
  ...(['ended', 'failed', 'overdue', 'late', 'overdue-ended', 'unconfirmed'] as const),
);

const facts = fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,8}$/), fact, { maxKeys: 4, noNullPrototype: true });

const auditEventFields: Fields<AuditEvent> = {
  what: text,
  at: date,
  by: text,
  on: platform,
  request: name.map(requestId),
  tenant: name.map(tenantId),
  organization: name.map(organizationId),
  about: few(name.map(personId)),
  facts,
  before: facts,
  after: facts,
};

export const anyAuditEvent: fc.Arbitrary<AuditEvent> = fc.record(auditEventFields, {
  requiredKeys: ['what', 'at', 'by', 'facts'],
});

export const anyEffect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({ kind: fc.constant('cards' as const) }),
  fc.record({ kind: fc.constant('notice' as const), to: name.map(personId), notice }),
  fc.record({ kind: fc.constant('alarm' as const), notice }),
  fc.record({ kind: fc.constant('audit' as const), event: anyAuditEvent }),
);

const addressFields: Fields<Address> = { platform, conversation: text, serviceUrl: text };
const address = fc.record(addressFields, { requiredKeys: ['platform', 'conversation'] });

export const anyLedgerEntry: fc.Arbitrary<LedgerEntry> = fc.record({
  key: text,
  ref: fc.record({ address, message: text }),
  shown: text,
});

const grantFields: Fields<Grant> = {
  access: fc.oneof(
    fc.record({ kind: fc.constant('sign-in' as const) }),
    fc.record({ kind: fc.constant('role' as const), role: name.map(roleId) }),
    fc.record({ kind: fc.constant('group' as const), group: name.map(directoryGroupId) }),
    fc.record({ kind: fc.constant('pass' as const) }),
  ),
  at: date,
  assignment: text,
  until: date,
  joined: fc.constant(true as const),
  pass: text,
  generation: fc.nat({ max: 9 }),
};

const credential: fc.Arbitrary<Credential> = fc.oneof(
  fc.record({
    use: fc.constantFrom('blind', 'kept', 'shut', 'own'),
    generation: fc.nat(),
    sessionsRevoked: fc.boolean(),
  }),
  fc.record(
    {
      use: fc.constant('lent' as const),
      generation: fc.nat(),
      sessionsRevoked: fc.boolean(),
      request: name.map(requestId),
      sealed: text,
    },
    { requiredKeys: ['use', 'generation', 'sessionsRevoked', 'request'] },
  ),
);

const pass: fc.Arbitrary<Pass> = fc.oneof(
  fc.record(
    { request: name.map(requestId), number: fc.nat(), refused: fc.constant(true as const) },
    { requiredKeys: ['request', 'number'] },
  ),
  fc.record(
    { request: name.map(requestId), number: fc.nat(), issued: fc.record({ id: name, endsAt: date }), sealed: text },
    { requiredKeys: ['request', 'number', 'issued'] },
  ),
);

const before: fc.Arbitrary<Before> = fc.record(
  { enabled: fc.boolean(), roles: few(name.map(roleId)), groups: few(name.map(directoryGroupId)), restedAt: date },
  { requiredKeys: ['enabled', 'roles', 'groups'] },
);

const accountFields: Fields<Account> = {
  id: name.map(accountId),
  tenant: name.map(tenantId),
  kind: fc.constantFrom('dedicated', 'fresh', 'existing'),
  person: name.map(personId),
  upn: text,
  displayName: text,
  objectId: text,
  creationSent: fc.boolean(),
  credential,
  pass,
  before,
  grants: few(fc.record(grantFields, { requiredKeys: ['access', 'at'] })),
  deletion: fc.record({ at: date, answered: fc.boolean() }),
  owed: fc.constantFrom('keep', 'disable', 'delete'),
  lastUsedAt: date,
  writtenAt: date,
};

export const anyAccount: fc.Arbitrary<Account> = fc.record(accountFields, {
  requiredKeys: ['id', 'tenant', 'kind', 'upn', 'displayName', 'creationSent', 'credential', 'grants'],
});
