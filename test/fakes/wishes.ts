import type { ExpirationAction } from '../../src/engine/access.js';
import { tenantId } from '../../src/engine/ids.js';
import { SECOND } from '../../src/lib/clock.js';
import type { Tenant, User } from '../../src/sandbox/model.js';
import { roleById } from '../../src/sandbox/role-catalog.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { changeTenant } from '../../src/sandbox/tenant-control.js';
import { startOver } from './aftermath.js';
import { answerText } from './service-desk.js';
import type { ServiceDesk } from './service-desk.js';

/** Every way in which access can be asked for, the tenant that each of them takes, and what a directory then holds. */

export const KINDS = ['dedicated new', 'dedicated known', 'fresh', 'existing enabled', 'existing disabled'] as const;
/** `refused`: an access pass is asked for, and the tenant's policy has none. */
export const CREDENTIALS = ['password', 'pass', 'pass for one sign-in', 'pass refused'] as const;
export const WAYS = ['directly', 'by PIM', 'in a unit'] as const;

export interface Wish {
  readonly kind: (typeof KINDS)[number];
  readonly atEnd: ExpirationAction;
  readonly credential: (typeof CREDENTIALS)[number];
  readonly way: (typeof WAYS)[number];
}

export const wishName = ({ kind, atEnd, credential, way }: Wish): string =>
  `${kind}, ${credential}, ${way}, then ${atEnd}`;

export const isExisting = ({ kind }: Wish): boolean => kind.startsWith('existing');

const ENDS: Readonly<Record<Wish['kind'], readonly ExpirationAction[]>> = {
  'dedicated new': ['disable', 'delete', 'keep'],
  'dedicated known': ['disable', 'delete', 'keep'],
  fresh: ['disable', 'delete'],
  'existing enabled': ['keep'],
  'existing disabled': ['keep'],
};

/** All of them, each once. */
export const allWishes = (): readonly Wish[] =>
  KINDS.flatMap((kind) =>
    ENDS[kind].flatMap((atEnd) =>
      CREDENTIALS.flatMap((credential) => WAYS.map((way): Wish => ({ kind, atEnd, credential, way }))),
    ),
  );

const HELPDESK = 'Helpdesk Administrator';
const IN_UNIT = 'User Administrator';
/** What Megan has before anybody borrows her, part of which is asked for as well. */
const HERS = { role: 'Directory Readers', group: 'Sales', password: 'Teal-Harbour-41' };
const TIER_1 = 'Tier 1 admins';

export const MEGAN = { upn: 'megan@contoso.com', password: HERS.password };
const FRESH_UPN = 'ada.byron@contoso.com';
const DEDICATED_UPN = 'jit-tess.okafor@contoso.com';

/** Whose directory user a wish is about. */
export const upnOf = (wish: Wish): string => {
  if (isExisting(wish)) return MEGAN.upn;
  return wish.kind === 'fresh' ? FRESH_UPN : DEDICATED_UPN;
};

const ACCOUNT_WORDS: Readonly<Record<Wish['kind'], string>> = {
  'dedicated new': '',
  'dedicated known': '',
  fresh: '--account fresh --first Ada --last Byron',
  'existing enabled': `--account existing:${MEGAN.upn}`,
  'existing disabled': `--account existing:${MEGAN.upn}`,
};

/** What somebody types to ask for it. */
export const wordsOf = (wish: Wish): string =>
  [
    'request contoso',
    `--role "${HELPDESK}"`,
    ...(wish.way === 'in a unit' ? [`--role "${IN_UNIT}@Branch offices"`] : []),
    `--group "${TIER_1}"`,
    ...(isExisting(wish) ? [`--role "${HERS.role}" --group ${HERS.group}`] : [`--at-end ${wish.atEnd}`]),
    ACCOUNT_WORDS[wish.kind],
    ...(wish.credential === 'password' ? [] : ['--tap']),
    '--for 2h --reason "Reset a mailbox, INC-4711"',
  ].join(' ');

/** A user as the directory has it, with everything that could open anything. */
export interface UserState {
  readonly upn: string;
  readonly enabled: boolean;
  /** By name, with `in a unit` where it is confined to one. */
  readonly roles: readonly string[];
  /** Roles that Entra ends by itself, begun or not: by name, and when. */
  readonly scheduled: readonly string[];
  readonly until: readonly (Date | null)[];
  readonly groups: readonly string[];
  readonly passes: number;
  readonly passwordDigest: string;
  readonly sessionsValidFrom: string;
}

export const contosoOf = (desk: ServiceDesk): Tenant => desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;

const nameOf = (held: { readonly roleDefinitionId: string; readonly directoryScopeId: string }): string =>
  `${roleById(held.roleDefinitionId)?.displayName ?? held.roleDefinitionId}${held.directoryScopeId === '/' ? '' : ' in a unit'}`;

const stateOf = (tenant: Tenant, { id, userPrincipalName, accountEnabled, password, properties }: User): UserState => {
  const schedules = tenant.roleSchedules.withKey(id).map(({ assignment }) => assignment);
  return {
    upn: userPrincipalName,
    enabled: accountEnabled,
    roles: tenant.roleAssignments.withKey(id).map(nameOf).toSorted(),
    scheduled: schedules.map(nameOf).toSorted(),
    until: schedules.map(({ span }) => span.until),
    groups: tenant.memberships
      .withKey(id)
      .map(({ groupId }) => tenant.groups.get(groupId)?.displayName ?? groupId)
      .toSorted(),
    passes: tenant.accessPasses.withKey(id).length,
    passwordDigest: password.digest,
    sessionsValidFrom: String(properties.signInSessionsValidFromDateTime),
  };
};

/** Everybody in Contoso, by user principal name. */
export const usersNow = (desk: ServiceDesk): ReadonlyMap<string, UserState> => {
  const tenant = contosoOf(desk);
  return new Map(tenant.users.all().map((user) => [user.userPrincipalName, stateOf(tenant, user)]));
};

/** The roles that a wish gives, whatever its user had before. */
export const rolesGiven = ({ way }: Wish): readonly string[] => [
  HELPDESK,
  ...(way === 'in a unit' ? [`${IN_UNIT} in a unit`] : []),
];

/** What the user has while the access is live. */
export const accessOf = (wish: Wish): Pick<UserState, 'enabled' | 'roles' | 'scheduled' | 'groups'> => ({
  enabled: true,
  roles: [...rolesGiven(wish), ...(isExisting(wish) ? [HERS.role] : [])].toSorted(),
  scheduled: wish.way === 'by PIM' ? rolesGiven(wish) : [],
  groups: [TIER_1, ...(isExisting(wish) ? [HERS.group] : [])].toSorted(),
});

/** The rule under which all of it may be asked for. Once for each desk. */
export const allowWishes = async (desk: ServiceDesk): Promise<void> => {
  const answer = await desk.say(
    'olga',
    `admin rule add "Leads lend anything" --subject "Service desk" --tenant contoso --role "${HELPDESK}" ` +
      `--role "${HERS.role}" --role "${IN_UNIT}@Branch offices" --group "${TIER_1}" --group ${HERS.group} ` +
      `--account mine --account fresh --account existing --user ${MEGAN.upn} --tap ` +
      '--at-end keep --at-end disable --at-end delete --max 4h --approvals 1 --approvers "Service desk leads"',
  );
  if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
};

const PASSES: Readonly<Record<Wish['credential'], 'on' | 'once'>> = {
  password: 'on',
  pass: 'on',
  'pass for one sign-in': 'once',
  'pass refused': 'on',
};

/** The desk and its tenant as if nothing had ever been asked for, and ready for this wish. */
export const arrange = async (desk: ServiceDesk, { kind, credential, way }: Wish): Promise<void> => {
  await startOver(desk);
  const change = (verb: string, body: unknown): unknown =>
    changeTenant(desk.entra.sandbox.world, CONTOSO.id, verb, body);
  const isHigh = way === 'by PIM';
  change('licences', { plans: isHigh ? ['P1', 'P2'] : [] });
  change('service-principal-roles', {
    roles: [isHigh ? 'Privileged Authentication Administrator' : 'User Administrator'],
  });
  if (credential === 'pass refused') change('access-pass-policy', { state: 'disabled' });
  change('users', {
    userPrincipalName: MEGAN.upn,
    accountEnabled: kind !== 'existing disabled',
    roles: [HERS.role],
  });
  await desk.stores.checkups.save({
    tenant: tenantId('contoso'),
    at: desk.entra.clock.now(),
    findings: [],
    powers: { changesHolders: isHigh, schedules: isHigh },
  });
  const told = await desk.hear('olga', `admin tenant set contoso --tap ${PASSES[credential]}`);
  if (!told.startsWith('Contoso')) throw new Error(told);
  // Nothing is remembered of the tenant as it was.
  await desk.pass(SECOND);
};
