import { mayTouch } from '../../flows/change.js';
import { reconcile } from '../../flows/reconcile.js';
import { ok } from '../../lib/result.js';
import { show } from '../answers.js';
import { checkedCard } from '../drift-card.js';
import { needed, verb } from './noun.js';
import { tenantNamed } from './tenant-named.js';

export const check = verb({
  name: 'check',
  summary: 'sets what its directory holds of ours against the records, and puts right what is ours',
  needs: 'change',
  arguments: { tenant: needed('TENANT', 'short name, name, domain or GUID') },
  options: {},
  examples: ['/jit admin tenant check contoso'],
  notes: ['All tenants are looked at every hour; whatever is found then is told in one message.'],
  run: async (ctx, { tenant: typed }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const allowed = await mayTouch(ctx.deps, ctx, tenant.value.organization);
    if (!allowed.ok) return allowed;
    return ok(show(checkedCard(await reconcile(ctx.deps, tenant.value), ctx.turn.reading)));
  },
});
