import type { Account, Observed } from '../../src/engine/account.js';
import type { BreakGlassAccount } from '../../src/engine/break-glass.js';
import type { Desired } from '../../src/engine/desired.js';
import {
  accountId,
  breakGlassId,
  dedicatedAccountId,
  groupId,
  identityKey,
  personId,
  requestId,
  roleId,
  ruleId,
  tenantId,
} from '../../src/engine/ids.js';
import type { RoleId } from '../../src/engine/ids.js';
import type { Identity, Person, Platform } from '../../src/engine/person.js';
import type { AccessRequest } from '../../src/engine/request.js';
import type { Role } from '../../src/engine/access.js';
import type { Group } from '../../src/engine/group.js';
import type { AllowRule, Demands, Selector } from '../../src/engine/rule.js';
import type { Tenant } from '../../src/engine/tenant.js';
import { addMs, HOUR } from '../../src/lib/clock.js';

/** When everything below begins. */
export const NOON = new Date('2026-03-02T12:00:00.000Z');

export const USER_ADMINISTRATOR: Role = {
  id: roleId('fe930be7-5e62-47db-91af-98c3a49a38b1'),
  name: 'User Administrator',
};

export const HELPDESK_ADMINISTRATOR: Role = {
  id: roleId('729827e3-9c14-49f7-bb1b-9608f156bbb8'),
  name: 'Helpdesk Administrator',
};

export const aTenant = (overrides: Partial<Tenant> = {}): Tenant => ({
  id: tenantId('contoso'),
  name: 'Contoso',
  directoryId: 'aaaaaaaa-0000-4000-8000-000000000001',
  domain: 'contoso.example',
  defaultDurationMs: 4 * HOUR,
  ...overrides,
});

export const aGroup = (overrides: Partial<Group> = {}): Group => ({
  id: groupId('G-TECHS'),
  name: 'Technicians',
  members: [personId('P-DANA')],
  ...overrides,
});

/** What a rule demands unless a test says otherwise: one of the leads, eight hours at most. */
export const demanding = (overrides: Partial<Demands> = {}): Demands => ({
  longestMs: 8 * HOUR,
  quorums: [{ group: groupId('G-LEADS'), groupName: 'Leads', count: 1 }],
  selfApproval: false,
  denials: 1,
  pendingMs: 8 * HOUR,
  secondFactor: false,
  ...overrides,
});

/** Selects one role by its id. */
export const exactly = ({ id, name }: Role): Selector<RoleId> => ({ kind: 'one', id, name });

export const aRule = (overrides: Partial<AllowRule> = {}): AllowRule => ({
  id: ruleId('L-1'),
  name: 'Technicians at Contoso',
  effect: 'allow',
  subjects: [{ kind: 'group', id: groupId('G-TECHS') }],
  where: [{ kind: 'tenant', id: tenantId('contoso') }],
  what: { roles: [exactly(USER_ADMINISTRATOR)], groups: [], templates: [] },
  demands: demanding(),
  ...overrides,
});

/** A chat identity with everything known; `user` is the platform's own id. */
export const anIdentity = (platform: Platform, user: string, overrides: Partial<Identity> = {}): Identity => ({
  key: identityKey(platform, user),
  platform,
  name: 'Dana Fox',
  email: 'dana@msp.example',
  zone: 'Europe/Berlin',
  address:
    platform === 'slack'
      ? { platform, conversation: `D${user}` }
      : { platform, conversation: `a:${user}`, serviceUrl: 'https://teams.example/' },
  ...overrides,
});

export const aPerson = (overrides: Partial<Person> = {}): Person => ({
  id: personId('P-DANA'),
  name: 'Dana Fox',
  aliases: [],
  identities: [anIdentity('slack', 'U1DANA')],
  ...overrides,
});

/** One that was just begun: nothing is set, and its first rotation is due at noon. */
export const aBreakGlassAccount = (overrides: Partial<BreakGlassAccount> = {}): BreakGlassAccount => ({
  id: breakGlassId(tenantId('contoso'), 'emergency1'),
  tenant: tenantId('contoso'),
  name: 'emergency1',
  upn: 'emergency1@contoso.onmicrosoft.com',
  origin: 'made',
  isAdministrator: false,
  candidates: [],
  rotateAt: NOON,
  ...overrides,
});

/** A pending request of Dana for Contoso, asked at noon in Slack. */
export const aRequest = (overrides: Partial<AccessRequest> = {}): AccessRequest => ({
  id: requestId('R-7K2M'),
  requester: personId('P-DANA'),
  requesterName: 'Dana Fox',
  askedOn: 'slack',
  tenant: tenantId('contoso'),
  tenantName: 'Contoso',
  account: dedicatedAccountId(tenantId('contoso'), personId('P-DANA')),
  accountKind: 'dedicated',
  upn: 'jit-dana.fox@contoso.example',
  roles: [USER_ADMINISTRATOR],
  groups: [],
  atEnd: 'disable',
  tap: false,
  durationMs: 2 * HOUR,
  reason: 'Reset MFA for the new CFO',
  rules: [{ id: ruleId('L-1'), name: 'Technicians at Contoso' }],
  quorums: [{ group: groupId('G-LEADS'), groupName: 'Leads', count: 1 }],
  selfApproval: false,
  secondFactor: false,
  denialsToEnd: 1,
  remindEveryMs: 0,
  notify: [],
  asked: [{ id: personId('P-LEE'), name: 'Lee Moss' }],
  unreachable: [],
  createdAt: NOON,
  lapsesAt: addMs(NOON, 8 * HOUR),
  state: 'pending',
  approvals: [],
  denials: [],
  tally: [0],
  extensions: [],
  progress: [],
  reveal: 'none',
  ...overrides,
});

/** A request whose access was ready at noon. */
export const anActiveRequest = (overrides: Partial<AccessRequest> = {}): AccessRequest =>
  aRequest({
    state: 'active',
    decidedAt: NOON,
    readyAt: NOON,
    endsAt: addMs(NOON, 2 * HOUR),
    reveal: 'offered',
    ...overrides,
  });

/** Dana's account at Contoso as it is before its first use. */
export const anAccount = (overrides: Partial<Account> = {}): Account => ({
  id: accountId('contoso/P-DANA'),
  tenant: tenantId('contoso'),
  kind: 'dedicated',
  person: personId('P-DANA'),
  upn: 'jit-dana.fox@contoso.example',
  displayName: 'Dana Fox (JIT)',
  creationSent: false,
  credential: { generation: 0, sessionsRevoked: true, use: 'shut' },
  grants: [],
  ...overrides,
});

/** A user that the directory shows as ours: shut, and without any access. */
export const aUser = (overrides: Partial<FoundUser> = {}): FoundUser => ({
  exists: true,
  objectId: 'known',
  enabled: false,
  deletable: true,
  origin: 'cloud',
  assignments: [],
  groups: [],
  ...overrides,
});

export type FoundUser = Extract<Observed, { exists: true }>;

/** Sign-in and nothing else, by the fifth password. */
export const aWish = (overrides: Partial<Desired> = {}): Desired => ({
  user: 'open',
  roles: [],
  groups: [],
  pass: { kind: 'none' },
  generation: 5,
  revokeSessions: false,
  changesHolders: false,
  ...overrides,
});
