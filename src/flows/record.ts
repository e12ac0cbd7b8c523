import type { Decision } from '../engine/decide.js';
import type { Person } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import { addMs } from '../lib/clock.js';
import type { FlowDeps } from './deps.js';
import { doerOf, effectsOf } from './effects.js';
import type { LedgerEntry } from './ports.js';

export type Draft = Omit<AccessRequest, 'id'>;

/** What nothing has happened to yet. */
export const UNTOUCHED = {
  approvals: [],
  denials: [],
  extensions: [],
  progress: [],
  reveal: 'none',
} as const satisfies Partial<Draft>;

type Terms = Pick<
  Draft,
  | 'rules'
  | 'quorums'
  | 'tally'
  | 'selfApproval'
  | 'secondFactor'
  | 'denialsToEnd'
  | 'remindEveryMs'
  | 'createdAt'
  | 'lapsesAt'
  | 'state'
> &
  Pick<AccessRequest, 'decidedAt'>;

/** What a new request owes to the rules: pending until `noLaterThan` at the latest, or approved where nobody must agree. */
export const termsOf = async (
  deps: Pick<FlowDeps, 'clock' | 'config'>,
  { kind, rules, terms }: Exclude<Decision, { kind: 'refuse' }>,
  noLaterThan: Date | undefined,
): Promise<Terms> => {
  const { remindEveryMs } = await deps.config.settings.read();
  const now = deps.clock.now();
  const lapsesAt = addMs(now, terms.pendingMs);
  return {
    rules: rules.map(({ id, name }) => ({ id, name })),
    quorums: terms.quorums,
    tally: terms.quorums.map(() => 0),
    selfApproval: terms.selfApproval,
    secondFactor: terms.secondFactor,
    denialsToEnd: terms.denials,
    remindEveryMs,
    createdAt: now,
    lapsesAt: noLaterThan !== undefined && noLaterThan < lapsesAt ? noLaterThan : lapsesAt,
    ...(kind === 'allow' ? { state: 'approved', decidedAt: now } : { state: 'pending' }),
  };
};

/** Puts a new request on record with all that it sets in motion; `undefined`: its id is taken. */
export const record = async (
  deps: Pick<FlowDeps, 'clock' | 'requests' | 'nudge'>,
  request: AccessRequest,
  requester: Person,
  card?: LedgerEntry,
): Promise<AccessRequest | undefined> => {
  const effects = effectsOf(undefined, request, doerOf(requester, request.askedOn), deps.clock.now());
  if (!(await deps.requests.insert(request, effects, card === undefined ? [] : [card]))) return undefined;
  deps.nudge(request);
  return request;
};
