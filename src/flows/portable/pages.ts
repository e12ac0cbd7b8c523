/** The configuration as a file: fetched and brought back on one-time pages, by those who may. */
import type { Fault } from '../../engine/faults.js';
import { isAdmin } from '../../engine/organization.js';
import type { Standing } from '../../engine/organization.js';
import type { Person, Platform } from '../../engine/person.js';
import type { Redacted } from '../../lib/redacted.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayOwn, recordChange } from '../change.js';
import type { Admin } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { issuePage, visitOf } from '../page-links.js';
import type { PageAddress } from '../page-links.js';
import { standingOf } from '../standing.js';
import { exportConfig } from './export.js';
import { importConfig } from './import.js';
import { planImport } from './plan.js';
import type { ImportDeps, ImportPlan } from './plan.js';
import type { Portable } from './schema.js';

export const EXPORT_PAGE = 'config-export';
export const IMPORT_PAGE = 'config-import';

export type ConfigPageDeps = ImportDeps & Pick<FlowDeps, 'pageLinks'>;

type OfferDeps = Pick<FlowDeps, 'clock' | 'random' | 'pageLinks' | 'settings'>;

export const offerConfigPage = (
  deps: OfferDeps,
  kind: typeof EXPORT_PAGE | typeof IMPORT_PAGE,
  { person, on }: Pick<Admin, 'person' | 'on'>,
): Promise<PageAddress> => issuePage(deps, { kind, person: person.id, facts: { on } });

/** The configuration as far as somebody may see it: all of it, or their organizations'. The log tells who read it. */
export const exportFor = async (deps: ImportDeps, admin: Admin): Promise<Portable> => {
  const { standing } = admin;
  await recordChange(deps, admin, { what: 'configuration.exported', facts: { whole: seesAll(standing) } });
  return exportConfig(deps, seesAll(standing) ? undefined : standing.adminOf);
};

const seesAll = ({ owner, auditor }: Standing): boolean => owner || auditor;

/** Who comes by this link, with the standing they have now. */
export const visitorOf = async (
  deps: ConfigPageDeps,
  token: Redacted<string>,
  kind: typeof EXPORT_PAGE | typeof IMPORT_PAGE,
): Promise<Result<Admin, Fault>> => {
  const visit = await visitOf(deps, token, kind);
  if (!visit.ok) return visit;
  const admin = await adminAs(deps, visit.value.person, visit.value.link.facts['on'] === 'teams' ? 'teams' : 'slack');
  const { standing } = admin;
  if (kind === EXPORT_PAGE) return isAdmin(standing) || standing.auditor ? ok(admin) : err({ code: 'page.gone' });
  const allowed = await mayOwn(deps, admin);
  return allowed.ok ? ok(admin) : allowed;
};

const adminAs = async (deps: ConfigPageDeps, person: Person, on: Platform): Promise<Admin> => ({
  person,
  on,
  standing: await standingOf(deps, person),
});

const take = async (
  deps: ConfigPageDeps,
  token: Redacted<string>,
  kind: typeof EXPORT_PAGE | typeof IMPORT_PAGE,
): Promise<Result<Admin, Fault>> => {
  const admin = await visitorOf(deps, token, kind);
  if (!admin.ok) return admin;
  const taken = await deps.pageLinks.take(token, kind, deps.clock.now());
  return taken === undefined ? err({ code: 'page.gone' }) : admin;
};

/** Hands the file out, once. */
export const takeExport = async (deps: ConfigPageDeps, token: Redacted<string>): Promise<Result<Portable, Fault>> => {
  const admin = await take(deps, token, EXPORT_PAGE);
  return admin.ok ? ok(await exportFor(deps, admin.value)) : admin;
};

/** What importing would change; as often as asked while the link is good. */
export const previewImport = async (
  deps: ConfigPageDeps,
  token: Redacted<string>,
  document: unknown,
): Promise<Result<ImportPlan, Fault>> => {
  const admin = await visitorOf(deps, token, IMPORT_PAGE);
  return admin.ok ? planImport(deps, document) : admin;
};

/** Imports, once. A document that cannot be imported leaves the link good. */
export const takeImport = async (
  deps: ConfigPageDeps,
  token: Redacted<string>,
  document: unknown,
): Promise<Result<ImportPlan, Fault>> => {
  const plan = await previewImport(deps, token, document);
  if (!plan.ok) return plan;
  const admin = await take(deps, token, IMPORT_PAGE);
  return admin.ok ? importConfig(deps, admin.value, document) : admin;
};
