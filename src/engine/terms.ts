import type { AllowRule, Demands, Quorum } from './rule.js';

/**
 * The demands of several rules, all of them together: of two readings always the stricter one, in whatever order they
 * come. `ticket` shows one pattern; each rule holds the reference against its own.
 */
export const strictest = (rules: readonly AllowRule[]): Demands => {
  const [first, ...others] = rules;
  if (first === undefined) return NOTHING_ALLOWED;
  if (others.length === 0 && first.demands.quorums.length <= 1) return first.demands;
  return { ...others.reduce((terms, { demands }) => both(terms, demands), first.demands), quorums: quorumsOf(rules) };
};

/** What no rule allows lasts no time at all. */
const NOTHING_ALLOWED: Demands = {
  longestMs: 0,
  quorums: [],
  selfApproval: false,
  denials: 1,
  pendingMs: 0,
  secondFactor: true,
};

const both = (one: Demands, other: Demands): Demands => {
  const ticket = stricterTicket(one.ticket, other.ticket);
  return {
    longestMs: Math.min(one.longestMs, other.longestMs),
    ...(ticket === undefined ? {} : { ticket }),
    quorums: one.quorums,
    selfApproval: one.selfApproval && other.selfApproval,
    denials: Math.min(one.denials, other.denials),
    pendingMs: Math.min(one.pendingMs, other.pendingMs),
    secondFactor: one.secondFactor || other.secondFactor,
  };
};

const stricterTicket = (one: Demands['ticket'], other: Demands['ticket']): Demands['ticket'] => {
  if (one?.pattern === undefined) return other ?? one;
  return other?.pattern === undefined || one.pattern <= other.pattern ? one : other;
};

/**
 * One demand a group: asking a group for 1 and for 2 is asking it for 2. An escalation lets others count as well, so
 * demands that escalate differently stay apart, and the later of two equal ones holds.
 */
const quorumsOf = (rules: readonly AllowRule[]): readonly Quorum[] => {
  const byGroup = new Map<string, Quorum>();
  for (const { demands } of rules) {
    for (const quorum of demands.quorums) {
      const key = quorum.escalation === undefined ? quorum.group : `${quorum.group}\n${quorum.escalation.group}`;
      const known = byGroup.get(key);
      byGroup.set(key, known === undefined ? quorum : stricter(known, quorum));
    }
  }
  return [...byGroup.values()];
};

const stricter = (one: Quorum, other: Quorum): Quorum => {
  const base = other.count > one.count ? other : one;
  if (one.escalation === undefined || other.escalation === undefined) return base;
  const escalation = other.escalation.afterMs > one.escalation.afterMs ? other.escalation : one.escalation;
  return { ...base, escalation };
};
