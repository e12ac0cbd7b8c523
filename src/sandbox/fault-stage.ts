import { setTimeout as delay } from 'node:timers/promises';

import { faultBody, PROXY_PAGE } from './fault-answers.js';
import type { Fault, FaultOf, FaultTarget } from './faults.js';
import { CUT, GRAPH_JSON, json, type Outcome, type Reply } from './reply.js';
import type { LogEntry } from './request-log.js';
import type { World } from './world.js';

/** The stretch of road around every answer of Graph and the login authority: whatever can go wrong goes wrong here. */

const SPOILERS = ['drop-before-write', 'drop-after-write', 'throttle', 'server-error', 'html'] as const;

type Spoiler = FaultOf<(typeof SPOILERS)[number]>;

const comesAfterTheWrite = (fault: Spoiler): boolean =>
  fault.kind === 'drop-after-write' || (fault.kind === 'server-error' && fault.afterWrite);

const outcomeOf = (fault: Spoiler): Outcome => {
  switch (fault.kind) {
    case 'throttle':
    case 'server-error': {
      const { status, body, headers } = faultBody(fault);
      return json(status, body, GRAPH_JSON, headers);
    }
    case 'html':
      return { status: fault.status, contentType: 'text/html; charset=utf-8', text: PROXY_PAGE };
    case 'drop-before-write':
    case 'drop-after-write':
      return CUT;
  }
};

const perform = (world: World, target: FaultTarget, answer: () => Reply, note: (fault: Fault) => void): Outcome => {
  const before = world.faults.take(target, SPOILERS, (fault) => !comesAfterTheWrite(fault));
  if (before !== undefined) {
    note(before);
    return outcomeOf(before);
  }
  const reply = answer();
  // What was refused wrote nothing, so nothing can be lost after the write.
  if (reply.status >= 400) return reply;
  const after = world.faults.take(target, SPOILERS, comesAfterTheWrite);
  if (after === undefined) return reply;
  note(after);
  return outcomeOf(after);
};

/** Lets `answer` happen, or not, as the faults have it, and completes the log entry. */
export const amidFaults = async (
  world: World,
  entry: LogEntry,
  target: FaultTarget,
  answer: () => Reply,
): Promise<Outcome> => {
  const note = (fault: Fault): void => {
    entry.faults = [...entry.faults, fault.kind];
  };
  const slow = world.faults.take(target, ['slow']);
  if (slow !== undefined) note(slow);
  const outcome = perform(world, target, answer, note);
  const waitMs = world.latencyMs + (slow?.ms ?? 0);
  if (waitMs > 0) await delay(waitMs);
  entry.status = outcome === CUT ? 0 : outcome.status;
  return outcome;
};
