/** Break-glass passwords of a tenant that should have changed and have not. */
import type { OverdueRotation } from '../flows/break-glass/overdue.js';
import { card } from './answers.js';
import { code, line, sayDuration, sayMoment, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

export const overdueRotationCard = ({ tenant, accounts }: OverdueRotation, reading: Reading): Card => {
  const what = accounts.length === 1 ? 'A break-glass password' : `${accounts.length} break-glass passwords`;
  return card(`🚨 ${what} of ${tenant.name} should have changed`, [
    ...accounts.map((one) => accountLine(one, reading)),
    line('The vault still holds what opens them. Whoever saw the last password can use it until it changes.'),
    line('It is tried again within the hour, for as long as it takes. See what is wrong: ', code(HOW)),
    line('When that is put right, have it done at once: ', code(`/jit admin break-glass rotate ${tenant.id}`)),
  ]);
};

const HOW = '/jit admin break-glass status';

const accountLine = ({ account, since }: OverdueRotation['accounts'][number], reading: Reading): Line => {
  const { upn, trouble, rotatedAt } = account;
  const late = sayDuration(reading.today.getTime() - since.getTime());
  const why = trouble === undefined ? 'nothing has tried it yet' : trouble.clause;
  const last = rotatedAt === undefined ? 'It never had one.' : `Last changed ${sayMoment(rotatedAt, reading)}.`;
  return line(strong(upn), ` ${late} overdue: ${why}. ${last}`);
};
