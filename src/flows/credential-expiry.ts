/** Credentials that end: whoever can renew them is told in time, once for each warning. */
import { addMs, DAY, MINUTE } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { FlowDeps } from './deps.js';
import type { Notifier } from './ports.js';
import type { ListedCredential } from '../engine/inspection.js';
import { tellAdmins } from './tell-admins.js';

type WatchDeps = Pick<FlowDeps, 'tenantApps' | 'config' | 'login' | 'inspector' | 'log'>;

type AnnounceDeps<Card> = WatchDeps &
  Pick<FlowDeps, 'clock' | 'announcements' | 'people' | 'settings'> & { readonly notifier: Notifier<Card> };

/** A credential with an end. */
export interface EndingCredential {
  /** Stays the same while it is the same credential. */
  readonly key: string;
  readonly kind: ListedCredential['kind'];
  /** Of a tenant's own app: the tenant. Otherwise it is the server's. */
  readonly tenant?: { readonly id: string; readonly name: string };
  /** As the app's registration lists it. */
  readonly name?: string;
  readonly expiresAt: Date;
}

/** Days ahead; 0: it is over. */
const WARNINGS: readonly number[] = [0, 1, 7, 30];

/** So long the others wait for whoever took it to announce; one who died over it is replaced then. */
const CLAIM_MS = 5 * MINUTE;

/** Nobody could be told, so the chore tries again. */
export class ExpiryUntold extends Error {
  override readonly name = 'ExpiryUntold';

  constructor() {
    super('the end of credentials reached no owner and no channel of admins');
  }
}

/** Tells admins what ends within 30, 7 and 1 days and what has ended, the tightest warning of each once. */
export const announceExpiries = async <Card>(
  deps: AnnounceDeps<Card>,
  draw: (ending: readonly EndingCredential[], zone: string | undefined) => Card,
): Promise<void> => {
  const now = deps.clock.now();
  const claimed: { readonly id: string; readonly credential: EndingCredential }[] = [];
  for (const credential of await endingCredentials(deps)) {
    const days = WARNINGS.find((warning) => credential.expiresAt <= addMs(now, warning * DAY));
    if (days === undefined) continue;
    const id = `expiry/${credential.key}/${credential.expiresAt.toISOString()}/${days}`;
    if (await deps.announcements.claim(id, now, addMs(now, CLAIM_MS))) claimed.push({ id, credential });
  }
  if (claimed.length === 0) return;
  const ending = claimed
    .map(({ credential }) => credential)
    .toSorted((one, other) => +one.expiresAt - +other.expiresAt);
  const told = await tellAdmins(deps, (zone) => draw(ending, zone));
  await Promise.all(claimed.map(({ id }) => (told > 0 ? deps.announcements.said(id) : deps.announcements.release(id))));
  if (told === 0) throw new ExpiryUntold();
};

/** All whose end is known: tenants' own apps', the server's certificate, and what the apps' registrations list. */
const endingCredentials = async (deps: WatchDeps): Promise<readonly EndingCredential[]> => {
  const [apps, tenants, certificate] = await Promise.all([
    deps.tenantApps.all(),
    deps.config.tenants.all(),
    deps.login.certificate(),
  ]);
  const tenantOf = new Map(tenants.map((tenant) => [tenant.directoryId, tenant]));
  const ofApps = apps.flatMap(({ directoryId, kind, expiresAt }): readonly EndingCredential[] => {
    const tenant = tenantOf.get(directoryId);
    if (tenant === undefined || expiresAt === undefined || kind === 'federated') return [];
    return [{ key: `app/${directoryId}`, kind, tenant: { id: tenant.id, name: tenant.name }, expiresAt }];
  });
  const ofServer: readonly EndingCredential[] =
    certificate === undefined ? [] : [{ key: 'server', kind: 'certificate', expiresAt: certificate }];
  const known = [...ofApps, ...ofServer];
  const listed = await listedCredentials(deps, new Set(apps.map((app) => app.directoryId)));
  return [...known, ...listed.filter((one) => !known.some((other) => isSame(one, other)))];
};

/** Entra knows by the second, and people by the day, when a credential ends. */
const isSame = (one: EndingCredential, other: EndingCredential): boolean =>
  one.kind === other.kind &&
  one.tenant?.id === other.tenant?.id &&
  Math.abs(one.expiresAt.getTime() - other.expiresAt.getTime()) <= DAY;

/**
 * What the registrations of the apps list. A tenant's own app is at home in that tenant; the server's is at home in one
 * of the others, and only there can it be read.
 */
const listedCredentials = async (
  { config, inspector, log }: WatchDeps,
  withOwnApp: ReadonlySet<string>,
): Promise<readonly EndingCredential[]> => {
  const found: EndingCredential[] = [];
  let isHomeKnown = false;
  for (const tenant of await config.tenants.all()) {
    const isOwn = withOwnApp.has(tenant.directoryId);
    if (!isOwn && isHomeKnown) continue;
    const { id, name, directoryId } = tenant;
    const inspection = await inspector.inspect(tenant).catch((thrown: unknown) => {
      log.warn({ tenant: id, ...describeError(thrown) }, 'the credentials of an app could not be listed');
    });
    const listed = inspection?.credentials.ok === true ? inspection.credentials.value : undefined;
    if (listed === undefined) continue;
    isHomeKnown ||= !isOwn;
    for (const credential of listed) {
      found.push({
        key: `listed/${directoryId}/${credential.kind}/${credential.name}`,
        ...credential,
        ...(isOwn ? { tenant: { id, name } } : {}),
      });
    }
  }
  return found;
};
