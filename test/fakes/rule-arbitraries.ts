import fc from 'fast-check';
import type {
  AccountKind,
  AdministrativeUnit,
  DirectoryGroup,
  ExistingUser,
  ExpirationAction,
  Role,
} from '../../src/engine/access.js';
import type { Ask, Book } from '../../src/engine/decide.js';
import { directoryGroupId, directoryUserId, groupId, organizationId, personId, roleId } from '../../src/engine/ids.js';
import { ruleId, templateId, tenantId, unitId } from '../../src/engine/ids.js';
import type { Limits } from '../../src/engine/limits.js';
import type { Demands, Quorum, Rule, Selector, Subject, What, Where } from '../../src/engine/rule.js';
import type { Template } from '../../src/engine/template.js';
import type { Tenant } from '../../src/engine/tenant.js';
import type { Window } from '../../src/engine/window.js';
import { addMs, HOUR, MINUTE } from '../../src/lib/clock.js';
import { aPerson, NOON, USER_ADMINISTRATOR } from './fixtures.js';

// A world so small that whatever is drawn from it often meets: rules and what is asked of them.

export const ROLES: readonly Role[] = [
  USER_ADMINISTRATOR,
  { id: roleId('reports'), name: 'Reports Reader', privileged: false },
  { id: roleId('messages'), name: 'Message Center Reader', privileged: false },
  { id: roleId('custom'), name: 'Custom Reader', privileged: true },
  { id: roleId('unvouched'), name: 'Unvouched Reader' },
];

export const UNITS: readonly AdministrativeUnit[] = [
  { id: unitId('berlin'), name: 'Berlin office' },
  { id: unitId('lagos'), name: 'Lagos office' },
];

/** Each role in the whole directory, and confined to each unit. */
export const CONFINED: readonly Role[] = ROLES.flatMap((role) => UNITS.map((unit) => ({ ...role, unit })));

export const USERS: readonly ExistingUser[] = [
  { id: directoryUserId('admin'), upn: 'admin@contoso.example', name: 'Adele Admin', origin: 'cloud' },
  { id: directoryUserId('backup'), upn: 'svc-backup@contoso.example', name: 'Backup', origin: 'cloud' },
  { id: directoryUserId('scanner'), upn: 'svc-scanner@contoso.example', name: 'Scanner', origin: 'synced' },
  { id: directoryUserId('guest'), upn: 'svc_partner#EXT#@contoso.example', name: 'Partner', origin: 'guest' },
];

export const DIRECTORY_GROUPS: readonly DirectoryGroup[] = [
  { id: directoryGroupId('mailboxes'), name: 'Mailbox readers', roleAssignable: false },
  { id: directoryGroupId('tier-zero'), name: 'Tier zero readers', roleAssignable: true },
];

export const TENANTS: readonly Pick<Tenant, 'id' | 'organization'>[] = [
  { id: tenantId('contoso'), organization: organizationId('acme') },
  { id: tenantId('contoso-lab'), organization: organizationId('acme') },
  { id: tenantId('fabrikam'), organization: organizationId('globex') },
  { id: tenantId('ours') },
];

export const GROUP_IDS = ['G-TECHS', 'G-LEADS', 'G-OPS'].map(groupId);

const ORGANIZATIONS = [organizationId('acme'), organizationId('globex')];
const TEMPLATE_IDS = [templateId('T-1'), templateId('T-2')];
const ACCOUNTS: readonly AccountKind[] = ['dedicated', 'fresh', 'existing'];
const ENDS: readonly ExpirationAction[] = ['keep', 'disable', 'delete'];
const USER_PATTERNS = ['svc-*', 'SVC*', '*@contoso.example', 'admin@*', 'nobody*'];
const PATTERNS = ['*', '*Reader', 'reports*', 'M*r*', 'Custom Reader', '*zero*', 'nothing'];
const TICKETS = ['INC-1', 'CHG-22', 'whatever'];

const some = <T>(all: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...all], { minLength: 1 });

/** Absent more often than not. */
const rarely = <K extends string, T>(key: K, one: fc.Arbitrary<T>): fc.Arbitrary<{ readonly [P in K]?: T }> =>
  fc.oneof(
    { arbitrary: fc.constant({}), weight: 2 },
    one.map((value) => ({ [key]: value }) as { readonly [P in K]?: T }),
  );

const merged = <A, B, C>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>, c: fc.Arbitrary<C>): fc.Arbitrary<A & B & C> =>
  fc.tuple(a, b, c).map(([one, two, three]) => ({ ...one, ...two, ...three }));

const nothing = fc.constant({});

export const anySubject: fc.Arbitrary<Subject> = fc.oneof(
  fc.constant<Subject>({ kind: 'everyone' }),
  fc.constantFrom(...GROUP_IDS).map((id): Subject => ({ kind: 'group', id })),
  fc.constantFrom('P-DANA', 'P-OLD', 'P-OTHER').map((id): Subject => ({ kind: 'person', id: personId(id) })),
);

export const anyWhere: fc.Arbitrary<Where> = fc.oneof(
  fc.constant<Where>({ kind: 'all' }),
  fc.constantFrom(...ORGANIZATIONS).map((id): Where => ({ kind: 'organization', id })),
  fc.constantFrom(...TENANTS).map(({ id }): Where => ({ kind: 'tenant', id })),
);

const selectorsOf = <Id extends string>(
  things: readonly { id: Id; name: string; unit?: AdministrativeUnit }[],
  patterns = PATTERNS,
): fc.Arbitrary<Selector<Id>[]> =>
  fc.array(
    fc.oneof(
      fc.constantFrom(...things).map(({ id, name, unit }): Selector<Id> => ({
        kind: 'one',
        id,
        name,
        ...(unit === undefined ? {} : { unit }),
      })),
      fc.constantFrom(...patterns).map((pattern): Selector<Id> => ({ kind: 'pattern', pattern })),
    ),
    { maxLength: 2 },
  );

const lists = fc.record({
  roles: selectorsOf([...ROLES, ...ROLES, ...CONFINED]),
  groups: selectorsOf(DIRECTORY_GROUPS),
  templates: fc.oneof(fc.constant([]), fc.subarray(TEMPLATE_IDS)),
});

const people = merged(
  rarely(
    'users',
    selectorsOf(
      USERS.map((user) => ({ ...user, name: user.upn })),
      USER_PATTERNS,
    ),
  ),
  rarely('outsiders', fc.boolean()),
  // Seldom: such a rule has no say in what is lent.
  fc.oneof({ arbitrary: nothing, weight: 15 }, fc.constant({ breakGlass: true as const })),
);

const anyWhat: fc.Arbitrary<What> = fc
  .tuple(lists, rarely('accounts', some(ACCOUNTS)), rarely('atEnd', some(ENDS)), rarely('tap', fc.boolean()), people)
  .map(([named, accounts, atEnd, tap, whom]) => ({ ...named, ...accounts, ...atEnd, ...tap, ...whom }));

export const anyWindow: fc.Arbitrary<Window> = fc.record({
  days: some([1, 2, 3, 4, 5, 6, 7]),
  fromMinute: fc.nat({ max: 1_439 }),
  untilMinute: fc.integer({ min: 1, max: 1_440 }),
  zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
});

export const anyQuorum: fc.Arbitrary<Quorum> = merged(
  fc.constantFrom(...GROUP_IDS).map((group) => ({ group, groupName: group })),
  fc.record({ count: fc.integer({ min: 1, max: 3 }) }),
  rarely(
    'escalation',
    fc
      .tuple(fc.constantFrom(...GROUP_IDS), fc.constantFrom(10 * MINUTE, HOUR))
      .map(([group, afterMs]) => ({ group, groupName: group, afterMs })),
  ),
);

const anyDemands: fc.Arbitrary<Demands> = merged(
  fc.record({
    longestMs: fc.integer({ min: 2, max: 12 }).map((hours) => hours * HOUR),
    quorums: fc.oneof(fc.constant([]), fc.array(anyQuorum, { maxLength: 2 })),
    selfApproval: fc.boolean(),
    denials: fc.integer({ min: 1, max: 3 }),
    pendingMs: fc.integer({ min: 1, max: 8 }).map((hours) => hours * HOUR),
    secondFactor: fc.boolean(),
  }),
  rarely('ticket', fc.constantFrom({}, { pattern: String.raw`INC-\d+` }, { pattern: '(INC|CHG)-.*' })),
  nothing,
);

const head = fc
  .tuple(
    fc.record({
      name: fc.constant('A rule'),
      subjects: fc.array(anySubject, { minLength: 1, maxLength: 2 }),
      where: fc.array(anyWhere, { minLength: 1, maxLength: 2 }),
      what: anyWhat,
    }),
    rarely('organization', fc.constantFrom(...ORGANIZATIONS)),
    rarely('when', anyWindow),
    fc.uuid().map(ruleId),
  )
  .map(([parts, organization, when, id]) => ({ id, ...parts, ...organization, ...when }));

export const anyAllowRule = fc
  .tuple(head, anyDemands)
  .map(([parts, demands]) => ({ ...parts, effect: 'allow' as const, demands }));

export const anyDenyRule = head.map((parts) => ({ ...parts, effect: 'deny' as const }));

/** Three of four allow, so that something is left to decide. */
export const anyRule: fc.Arbitrary<Rule> = fc.oneof(
  { arbitrary: anyAllowRule, weight: 4 },
  { arbitrary: anyDenyRule, weight: 1 },
);

const anyTemplate: fc.Arbitrary<Template> = merged(
  fc.record({
    id: fc.constantFrom(...TEMPLATE_IDS),
    name: fc.constant('A template'),
    description: fc.constant(''),
    tenants: fc.oneof(fc.constant([]), some(TENANTS.map(({ id }) => id))),
    roles: fc.subarray([...ROLES, ...CONFINED], { maxLength: 4 }),
    groups: fc.subarray([...DIRECTORY_GROUPS]),
  }),
  fc.record({
    account: fc.constantFrom(...ACCOUNTS),
    atEnd: fc.constantFrom(...ENDS),
    tap: fc.boolean(),
    notify: fc.constant([]),
    isDefault: fc.boolean(),
  }),
  rarely('organization', fc.constantFrom(...ORGANIZATIONS)),
);

/** Mostly without limits of its own, so that something is left to decide. */
export const anyLimits: fc.Arbitrary<Limits> = fc.oneof(
  { arbitrary: fc.constant({}), weight: 3 },
  fc
    .tuple(
      rarely(
        'longestDurationMs',
        fc.integer({ min: 1, max: 8 }).map((hours) => hours * HOUR),
      ),
      rarely('roles', some(ROLES)),
      rarely('groups', some(DIRECTORY_GROUPS)),
      fc.oneof({ arbitrary: nothing, weight: 9 }, fc.constant({ leaving: { by: 'Olga', at: NOON } })),
    )
    .map(([longest, roles, groups, leaving]) => ({ ...longest, ...roles, ...groups, ...leaving })),
);

const anyTenant: fc.Arbitrary<Ask['tenant']> = merged(
  fc.constantFrom(...TENANTS),
  fc.oneof(
    { arbitrary: nothing, weight: 4 },
    fc.constantFrom(...ENDS).map((atEnd) => ({ atEnd })),
  ),
  anyLimits,
);

const DANA = aPerson({ aliases: [personId('P-OLD')] });

/** On which account, and what becomes of it: of a user who was there before mostly what can be asked for. */
const anyManner = fc.oneof(
  {
    arbitrary: fc.record({
      account: fc.oneof({ arbitrary: fc.constant('dedicated' as const), weight: 3 }, fc.constantFrom(...ACCOUNTS)),
      atEnd: fc.oneof({ arbitrary: fc.constant('disable' as const), weight: 3 }, fc.constantFrom(...ENDS)),
    }),
    weight: 3,
  },
  fc.record({
    account: fc.constant('existing' as const),
    atEnd: fc.constant('keep' as const),
    user: fc.constantFrom(...USERS),
  }),
);

const anyPlainAsk = merged(
  fc.record({
    requester: fc.constant(DANA),
    tenant: anyTenant,
    roles: fc.oneof(fc.subarray([...ROLES], { maxLength: 2 }), fc.subarray([...ROLES, ...CONFINED], { maxLength: 2 })),
    groups: fc.oneof(fc.constant([]), fc.subarray([...DIRECTORY_GROUPS], { maxLength: 1 })),
    tap: fc.oneof({ arbitrary: fc.constant(false), weight: 3 }, fc.boolean()),
    durationMs: fc.integer({ min: 1, max: 8 }).map((hours) => hours * HOUR),
    startsAt: fc.nat({ max: 14 * 24 * 60 }).map((minutes) => addMs(NOON, minutes * MINUTE)),
  }),
  rarely('template', anyTemplate),
  rarely('ticket', fc.constantFrom(...TICKETS)),
);

export const anyAsk: fc.Arbitrary<Ask> = merged(anyPlainAsk, anyManner, nothing);

export const anyBook: fc.Arbitrary<Book> = fc.record({
  rules: fc.array(anyRule, { maxLength: 8 }),
  memberOf: fc.subarray(GROUP_IDS).map((ids) => new Set(ids)),
});
