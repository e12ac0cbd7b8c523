import type { DirectoryFault } from '../engine/faults.js';
import type { DirectoryUserId } from '../engine/ids.js';
import type { Tenant } from '../engine/tenant.js';
import type { BreakGlassDirectory, WriteOutcome } from '../flows/ports/break-glass.js';
import { addMs, HOUR } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import { exclude, readPolicies, readRights } from './break-glass-guards.js';
import { findById, findByName, readInitialDomain } from './break-glass-look.js';
import { readUses } from './break-glass-uses.js';
import {
  create,
  disable,
  makeAdministrator,
  passesOf,
  remove,
  setPassword,
  withdrawPasses,
} from './break-glass-writes.js';
import type { Writing } from './break-glass-writes.js';
import type { Graph } from './call.js';
import { malformed } from './errors.js';
import { createNewcomers } from './newcomers.js';
import { changeOutcome } from './outcomes.js';
import type { PassPolicies } from './pass-policy.js';
import { passTermsUnder } from './pass-terms.js';
import type { Patience } from './patience.js';
import type { Reach } from './reach.js';

/** The emergency administrators of all tenants, through Microsoft Graph: each write one request, never sent again blindly. */

export interface BreakGlassDirectoryParts {
  readonly clock: Clock;
  /** Read over the same reach. */
  readonly passPolicies: PassPolicies;
}

const untried = (fault: DirectoryFault): WriteOutcome => ({ kind: 'failed', fault, unclear: false });

export const createBreakGlassDirectory = (
  reach: Reach,
  { clock, passPolicies }: BreakGlassDirectoryParts,
): BreakGlassDirectory => {
  const { inTenant } = reach;
  const newcomers = createNewcomers(clock);

  const write = async <Outcome>(
    { directoryId }: Tenant,
    act: (writing: Writing) => Promise<Outcome>,
  ): Promise<Outcome | WriteOutcome> => {
    const done = await inTenant(directoryId, async (graph, patience) => ok(await act({ graph, patience, newcomers })));
    return done.ok ? done.value : untried(done.error);
  };

  return {
    ready: ({ directoryId }) => inTenant(directoryId, (graph) => graph.ready()),
    initialDomain: ({ directoryId }) => inTenant(directoryId, readInitialDomain),
    find: (tenant, by) =>
      inTenant(tenant.directoryId, (graph, patience) =>
        'upn' in by ? findByName(graph, patience, tenant, by.upn) : findById(graph, patience, tenant, by.objectId),
      ),
    create: (tenant, account, password) => write(tenant, (writing) => create(writing, account, password)),
    setPassword: (tenant, user, password) => write(tenant, (writing) => setPassword(writing, user, password)),
    makeAdministrator: (tenant, user) => write(tenant, (writing) => makeAdministrator(writing, user)),
    inspect: (tenant, user) =>
      inTenant(tenant.directoryId, (graph, patience) => inspect(graph, patience, tenant, user)),
    exclude: ({ directoryId }, user, policies) => exclude(reach, directoryId, user, policies),
    disable: (tenant, user) => write(tenant, (writing) => disable(writing, user)),
    remove: (tenant, user) => write(tenant, (writing) => remove(writing, user)),
    issuePass: ({ directoryId }, user) => issuePass(reach, { clock, passPolicies }, directoryId, user),
    withdrawPasses: (tenant, user) => write(tenant, (writing) => withdrawPasses(writing, user)),
    uses: ({ directoryId }, users, since) => readUses(reach, directoryId, users, since),
  };
};

const inspect = async (
  graph: Graph,
  patience: Patience,
  tenant: Tenant,
  objectId: DirectoryUserId,
): ReturnType<BreakGlassDirectory['inspect']> => {
  const [user, policies, rights] = await Promise.all([
    findById(graph, patience, tenant, objectId),
    readPolicies(graph, patience, objectId),
    readRights(graph, patience),
  ]);
  if (!user.ok) return user;
  if (!policies.ok) return policies;
  if (!rights.ok) return rights;
  return ok({
    ...(user.value === undefined ? {} : { user: user.value }),
    ...(policies.value === undefined ? {} : { policies: policies.value }),
    ...rights.value,
  });
};

type Issued = Awaited<ReturnType<BreakGlassDirectory['issuePass']>>;

/** Sent once: each pass ends the one before it, so that a lost answer is a lost pass. */
const issuePass = async (
  { inTenant }: Reach,
  { clock, passPolicies }: BreakGlassDirectoryParts,
  directoryId: string,
  user: DirectoryUserId,
): Promise<Issued> => {
  const terms = passTermsUnder(await passPolicies.passPolicy(directoryId), clock);
  if (!terms.ok) return terms;
  const { minutes, onceOnly } = terms.value;
  const step = { do: 'issue-pass', until: addMs(clock.now(), HOUR), once: onceOnly } as const;
  const issued = await inTenant(directoryId, async (graph, patience): Promise<Issued> => {
    const path = passesOf(user);
    const body = { lifetimeInMinutes: minutes(step.until), isUsableOnce: onceOnly };
    const answer = await graph.send({ method: 'POST', path, body }, patience);
    if (!answer.ok) return err(answer.error.fault);
    const outcome = changeOutcome(step, answer.value);
    if (outcome.kind === 'failed') return err(outcome.fault);
    return outcome.kind === 'done' && outcome.pass !== undefined ? ok(outcome.pass) : err(malformed('no pass'));
  });
  // What was refused may have been asked for under a policy that holds no more.
  if (!issued.ok) passPolicies.forget(directoryId);
  return issued;
};
