/** A tenant's checklist, as it is asked for and as it is told when something changed. */
import { worstFirst } from '../engine/checkup.js';
import type { Finding } from '../engine/finding.js';
import type { Tenant } from '../engine/tenant.js';
import type { Changed } from '../flows/checkup.js';
import type { Pause } from '../flows/ports/checkups.js';
import { card } from './answers.js';
import { code, line, sayMoment, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line, Span } from './view.js';

const MARKS: Readonly<Record<Finding['state'], string>> = {
  missing: 'Missing: ',
  warning: 'Attention: ',
  unknown: 'Unknown: ',
  ok: 'Fine: ',
};

/** What is to be done comes first, each with how; what is fine is folded. */
export const checkupCard = (
  { id, name }: Tenant,
  findings: readonly Finding[],
  pause: Pause | undefined,
  reading: Reading,
): Card => {
  const sorted = worstFirst(findings);
  const wrong = sorted.filter(({ state }) => state !== 'ok');
  const fine = sorted.filter(({ state }) => state === 'ok');
  const title =
    wrong.length === 0 ? `✅ ${name}: all ${fine.length} checks are fine` : `${name}: ${countsOf(wrong, fine.length)}`;
  return {
    ...card(title, [
      ...(pause === undefined ? [] : [pauseLine(pause, reading)]),
      ...wrong.map(findingLine),
      line('Next: ', code(wrong.length === 0 ? `/jit admin tenant show ${id}` : `/jit admin tenant test ${id}`)),
    ]),
    ...(fine.length === 0 ? {} : { more: fine.map(({ says }) => line(says)) }),
  };
};

const WORDS = { missing: 'missing', warning: 'to look at', unknown: 'unknown' } as const;

const countsOf = (wrong: readonly Finding[], fine: number): string => {
  const counts = (['missing', 'warning', 'unknown'] as const).map((state) => {
    const count = wrong.filter((finding) => finding.state === state).length;
    return count === 0 ? [] : [`${count} ${WORDS[state]}`];
  });
  return [...counts.flat(), `${fine} fine`].join(', ');
};

export const pauseLine = ({ since, clause }: Pause, reading: Reading): Line =>
  line(strong(`Paused since ${sayMoment(since, reading)}`), `: ${clause}. It goes on by itself once it works again.`);

/** A finding and its remedy in one line, which a phone breaks where it likes. */
export const findingLine = ({ state, says, fix }: Finding): Line =>
  line(strong(MARKS[state]), says, ...(fix === undefined ? [] : [' ', ...remedy(fix)]));

/** Commands are marked as such, so that they can be copied. */
const remedy = (fix: string): readonly (Span | string)[] => {
  const at = fix.indexOf('/jit ');
  if (at < 0) return [fix];
  return [fix.slice(0, at), code(fix.slice(at))];
};

/** Told to admins: only what is not as it was. */
export const changesCard = ({ tenant, changes }: Changed): Card => {
  const findings = worstFirst(changes.map(({ finding }) => finding));
  const worse = findings.filter(({ state }) => state !== 'ok').length;
  const title =
    worse === 0
      ? `${tenant.name}: ${findings.length === 1 ? 'a check is' : `${findings.length} checks are`} fine again`
      : `${tenant.name}: ${worse === 1 ? 'a check is' : `${worse} checks are`} no longer fine`;
  return card(title, [
    ...findings.map(findingLine),
    line('All of them: ', code(`/jit admin tenant test ${tenant.id}`)),
  ]);
};
