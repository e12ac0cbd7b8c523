import { faultBody } from './fault-answers.js';
import type { FaultOf, FaultTarget } from './faults.js';
import type { GraphAnswer } from './graph-call.js';
import { comesAfterTheWrite, fits, HOSTILE, spoil } from './hostile-answers.js';
import type { World } from './world.js';

/** What can go wrong with one item of a batch, while the batch itself arrives and is answered. */

const SPOILERS = ['throttle', 'server-error', ...HOSTILE] as const;

const render = (
  world: World,
  fault: FaultOf<(typeof SPOILERS)[number]>,
  target: FaultTarget,
  answer: GraphAnswer,
): GraphAnswer =>
  fault.kind === 'throttle' || fault.kind === 'server-error'
    ? faultBody(fault)
    : { ...answer, ...spoil(world, fault, answer, target.path) };

/** Lets `answer` happen, or not, as the faults have it. */
export const amidItemFaults = (world: World, target: FaultTarget, answer: () => GraphAnswer): GraphAnswer => {
  const before = world.faults.take(target, SPOILERS, (fault) => !comesAfterTheWrite(fault));
  if (before !== undefined) return render(world, before, target, { status: 200, body: {} });
  const real = answer();
  // What was refused wrote nothing, so nothing can be lost after the write.
  if (real.status >= 400) return real;
  const after = world.faults.take(target, SPOILERS, (fault) => comesAfterTheWrite(fault) && fits(fault, real.body));
  return after === undefined ? real : render(world, after, target, real);
};
