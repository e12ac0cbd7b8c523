import type { EndingCredential } from '../flows/credential-expiry.js';
import { DAY } from '../lib/clock.js';
import { card } from './answers.js';
import { code, line, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

/** Credentials that end soon or have ended, the soonest first. */
export const expiryCard = (ending: readonly EndingCredential[], reading: Reading): Card => {
  const [first] = ending;
  const isOver = first !== undefined && first.expiresAt <= reading.today;
  const title =
    ending.length === 1 && first !== undefined
      ? `${whose(first)} ${first.kind} ${when(first, reading)}`
      : `${ending.length} credentials end soon${isOver ? ' or have ended' : ''}`;
  const lines = ending.map((one) => credentialLine(one, reading));
  return card(isOver ? `🚨 ${title}` : title, [...lines, ...nextLines(ending)]);
};

const whose = ({ tenant }: EndingCredential): string => (tenant === undefined ? "Latchkey's own" : `${tenant.name}:`);

const when = ({ expiresAt }: EndingCredential, { today }: Reading): string => {
  if (expiresAt <= today) return 'has ended';
  const days = Math.ceil((expiresAt.getTime() - today.getTime()) / DAY);
  return days === 1 ? 'ends within a day' : `ends in ${days} days`;
};

const credentialLine = (ending: EndingCredential, reading: Reading): Line => {
  const name = ending.name === undefined || ending.name === '' ? '' : ` "${ending.name}"`;
  const what = `${whose(ending)} ${ending.kind}${name}`;
  const lost = ending.tenant === undefined ? 'any tenant that it serves' : ending.tenant.name;
  return line(
    strong(`${what} ${when(ending, reading)}`),
    `: ${sayTime(ending.expiresAt, reading)}. Without it nobody gets into ${lost}, and no access ends there.`,
  );
};

const nextLines = (ending: readonly EndingCredential[]): readonly Line[] => [
  ...(ending.some(({ tenant }) => tenant === undefined)
    ? [
        line(
          "Do now: make a new one in the app's registration, give it to me as in manifests/entra.md, and restart me.",
        ),
      ]
    : []),
  ...ending.flatMap(({ tenant }) =>
    tenant === undefined ? [] : [line('Do now: make a new one, then ', code(`/jit admin tenant app ${tenant.id}`))],
  ),
];
