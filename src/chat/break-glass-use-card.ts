/** What admins hear of how break-glass accounts are used, that this cannot be seen, and that nobody has tried them. */
import type { DueDrill } from '../flows/break-glass/remind-of-drills.js';
import type { Used } from '../flows/break-glass/report-uses.js';
import type { Unwatched } from '../flows/break-glass/watch.js';
import { card } from './answers.js';
import { cleaned } from './asking.js';
import { code, line, sayDuration, sayMoment, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

/** As many as are read on a phone; the rest is folded. */
const SHOWN = 8;

/** More would not fit into a message; the audit log has them all. */
const MOST = 60;

export const strayUseCard = ({ tenant, uses }: Used, reading: Reading): Card => {
  const [only, ...others] = uses;
  const what = only !== undefined && others.length === 0 ? `${only.upn} was used` : `break-glass was used`;
  const lines = uses.map(({ upn, at, says }) =>
    line(strong(sayTime(at, reading, 'HH:mm:ss')), ` ${upn} ${cleaned(says)}`),
  );
  return {
    ...card(`🚨 ${tenant.name}: ${what}, and nobody had opened its password`, [
      ...lines.slice(0, SHOWN),
      line(
        'Whoever that is may do everything there. Do now: ask whoever keeps a copy of the passwords; if it was none of them, have them changed: ',
        code(`/jit admin break-glass rotate ${tenant.id}`),
      ),
      line('Then look in the Entra admin center what was changed, and sign the account out everywhere.'),
    ]),
    ...folded(lines.slice(SHOWN)),
  };
};

const folded = (lines: readonly Line[]): Pick<Card, 'more'> => {
  if (lines.length === 0) return {};
  const hidden = lines.length - MOST;
  return { more: hidden > 0 ? [...lines.slice(0, MOST), line(`…and ${hidden} more in the audit log.`)] : lines };
};

export const unwatchedCard = ({ tenant, trouble }: Unwatched, reading: Reading): Card =>
  card(`🚨 ${tenant.name}: nobody would see its break-glass accounts being used`, [
    line(`Its sign-in log cannot be read since ${sayMoment(trouble.since, reading)}: ${trouble.clause}.`),
    line('It is tried again every five minutes; what happens meanwhile is told once it can be read.'),
    line('Do now: see what Latchkey may do there: ', code(`/jit admin tenant test ${tenant.id}`)),
  ]);

export const drillsCard = (due: readonly DueDrill[], reading: Reading): Card => {
  const [first, ...others] = due;
  const title =
    first !== undefined && others.length === 0
      ? `${first.tenant.name}: try its break-glass accounts`
      : `${due.length} tenants: try their break-glass accounts`;
  const lines = due.map((one) => drillLine(one, reading));
  return {
    ...card(title, [
      line('Only a way in that was tried is known to be one. It takes ten minutes.'),
      ...lines.slice(0, SHOWN),
    ]),
    ...folded(lines.slice(SHOWN)),
  };
};

const drillLine = ({ tenant, dueAt }: DueDrill, { today }: Reading): Line =>
  line(
    strong(tenant.name),
    ` due for ${sayDuration(Math.max(0, today.getTime() - dueAt.getTime()))}: `,
    code(`/jit admin break-glass drill ${tenant.id}`),
  );
