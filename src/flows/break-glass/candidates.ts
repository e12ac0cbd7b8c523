import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { Fault } from '../../engine/faults.js';
import { breakGlassId } from '../../engine/ids.js';
import type { Person } from '../../engine/person.js';
import type { Tenant } from '../../engine/tenant.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Admin } from '../change.js';
import type { FlowDeps } from '../deps.js';
import type { FoundUser } from '../ports/break-glass.js';
import { stopped } from './rotate.js';
import { isKept } from './schedule.js';

type CandidateDeps = Pick<FlowDeps, 'breakGlass' | 'breakGlassDirectory' | 'keptUsers'>;

/** Whom an admin wants kept: new ones by name, and users who are there by their whole name. */
export interface Candidates {
  readonly names: readonly string[];
  readonly adopt: readonly string[];
}

/** An account as it is to be kept; `before`: it was kept once, and what its vault holds stays. */
export interface Wanted {
  readonly account: BreakGlassAccount;
  readonly before?: BreakGlassAccount;
}

/** More are harder to guard than to miss. */
const MOST = 2;

/** Who would be kept, or why one of them cannot be. Changes nothing. */
export const candidatesFor = async (
  deps: CandidateDeps,
  admin: Admin,
  tenant: Tenant,
  { names, adopt }: Candidates,
): Promise<Result<readonly Wanted[], Fault>> => {
  const known = await deps.breakGlass.ofTenant(tenant.id);
  const wanted: Wanted[] = [];
  const domain = names.length === 0 ? ok('') : await deps.breakGlassDirectory.initialDomain(tenant);
  if (!domain.ok) return domain;
  if (domain.value === undefined) return err({ code: 'break-glass.no-domain', tenant: tenant.name });
  const asked = [
    ...names.map((name) => ({ upn: `${name}@${domain.value}`.toLowerCase(), origin: 'made' as const })),
    ...adopt.map((upn) => ({ upn: upn.toLowerCase(), origin: 'adopted' as const })),
  ];
  for (const one of asked) {
    const next = await candidate(deps, { admin, tenant, known, ...one });
    if (!next.ok) return next;
    wanted.push(next.value);
  }
  const distinct = new Set(wanted.map(({ account }) => account.id));
  if (distinct.size < wanted.length) {
    return err({
      code: 'break-glass.bad-name',
      asked: asked.map(({ upn }) => upn).join(', '),
      problem: 'name each account once',
    });
  }
  if (wanted.length + known.filter(isKept).length > MOST) {
    return err({ code: 'break-glass.too-many', tenant: tenant.name });
  }
  return ok(wanted);
};

interface Asked {
  readonly admin: Admin;
  readonly tenant: Tenant;
  readonly known: readonly BreakGlassAccount[];
  readonly upn: string;
  readonly origin: BreakGlassAccount['origin'];
}

const candidate = async (deps: CandidateDeps, asked: Asked): Promise<Result<Wanted, Fault>> => {
  const { tenant, known, upn, origin } = asked;
  // The last `@`: one within what was typed as a name makes it unfit, and must not be cut off.
  const name = upn.slice(0, Math.max(0, upn.lastIndexOf('@')));
  const problem = whyUnfitName(name);
  if (problem !== undefined) return err({ code: 'break-glass.bad-name', asked: name || upn, problem });
  const id = breakGlassId(tenant.id, name);
  const before = known.find((one) => one.id === id);
  // One that is stopped under another domain may be the last way into another directory: its passwords stay.
  if (before !== undefined && (isKept(before) || before.upn.toLowerCase() !== upn)) {
    return err({ code: 'break-glass.exists', upn: before.upn });
  }
  const found = await deps.breakGlassDirectory.find(tenant, { upn });
  if (!found.ok) return found;
  const fault = await whyUnfit(deps, asked, found.value, before);
  if (fault !== undefined) return err(fault);
  const fresh: BreakGlassAccount = { id, tenant: tenant.id, name, upn, origin, candidates: [], isAdministrator: false };
  const { objectId: _user, creationSentAt: _sent, ...kept } = before === undefined ? fresh : stopped(before);
  const user = found.value;
  if (user === undefined) return ok(wantedAs({ ...kept, isAdministrator: false }, before));
  return ok(wantedAs({ ...kept, objectId: user.objectId, isAdministrator: user.isAdministrator }, before));
};

const wantedAs = (account: BreakGlassAccount, before: BreakGlassAccount | undefined): Wanted =>
  before === undefined ? { account } : { account, before };

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?$/u;

const whyUnfitName = (name: string): string | undefined =>
  NAME.test(name)
    ? undefined
    : 'it takes 1 to 40 letters, digits, dots, dashes or underscores, with a letter or a digit at both ends';

const whyUnfit = async (
  deps: CandidateDeps,
  { admin, tenant, upn, origin }: Asked,
  user: FoundUser | undefined,
  before: BreakGlassAccount | undefined,
): Promise<Fault | undefined> => {
  const adopts = origin === 'adopted';
  if (user === undefined) return adopts ? { code: 'user.unknown', tenant: tenant.name, asked: upn } : undefined;
  const isKnown = before?.objectId === user.objectId || user.marked;
  if (!adopts) return isKnown ? undefined : { code: 'break-glass.foreign', upn };
  if (user.origin !== 'cloud') {
    const problem = `${upn} ${user.origin === 'guest' ? 'is a guest' : 'comes from a directory on the premises'}, which may be out of reach when it is needed`;
    return { code: 'admin.invalid', field: '--adopt', problem };
  }
  if (isOwn(admin.person, upn)) {
    return { code: 'admin.invalid', field: '--adopt', problem: `${upn} is your own account, and would lock you out` };
  }
  const kept = isKnown ? [] : await deps.keptUsers.among(tenant.id, [{ id: user.objectId, upn }]);
  return kept.length > 0 ? { code: 'user.kept', upn } : undefined;
};

const isOwn = ({ identities }: Person, upn: string): boolean =>
  identities.some(({ email }) => email?.toLowerCase() === upn);
