import type { DirectoryFault } from '../engine/faults.js';
import { gives } from '../engine/plan.js';
import type { Step } from '../engine/plan.js';
import type { StepOutcome } from '../flows/ports.js';
import { LARGEST_BATCH, mayRepeat } from './call.js';
import type { BatchAnswers, BatchItem, Graph } from './call.js';
import { malformed } from './errors.js';
import type { CallFailure, GraphAnswer } from './errors.js';
import type { Newcomers } from './newcomers.js';
import type { Patience } from './patience.js';
import { changeOutcome, creationOutcome } from './outcomes.js';
import { changeRequest, creationRequest } from './steps.js';
import type { Change, Creation, Subject } from './steps.js';

/**
 * Performs steps: a creation by itself, the rest in batches whose items wait for each other, so that Graph keeps their
 * order. What a failed predecessor kept from being tried is then tried by itself. Held back are access alone, until the
 * user is known to be set up for it, and the user's deletion, until nothing else is left to do. Where all is taken, the
 * rest does not wait for access passes, of which Graph serves few at a time.
 */

export interface Writing {
  readonly graph: Graph;
  readonly patience: Patience;
  readonly subject: Subject;
  readonly newcomers: Newcomers;
}

/** A change and its place among all steps. */
interface Numbered {
  readonly index: number;
  readonly step: Change;
}

interface Run extends Writing {
  readonly objectId: string;
  readonly changes: readonly Numbered[];
  /** By place among the steps; a step without an outcome was not tried. */
  readonly outcomes: Map<number, StepOutcome>;
}

/** `chained`: each item only after the one before it succeeded. `free`: each by itself, in no order. */
type Order = 'chained' | 'free';

const failed = ({ fault, unclear }: CallFailure): StepOutcome => ({ kind: 'failed', fault, unclear });

const notTried = (fault: DirectoryFault): StepOutcome => ({ kind: 'failed', fault, unclear: false });

/** `barred`: why no access pass can be issued, where it is known before. */
export const applySteps = async (
  writing: Writing,
  steps: readonly Step[],
  barred?: DirectoryFault,
): Promise<readonly StepOutcome[]> => {
  const outcomes = new Map<number, StepOutcome>();
  for (const [index, step] of steps.entries()) {
    if (barred !== undefined && step.do === 'issue-pass') outcomes.set(index, notTried(barred));
  }
  const changes = steps.flatMap((step, index) => (step.do === 'create' ? [] : [{ index, step }]));
  let { objectId } = writing.subject.user;
  for (const [index, step] of steps.entries()) {
    if (step.do !== 'create') continue;
    const created = await create(writing, step);
    outcomes.set(index, created);
    objectId = created.kind === 'done' ? created.objectId : undefined;
  }
  if (objectId !== undefined) await change({ ...writing, objectId, changes, outcomes });
  return steps.map((_, index) => outcomes.get(index) ?? notTried(whyNotTried(outcomes)));
};

const create = async (writing: Writing, step: Creation): Promise<StepOutcome> => {
  const { graph, patience, subject, newcomers } = writing;
  const answer = await graph.send(creationRequest(subject, step), patience);
  if (!answer.ok) return failed(answer.error);
  const outcome = creationOutcome(answer.value);
  if (outcome.kind === 'done' && outcome.objectId !== undefined) newcomers.add(outcome.objectId);
  return outcome;
};

const change = async (run: Run): Promise<void> => {
  const untried = (): readonly Numbered[] => run.changes.filter(({ index }) => !run.outcomes.has(index));
  const ahead = aheadOfPasses(run);
  // Nothing comes between: others who asked at the same moment would be told that the same room is free.
  if (ahead.length > 0) await attempt(run, ahead, 'chained');
  await attempt(run, untried(), 'chained');
  await attempt(
    run,
    untried().filter(({ step }) => !gives(step) && step.do !== 'delete'),
    'free',
  );
  await attempt(run, untried(), 'free');
};

/** What can be taken at once, where access passes are to be withdrawn and their service has no room for it now. */
const aheadOfPasses = ({ graph, subject, objectId, changes }: Run): readonly Numbered[] => {
  const passes = changes.filter(({ step }) => step.do === 'withdraw-pass');
  if (passes.length === 0 || changes.some(({ step }) => gives(step) || (step.do === 'set' && step.enabled))) return [];
  if (graph.isFree(passes.map(({ step }) => changeRequest(subject, objectId, step)))) return [];
  // Whoever still has a pass and can sign in would only sign in again after their sessions were revoked.
  const isShut = changes.some(({ step }) => step.do === 'set');
  return changes.filter(
    ({ step: { do: what } }) =>
      what === 'unassign' || what === 'leave' || what === 'set' || (what === 'revoke-sessions' && isShut),
  );
};

const attempt = async (run: Run, changes: readonly Numbered[], order: Order): Promise<void> => {
  for (let start = 0; start < changes.length; start += LARGEST_BATCH) {
    await attemptBatch(run, heldBack(run, changes.slice(start, start + LARGEST_BATCH)), order);
  }
};

/** Without whatever must not go before something else, unless that is done or this very batch sees to it first. */
const heldBack = (run: Run, batch: readonly Numbered[]): readonly Numbered[] => {
  const isAhead = (each: Numbered): boolean => !batch.includes(each) && !isSettled(run.outcomes.get(each.index));
  const isUnset = run.changes.some((each) => each.step.do === 'set' && isAhead(each));
  const isUnfinished = run.changes.some((each) => each.step.do !== 'delete' && isAhead(each));
  return batch.filter(({ step }) => (step.do === 'delete' ? !isUnfinished : !gives(step) || !isUnset));
};

const isSettled = (outcome: StepOutcome | undefined): boolean => outcome !== undefined && outcome.kind !== 'failed';

const attemptBatch = async (run: Run, batch: readonly Numbered[], order: Order): Promise<void> => {
  let pending = batch;
  let pauses = 0;
  while (pending.length > 0) {
    const answers = await run.graph.batch(itemsOf(run, pending, order), run.patience);
    if (!answers.ok) {
      for (const { index } of pending) run.outcomes.set(index, failed(answers.error));
      return;
    }
    const { cut, stumbled, brokeHarmlessly } = takeIn(run, pending, answers.value);
    if (stumbled.length > 0) {
      pauses += 1;
      if (!(await run.patience.pause(pauses, askedPause(stumbled, answers.value)))) return;
    } else if (!brokeHarmlessly) {
      return;
    }
    pending = pending.filter((each) => cut.includes(each) || stumbled.includes(each));
  }
};

const itemsOf = (run: Run, batch: readonly Numbered[], order: Order): readonly BatchItem[] =>
  batch.map(({ index, step }, place) => {
    const previous = order === 'chained' ? batch[place - 1] : undefined;
    return {
      id: String(index),
      ...changeRequest(run.subject, run.objectId, step),
      ...(previous === undefined ? {} : { after: String(previous.index) }),
    };
  });

const answerTo = (answers: BatchAnswers, { index }: Numbered): GraphAnswer | undefined => answers.get(String(index));

const FAILED_DEPENDENCY = 424;

/** What a batch's answers leave to do. */
interface Remainder {
  /** Not tried, because the chain broke before them. */
  readonly cut: readonly Numbered[];
  /** Tried in vain, but worth another try. */
  readonly stumbled: readonly Numbered[];
  /** Whether the chain broke only where there was nothing to do any more. */
  readonly brokeHarmlessly: boolean;
}

const takeIn = (run: Run, pending: readonly Numbered[], answers: BatchAnswers): Remainder => {
  const cut = pending.filter((each) => answerTo(answers, each)?.status === FAILED_DEPENDENCY);
  const tried = pending.filter((each) => !cut.includes(each));
  for (const each of tried) run.outcomes.set(each.index, outcomeOf(each, answerTo(answers, each)));
  return {
    cut,
    stumbled: tried.filter((each) => isWorthRepeating(run, each, answerTo(answers, each))),
    brokeHarmlessly:
      cut.length > 0 && tried.length > 0 && tried.every(({ index }) => run.outcomes.get(index)?.kind !== 'failed'),
  };
};

const outcomeOf = ({ step }: Numbered, answer: GraphAnswer | undefined): StepOutcome =>
  answer === undefined
    ? { kind: 'failed', fault: malformed('the batch has no answer for the step'), unclear: true }
    : changeOutcome(step, answer);

/** A refusal for being too many, or for not knowing a user who has only just come to be. */
const isWorthRepeating = (run: Run, { index, step }: Numbered, answer: GraphAnswer | undefined): boolean => {
  const outcome = run.outcomes.get(index);
  if (answer === undefined || outcome?.kind !== 'failed' || outcome.fault.code === 'directory.no-pass') return false;
  if (mayRepeat(answer, false)) return true;
  return gives(step) && run.newcomers.has(run.objectId) && (answer.status === 404 || answer.status === 400);
};

const askedPause = (stumbled: readonly Numbered[], answers: BatchAnswers): number | undefined => {
  const asked = stumbled.flatMap((each) => answerTo(answers, each)?.retryAfterMs ?? []);
  return asked.length === 0 ? undefined : Math.max(...asked);
};

/** What stood in the way of the steps that were never tried. */
const whyNotTried = (outcomes: ReadonlyMap<number, StepOutcome>): DirectoryFault => {
  for (const outcome of outcomes.values()) if (outcome.kind === 'failed') return outcome.fault;
  return malformed('no user to act on');
};
