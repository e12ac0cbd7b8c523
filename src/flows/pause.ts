/** A tenant that does not let the app in: nothing is tried there until it does, and one alarm speaks for all that waits. */
import type { DirectoryFault } from '../engine/faults.js';
import type { AccessRequest } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import type { Pause } from './ports/checkups.js';
import { owned } from './change.js';
import { troubleClause } from './trouble.js';

type PauseDeps = Pick<FlowDeps, 'clock' | 'log' | 'checkups' | 'tenantApps' | 'audit'>;

/** Whether it is paused now, and not being caught up with. */
export const isShut = (pause: Pause | undefined): pause is Pause =>
  pause !== undefined && pause.resumedAt === undefined;

/** What every attempt there would meet. */
export const faultOf = ({ code }: Pause): DirectoryFault => ({
  code: code === 'directory.credential' ? code : 'directory.consent',
  detail: 'the tenant is paused',
});

/** Whether the tenant itself keeps us out. A credential of the server's own app is no single tenant's affair. */
export const isShutOut = async (
  { tenantApps }: Pick<FlowDeps, 'tenantApps'>,
  { directoryId }: Pick<Tenant, 'directoryId'>,
  fault: DirectoryFault | undefined,
): Promise<boolean> => {
  if (fault?.code === 'directory.consent') return true;
  return fault?.code === 'directory.credential' && (await tenantApps.of(directoryId)) !== undefined;
};

/** Pauses the tenant where this is why something failed there; whether it is. */
export const pauseFor = async (
  deps: PauseDeps,
  tenant: Tenant,
  fault: DirectoryFault | undefined,
): Promise<boolean> => {
  if (fault === undefined || !(await isShutOut(deps, tenant, fault))) return false;
  const since = deps.clock.now();
  const { code } = fault;
  if (await deps.checkups.pause({ tenant: tenant.id, since, code, clause: troubleClause(fault), told: 0 })) {
    deps.log.warn({ tenant: tenant.id, code, detail: fault.detail }, 'a tenant is paused');
    await recordPause(deps, tenant, 'tenant.paused', { since, code });
  }
  return true;
};

export const recordPause = (
  { clock, audit }: Pick<FlowDeps, 'clock' | 'audit'>,
  tenant: Tenant,
  what: 'tenant.paused' | 'tenant.resumed',
  { since, code }: Pick<Pause, 'since' | 'code'>,
): Promise<void> =>
  // The same id each time, so that it stands there once.
  audit.append(`${what}/${tenant.id}/${since.toISOString()}`, {
    what,
    at: clock.now(),
    by: LATCHKEY.by,
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { tenant: tenant.id, code, since: since.toISOString() },
  });

/** As many as are named, or caught up with, in one go. */
const MOST = 500;

/** What has been given there, or is about to be, the longest overdue first. */
export const heldIn = ({ requests }: Pick<FlowDeps, 'requests'>, tenant: Tenant): Promise<readonly AccessRequest[]> =>
  requests.list({ tenant: tenant.id, states: ['closing', 'active', 'provisioning'], longestEndingFirst: true }, MOST);
