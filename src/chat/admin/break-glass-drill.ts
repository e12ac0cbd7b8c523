/** `break-glass drill`: what to do to try them, step by step, and that it was done. */
import { DRILL_EVERY_MS } from '../../engine/drill.js';
import type { Tenant } from '../../engine/tenant.js';
import { beginDrill, confirmDrill } from '../../flows/break-glass/drill.js';
import type { BegunDrill, DoneDrill, Seen } from '../../flows/break-glass/drill.js';
import { addMs } from '../../lib/clock.js';
import { ok } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { cleaned } from '../asking.js';
import { code, line, sayList, sayTime, strong } from '../say.js';
import type { Reading } from '../say.js';
import type { Line } from '../view.js';
import { TENANT } from './break-glass-enable.js';
import { flag, verb } from './noun.js';
import { tenantNamed } from './tenant-named.js';

export const drill = verb({
  name: 'drill',
  summary: 'has somebody try whether they get in, and puts it on record',
  needs: 'change',
  arguments: { tenant: TENANT },
  options: { done: flag('says that it worked') },
  examples: ['/jit admin break-glass drill contoso', '/jit admin break-glass drill contoso --done'],
  notes: [
    'It is recorded only where somebody had the passwords since the drill began; afterwards they change.',
    'Admins are reminded every 90 days.',
  ],
  run: async (ctx, { tenant: typed }, { done }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const { reading } = ctx.turn;
    if (!done) {
      const begun = await beginDrill(ctx.deps, ctx.admin, tenant.value);
      return begun.ok ? ok(steps(tenant.value, begun.value, reading)) : begun;
    }
    const confirmed = await confirmDrill(ctx.deps, ctx.admin, tenant.value);
    return confirmed.ok ? ok(recorded(tenant.value, confirmed.value, reading)) : confirmed;
  },
});

const steps = ({ id, name }: Tenant, { drill: { begunAt }, accounts, looks }: BegunDrill, reading: Reading): Answer =>
  show(
    card(
      `Drill of ${name}, begun at ${sayTime(begunAt, reading)}`,
      [
        looks.length === 0
          ? line(
              strong('1. '),
              'Look: type ',
              code(`/jit break-glass ${id} --reason "Drill"`),
              '. Somebody else agrees, and you get a link to the passwords.',
            )
          : line(strong('1. '), `Done: the passwords were opened (${sayList(looks)}).`),
        line(
          strong('2. '),
          `Sign in: in a private window, with ${sayList(accounts.map(({ upn }) => upn))}, each at the address that the page shows. Where it asks for more than the password, have the access pass from the same page.`,
        ),
        line(
          strong('3. '),
          'Confirm: sign out again, then click, or type ',
          code(`/jit admin break-glass drill ${id} --done`),
        ),
      ],
      [{ verb: 'admin-break-glass-drilled', id, label: 'I got in', style: 'primary' }],
    ),
  );

const recorded = ({ name }: Tenant, { accounts, looks, seen }: DoneDrill, reading: Reading): Answer =>
  show(
    card(`Drill of ${name} is on record`, [
      line(`${sayList(accounts.map(({ upn }) => upn))}, opened in ${sayList(looks)}.`),
      seenLine(seen, reading),
      line(`The passwords change now. Next drill ${sayTime(addMs(reading.today, DRILL_EVERY_MS), reading)}.`),
    ]),
  );

const seenLine = (seen: Seen, reading: Reading): Line => {
  switch (seen.kind) {
    case 'seen':
      return line(`The directory shows it: ${cleaned(seen.says)}, at ${sayTime(seen.at, reading)}.`);
    case 'not-yet':
      return line(
        'The sign-in is not in the log of the directory yet: logs are minutes late. It is noted on the look.',
      );
    case 'unseen':
      return line(`Whether anybody signed in cannot be seen there: ${seen.clause}. Your word stands alone.`);
    default:
      return seen satisfies never;
  }
};
