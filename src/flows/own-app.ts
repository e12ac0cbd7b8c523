/** An app registration of a tenant's own, in the place of the server's: given on a one-time page, tried, then kept sealed. */
import type { DirectoryFault, Fault } from '../engine/faults.js';
import { organizationId, tenantId } from '../engine/ids.js';
import type { TenantId } from '../engine/ids.js';
import type { Cloud, Tenant } from '../engine/tenant.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { readCertificate } from './certificate.js';
import { mayOwn, owned, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import { inspected } from './connect.js';
import type { Connected } from './connect.js';
import type { WantedTenant } from './consent.js';
import type { FlowDeps } from './deps.js';
import { issuePage, visitOf } from './page-links.js';
import type { PageAddress } from './page-links.js';
import type { AppProof, OwnApp } from './ports/tenant-apps.js';
import { standingOf } from './standing.js';
import { addDescribed, mayConnect } from './tenants.js';
import { troubleClause } from './trouble.js';

export const OWN_APP_PAGE = 'tenant-app';

export type OwnAppDeps = ChangeDeps &
  Pick<FlowDeps, 'pageLinks' | 'tenantApps' | 'appTrial' | 'inspector' | 'vault' | 'login' | 'log'>;

/** The tenant that an app is for; `wanted`: it is connected once the app is good. */
interface Target {
  readonly directoryId: string;
  readonly tenant?: Tenant;
  readonly wanted?: WantedTenant;
}

export interface AppVisit {
  readonly admin: Admin;
  readonly target: Target;
}

/** What was filled in. */
export interface AppForm {
  readonly clientId: string;
  readonly cloud: Cloud;
  readonly credential:
    | { readonly kind: 'secret'; readonly secret: Redacted<string>; readonly expiresAt?: Date }
    /** Certificate and private key as PEM, in any order. */
    | { readonly kind: 'certificate'; readonly pem: Redacted<string> }
    | { readonly kind: 'federated' };
}

/** A page for the app of a connected tenant. */
export const offerOwnApp = async (
  deps: OwnAppDeps,
  admin: Admin,
  { id }: Tenant,
): Promise<Result<PageAddress, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  return allowed.ok ? ok(await issue(deps, admin, { tenant: id })) : allowed;
};

/** A page for the app of a tenant that is to be connected with it. */
export const offerConnectionByApp = async (
  deps: OwnAppDeps,
  admin: Admin,
  wanted: WantedTenant & { readonly directoryId: string },
): Promise<Result<PageAddress, Fault>> => {
  const { tenant, directoryId, name, domain, organization, cloud } = wanted;
  const allowed = await mayConnect(deps, admin, { id: tenant, directoryId });
  if (!allowed.ok) return allowed;
  const texts = { tenant, directoryId: directoryId.toLowerCase(), name, domain, organization, cloud };
  return ok(await issue(deps, admin, texts));
};

const issue = (
  deps: OwnAppDeps,
  { person, on }: Admin,
  texts: Readonly<Record<string, string | undefined>>,
): Promise<PageAddress> => {
  const said = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  return issuePage(deps, { kind: OWN_APP_PAGE, person: person.id, facts: { on, ...Object.fromEntries(said) } });
};

/** Who comes by this link and for which tenant, with the standing they have now; nothing is consumed. */
export const appVisitor = async (deps: OwnAppDeps, token: Redacted<string>): Promise<Result<AppVisit, Fault>> => {
  const visit = await visitOf(deps, token, OWN_APP_PAGE);
  if (!visit.ok) return visit;
  const { person, link } = visit.value;
  const on = link.facts['on'] === 'teams' ? 'teams' : 'slack';
  const admin: Admin = { person, on, standing: await standingOf(deps, person) };
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const target = await targetOf(deps, admin, link.facts);
  return target.ok ? ok({ admin, target: target.value }) : target;
};

const targetOf = async (
  deps: OwnAppDeps,
  admin: Admin,
  { tenant: id = '', directoryId, name, domain, organization, cloud }: Readonly<Record<string, string>>,
): Promise<Result<Target, Fault>> => {
  if (directoryId === undefined) {
    const tenant = await deps.config.tenants.byId(tenantId(id));
    return tenant === undefined ? err({ code: 'page.gone' }) : ok({ tenant, directoryId: tenant.directoryId });
  }
  const free = await mayConnect(deps, admin, { id: tenantId(id), directoryId });
  if (!free.ok) return free;
  const wanted = {
    tenant: tenantId(id),
    directoryId,
    ...(name === undefined ? {} : { name }),
    ...(domain === undefined ? {} : { domain }),
    ...(organization === undefined ? {} : { organization: organizationId(organization) }),
    ...(cloud === undefined ? {} : { cloud: cloud as Cloud }),
  };
  return ok({ directoryId, wanted });
};

/** What a saved app led to; `isNew`: its tenant is connected by it. */
export type SavedApp = Connected & { readonly isNew: boolean };

/** Keeps the app once the directory has truly let it in; until then nothing changes and the link stays good. */
export const saveOwnApp = async (
  deps: OwnAppDeps,
  token: Redacted<string>,
  form: AppForm,
): Promise<Result<SavedApp, Fault>> => {
  const visit = await appVisitor(deps, token);
  if (!visit.ok) return visit;
  const { admin, target } = visit.value;
  const proven = proofIn(deps, form);
  if (!proven.ok) return proven;
  const { clientId, cloud } = form;
  const { proof, expiresAt } = proven.value;
  const changedAt = deps.clock.now();
  const { directoryId } = target;
  const usable = { clientId, cloud, credential: proof, version: changedAt.toISOString() };
  const described = await deps.appTrial.describe(directoryId, usable);
  if (!described.ok) return err(refusedBy(described.error));
  if ((await deps.pageLinks.take(token, OWN_APP_PAGE, changedAt)) === undefined) return err({ code: 'page.gone' });
  const sealed = await sealedOf(deps, proof);
  const app: OwnApp = {
    directoryId,
    clientId,
    cloud,
    kind: form.credential.kind,
    ...(sealed === undefined ? {} : { sealed }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    changedAt,
  };
  await keep(deps, admin, target, app);
  const { tenant, wanted } = target;
  if (tenant !== undefined) return ok({ ...(await inspected(deps, tenant)), isNew: false });
  const asked = wantedAs(directoryId, cloud, wanted);
  const added = await addDescribed(deps, admin, asked, described.value);
  if (!added.ok) {
    await deps.tenantApps.remove(directoryId, app);
    return added;
  }
  // Somebody else may have tried to connect the same directory at the same time, and put theirs in its place.
  await deps.tenantApps.put(app);
  return ok({ ...(await inspected(deps, added.value)), isNew: true });
};

const wantedAs = (directoryId: string, cloud: Cloud, wanted: WantedTenant | undefined) => ({
  id: wanted?.tenant ?? tenantId(directoryId),
  directoryId,
  cloud,
  ...owned(wanted?.organization),
  ...(wanted?.name === undefined ? {} : { name: wanted.name }),
  ...(wanted?.domain === undefined ? {} : { domain: wanted.domain }),
});

/** What of the form can be checked without asking anybody. */
const proofIn = (
  { clock, settings }: OwnAppDeps,
  { credential }: AppForm,
): Result<{ readonly proof: AppProof; readonly expiresAt?: Date }, Fault> => {
  const now = clock.now();
  switch (credential.kind) {
    case 'secret': {
      const { secret, expiresAt } = credential;
      if (expiresAt !== undefined && expiresAt <= now) {
        return err({ code: 'admin.invalid', field: 'Expires', problem: 'that day is over; make a new secret first' });
      }
      return ok({ proof: { kind: 'secret', secret }, ...(expiresAt === undefined ? {} : { expiresAt }) });
    }
    case 'certificate': {
      const read = readCertificate(credential.pem, now);
      return read.ok ? ok({ proof: { kind: 'pem', pem: read.value.pem }, expiresAt: read.value.expiresAt }) : read;
    }
    case 'federated':
      return settings.tokenFile === undefined
        ? err({ code: 'admin.invalid', field: 'Credential', problem: 'no AZURE_FEDERATED_TOKEN_FILE is set up here' })
        : ok({ proof: { kind: 'federated', tokenFile: settings.tokenFile } });
    default:
      return credential satisfies never;
  }
};

const refusedBy = (fault: DirectoryFault): Fault => ({
  code: 'app.refused',
  clause: troubleClause(fault),
  detail: fault.detail,
});

const sealedOf = async ({ vault }: OwnAppDeps, proof: AppProof): Promise<string | undefined> => {
  if (proof.kind === 'federated') return undefined;
  return vault.seal(proof.kind === 'secret' ? proof.secret : proof.pem);
};

const keep = async (deps: OwnAppDeps, admin: Admin, { tenant, wanted }: Target, app: OwnApp): Promise<void> => {
  const id: TenantId | undefined = tenant?.id ?? wanted?.tenant;
  const { clientId, kind, expiresAt } = app;
  await recordChange(deps, admin, {
    what: 'tenant.app-changed',
    ...(id === undefined ? {} : { tenant: id }),
    ...owned(tenant?.organization ?? wanted?.organization),
    facts: { directory: app.directoryId, app: clientId, by: kind, expires: expiresAt?.toISOString() ?? null },
  });
  // Where a tenant is yet to be connected, whoever was sooner may have done it already: theirs is in use.
  if (tenant === undefined) await deps.tenantApps.putIfAbsent(app);
  else await deps.tenantApps.put(app);
};

/** Goes back to the server's app, and forgets the secret of the tenant's own. `false`: it has none. */
export const removeOwnApp = async (
  deps: ChangeDeps & Pick<FlowDeps, 'tenantApps'>,
  admin: Admin,
  { id, directoryId, organization }: Tenant,
): Promise<Result<boolean, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const app = await deps.tenantApps.of(directoryId);
  if (app === undefined) return ok(false);
  await recordChange(deps, admin, {
    what: 'tenant.app-removed',
    tenant: id,
    ...owned(organization),
    facts: { directory: directoryId, app: app.clientId },
  });
  return ok(await deps.tenantApps.remove(directoryId));
};
