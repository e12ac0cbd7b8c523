import type { AccessRequest, Verdict } from '../engine/request.js';
import { line, sayList, strong } from './say.js';
import type { Line } from './view.js';

/** What is said of a request: who has agreed, who has not, and whose word is still wanting. */
export const wantingLine = ({ quorums, tally, secondFactor, denialsToEnd, denials }: AccessRequest): Line => {
  const wanted = quorums.map(({ count, groupName, escalation }, index) => {
    const asWell = escalation?.at === undefined ? '' : ` or ${escalation.groupName}`;
    return `${tally[index] ?? 0} of ${count} from ${groupName}${asWell}`;
  });
  const passkey = secondFactor ? ', with passkey' : '';
  const ends = denialsToEnd > 1 ? ` ${denials.length} of ${denialsToEnd} denials end it.` : '';
  return line(strong('Approved so far: '), `${wanted.join('; ')}${passkey}.${ends}`);
};

/** Each word so far with its note, one line each. */
export const verdictLines = ({ approvals, denials, state }: AccessRequest): readonly Line[] => {
  const noted = (verdicts: readonly Verdict[]): readonly Verdict[] =>
    state === 'pending' ? verdicts : verdicts.filter(({ note }) => note !== undefined);
  // The last denial of what was denied is told in the line that says so.
  const others = state === 'denied' ? denials.slice(0, -1) : denials;
  return [
    ...noted(approvals).map((verdict) => verdictLine('Approved by ', verdict)),
    ...noted(others).map((verdict) => verdictLine('Denied by ', verdict)),
  ];
};

const verdictLine = (said: string, verdict: Verdict): Line =>
  line(said, strong(sayVerdict(verdict)), verdict.note === undefined ? '.' : `: ${verdict.note}`);

const sayVerdict = ({ name, factor }: Verdict): string => (factor === undefined ? name : `${name} (with ${factor})`);

export const sayApprovers = ({ approvals }: AccessRequest): string => sayList(approvals.map(sayVerdict));
