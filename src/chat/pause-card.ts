/** A tenant that shuts Latchkey out, told once for all that is held up there; and that it works again. */
import { overdueMs } from '../engine/due.js';
import type { AccessRequest } from '../engine/request.js';
import type { Reopened, Shut } from '../flows/watch-pauses.js';
import { card } from './answers.js';
import { code, line, sayDuration, sayList, sayMoment, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

/** As many as are read on a phone. */
const NAMED = 10;

export const shutCard = ({ tenant, pause, held }: Shut, reading: Reading): Card => {
  const { id, name } = tenant;
  const overdue = held.filter((request) => overdueMs(request, reading.today) !== undefined);
  const title =
    overdue.length === 0
      ? `🚨 ${name} is paused: ${pause.clause}`
      : `🚨 ${name} is paused: ${pause.clause}, and ${counted(overdue.length)} not ended`;
  return card(title, [
    line(
      `Since ${sayMoment(pause.since, reading)}. Nothing begins or ends there; it is tried once a minute and goes on by itself.`,
    ),
    ...held.slice(0, NAMED).map((request) => heldLine(request, reading)),
    ...(held.length > NAMED ? [line(`…and ${held.length - NAMED} more.`)] : []),
    ...(held.length === 0 ? [line('Nobody has access there just now.')] : []),
    line('Do now: let Latchkey in again, as told by ', code(`/jit admin tenant test ${id}`)),
    ...(overdue.length === 0 ? [] : [line('Or take it away by hand, in the Entra admin center of that tenant.')]),
  ]);
};

const counted = (count: number): string => (count === 1 ? '1 access has' : `${count} accesses have`);

const heldLine = (request: AccessRequest, reading: Reading): Line => {
  const { id, upn, requesterName } = request;
  return line(strong(id), ` ${upn} (${requesterName}): ${standingOf(request, reading)}`);
};

const standingOf = (request: AccessRequest, reading: Reading): string => {
  if (request.state === 'provisioning') return 'waits to begin';
  if (request.state === 'active') {
    return request.endsAt === undefined ? 'live' : `live, and to end at ${sayTime(request.endsAt, reading)}`;
  }
  const overdue = overdueMs(request, reading.today);
  return overdue === undefined ? 'is ending' : `has not ended, ${sayDuration(overdue)} overdue`;
};

export const reopenedCard = ({ tenant, pause, ended, left }: Reopened, reading: Reading): Card =>
  card(`✅ ${tenant.name} works again`, [
    line(`It was paused from ${sayTime(pause.since, reading)} on: ${pause.clause}.`),
    line(
      ended.length === 0
        ? 'Nothing had to end meanwhile.'
        : `Ended and confirmed since: ${sayList(
            ended.map(({ id }) => id),
            NAMED,
          )}.`,
    ),
    ...(left.length === 0
      ? []
      : [
          line(
            `Still ending: ${sayList(
              left.map(({ id }) => id),
              NAMED,
            )}.`,
          ),
        ]),
    line('What Latchkey may do there now: ', code(`/jit admin tenant test ${tenant.id}`)),
  ]);
