/** The last step of connecting a tenant: what the directory itself says, and then the tenant. */
import { missingPermissions } from '../engine/app-permissions.js';
import type { AppPermission } from '../engine/app-permissions.js';
import { isPassing } from '../engine/faults.js';
import type { DirectoryFault, Fault } from '../engine/faults.js';
import type { Tenant } from '../engine/tenant.js';
import { SECOND } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { owned } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import type { DirectoryDescription } from './ports.js';
import type { Consent } from './ports/consents.js';
import { addDescribed } from './tenants.js';

export type FinishDeps = ChangeDeps &
  Pick<FlowDeps, 'consents' | 'appTrial' | 'tenantApps' | 'inspector' | 'log' | 'sleep'>;

/** A tenant that is connected now. */
export interface Connected {
  readonly tenant: Tenant;
  /** What was not granted of what is asked for; `undefined`: that could not be read. */
  readonly missing?: readonly AppPermission[];
}

type Authorised = Consent & Required<Pick<Consent, 'authorised'>>;

/** A consent reaches all of the directory within seconds, mostly. */
const LAG_MS = 60 * SECOND;

/** So long one answer to a browser may take; whatever stands between it and us gives up at thirty seconds or later. */
const PAUSES_MS: readonly number[] = [1, 2, 3].map((seconds) => seconds * SECOND);

/** `not yet`: the directory does not know of the consent everywhere; ask again. */
export const finishConnection = async (
  deps: FinishDeps,
  admin: Admin,
  consent: Authorised,
): Promise<Result<Connected | 'not yet', Fault>> => {
  const { authorised, tenant: id, name, domain, organization, cloud } = consent;
  const { directoryId, at } = authorised;
  const described = await describePatiently(deps, directoryId);
  if (!described.ok) {
    const waits = mayBeLag(described.error) && deps.clock.now().getTime() - at.getTime() < LAG_MS;
    return waits ? ok('not yet') : described;
  }
  const asked = {
    id,
    directoryId,
    ...owned(organization),
    ...(name === undefined ? {} : { name }),
    ...(domain === undefined ? {} : { domain }),
    ...(cloud === undefined ? {} : { cloud }),
    authorised: { name: authorised.name, upn: authorised.upn, at },
  };
  const added = await addDescribed(deps, admin, asked, described.value);
  if (!added.ok) return added;
  // Left behind by an earlier tenant of this directory: it is the server's app that was let in now. Whoever comes second
  // to a directory that somebody else has just connected takes nothing from it.
  await deps.tenantApps.remove(directoryId);
  return ok(await inspected(deps, added.value));
};

const describePatiently = async (
  { appTrial, sleep }: FinishDeps,
  directoryId: string,
): Promise<Result<DirectoryDescription, DirectoryFault>> => {
  for (const pauseMs of PAUSES_MS) {
    const described = await appTrial.describe(directoryId);
    if (described.ok || !mayBeLag(described.error)) return described;
    await sleep(pauseMs);
  }
  return appTrial.describe(directoryId);
};

const LAGGING: readonly DirectoryFault['code'][] = ['directory.consent', 'directory.credential', 'directory.forbidden'];

/**
 * Right after a consent the app may be unknown to one part of the directory, its token to another, and its grants to a
 * third. That its credential is good was proven by the sign-in.
 */
const mayBeLag = (fault: DirectoryFault): boolean => LAGGING.includes(fault.code) || isPassing(fault);

/** The tenant with what is missing there. A look that fails leaves a tenant that is connected all the same. */
export const inspected = async (
  { inspector, log }: Pick<FlowDeps, 'inspector' | 'log'>,
  tenant: Tenant,
): Promise<Connected> => {
  try {
    const { permissions } = await inspector.inspect(tenant);
    return permissions.ok ? { tenant, missing: missingPermissions(permissions.value) } : { tenant };
  } catch (thrown) {
    log.warn({ tenant: tenant.id, ...describeError(thrown) }, 'a new tenant could not be inspected');
    return { tenant };
  }
};
