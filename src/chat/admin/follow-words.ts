/** Which list elsewhere somebody means: `slack:@service-desk`, `teams:Service desk`, `entra:contoso/Helpdesk`. */
import type { Fault } from '../../engine/faults.js';
import type { Follow } from '../../engine/follow.js';
import { mayOwn } from '../../flows/change.js';
import type { RosterPlace } from '../../flows/ports/rosters.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { cleaned } from '../asking.js';
import { found } from './find.js';
import type { AdminContext } from './noun.js';

export const FOLLOW_HELP = 'a list elsewhere to follow: slack:@HANDLE, teams:TEAM or entra:TENANT/GROUP';

export const followMeant = async (ctx: AdminContext, typed: string): Promise<Result<Follow, Fault>> => {
  const asked = await placeMeant(ctx, cleaned(typed));
  if (!asked.ok) return asked;
  // Chats hold the lists of all organizations: finding one there, or its names, would look beyond one's own.
  const allowed = asked.value.place.kind === 'entra' ? asked : await mayOwn(ctx.deps, ctx);
  return allowed.ok ? ctx.deps.rosters.find(asked.value.place, asked.value.name) : allowed;
};

interface Asked {
  readonly place: RosterPlace;
  readonly name: string;
}

const placeMeant = async (ctx: AdminContext, typed: string): Promise<Result<Asked, Fault>> => {
  if (typed.startsWith('<!subteam^')) return ok({ place: { kind: 'slack' }, name: typed });
  const [, kind = '', name = ''] = /^(slack|teams|entra):\s*(.+)$/isu.exec(typed) ?? [];
  switch (kind.toLowerCase()) {
    case 'slack':
      return ok({ place: { kind: 'slack' }, name });
    case 'teams':
      return ok({ place: { kind: 'teams' }, name });
    case 'entra':
      return inTenant(ctx, name);
    default:
      return err({ code: 'admin.invalid', field: '--follow', problem: EXAMPLES });
  }
};

const EXAMPLES = 'write it like slack:@service-desk, "teams:Service desk" or "entra:contoso/Helpdesk"';

const inTenant = async (ctx: AdminContext, typed: string): Promise<Result<Asked, Fault>> => {
  const [, tenantName = '', name = ''] = /^([^/]+)\/(.+)$/su.exec(typed) ?? [];
  if (name === '') return err({ code: 'admin.invalid', field: '--follow', problem: EXAMPLES });
  const tenant = await found('tenant', ctx.sight.tenants, tenantName);
  if (!tenant.ok) return tenant;
  return ok({ place: { kind: 'entra', directoryId: tenant.value.directoryId }, name: name.trim() });
};
