import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Role } from '../../../src/engine/access.js';
import { decide } from '../../../src/engine/decide.js';
import type { Decision } from '../../../src/engine/decide.js';
import { dueAt } from '../../../src/engine/due.js';
import type { Group } from '../../../src/engine/group.js';
import { groupId, personId, requestId, roleId, ruleId, tenantId } from '../../../src/engine/ids.js';
import type { Person } from '../../../src/engine/person.js';
import { countingVerdicts, humansAmong, isMet, tallyOf, whyNotDecide } from '../../../src/engine/quorum.js';
import type { AccessRequest } from '../../../src/engine/request.js';
import type { Rule } from '../../../src/engine/rule.js';
import { applyEvent } from '../../../src/engine/transitions.js';
import type { RequestEvent } from '../../../src/engine/transitions.js';
import { decided } from '../../../src/engine/verdicts.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { aGroup, anIdentity, aPerson, aRequest, aRule, demanding, NOON } from '../../fakes/fixtures.js';
import { breaches } from '../../fakes/life/judge.js';
import type { Look, Saying } from '../../fakes/life/judge.js';
import { omissions } from '../../fakes/life/omissions.js';
import type { Allowing, Circle, Name, World } from '../../fakes/life/world.js';

/**
 * The life of a request as rules, quorums and transitions alone make it, without stores, chats or a directory: whatever
 * is said, edited and slept through, nothing begins without the consent that the rules of that moment demand, and what
 * was decided stays so. A model that knows the rules in words of its own is the judge. LIFE_RUNS: as for whole journeys.
 */
const RUNS = Number(process.env['LIFE_RUNS'] ?? 12) * 150;

const NAMES = ['olga', 'tess', 'dana', 'luis', 'stranger'] as const;
const CIRCLES = ['Service desk', 'Leads', 'Bosses'] as const;
const ROLES: readonly Role[] = ['Mail', 'Phones'].map((name) => ({ id: roleId(name), name, privileged: false }));

const USUAL: Allowing = {
  roles: ['Mail'],
  longestMs: 4 * HOUR,
  voices: [{ circle: 'Leads', count: 1, later: true }],
  self: false,
  denials: 1,
};

const FIRST_DAY: World = {
  allowing: { mail: USUAL, phones: { ...USUAL, roles: ['Phones'], longestMs: 2 * HOUR } },
  denied: [],
  circles: { 'Service desk': ['tess', 'dana'], Leads: ['dana', 'luis'], Bosses: ['olga', 'luis'] },
  gone: [],
  known: ['olga', 'tess', 'dana', 'luis'],
};

const personOf = (name: Name, { gone }: World): Person =>
  aPerson({
    id: personId(name),
    name,
    identities: [
      anIdentity(name === 'stranger' ? 'teams' : 'slack', name, {
        email: `${name}@msp.example`,
        ...(gone.includes(name) ? { deactivatedAt: NOON } : {}),
      }),
    ],
  });

const groupsOf = ({ circles }: World): readonly Group[] =>
  CIRCLES.map((circle) => aGroup({ id: groupId(circle), name: circle, members: circles[circle].map(personId) }));

const rulesOf = ({ allowing, denied }: World): readonly Rule[] => [
  ...Object.entries(allowing).map(([name, { roles, longestMs, voices, self, denials }]) =>
    aRule({
      id: ruleId(name),
      name,
      subjects: [{ kind: 'group', id: groupId('Service desk') }],
      what: { roles: selectors(roles), groups: [], templates: [] },
      demands: demanding({
        longestMs,
        quorums: voices.map(({ circle, count, later }) => ({
          group: groupId(circle),
          groupName: circle,
          count,
          ...(later ? { escalation: { afterMs: 30 * MINUTE, group: groupId('Bosses'), groupName: 'Bosses' } } : {}),
        })),
        selfApproval: self,
        denials,
        pendingMs: 2 * HOUR,
      }),
    }),
  ),
  ...denied.map((role): Rule => {
    const { demands: _, ...rest } = aRule({ id: ruleId(`no ${role}`), subjects: [{ kind: 'everyone' }] });
    return { ...rest, effect: 'deny', what: { roles: selectors([role]), groups: [], templates: [] } };
  }),
];

const selectors = (roles: readonly string[]) => roles.map((name) => ({ kind: 'one' as const, id: roleId(name), name }));

/** One request after another in memory, and the least that has to stand around the engine for it to live. */
interface Desk {
  now: Date;
  world: World;
  requests: Map<string, AccessRequest>;
}

type Asked = Pick<AccessRequest, 'requester' | 'roles' | 'durationMs' | 'startsAt'>;

const judged = ({ world, now }: Desk, { requester, roles, durationMs, startsAt = now }: Asked): Decision =>
  decide(
    {
      requester: personOf(requester, world),
      tenant: { id: tenantId('contoso') },
      roles,
      groups: [],
      account: 'dedicated',
      atEnd: 'disable',
      tap: false,
      durationMs,
      startsAt,
    },
    {
      rules: rulesOf(world),
      memberOf: new Set(groupsOf(world).flatMap(({ id, members }) => (members.includes(requester) ? [id] : []))),
    },
  );

type Terms = Pick<AccessRequest, 'quorums' | 'selfApproval' | 'denialsToEnd'>;

const termsIn = (decision: Exclude<Decision, { kind: 'refuse' }>): Terms => {
  const { quorums, selfApproval, denials: denialsToEnd } = decision.terms;
  return { quorums, selfApproval, denialsToEnd };
};

const submit = (desk: Desk, asked: Asked, more: Partial<AccessRequest> = {}): void => {
  const decision = judged(desk, asked);
  if (decision.kind === 'refuse') return;
  const id = more.id ?? requestId(`R-${desk.requests.size}`);
  const state = decision.kind === 'allow' ? ({ state: 'approved', decidedAt: desk.now } as const) : {};
  const times = { createdAt: desk.now, lapsesAt: addMs(desk.now, decision.terms.pendingMs) };
  desk.requests.set(
    id,
    aRequest({ ...asked, ...times, ...termsIn(decision), ...state, remindEveryMs: HOUR, ...more, id }),
  );
};

const put = (desk: Desk, request: AccessRequest, event: RequestEvent): boolean => {
  const moved = applyEvent(request, event, desk.now);
  if (moved.ok) desk.requests.set(request.id, moved.value);
  return moved.ok;
};

/** With what the rules demand now; an escalation that happened stays. Nothing: they no longer allow it. */
const today = (desk: Desk, request: AccessRequest): AccessRequest | undefined => {
  const decision = judged(desk, request);
  if (decision.kind === 'refuse') return undefined;
  const { quorums, ...terms } = termsIn(decision);
  const kept = quorums.map((quorum) => {
    const known = request.quorums.find(({ group, escalation }) => group === quorum.group && escalation !== undefined);
    return quorum.escalation === undefined || known === undefined
      ? quorum
      : { ...quorum, escalation: known.escalation! };
  });
  return { ...request, ...terms, quorums: kept };
};

const countIn = ({ world }: Desk, request: AccessRequest) => {
  const groups = groupsOf(world);
  const requester = personOf(request.requester, world);
  const speakers = (verdicts: AccessRequest['approvals']): readonly Person[] =>
    verdicts
      .map(({ person }) => personOf(person, world))
      .filter((person) => whyNotDecide(request, person, requester, groups) === undefined);
  const tally = tallyOf(request.quorums, speakers(countingVerdicts(request)), groups);
  return { enough: isMet(request.quorums, tally), denials: humansAmong(speakers(request.denials)).length };
};

/** `false`: refused. */
const speak = (desk: Desk, who: Name, type: 'approve' | 'deny', stored: AccessRequest): boolean => {
  const verdict = { person: personId(who), name: who, at: desk.now, on: 'slack' } as const;
  const word = { type, verdict, aliases: [] } as const;
  if (stored.state !== 'pending') return put(desk, stored, word);
  const fresh = today(desk, stored);
  if (fresh === undefined) return !put(desk, stored, { type: 'cancel', calledOff: 'The rules refuse it.' });
  const request = fresh.quorums.length === 0 ? stored : fresh;
  const [decider, requester] = [who, request.requester].map((name) => personOf(name, desk.world));
  if (whyNotDecide(request, decider!, requester!, groupsOf(desk.world)) !== undefined) return false;
  const heard = applyEvent(request, word, desk.now);
  if (!heard.ok) return false;
  const { enough, denials } = countIn(desk, heard.value);
  const state = denials >= request.denialsToEnd ? 'denied' : enough ? 'approved' : undefined;
  desk.requests.set(stored.id, state === undefined ? heard.value : decided(heard.value, state, desk.now));
  return true;
};

/** Whatever is due is done, until nothing is. */
const settle = (desk: Desk): void => {
  for (let round = 0; round < 100; round += 1) {
    const due = [...desk.requests.values()].filter(
      // What still is due for something that was cancelled is its account's business.
      (request) => request.state !== 'cancelled' && (dueAt(request) ?? addMs(desk.now, 1)) <= desk.now,
    );
    if (due.length === 0) return;
    expect(due.filter((request) => !tend(desk, request))).toEqual([]);
  }
  throw new Error('something stays due for ever');
};

const tend = (desk: Desk, request: AccessRequest): boolean => {
  const { now } = desk;
  switch (request.state) {
    case 'pending':
      return put(desk, request, whileWaiting(desk, request));
    case 'approved':
      return request.merging === true ? merge(desk, request) : put(desk, request, starting(desk, request));
    case 'provisioning':
      return put(desk, request, { type: 'ready', reveal: 'offered' });
    case 'active':
      return put(desk, request, request.endsAt! <= now ? { type: 'end', cause: 'expired' } : { type: 'warn' });
    default:
      return put(desk, request, { type: 'confirm', readAt: now, accountLeft: 'disabled' });
  }
};

const whileWaiting = (desk: Desk, request: AccessRequest): RequestEvent => {
  if (request.lapsesAt <= desk.now) return { type: 'lapse' };
  const isDue = request.quorums.some(({ escalation }) => {
    const at = escalation?.lookAt ?? addMs(request.createdAt, escalation?.afterMs ?? 0);
    return escalation !== undefined && escalation.at === undefined && at <= desk.now;
  });
  if (!isDue) return { type: 'remind' };
  return { type: 'escalate', groups: [groupId('Bosses')], asked: [], unreachable: [] };
};

const starting = (desk: Desk, request: AccessRequest): RequestEvent => {
  const fresh = today(desk, request);
  return fresh !== undefined && countIn(desk, fresh).enough
    ? { type: 'start' }
    : { type: 'cancel', calledOff: 'Its approval no longer holds.' };
};

const merge = (desk: Desk, extension: AccessRequest): boolean => {
  const parent = desk.requests.get(extension.extends!.id)!;
  const granted = put(desk, parent, { type: 'extend', by: extension.id, endsAt: extension.endsBy! });
  return put(desk, extension, granted ? { type: 'merge' } : { type: 'miss', why: 'It is over.' });
};

const prolong = (desk: Desk, parent: AccessRequest): void => {
  const { requester, roles, endsAt, readyAt, extensions } = parent;
  if (parent.state !== 'active' || endsAt === undefined || readyAt === undefined) return;
  const open = [...desk.requests.values()].some((one) => one.extends?.id === parent.id && dueAt(one) !== undefined);
  if (open) return;
  const endsBy = addMs(endsAt, HOUR);
  const id = requestId(`${parent.id}-${desk.requests.size}-${extensions.length}`);
  const durationMs = +endsBy - +readyAt;
  submit(desk, { requester, roles, durationMs }, { id, extends: { id: parent.id, from: endsAt }, endsBy });
};

type Part = fc.Command<object, Desk>;

/** What happens, and everything that comes of it, before the judge. */
const part = (text: string, act: (desk: Desk) => { said?: Saying; refused?: boolean } | void): Part => ({
  check: () => true,
  toString: () => text,
  run: (_, desk) => {
    const before: Look = new Map(desk.requests);
    const old = desk.world;
    const { said, refused = false } = act(desk) ?? {};
    settle(desk);
    const step = { said: said === undefined ? [] : [said], worlds: [old, desk.world], sure: true, until: +desk.now };
    const seen = { before, after: desk.requests, step, nameOf: (person: string) => person, owners: ['olga'] };
    expect(breaches(seen)).toEqual([]);
    if (said !== undefined) expect(omissions(seen, { saying: said, refused })).toEqual([]);
  },
});

const nth = ({ requests }: Desk, index: number): AccessRequest | undefined =>
  [...requests.values()].at(-1 - (index % Math.max(1, requests.size)));

const who = fc.constantFrom(...NAMES);
const index = fc.constantFrom(0, 0, 0, 1, 2);

const anAsking = fc
  .tuple(
    fc.constantFrom('tess', 'dana', 'luis'),
    fc.subarray([...ROLES], { minLength: 1 }),
    fc.constantFrom(1, 2, 4),
    fc.boolean(),
  )
  .map(([requester, roles, hours, later]) =>
    part(`${requester} asks`, (desk) => {
      const startsAt = later ? { startsAt: addMs(desk.now, 45 * MINUTE) } : {};
      submit(desk, { requester: personId(requester), roles, durationMs: hours * HOUR, ...startsAt });
      return { said: { who: requester, verb: 'submit', about: roles.map(({ name }) => name).join(', ') } };
    }),
  );

const aWord = fc
  .tuple(who, fc.constantFrom('approve', 'approve', 'approve', 'deny'), index)
  .map(([speaker, verb, which]) =>
    part(`${speaker}: ${verb} ${which}`, (desk) => {
      const request = nth(desk, which);
      if (request === undefined) return {};
      const refused = !speak(desk, speaker, verb, request);
      return { said: { who: speaker, verb, about: request.id }, refused };
    }),
  );

const ownWish = fc.tuple(fc.constantFrom('cancel', 'end', 'extend', 'reveal', 'again'), index).map(([verb, which]) =>
  part(`${verb} ${which}`, (desk) => {
    const request = nth(desk, which);
    if (request === undefined) return {};
    if (verb === 'extend') prolong(desk, request);
    if (verb === 'cancel') put(desk, request, { type: 'cancel' });
    if (verb === 'end') put(desk, request, { type: 'end', cause: 'ended' });
    if (verb === 'reveal') put(desk, request, { type: 'reveal' });
    if (verb === 'again' && put(desk, request, { type: 'reissue' })) {
      put(desk, desk.requests.get(request.id)!, { type: 'ready', reveal: 'offered' });
    }
    return { said: { who: request.requester, verb, about: request.id } };
  }),
);

const aRuling = fc
  .record({
    roles: fc.constantFrom(['Mail'], ['Mail', 'Phones']),
    longestMs: fc.constantFrom(HOUR, 2 * HOUR, 4 * HOUR),
    voices: fc.uniqueArray(
      fc.record({
        circle: fc.constantFrom<Circle>('Leads', 'Bosses'),
        count: fc.constantFrom(1, 1, 2),
        later: fc.boolean(),
      }),
      { maxLength: 2, selector: ({ circle }) => circle },
    ),
    self: fc.boolean(),
    denials: fc.constantFrom(1, 2),
  })
  .chain((rule) => fc.constantFrom(...['mail', 'more'].map((name) => ({ name, rule }))))
  .map(({ name, rule }) =>
    part(`rule ${name} ${JSON.stringify(rule)}`, (desk) => {
      desk.world = { ...desk.world, allowing: { ...desk.world.allowing, [name]: rule } };
    }),
  );

const anEdit = fc.oneof(
  aRuling,
  fc.constantFrom('mail', 'more').map((name) =>
    part(`rule ${name} removed`, (desk) => {
      const { [name]: _, ...allowing } = desk.world.allowing;
      desk.world = { ...desk.world, allowing };
    }),
  ),
  fc
    .subarray(['Mail', 'Phones'], { maxLength: 1 })
    .map((denied) => part(`nobody may have ${denied.join()}`, (desk) => void (desk.world = { ...desk.world, denied }))),
  fc.tuple(fc.constantFrom(...CIRCLES), fc.subarray(NAMES.slice(0, 4))).map(([circle, people]) =>
    part(`${circle}: ${people.join()}`, (desk) => {
      desk.world = { ...desk.world, circles: { ...desk.world.circles, [circle]: people } };
    }),
  ),
  fc
    .subarray(NAMES.slice(1, 4), { maxLength: 1 })
    .map((gone) => part(`gone: ${gone.join()}`, (desk) => void (desk.world = { ...desk.world, gone }))),
  fc.constant(part('all is as it was', (desk) => void (desk.world = FIRST_DAY))),
);

const aPause = fc
  .constantFrom(1, 12, 31, 46, 61, 180)
  .map((minutes) => part(`${minutes} min`, (desk) => void (desk.now = addMs(desk.now, minutes * MINUTE))));

it('goes only where rules, quorums and clocks of the moment let it', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(
      fc.commands([anAsking, anAsking, aWord, aWord, aWord, aWord, ownWish, ownWish, anEdit, aPause], {
        maxCommands: 40,
        size: 'max',
      }),
      (all) => {
        const desk: Desk = { now: NOON, world: FIRST_DAY, requests: new Map() };
        fc.modelRun(() => ({ model: {}, real: desk }), all);
        for (const { state, outcome } of desk.requests.values()) reached.add(outcome ?? state);
      },
    ),
    { numRuns: RUNS },
  );
  expect([...reached]).toEqual(
    expect.arrayContaining(['pending', 'active', 'denied', 'cancelled', 'lapsed', 'expired', 'ended', 'extended']),
  );
});
