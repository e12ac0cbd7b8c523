/** The lines of the log that a look leaves, each derived from the look itself: whoever finds it can write what is missing. */
import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { PersonId } from '../../engine/ids.js';
import type { Verdict } from '../../engine/request.js';
import { addMs } from '../../lib/clock.js';
import type { FlowDeps } from '../deps.js';
import { LATCHKEY } from '../effects.js';
import type { AuditEvent, Facts } from '../ports/audit.js';

/** Puts everything that has happened to it on record; what is there already stays as it is. */
export const recordLook = async ({ audit }: Pick<FlowDeps, 'audit'>, view: BreakGlassView): Promise<void> => {
  for (const { key, ...event } of stepsOf(view)) {
    await audit.append(`look/${view.id}/${key}`, lookEvent(view, event));
  }
};

export interface LookStep extends Pick<AuditEvent, 'what' | 'at' | 'by' | 'on'> {
  readonly facts?: Facts;
}

/** A line about a look: whose, of what, and why. */
export const lookEvent = (view: BreakGlassView, { what, at, by, on, facts = {} }: LookStep): AuditEvent => ({
  what,
  at,
  by,
  ...(on === undefined ? {} : { on }),
  tenant: view.tenant,
  ...(view.organization === undefined ? {} : { organization: view.organization }),
  about: concernedBy(view),
  facts: {
    look: view.id,
    requester: view.requester,
    accounts: view.accounts,
    reason: view.reason,
    rules: view.rules.map(({ name }) => name),
    ...(view.emergency ? { emergency: true } : {}),
    ...(view.accessPass ? { accessPass: true } : {}),
    ...facts,
  },
});

const concernedBy = ({ requester, approvals, denials }: BreakGlassView): readonly PersonId[] => [
  ...new Set([requester, ...[...approvals, ...denials].map(({ person }) => person)]),
];

const stepsOf = (view: BreakGlassView): readonly (LookStep & { readonly key: string })[] => {
  const { requester: by, askedOn: on, createdAt, approvedAt, shownAt, overAt, state } = view;
  const asked = view.emergency ? 'break-glass.emergency' : 'break-glass.asked';
  return [
    { key: 'asked', what: asked, at: createdAt, by, on, facts: { asked: view.asked.map(({ id }) => id) } },
    ...view.approvals.map((verdict) => wordStep('break-glass.approval', verdict)),
    ...view.denials.map((verdict) => wordStep('break-glass.denial', verdict)),
    ...(approvedAt === undefined || view.emergency
      ? []
      : [
          {
            key: 'approved',
            what: 'break-glass.approved',
            at: approvedAt,
            by: view.approvals.at(-1)?.person ?? LATCHKEY.by,
          },
        ]),
    ...(shownAt === undefined
      ? []
      : [
          {
            key: 'shown',
            what: 'break-glass.shown',
            at: shownAt,
            by,
            facts: { until: addMs(shownAt, view.lastsMs).toISOString() },
          },
        ]),
    ...(overAt === undefined
      ? []
      : [{ key: 'over', what: `break-glass.${state}`, at: overAt, by: enderOf(view, overAt) }]),
  ];
};

const wordStep = (what: string, { person, at, on, note, factor }: Verdict) => ({
  key: `${what}/${person}/${at.getTime()}`,
  what,
  at,
  by: person,
  on,
  facts: { ...(note === undefined ? {} : { note }), ...(factor === undefined ? {} : { factor }) },
});

/** Whose hand was in its end. */
const enderOf = ({ state, requester, denials, shownAt, lastsMs }: BreakGlassView, overAt: Date): string => {
  if (state === 'denied') return denials.at(-1)?.person ?? LATCHKEY.by;
  const inTime = shownAt !== undefined && overAt < addMs(shownAt, lastsMs);
  return state === 'cancelled' || inTime ? requester : LATCHKEY.by;
};
