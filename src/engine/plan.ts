import type { HeldRole, Observed } from './account.js';
import type { Desired, WantedRole } from './desired.js';
import { TOLERANCE_MS } from './early-end.js';
import type { DirectoryGroupId, RoleId } from './ids.js';

/**
 * One directory write. `set` is a single PATCH: sign-in, password and tag change together or not at all. A role with an
 * end is a schedule that Entra ends by itself.
 */
export type Step =
  | { readonly do: 'create'; readonly enabled: boolean; readonly generation: number }
  | { readonly do: 'unassign'; readonly assignment: string; readonly role: RoleId; readonly scheduled?: true }
  | { readonly do: 'leave'; readonly group: DirectoryGroupId }
  | { readonly do: 'withdraw-pass'; readonly pass: string }
  | { readonly do: 'set'; readonly enabled: boolean; readonly generation?: number }
  | { readonly do: 'revoke-sessions' }
  | { readonly do: 'issue-pass'; readonly until: Date; readonly once: boolean }
  | { readonly do: 'reschedule'; readonly role: RoleId; readonly until: Date }
  | { readonly do: 'assign'; readonly role: RoleId; readonly until?: Date }
  | { readonly do: 'join'; readonly group: DirectoryGroupId }
  | { readonly do: 'delete' }
  /** Of a user that we let go for good; no plan has it. */
  | { readonly do: 'untag' };

/** Whether a step adds access: such steps come last, and only to a user who is set up for it. */
export const gives = (step: Step): boolean =>
  step.do === 'assign' || step.do === 'join' || step.do === 'issue-pass' || step.do === 'reschedule';

/**
 * The ordered steps from what is to what should be: access is taken first and added last.
 *
 * An account of ours loses whatever nobody asked for; an existing user only what we gave it. Before the password, sign-in
 * or access pass changes, an account of ours is stripped of every role and every group that can carry one, an existing
 * user of those that we gave, and given them again last, unless the app stands above all admins: one that is only User
 * Administrator may change nothing on who holds an admin role. A user is deleted when nothing is left to take from it:
 * whoever restores it finds an account that is shut.
 */
export const plan = (observed: Observed, wanted: Desired): readonly Step[] => {
  if (!observed.exists) {
    // Whoever was there before is not made by us.
    if (wanted.user !== 'open' || wanted.borrowed !== undefined) return [];
    const { generation, roles, groups } = wanted;
    return [{ do: 'create', enabled: true, generation }, ...issue(wanted), ...giveAll(roles, groups)];
  }
  const enabled = enabledIn(observed, wanted);
  const rotate = setsPassword(wanted) && observed.generation !== wanted.generation;
  const change = rotate || observed.enabled !== enabled;
  const withdrawn = withdraw(observed, wanted, change);
  const changesSignIn = change || withdrawn.length > 0 || wanted.pass.kind === 'issued';
  const isStripped = changesSignIn && !wanted.changesHolders;
  const taken = takeFrom(observed, wanted, isStripped);
  const steps = [...taken.steps, ...withdrawn];
  if (change) {
    // Sign-in is always spelt out: a read that lags may show it off while an earlier write of ours has turned it on.
    steps.push({ do: 'set', enabled, ...(rotate ? { generation: wanted.generation } : {}) });
  }
  if (wanted.revokeSessions) steps.push({ do: 'revoke-sessions' });
  const roles = wanted.roles.filter(({ role }) => !taken.roles.has(role));
  const groups = wanted.groups.filter((group) => !taken.groups.has(group));
  const given = [...issue(wanted), ...reschedule(taken.roles, wanted), ...giveAll(roles, groups)];
  return [...steps, ...given, ...(isDoomed(observed, wanted) ? [{ do: 'delete' } as const] : [])];
};

type Existing = Extract<Observed, { exists: true }>;

const enabledIn = (observed: Existing, { user, borrowed }: Desired): boolean => {
  if (user === 'kept') return observed.enabled;
  // Sign-in that was on before is nobody's to turn off but theirs whose it is; nor to turn on again.
  if (user === 'returned') return borrowed?.enabled === false ? false : observed.enabled;
  return user === 'open';
};

const setsPassword = ({ user, borrowed }: Desired): boolean => user !== 'kept' && borrowed === undefined;

/** Whether the user is to be deleted, and may be. */
const isDoomed = (observed: Existing, wanted: Desired): boolean => wanted.user === 'deleted' && observed.deletable;

/** What is to be taken, and what stays. */
interface Taken {
  readonly steps: readonly Step[];
  readonly roles: ReadonlyMap<RoleId, HeldRole>;
  readonly groups: ReadonlySet<DirectoryGroupId>;
}

const takeFrom = (observed: Existing, wanted: Desired, isStripped: boolean): Taken => {
  const { borrowed } = wanted;
  const wantedRoles = new Set(wanted.roles.map(({ role }) => role));
  const roles = new Map<RoleId, HeldRole>();
  const groups = new Set<DirectoryGroupId>();
  const steps: Step[] = [];
  for (const held of observed.assignments) {
    const { id, role, until } = held;
    if (borrowed !== undefined && !borrowed.roles.includes(role)) roles.set(role, { id, role });
    else if (!isStripped && wantedRoles.has(role) && !roles.has(role)) roles.set(role, held);
    else steps.push({ do: 'unassign', assignment: id, role, ...(until === undefined ? {} : { scheduled: true }) });
  }
  for (const { id, roleAssignable } of observed.groups) {
    const mayStay = !(isStripped && roleAssignable);
    if (borrowed !== undefined && !borrowed.groups.includes(id)) groups.add(id);
    else if (mayStay && wanted.groups.includes(id)) groups.add(id);
    else steps.push({ do: 'leave', group: id });
  }
  return { steps, roles, groups };
};

const withdraw = ({ passes = [] }: Existing, { pass, borrowed }: Desired, change: boolean): readonly Step[] => {
  // Of an existing user who has none of ours, a pass is somebody else's.
  if (borrowed?.pass === false) return [];
  // A new one takes the place of any other; but an old one must not open what is only about to be set up.
  if (pass.kind === 'issued' && !change) return [];
  return passes
    .filter((id) => pass.kind !== 'kept' || id !== pass.id)
    .map((id): Step => ({ do: 'withdraw-pass', pass: id }));
};

const issue = ({ pass }: Desired): readonly Step[] =>
  pass.kind === 'issued' ? [{ do: 'issue-pass', until: pass.until, once: pass.once }] : [];

/** Roles that Entra would end at another time than they should. */
const reschedule = (held: ReadonlyMap<RoleId, HeldRole>, wanted: Desired): readonly Step[] =>
  wanted.roles.flatMap(({ role, until: end, prolonged: until = end }): readonly Step[] => {
    const ends = held.get(role)?.until;
    if (until === undefined || ends === undefined) return [];
    return Math.abs(ends.getTime() - until.getTime()) > TOLERANCE_MS ? [{ do: 'reschedule', role, until }] : [];
  });

const giveAll = (roles: readonly WantedRole[], groups: readonly DirectoryGroupId[]): readonly Step[] => [
  ...roles.map(({ role, until }): Step => ({ do: 'assign', role, ...(until === undefined ? {} : { until }) })),
  ...groups.map((group): Step => ({ do: 'join', group })),
];
