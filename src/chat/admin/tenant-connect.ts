/** How a tenant comes to us: by a consent to the server's app, or with an app of its own. */
import type { Fault } from '../../engine/faults.js';
import type { Cloud } from '../../engine/tenant.js';
import { owned } from '../../flows/change.js';
import { offerConsent } from '../../flows/consent.js';
import type { WantedTenant } from '../../flows/consent.js';
import { offerConnectionByApp, offerOwnApp, removeOwnApp } from '../../flows/own-app.js';
import type { PageAddress } from '../../flows/page-links.js';
import { tenantIdFrom } from '../../flows/tenants.js';
import { MINUTE } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { cleaned } from '../asking.js';
import { meantBy } from '../manner.js';
import { line } from '../say.js';
import { pageCard } from '../second-factor.js';
import type { Card } from '../view.js';
import { notAlone } from './alone.js';
import { nameOf, organizationFor } from './find.js';
import { flag, maybe, needed, verb } from './noun.js';
import type { AdminContext, Said } from './noun.js';
import { tenantNamed } from './tenant-named.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

const CLOUDS: Readonly<Record<string, Cloud>> = { global: 'global', usgov: 'usgov', usdod: 'usdod', china: 'china' };

const OPTIONS = {
  id: maybe('GUID', "the tenant's id; without it, whichever tenant the administrator belongs to"),
  name: maybe('NAME', "what people read; else the directory's own name"),
  domain: maybe('DOMAIN', 'a verified, managed domain, under which accounts are made'),
  organization: maybe('ORGANIZATION', "whose it is; else the owners'"),
  cloud: maybe('CLOUD', 'global, usgov, usdod or china'),
  'own-app': flag("with an app of the tenant's own, in the place of the server's; needs --id"),
};

export const connect = verb({
  name: 'connect',
  summary: "gives a link by which the tenant's administrator lets the app in",
  needs: 'own',
  arguments: { tenant: needed('TENANT', 'the short name that people will type') },
  options: OPTIONS,
  examples: [
    '/jit admin tenant connect contoso',
    '/jit admin tenant connect contoso --id 11111111-2222-4333-8444-555555555555 --domain contoso.com',
    '/jit admin tenant connect contoso --id 11111111-2222-4333-8444-555555555555 --own-app',
  ],
  notes: ['The link works once, for ten minutes. Who authorised it signs in on the way, and is told here.'],
  run: async (ctx, { tenant: typed }, options): Promise<Result<Answer, Fault>> => {
    const shared = notAlone(ctx);
    if (shared !== undefined) return err(shared);
    const wanted = await wantedTenant(ctx, typed, options);
    if (!wanted.ok) return wanted;
    return options['own-app'] ? byOwnApp(ctx, wanted.value) : byConsent(ctx, wanted.value);
  },
});

const wantedTenant = async (
  ctx: AdminContext,
  typed: string,
  options: Said<typeof OPTIONS>,
): Promise<Result<WantedTenant, Fault>> => {
  const tenant = tenantIdFrom(cleaned(typed));
  if (tenant === '') return invalid('tenant', 'use letters and digits, like contoso');
  if (options.id !== undefined && !GUID.test(options.id)) {
    return invalid('--id', "give the tenant's GUID, as the Entra admin center shows it");
  }
  const name = options.name === undefined ? ok(undefined) : nameOf('--name', options.name);
  if (!name.ok) return name;
  const organization =
    options.organization === undefined ? ok(undefined) : await organizationFor(ctx, options.organization);
  if (!organization.ok) return organization;
  const cloud = options.cloud === undefined ? undefined : meantBy(CLOUDS, options.cloud);
  if (options.cloud !== undefined && cloud === undefined)
    return invalid('--cloud', 'say global, usgov, usdod or china');
  return ok({
    tenant,
    ...owned(organization.value),
    ...(options.id === undefined ? {} : { directoryId: options.id.toLowerCase() }),
    ...(name.value === undefined ? {} : { name: name.value }),
    ...(options.domain === undefined ? {} : { domain: cleaned(options.domain) }),
    ...(cloud === undefined ? {} : { cloud }),
  });
};

const invalid = (field: string, problem: string): Result<never, Fault> =>
  err({ code: 'admin.invalid', field, problem });

const byConsent = async ({ deps, admin, turn }: AdminContext, wanted: WantedTenant): Promise<Result<Answer, Fault>> => {
  const offered = await offerConsent(deps, admin, wanted, turn.speaker.conversation);
  return offered.ok ? ok(show(consentCard(wanted, offered.value, turn.reading.today))) : offered;
};

const consentCard = ({ tenant, directoryId }: WantedTenant, { url, expiresAt }: PageAddress, now: Date): Card => {
  const whose = directoryId === undefined ? 'of the tenant' : `of tenant ${directoryId}`;
  const minutes = Math.max(1, Math.round((expiresAt.getTime() - now.getTime()) / MINUTE));
  return card(
    `Connect ${tenant}`,
    [
      line(`A Global Administrator ${whose} opens the link, agrees, and signs in once more to say who it was.`),
      line(`The link works once and is good for ${minutes} minutes. I say here what became of it.`),
    ],
    [{ verb: 'open', id: '', label: 'Let Latchkey in', style: 'primary', href: url.reveal() }],
  );
};

const byOwnApp = async (ctx: AdminContext, wanted: WantedTenant): Promise<Result<Answer, Fault>> => {
  const { directoryId } = wanted;
  if (directoryId === undefined) return invalid('--own-app', 'name the tenant by its GUID, with --id');
  const page = await offerConnectionByApp(ctx.deps, ctx.admin, { ...wanted, directoryId });
  return page.ok ? ok(show(appPageCard(ctx, page.value, `Connect ${wanted.tenant} with an app of its own`))) : page;
};

const appPageCard = ({ turn }: AdminContext, page: PageAddress, title: string): Card =>
  pageCard(turn, page, {
    title,
    label: 'Open the page',
    text: 'The page takes the client id and a secret, a certificate or nothing secret at all, and tries them at once.',
  });

export const app = verb({
  name: 'app',
  summary: "gives a tenant an app of its own, in the place of the server's",
  needs: 'own',
  arguments: { tenant: needed('TENANT', 'short name, name, domain or GUID') },
  options: { remove: flag("goes back to the server's app, and forgets the secret") },
  examples: ['/jit admin tenant app contoso', '/jit admin tenant app contoso --remove'],
  notes: ['Secrets are given on a page, never in the chat, and kept sealed.'],
  run: async (ctx, { tenant: typed }, { remove }): Promise<Result<Answer, Fault>> => {
    const shared = notAlone(ctx);
    if (shared !== undefined) return err(shared);
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const { name } = tenant.value;
    if (remove) {
      const removed = await removeOwnApp(ctx.deps, ctx.admin, tenant.value);
      if (!removed.ok) return removed;
      return ok(
        show(card(removed.value ? `${name} is reached by the server's app again` : `${name} has no app of its own`)),
      );
    }
    const page = await offerOwnApp(ctx.deps, ctx.admin, tenant.value);
    return page.ok ? ok(show(appPageCard(ctx, page.value, `The app of ${name}`))) : page;
  },
});
