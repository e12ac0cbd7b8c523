import type { Account, Grant } from '../engine/account.js';
import type { Step } from '../engine/plan.js';
import type { Tenant } from '../engine/tenant.js';
import { allOf } from '../lib/all-of.js';
import type { Redacted } from '../lib/redacted.js';
import { reportProgress } from './conclude.js';
import type { FlowDeps } from './deps.js';
import { writeBack } from './grants.js';
import type { Lease } from './lease.js';
import type { LoadedRequest, StepOutcome } from './ports.js';
import { userOf } from './user.js';

/** What is to be done, for whom, and what access was on record before. */
export interface Work {
  readonly tenant: Tenant;
  readonly steps: readonly Step[];
  readonly password: Redacted<string>;
  readonly loaded: readonly LoadedRequest[];
  readonly grants: readonly Grant[];
}

/** What came of the steps, and the requests as they are on record since. */
export interface Performed {
  readonly outcomes: readonly StepOutcome[];
  readonly loaded: readonly LoadedRequest[];
}

/** Has the directory take the steps, and puts on record what it answers. */
export const perform = async (deps: FlowDeps, held: Lease, work: Work): Promise<Performed> => {
  const { loaded, steps } = work;
  const [first, ...rest] = steps;
  if (first === undefined) return { outcomes: [], loaded };
  if (first.do === 'create') return await create(deps, held, work, first, rest);
  const outcomes = await send(deps, held.account, work, steps);
  await held.write(await learnt(deps, held.account, work, steps, outcomes));
  return { outcomes, loaded };
};

/** A creation goes by itself, as the rest needs its answer; while that is put on record and shown, the rest is tried. */
const create = async (
  deps: FlowDeps,
  held: Lease,
  work: Work,
  first: Step,
  rest: readonly Step[],
): Promise<Performed> => {
  const { loaded, steps } = work;
  const created = await send(deps, held.account, work, [first]);
  const [outcome] = created;
  if (outcome?.kind === 'failed') {
    // What was to follow is on record as if it were under way, and will not be sent.
    const outcomes = [outcome, ...rest.map((): StepOutcome => ({ ...outcome, unclear: false }))];
    await held.write(await learnt(deps, held.account, work, steps, outcomes));
    return { outcomes, loaded };
  }
  const made = await learnt(deps, held.account, work, [first], created);
  const writing = held.write(made);
  // Whoever may have lost the account to another process sends nothing more before that is clear.
  if (!held.isSure()) await writing;
  const finish = async (): Promise<readonly StepOutcome[]> => {
    const [, sent] = await allOf([writing, send(deps, made, work, rest)]);
    if (rest.length > 0) await held.write(await learnt(deps, held.account, work, rest, sent));
    return sent;
  };
  const [sent, shown] = await allOf([finish(), reportProgress(deps, loaded, [first], created)]);
  return { outcomes: [...created, ...sent], loaded: shown };
};

const send = async (
  { directory }: FlowDeps,
  account: Account,
  { tenant, password }: Work,
  steps: readonly Step[],
): Promise<readonly StepOutcome[]> =>
  steps.length === 0 ? [] : await directory.apply(tenant, userOf(account), steps, password);

/** The account with what the directory's answers tell of it. */
const learnt = async (
  { clock, vault }: FlowDeps,
  account: Account,
  { grants }: Work,
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
): Promise<Account> => {
  const pass = outcomes.flatMap((outcome) => (outcome.kind === 'done' && outcome.pass ? [outcome.pass.value] : []))[0];
  const sealed = pass === undefined ? [] : [await vault.seal(pass)];
  const now = clock.now();
  return { ...writeBack(account, grants, steps, outcomes, now, ...sealed), writtenAt: now };
};
