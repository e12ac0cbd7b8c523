import { quorumsToMeet } from '../../engine/decide-look.js';
import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import type { Group } from '../../engine/group.js';
import type { ViewId } from '../../engine/ids.js';
import { applyToLook } from '../../engine/look.js';
import type { LookDemands } from '../../engine/look.js';
import { eligible, idsOf, isDeactivated, isNamedBy, mayBeSameHuman, speaksOn } from '../../engine/person.js';
import type { Person, Platform } from '../../engine/person.js';
import { countingVerdicts, humansAmong, isApprover, quorumsMet } from '../../engine/quorum.js';
import type { Verdict } from '../../engine/request.js';
import type { Demands, Quorum } from '../../engine/rule.js';
import { addMs } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { oversees } from '../standing.js';
import { changeLook } from './change-look.js';
import type { ChangeLookDeps } from './change-look.js';
import { permissionFor } from './look-ground.js';
import type { GroundDeps } from './look-ground.js';
import { gatherForLook, lookGroups } from './look-groups.js';

export type JudgeLookDeps = GroundDeps & ChangeLookDeps;

export interface LookWord {
  readonly verdict: 'approve' | 'deny';
  readonly note?: string;
  readonly factor?: 'passkey';
}

/**
 * One person's word on a look. Rules, groups, people and the look itself are loaded at the click: whoever asks must still
 * be allowed to, and whoever decides must still have a say.
 */
export const judgeLook = async (
  deps: JudgeLookDeps,
  decider: Person,
  on: Platform,
  id: ViewId,
  said: LookWord,
): Promise<Result<BreakGlassView, Fault>> =>
  changeLook(deps, id, async (view) => {
    const today = await todaysLook(deps, view);
    if (!today.ok) return groundless(view, decider, wordOf(deps, decider, on, said), deps.clock.now());
    const refusal = await whyNotJudge(deps, decider, view, today.value);
    if (refusal !== undefined) return err(refusal);
    const { secondFactor } = today.value.terms;
    if (view.state === 'pending' && secondFactor && said.verdict === 'approve' && said.factor === undefined) {
      if (!hasProven(view, decider)) return err({ code: 'view.second-factor', id });
    }
    return heard(deps, view, today.value, wordOf(deps, decider, on, said));
  });

/** What a look rests on today. */
export interface TodaysLook {
  readonly requester: Person;
  readonly terms: Demands;
  readonly rules: LookDemands['rules'];
  /** With what was escalated on the look itself. */
  readonly quorums: readonly Quorum[];
  readonly groups: readonly Group[];
}

/** Holds a look against today's rules, groups and people. */
export const todaysLook = async (deps: GroundDeps, view: BreakGlassView): Promise<Result<TodaysLook, Fault>> => {
  const [tenant, requester] = await Promise.all([
    deps.config.tenants.byId(view.tenant),
    deps.people.byId(view.requester),
  ]);
  if (tenant === undefined || requester === undefined || tenant.organization !== view.organization) {
    return err({ code: 'view.unknown', asked: view.id });
  }
  const permission = await permissionFor(deps, requester, tenant, view.accessPass);
  if (!permission.ok) return permission;
  const { terms, rules } = permission.value;
  const quorums = terms.quorums.map((quorum) => escalatedAs(view, quorum, deps.clock.now()));
  const groups = await lookGroups(deps, quorums, tenant.organization);
  return ok({ requester, terms, rules: rules.map(({ id, name }) => ({ id, name })), quorums, groups });
};

/** Whoever is asked as well after a while counts from that moment on, and not before. */
const escalatedAs = ({ createdAt }: BreakGlassView, quorum: Quorum, now: Date): Quorum => {
  const { escalation } = quorum;
  if (escalation === undefined) return quorum;
  const at = addMs(createdAt, escalation.afterMs);
  return at <= now ? { ...quorum, escalation: { ...escalation, at } } : quorum;
};

/** Nobody may have it any more; what was decided before stays what it was. */
const groundless = (view: BreakGlassView, decider: Person, word: Word, now: Date): Result<BreakGlassView, Fault> => {
  const { id, requesterName: requester } = view;
  if (!wasAsked(view, decider)) return err({ code: 'view.unknown', asked: id });
  return view.state === 'pending'
    ? err({ code: 'view.no-ground', id, requester })
    : applyToLook(view, { ...word, enough: false }, now);
};

const wasAsked = ({ asked }: BreakGlassView, decider: Person): boolean =>
  asked.some(({ id }) => isNamedBy(decider, id));

const whyNotJudge = async (
  deps: JudgeLookDeps,
  decider: Person,
  view: BreakGlassView,
  { requester, quorums, groups }: TodaysLook,
): Promise<Fault | undefined> => {
  if (mayBeSameHuman(decider, requester)) return { code: 'view.own' };
  if (!isApprover({ quorums: quorumsToMeet(quorums) }, decider, groups)) {
    // Whoever has nothing to do with it does not learn that there is one.
    const knows = wasAsked(view, decider) || (await oversees(deps, decider, view.organization));
    return knows
      ? { code: 'view.not-approver', asked: view.asked.map(({ name }) => name) }
      : { code: 'view.unknown', asked: view.id };
  }
  return speaksOn(decider, view.askedOn) ? undefined : { code: 'request.unlinked', platform: view.askedOn };
};

const hasProven = ({ approvals }: BreakGlassView, decider: Person): boolean =>
  approvals.some(({ person, factor }) => factor !== undefined && idsOf(decider).includes(person));

interface Word {
  readonly type: 'approve' | 'deny';
  readonly verdict: Verdict;
  readonly aliases: Person['aliases'];
}

const wordOf = (
  { clock }: Pick<JudgeLookDeps, 'clock'>,
  decider: Person,
  on: Platform,
  { verdict: type, note, factor }: LookWord,
): Word => ({
  type,
  aliases: decider.aliases,
  verdict: {
    person: decider.id,
    name: decider.name,
    at: clock.now(),
    on,
    ...(note === undefined ? {} : { note }),
    ...(factor === undefined ? {} : { factor }),
  },
});

const heard = async (
  deps: JudgeLookDeps,
  view: BreakGlassView,
  today: TodaysLook,
  word: Word,
): Promise<Result<BreakGlassView, Fault>> => {
  const now = deps.clock.now();
  const once = applyToLook(view, { ...word, enough: false }, now);
  if (!once.ok || view.state !== 'pending') return once;
  const current = await demanding(deps, once.value, today);
  if (!current.ok) return current;
  const enough =
    word.type === 'approve'
      ? await isAgreed(deps, current.value, today)
      : (await humansOf(deps, current.value.denials)).length >= today.terms.denials;
  return enough ? applyToLook(current.value, { ...word, enough }, now) : current;
};

/** With what the rules demand today, and everybody asked whom they name. */
const demanding = async (
  deps: JudgeLookDeps,
  view: BreakGlassView,
  { requester, terms, rules, quorums }: TodaysLook,
): Promise<Result<BreakGlassView, Fault>> => {
  if (JSON.stringify(quorums) === JSON.stringify(view.quorums)) return ok(view);
  const { askedOn, organization, tenantName } = view;
  const asked = await gatherForLook(deps, { requester, askedOn, organization, tenantName }, quorums);
  if (!asked.ok) return asked;
  const known = asked.value.filter(({ id }) => !view.asked.some((one) => one.id === id));
  const demands: LookDemands = { rules, quorums, asked: [...view.asked, ...known], lastsMs: terms.longestMs };
  return applyToLook(view, { type: 'demand', demands }, deps.clock.now());
};

/** What the passing of time asks of a pending look: the groups to which it is escalated by now. */
export const escalateLook = async (
  deps: JudgeLookDeps,
  view: BreakGlassView,
): Promise<Result<BreakGlassView, Fault>> => {
  if (view.state !== 'pending') return ok(view);
  const today = await todaysLook(deps, view);
  return today.ok ? demanding(deps, view, today.value) : ok(view);
};

/** Whether those who agreed, as far as they still count, are enough today. */
export const isAgreed = async (
  deps: Pick<GroundDeps, 'people'>,
  { approvals, emergency }: BreakGlassView,
  { requester, terms, quorums, groups }: TodaysLook,
): Promise<boolean> => {
  if (emergency) return true;
  const counting = countingVerdicts({ approvals, secondFactor: terms.secondFactor });
  const people = await deps.people.byIds(counting.map(({ person }) => person));
  const others = eligible(people, requester).filter((person) => !isDeactivated(person));
  return quorumsMet(quorumsToMeet(quorums), others, groups);
};

const humansOf = async (
  { people }: Pick<GroundDeps, 'people'>,
  verdicts: readonly Verdict[],
): Promise<readonly Person[]> => humansAmong(await people.byIds(verdicts.map(({ person }) => person)));
