import { setTimeout as delay } from 'node:timers/promises';

import { faultBody, PROXY_PAGE } from './fault-answers.js';
import type { Fault, FaultOf, FaultTarget } from './faults.js';
import { comesAfterTheWrite, fits, HOSTILE, spoil } from './hostile-answers.js';
import { CUT, GRAPH_JSON, json, type Outcome, type Reply } from './reply.js';
import type { LogEntry } from './request-log.js';
import type { World } from './world.js';

/** The stretch of road around every answer of Graph and the login authority: whatever can go wrong goes wrong here. */

const SPOILERS = [
  'drop-before-write',
  'drop-after-write',
  'throttle',
  'server-error',
  'html',
  'truncated',
  'content-type',
  ...HOSTILE,
] as const;

type Spoiler = FaultOf<(typeof SPOILERS)[number]>;

const NOTHING: Reply = json(200, {}, GRAPH_JSON);

const bodyOf = ({ contentType, text }: Reply): unknown =>
  text !== '' && contentType.startsWith('application/json') ? JSON.parse(text) : undefined;

/** What the caller gets to see; `real`: what would have been answered. */
const outcomeOf = (world: World, fault: Spoiler, { path }: FaultTarget, real: Reply): Outcome => {
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
    case 'truncated':
      return { ...real, text: real.text.slice(0, Math.ceil(real.text.length / 2)) };
    case 'content-type':
      return { ...real, contentType: fault.contentType };
    case 'wrong-shape':
    case 'status':
    case 'endless-paging':
    case 'foreign-next-link': {
      const { status, body } = spoil(world, fault, { status: real.status, body: bodyOf(real) }, path);
      return json(status, body, real.contentType, real.headers);
    }
  }
};

const perform = (world: World, target: FaultTarget, answer: () => Reply, note: (fault: Fault) => void): Outcome => {
  const before = world.faults.take(target, SPOILERS, (fault) => !comesAfterTheWrite(fault));
  if (before !== undefined) {
    note(before);
    return outcomeOf(world, before, target, NOTHING);
  }
  const real = answer();
  // What was refused wrote nothing, so nothing can be lost after the write.
  if (real.status >= 400) return real;
  const after = world.faults.take(target, SPOILERS, (fault) => comesAfterTheWrite(fault) && fits(fault, bodyOf(real)));
  if (after === undefined) return real;
  note(after);
  return outcomeOf(world, after, target, real);
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
