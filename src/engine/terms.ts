import type { AllowRule, Demands, Quorum } from './rule.js';

/** The demands of several rules, all of them together: of two readings always the stricter one. */
export const strictest = (rules: readonly AllowRule[]): Demands => {
  const demands = rules.map((rule) => rule.demands);
  const ticket =
    demands.find((demand) => demand.ticket?.pattern !== undefined) ?? demands.find((demand) => demand.ticket);
  return {
    longestMs: Math.min(...demands.map(({ longestMs }) => longestMs)),
    ...(ticket?.ticket === undefined ? {} : { ticket: ticket.ticket }),
    quorums: combine(demands.flatMap(({ quorums }) => quorums)),
    selfApproval: demands.every(({ selfApproval }) => selfApproval),
    denials: Math.min(...demands.map(({ denials }) => denials)),
    pendingMs: Math.min(...demands.map(({ pendingMs }) => pendingMs)),
    secondFactor: demands.some(({ secondFactor }) => secondFactor),
  };
};

/**
 * One demand a group: asking a group for 1 and for 2 is asking it for 2. An escalation lets others count as well, so
 * demands that escalate differently stay apart, and the later of two equal ones holds.
 */
const combine = (quorums: readonly Quorum[]): readonly Quorum[] => {
  const byGroup = new Map<string, Quorum>();
  for (const quorum of quorums) {
    const key = `${quorum.group}\n${quorum.escalation?.group ?? ''}`;
    const known = byGroup.get(key);
    byGroup.set(key, known === undefined ? quorum : stricter(known, quorum));
  }
  return [...byGroup.values()];
};

const stricter = (one: Quorum, other: Quorum): Quorum => {
  const base = other.count > one.count ? other : one;
  if (one.escalation === undefined || other.escalation === undefined) return base;
  const escalation = other.escalation.afterMs > one.escalation.afterMs ? other.escalation : one.escalation;
  return { ...base, escalation };
};
