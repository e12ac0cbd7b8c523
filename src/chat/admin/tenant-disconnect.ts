/** `tenant disconnect`: everything given there ends, proven, and then the tenant and its secrets are forgotten. */
import type { Fault } from '../../engine/faults.js';
import type { AccessRequest } from '../../engine/request.js';
import type { Tenant } from '../../engine/tenant.js';
import { disconnect as disconnectTenant, stakeIn, stay } from '../../flows/disconnect.js';
import type { Stake } from '../../flows/disconnect.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { code, line, sayList, strong } from '../say.js';
import type { Line } from '../view.js';
import { YES } from './confirm.js';
import { inUse } from './find.js';
import { flag, needed, verb } from './noun.js';
import type { AdminContext } from './noun.js';
import { tenantNamed } from './tenant-named.js';

/** As many as are read on a phone. */
const NAMED = 10;

export const disconnect = verb({
  name: 'disconnect',
  summary: 'ends every access there, proves it, and then forgets the tenant and its secrets',
  needs: 'change',
  arguments: { tenant: needed('TENANT', 'short name, name, domain or GUID') },
  options: { stay: flag('takes it back, while it is not done'), ...YES },
  examples: [
    '/jit admin tenant disconnect contoso',
    '/jit admin tenant disconnect contoso --yes',
    '/jit admin tenant disconnect contoso --stay',
  ],
  notes: [
    'Rules and templates that name the tenant are removed first, by you.',
    'It takes as long as the last access there takes to end, and goes on after a restart; you are told when it is done.',
    'Accounts that Latchkey made stay in the directory, disabled, unless their requests had them deleted.',
  ],
  run: async (ctx, { tenant: typed }, options): Promise<Result<Answer, Fault>> => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    if (options.stay) return takeBack(ctx, tenant.value);
    const { id, name } = tenant.value;
    const used = await inUse(ctx, 'tenant', name, { kind: 'tenant', id });
    if (used !== undefined) return err(used);
    const stake = await stakeIn(ctx.deps, ctx.admin, tenant.value);
    if (!stake.ok) return stake;
    if (tenant.value.leaving !== undefined) return ok(underWay(tenant.value, stake.value));
    if (!options.yes) return ok(question(tenant.value, stake.value));
    const marked = await disconnectTenant(ctx.deps, ctx.admin, id);
    return marked.ok ? ok(underWay(marked.value, stake.value)) : marked;
  },
});

const takeBack = async (ctx: AdminContext, { id }: Tenant): Promise<Result<Answer, Fault>> => {
  const stays = await stay(ctx.deps, ctx.admin, id);
  if (!stays.ok) return stays;
  return ok(
    show(
      card(`${stays.value.name} stays connected`, [line('Access that was ended stays so; new requests are heard.')]),
    ),
  );
};

const question = ({ id, name }: Tenant, { open, accounts, breakGlass }: Stake): Answer =>
  show(
    card(`Disconnect ${name}?`, [
      ...openLines(open),
      line(
        'Nobody can ask for access there any more. Once every end is proven, its secrets and settings are forgotten.',
      ),
      line(
        accounts.length === 0
          ? 'Latchkey has no account in its directory.'
          : `Accounts that stay in its directory without access: ${sayList(accounts, NAMED)}.`,
      ),
      ...breakGlassLines(breakGlass),
      line('To do it, type ', code(`/jit admin tenant disconnect ${id} --yes`)),
    ]),
  );

const breakGlassLines = (names: readonly string[]): readonly Line[] =>
  names.length === 0
    ? []
    : [
        line(
          strong('Break-glass: '),
          `the passwords of ${sayList(names, NAMED)} are changed no more. They stay Global Administrators there, and the vault keeps their last passwords.`,
        ),
      ];

const openLines = (open: readonly AccessRequest[]): readonly Line[] => {
  const groups = [
    ['Taken away at once', open.filter(({ state }) => ['provisioning', 'active', 'closing'].includes(state))],
    ['Called off', open.filter(({ state }) => state === 'pending' || state === 'approved')],
  ] as const;
  const lines = groups.flatMap(([what, requests]) =>
    requests.length === 0 ? [] : [line(strong(`${what}: `), `${sayList(requests.map(sayRequest), NAMED)}.`)],
  );
  return lines.length === 0 ? [line('Nobody has access there, and nobody waits for it.')] : lines;
};

const sayRequest = ({ id, requesterName }: AccessRequest): string => `${id} (${requesterName})`;

const underWay = ({ id, name, leaving }: Tenant, { open }: Stake): Answer =>
  show(
    card(`${name} is being disconnected`, [
      line(
        open.length === 0
          ? 'Nobody has access there.'
          : `To end, and to be proven to have: ${sayList(open.map(sayRequest), NAMED)}.`,
      ),
      line(
        `You are told when it is done, a minute from ${leaving === undefined ? 'now' : 'the word'} at the earliest.`,
      ),
      line('To take it back: ', code(`/jit admin tenant disconnect ${id} --stay`)),
    ]),
  );
