import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupId, personId, requestId } from '../../../src/engine/ids.js';
import { isOver } from '../../../src/engine/request.js';
import type { AccessRequest, RequestState, Verdict } from '../../../src/engine/request.js';
import { alarmAt, attemptAt, dueAt, overdueMs, reminderAt, WARN_MS, warningAt } from '../../../src/engine/due.js';
import { applyEvent, takes } from '../../../src/engine/transitions.js';
import type { RequestEvent } from '../../../src/engine/transitions.js';
import { decided } from '../../../src/engine/verdicts.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { anActiveRequest, aRequest, NOON } from '../../fakes/fixtures.js';

const verdictOf = (name: string, at = NOON): Verdict => ({ person: personId(`P-${name}`), name, at, on: 'slack' });

const TROUBLE = { attempts: 1, since: NOON, code: 'directory.throttled', clause: 'Graph is throttling' };

/** One of each. */
const EVENTS = {
  approve: { type: 'approve', verdict: verdictOf('Lee'), aliases: [] },
  deny: { type: 'deny', verdict: { ...verdictOf('Lee'), note: 'Not today' }, aliases: [] },
  cancel: { type: 'cancel' },
  unreachable: { type: 'unreachable', people: [{ id: personId('P-LEE'), name: 'Lee Moss' }] },
  remind: { type: 'remind' },
  escalate: { type: 'escalate', groups: [groupId('G-BOSSES')], asked: [], unreachable: [] },
  lapse: { type: 'lapse' },
  start: { type: 'start' },
  merge: { type: 'merge' },
  miss: { type: 'miss', why: 'R-7K2M is over.' },
  progress: { type: 'progress', steps: ['account created'] },
  ready: { type: 'ready', reveal: 'offered' },
  revisit: { type: 'revisit' },
  settle: { type: 'settle' },
  reissue: { type: 'reissue' },
  reveal: { type: 'reveal' },
  warn: { type: 'warn' },
  extend: { type: 'extend', by: requestId('R-7K2M-1'), endsAt: addMs(NOON, 3 * HOUR) },
  end: { type: 'end', cause: 'expired' },
  stumble: { type: 'stumble', trouble: TROUBLE, retryAt: addMs(NOON, SECOND) },
  alarm: { type: 'alarm' },
  'put-off': { type: 'put-off', until: addMs(NOON, SECOND) },
  clear: { type: 'clear' },
  confirm: { type: 'confirm', readAt: NOON, accountLeft: 'disabled' },
  'leave-unconfirmed': { type: 'leave-unconfirmed', by: 'Olga' },
} as const satisfies { readonly [T in RequestEvent['type']]: RequestEvent & { readonly type: T } };

const TYPES = Object.keys(EVENTS) as RequestEvent['type'][];

/** A request in each state, as it would have come there. */
const IN_STATE: Readonly<Record<RequestState, AccessRequest>> = {
  pending: aRequest(),
  approved: aRequest({ state: 'approved', decidedAt: NOON }),
  provisioning: aRequest({ state: 'provisioning', decidedAt: NOON, endsAt: addMs(NOON, 2 * HOUR) }),
  active: anActiveRequest(),
  closing: anActiveRequest({
    state: 'closing',
    closeCause: 'expired',
    closingSince: NOON,
    trouble: { attempts: 3, since: NOON, code: 'directory.consent', clause: 'consent is missing' },
  }),
  closed: anActiveRequest({ state: 'closed', closeCause: 'expired', outcome: 'expired', confirmedAt: NOON }),
  denied: aRequest({ state: 'denied', decidedAt: NOON }),
  cancelled: aRequest({ state: 'cancelled', decidedAt: NOON }),
  lapsed: aRequest({ state: 'lapsed', decidedAt: NOON }),
};

const STATES = Object.keys(IN_STATE) as RequestState[];

/** Where each event leads from each state. Whatever is not here is refused. */
const LEADS_TO: Readonly<Record<RequestState, Partial<Record<RequestEvent['type'], RequestState>>>> = {
  pending: {
    approve: 'pending',
    deny: 'pending',
    cancel: 'cancelled',
    unreachable: 'pending',
    remind: 'pending',
    escalate: 'pending',
    lapse: 'lapsed',
  },
  approved: { start: 'provisioning', cancel: 'cancelled' },
  provisioning: { progress: 'provisioning', ready: 'active', stumble: 'provisioning', end: 'closing' },
  active: {
    progress: 'active',
    ready: 'active',
    revisit: 'active',
    settle: 'active',
    reissue: 'active',
    reveal: 'active',
    warn: 'active',
    extend: 'active',
    stumble: 'active',
    end: 'closing',
  },
  closing: { stumble: 'closing', alarm: 'closing', confirm: 'closed', 'leave-unconfirmed': 'closed' },
  closed: {},
  denied: {},
  cancelled: { 'put-off': 'cancelled', clear: 'cancelled' },
  lapsed: {},
};

const applied = (request: AccessRequest, event: RequestEvent, now = NOON): AccessRequest => {
  const result = applyEvent(request, event, now);
  if (!result.ok) throw new Error(`${event.type} was refused: ${result.error.code}`);
  return result.value;
};

describe.each(STATES)('a request that is %s', (state) => {
  it.each(TYPES)('and event %s', (type) => {
    const request = IN_STATE[state];
    const result = applyEvent(request, EVENTS[type], NOON);
    const target = LEADS_TO[state][type];
    const elsewhere = type === 'merge' || type === 'miss';
    expect(takes(state, type)).toBe(target !== undefined || (elsewhere && state === 'approved'));
    const refused = { ok: false, error: { code: 'request.wrong-state', id: request.id, state, verb: type } };
    expect(result).toMatchObject(target === undefined ? refused : { ok: true, value: { state: target } });
  });
});

describe('what is closing', () => {
  const waysOut = (closing: AccessRequest, now: Date): readonly string[] =>
    TYPES.filter((type) => {
      const result = applyEvent(closing, EVENTS[type], now);
      return result.ok && result.value.state !== 'closing';
    });
  const stuckWith = (code: string, more: Partial<AccessRequest> = {}): AccessRequest => ({
    ...IN_STATE.closing,
    trouble: { ...TROUBLE, code },
    ...more,
  });
  const LASTING = ['consent', 'credential', 'forbidden', 'not-found', 'rejected', 'malformed', 'internal'];
  const PASSING = ['throttled', 'unavailable', 'unclear', 'too-soon'];

  it.each(LASTING)(
    'has two ways out while its trouble lasts, a confirming read and an owner, and no third: %s',
    (code) => {
      expect(waysOut(stuckWith(`directory.${code}`), NOON)).toEqual(['confirm', 'leave-unconfirmed']);
    },
  );

  it.each(PASSING)('has no way out but a confirming read while its trouble may pass: %s', (code) => {
    const stuck = stuckWith(`directory.${code}`);
    expect(waysOut(stuck, addMs(NOON, DAY - 1))).toEqual(['confirm']);
    expect(waysOut(stuck, addMs(NOON, DAY))).toEqual(['confirm', 'leave-unconfirmed']);
  });

  it('counts a day out of reach from the last read, not from the first trouble', () => {
    const readAt = addMs(NOON, 20 * HOUR);
    const stuck = stuckWith('directory.unavailable', { remains: { readAt, signIn: true, access: [] } });
    expect(waysOut(stuck, addMs(readAt, DAY - 1))).toEqual(['confirm']);
    expect(waysOut(stuck, addMs(readAt, DAY))).toEqual(['confirm', 'leave-unconfirmed']);
  });

  it('has no way out but a confirming read before anything was tried', () => {
    const { trouble, ...untried } = IN_STATE.closing;
    expect(trouble).toBeDefined();
    expect(waysOut(untried, addMs(NOON, 30 * DAY))).toEqual(['confirm']);
    expect(applyEvent(untried, EVENTS['leave-unconfirmed'], NOON)).toEqual({
      ok: false,
      error: { code: 'unconfirmed.untried', id: untried.id },
    });
  });

  it('keeps what is known of it when it is closed without proof, and never counts as proven', () => {
    const remains = { readAt: NOON, signIn: true, access: ['User Administrator'] };
    const left = applied({ ...IN_STATE.closing, remains }, EVENTS['leave-unconfirmed'], addMs(NOON, HOUR));
    expect(left).toMatchObject({
      state: 'closed',
      outcome: 'unconfirmed',
      closeCause: 'expired',
      unconfirmed: { by: 'Olga', at: addMs(NOON, HOUR) },
      trouble: IN_STATE.closing.trouble,
      remains,
    });
    expect([left.confirmedAt, left.retryAt, dueAt(left)]).toEqual([undefined, undefined, undefined]);
  });
});

describe('an end that does not come', () => {
  const GAPS = [10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR, 8 * HOUR];

  it('alarms after two minutes, then at growing intervals for ever', () => {
    let current = IN_STATE.closing;
    let expected = addMs(NOON, 2 * MINUTE);
    for (const gap of GAPS) {
      expect(alarmAt(current)).toEqual(expected);
      current = applied(current, EVENTS.alarm, expected);
      expected = addMs(expected, gap);
    }
    expect(current.alarms).toBe(GAPS.length);
  });

  it('is due for its next alarm even where no attempt is due for long', () => {
    const asleep = applied(IN_STATE.closing, { ...EVENTS.stumble, retryAt: addMs(NOON, HOUR) });
    expect(dueAt(asleep)).toEqual(addMs(NOON, 2 * MINUTE));
    expect(attemptAt(asleep)).toEqual(addMs(NOON, HOUR));
  });

  it('after a night without any process alarms once, not for every interval missed', () => {
    const morning = addMs(NOON, 20 * HOUR);
    const alarmed = applied(IN_STATE.closing, EVENTS.alarm, morning);
    expect(alarmAt(alarmed)).toEqual(addMs(morning, 10 * MINUTE));
  });

  it('is not late before Entra can let go of what it holds', () => {
    const hold = { until: addMs(NOON, 4 * MINUTE), shutSince: NOON };
    const held = applied(IN_STATE.closing, { ...EVENTS.stumble, retryAt: hold.until, hold });
    expect(alarmAt(held)).toEqual(addMs(hold.until, 2 * MINUTE));
    expect(overdueMs(held, addMs(NOON, 5 * MINUTE))).toBeUndefined();
    expect(overdueMs(held, addMs(NOON, 6 * MINUTE))).toBe(6 * MINUTE);
    expect(dueAt(held)).toEqual(hold.until);
  });

  it('is overdue from when it was to end, even where nobody was awake to see that', () => {
    const late = { ...IN_STATE.closing, endsAt: addMs(NOON, -HOUR) };
    expect(overdueMs(late, addMs(NOON, MINUTE))).toBeUndefined();
    expect(overdueMs(late, addMs(NOON, 2 * MINUTE))).toBe(HOUR + 2 * MINUTE);
    expect(overdueMs({ ...late, closeCause: 'revoked' }, addMs(NOON, 2 * MINUTE))).toBe(2 * MINUTE);
  });
});

describe('a decision', () => {
  const later = addMs(NOON, 5 * MINUTE);
  const once = applied(aRequest(), EVENTS.approve);
  const granted = decided(once, 'approved', later);
  const denied = decided(applied(aRequest(), EVENTS.deny, later), 'denied', later);
  const again = (type: 'approve' | 'deny', name: string): RequestEvent => ({
    type,
    verdict: verdictOf(name, later),
    aliases: [],
  });

  it('made again by the same person changes nothing: it is the very same request', () => {
    expect(applyEvent(once, again('approve', 'Lee'), later)).toEqual({ ok: true, value: once });
    for (const request of [once, granted, { ...IN_STATE.active, approvals: once.approvals }]) {
      const result = applyEvent(request, again('approve', 'Lee'), later);
      expect(result.ok && result.value).toBe(request);
    }
    const result = applyEvent(denied, again('deny', 'Lee'), later);
    expect(result.ok && result.value).toBe(denied);
  });

  it.each([
    ['deny', 'Lee'],
    ['deny', 'Kim'],
    ['approve', 'Kim'],
  ] as const)('comes too late once it is approved: %s by %s', (type, name) => {
    expect(applyEvent(granted, again(type, name), addMs(later, HOUR))).toEqual({
      ok: false,
      error: { code: 'request.decided', id: granted.id, by: 'Lee', verdict: 'approved', at: later },
    });
  });

  it.each([
    ['approve', 'Lee'],
    ['approve', 'Kim'],
    ['deny', 'Kim'],
  ] as const)('comes too late once it is denied: %s by %s', (type, name) => {
    expect(applyEvent(denied, again(type, name), addMs(later, HOUR))).toEqual({
      ok: false,
      error: { code: 'request.decided', id: denied.id, by: 'Lee', verdict: 'denied', at: later },
    });
  });

  it('that was overruled is not confirmed to whoever makes it again', () => {
    const overruled = decided(applied(once, again('deny', 'Kim'), later), 'denied', later);
    expect(applyEvent(overruled, again('approve', 'Lee'), later)).toMatchObject({
      error: { code: 'request.decided', by: 'Kim', verdict: 'denied' },
    });
  });

  it.each(['cancelled', 'lapsed'] as const)(
    'cannot be made of a request that %s, whoever had agreed before',
    (state) => {
      const over = applied(once, { type: state === 'cancelled' ? 'cancel' : 'lapse' }, later);
      for (const event of [again('approve', 'Lee'), again('approve', 'Kim'), again('deny', 'Lee')]) {
        expect(applyEvent(over, event, later)).toEqual({
          ok: false,
          error: { code: 'request.wrong-state', id: over.id, state, verb: event.type },
        });
      }
    },
  );

  it('may be taken back while others still have to agree', () => {
    expect(applied(once, again('deny', 'Lee'), later)).toMatchObject({
      state: 'pending',
      approvals: [],
      denials: [verdictOf('Lee', later)],
    });
  });

  it('replaces what the same person said before by another of their ids', () => {
    const joined: RequestEvent = { type: 'deny', verdict: verdictOf('Lea', later), aliases: [personId('P-Lee')] };
    expect(applied(once, joined, later)).toMatchObject({ approvals: [], denials: [{ person: 'P-Lea' }] });
  });

  it('proven by passkey counts as more than the same word without', () => {
    const proven: RequestEvent = {
      type: 'approve',
      verdict: { ...verdictOf('Lee', later), factor: 'passkey' },
      aliases: [],
    };
    const twice = applied(once, proven, later);
    expect(twice.approvals).toEqual([proven.verdict]);
    const again = applyEvent(twice, EVENTS.approve, later);
    expect(again.ok && again.value).toBe(twice);
  });

  it('by one of several is counted, and when it is enough is for others to say', () => {
    expect(once).toMatchObject({ state: 'pending', approvals: [EVENTS.approve.verdict] });
    expect(once.decidedAt).toBeUndefined();
    expect(granted).toMatchObject({ state: 'approved', decidedAt: later });
  });
});

describe('the time granted', () => {
  const started = applied(IN_STATE.approved, EVENTS.start, NOON);
  const later = addMs(NOON, 10 * MINUTE);

  it('has an end on record before anything is written to the directory', () => {
    expect(started.endsAt).toEqual(addMs(NOON, 2 * HOUR));
  });

  it('counts from when the credential could first be had', () => {
    expect(applied(started, EVENTS.ready, later)).toMatchObject({ readyAt: later, endsAt: addMs(later, 2 * HOUR) });
  });

  it('ends when its requester said, however late it was ready', () => {
    const endsBy = addMs(NOON, HOUR);
    const fixed = applied({ ...IN_STATE.approved, endsBy }, EVENTS.start, NOON);
    expect(fixed.endsAt).toEqual(endsBy);
    expect(applied(fixed, EVENTS.ready, later)).toMatchObject({ readyAt: later, endsAt: endsBy });
  });

  it('is not extended by a new credential', () => {
    const live = applied(applied(started, EVENTS.ready, later), EVENTS.reveal, later);
    const asked = applied(live, EVENTS.reissue, addMs(later, HOUR));
    expect(asked).toMatchObject({ reveal: 'none', retryAt: addMs(later, HOUR), endsAt: live.endsAt });
    expect(asked.revealedAt).toBeUndefined();
    const reissued = applied(asked, EVENTS.ready, addMs(later, HOUR + MINUTE));
    expect(reissued).toMatchObject({ readyAt: later, endsAt: live.endsAt, reveal: 'offered' });
    expect(reissued.retryAt).toBeUndefined();
  });
});

describe('more time', () => {
  const later = addMs(NOON, 100 * MINUTE);
  const until = addMs(NOON, 3 * HOUR);
  const more = aRequest({
    id: requestId('R-7K2M-1'),
    extends: { id: requestId('R-7K2M'), from: addMs(NOON, 2 * HOUR) },
    endsBy: until,
    state: 'approved',
    decidedAt: NOON,
  });

  it('moves the end of what it extends, leaves the credential alone, and has people warned anew', () => {
    const live = anActiveRequest({ reveal: 'taken', warnedAt: later });
    const longer = applied(live, EVENTS.extend, later);
    expect(longer).toMatchObject({ state: 'active', endsAt: until, durationMs: 3 * HOUR, reveal: 'taken' });
    expect(longer.extensions).toEqual(['R-7K2M-1']);
    expect(warningAt(longer)).toEqual(addMs(until, -WARN_MS));
  });

  it('is given once, however often it is given', () => {
    const longer = applied(anActiveRequest(), EVENTS.extend, later);
    for (const request of [longer, applied(longer, EVENTS.end, until)]) {
      const again = applyEvent(request, EVENTS.extend, until);
      expect(again.ok && again.value).toBe(request);
    }
  });

  it('survives a new credential', () => {
    const longer = applied(applied(anActiveRequest(), EVENTS.extend, later), EVENTS.reissue, later);
    expect(applied(longer, EVENTS.ready, later).endsAt).toEqual(until);
  });

  it('comes too late at the end, even if nobody has recorded that', () => {
    const late = applyEvent(anActiveRequest(), EVENTS.extend, addMs(NOON, 2 * HOUR));
    expect(late).toMatchObject({ ok: false, error: { code: 'request.wrong-state', state: 'closing' } });
  });

  it('never takes time away', () => {
    const shorter = applied(anActiveRequest(), { ...EVENTS.extend, endsAt: addMs(NOON, HOUR) }, NOON);
    expect(shorter.endsAt).toEqual(addMs(NOON, 2 * HOUR));
  });

  it('gives no access of its own: it starts, and is closed without a reading of the directory', () => {
    expect(applyEvent(more, EVENTS.merge, later).ok).toBe(false);
    const started = applied(more, EVENTS.start, later);
    expect(started).toMatchObject({ state: 'approved', merging: true });
    expect(applied(started, EVENTS.merge, later)).toMatchObject({ state: 'closed', outcome: 'extended' });
    expect(dueAt(started)).toEqual(NOON);
  });

  it('that has started cannot be withdrawn: only what it extends says what becomes of it', () => {
    const started = applied(more, EVENTS.start, later);
    for (const event of [EVENTS.cancel, EVENTS.start]) expect(applyEvent(started, event, later).ok).toBe(false);
    expect(applied(started, EVENTS.miss, later)).toMatchObject({ state: 'cancelled', calledOff: 'R-7K2M is over.' });
  });
});

describe('an escalation', () => {
  const escalation = { afterMs: 30 * MINUTE, group: groupId('G-BOSSES'), groupName: 'Bosses' };
  const quorum = { group: groupId('G-LEADS'), groupName: 'Leads', count: 1, escalation };
  const waiting = aRequest({ quorums: [quorum, { ...quorum, group: groupId('G-OTHERS') }] });
  const later = addMs(NOON, 30 * MINUTE);
  const ada = { id: personId('P-ADA'), name: 'Ada' };

  it('is due when its time has come, happens once, and has more people asked', () => {
    expect(dueAt(waiting)).toEqual(later);
    const escalated = applied(waiting, { ...EVENTS.escalate, asked: [ada, ...waiting.asked] }, later);
    expect(escalated.quorums.map((one) => one.escalation?.at)).toEqual([later, later]);
    expect(escalated.asked.map(({ name }) => name)).toEqual(['Lee Moss', 'Ada']);
    expect(dueAt(escalated)).toEqual(waiting.lapsesAt);
  });

  it('that was not needed at its time is looked at again as much later', () => {
    const spared = applied(waiting, { ...EVENTS.escalate, groups: [] }, later);
    expect(spared.quorums.map((one) => one.escalation?.at)).toEqual([undefined, undefined]);
    expect(dueAt(spared)).toEqual(addMs(later, 30 * MINUTE));
  });
});

describe('a reminder', () => {
  const waiting = aRequest({ remindEveryMs: HOUR, lapsesAt: addMs(NOON, 8 * HOUR) });

  it('comes after each interval, three times at most', () => {
    const times: (Date | undefined)[] = [];
    let current = waiting;
    for (let round = 0; round < 4; round += 1) {
      const at = reminderAt(current);
      times.push(at);
      if (at !== undefined) current = applied(current, EVENTS.remind, at);
    }
    expect(times).toEqual([addMs(NOON, HOUR), addMs(NOON, 2 * HOUR), addMs(NOON, 3 * HOUR), undefined]);
    expect(current.reminded).toEqual({ at: addMs(NOON, 3 * HOUR), times: 3 });
  });

  it('counts from the last one, however late that was', () => {
    expect(reminderAt({ ...waiting, reminded: { at: addMs(NOON, 3 * HOUR), times: 1 } })).toEqual(
      addMs(NOON, 4 * HOUR),
    );
  });

  it('does not come where nobody wants it, nor when it would only say that it is too late', () => {
    expect(reminderAt({ ...waiting, remindEveryMs: 0 })).toBeUndefined();
    expect(reminderAt({ ...waiting, lapsesAt: addMs(NOON, HOUR + 4 * MINUTE) })).toBeUndefined();
    expect(reminderAt({ ...waiting, lapsesAt: addMs(NOON, HOUR + 5 * MINUTE) })).toEqual(addMs(NOON, HOUR));
  });
});

describe('an event', () => {
  it('names the approvers whom no message reaches, each once, and asks them no more', () => {
    const unreachable = applied(aRequest({ unreachable: ['Lee Moss'] }), EVENTS.unreachable);
    expect(unreachable).toMatchObject({ asked: [], unreachable: ['Lee Moss'] });
  });

  it('of trouble is forgotten once it is over', () => {
    const troubled = applied(IN_STATE.provisioning, EVENTS.stumble);
    expect(troubled).toMatchObject({ trouble: TROUBLE, retryAt: addMs(NOON, SECOND) });
    for (const event of [EVENTS.ready, EVENTS.end]) {
      const over = applied(troubled, event);
      expect([over.trouble, over.retryAt]).toEqual([undefined, undefined]);
    }
    const closed = applied(applied(IN_STATE.closing, EVENTS.stumble), EVENTS.confirm);
    expect([closed.trouble, closed.retryAt]).toEqual([undefined, undefined]);
  });

  it('joins a credential that is already live without offering it again', () => {
    expect(applied(IN_STATE.provisioning, { type: 'ready', reveal: 'shared' })).toMatchObject({ reveal: 'shared' });
  });

  it('that ends it says why and by whom, and the proof is dated by the read', () => {
    const ended = applied(IN_STATE.active, { type: 'end', cause: 'revoked', by: 'Lee' }, addMs(NOON, MINUTE));
    expect(ended).toMatchObject({ closeCause: 'revoked', closedBy: 'Lee', closingSince: addMs(NOON, MINUTE) });
    const closed = applied(ended, { type: 'confirm', readAt: NOON, accountLeft: 'in-use' }, addMs(NOON, HOUR));
    expect(closed).toMatchObject({ outcome: 'revoked', confirmedAt: NOON, accountLeft: 'in-use' });
  });

  it('that calls it off keeps the reason', () => {
    const calledOff = 'The rules no longer allow it.';
    expect(applied(IN_STATE.approved, { type: 'cancel', calledOff })).toMatchObject({ state: 'cancelled', calledOff });
    expect(applied(IN_STATE.approved, EVENTS.cancel).calledOff).toBeUndefined();
  });
});

describe('the next time somebody must look at a request', () => {
  const in1h = addMs(NOON, HOUR);
  const in2h = addMs(NOON, 2 * HOUR);

  it.each<[string, AccessRequest, Date | undefined]>([
    ['pending: when it lapses', IN_STATE.pending, IN_STATE.pending.lapsesAt],
    ['approved: at once', IN_STATE.approved, NOON],
    ['approved for later: at its start', { ...IN_STATE.approved, startsAt: in1h }, in1h],
    ['provisioning: at once', IN_STATE.provisioning, NOON],
    ['provisioning after trouble: at the retry', { ...IN_STATE.provisioning, retryAt: in1h }, in1h],
    ['provisioning, the retry after the end: at the end', { ...IN_STATE.provisioning, retryAt: addMs(in2h, 1) }, in2h],
    ['active: at the warning', IN_STATE.active, addMs(in2h, -WARN_MS)],
    ['active, warned: at the end', { ...IN_STATE.active, warnedAt: NOON }, in2h],
    ['active, a new credential asked for: then', { ...IN_STATE.active, retryAt: in1h }, in1h],
    ['closing: at once', IN_STATE.closing, NOON],
    ['closing after trouble: at the retry', { ...IN_STATE.closing, retryAt: addMs(NOON, MINUTE) }, addMs(NOON, MINUTE)],
    ['closing and told to wait: at the alarm', { ...IN_STATE.closing, retryAt: in1h }, addMs(NOON, 2 * MINUTE)],
    ['closed: never', IN_STATE.closed, undefined],
    ['denied: never', IN_STATE.denied, undefined],
    ['cancelled: never', IN_STATE.cancelled, undefined],
    ['cancelled after its approval: until its account is at rest', applied(IN_STATE.approved, EVENTS.cancel), NOON],
    ['lapsed: never', IN_STATE.lapsed, undefined],
  ])('%s', (_, request, due) => {
    expect(dueAt(request)).toEqual(due);
  });
});

describe('the warning before the end', () => {
  const lasting = (ms: number): AccessRequest => anActiveRequest({ endsAt: addMs(NOON, ms) });

  it('comes a quarter of an hour before it, where the access is longer than that', () => {
    expect(warningAt(lasting(WARN_MS + 1))).toEqual(addMs(NOON, 1));
    expect(warningAt(lasting(WARN_MS))).toBeUndefined();
    expect(warningAt(lasting(10 * MINUTE))).toBeUndefined();
  });

  it('comes once', () => {
    const warned = applied(lasting(HOUR), EVENTS.warn, addMs(NOON, 45 * MINUTE));
    expect(warned.warnedAt).toEqual(addMs(NOON, 45 * MINUTE));
    expect(warningAt(warned)).toBeUndefined();
  });

  it('does not come before anybody could get in', () => {
    expect(warningAt(IN_STATE.provisioning)).toBeUndefined();
  });
});

/** What may never change, whatever happens to a request in whatever order. */
describe('any story of a request', () => {
  const verdict = fc.constantFrom('Lee', 'Kim', 'Ada').map((name) => verdictOf(name));
  const event: fc.Arbitrary<RequestEvent | { readonly type: 'enough' }> = fc.oneof(
    fc.constantFrom(...Object.values(EVENTS)),
    fc.record({ type: fc.constantFrom('approve', 'deny'), verdict, aliases: fc.constant([]) }),
    fc.constantFrom('revisit', 'renew').map((also) => ({ ...EVENTS.extend, also }) as const),
    fc.record({ type: fc.constant('ready'), reveal: fc.constantFrom('offered', 'shared', 'own') }),
    fc.record({ type: fc.constant('end'), cause: fc.constantFrom('expired', 'ended', 'revoked', 'failed') }),
    fc.constant({ type: 'enough' } as const),
  );
  const story = fc.array(fc.tuple(event, fc.nat(HOUR)), { maxLength: 40 });
  const start = fc.constantFrom(...STATES).map((state) => IN_STATE[state]);

  const expectStep = (before: AccessRequest, after: AccessRequest): void => {
    // When its account is looked at again is all that changes of what is over, and only of what was called off.
    if (isOver(before)) expect({ ...after, retryAt: before.retryAt }).toEqual({ ...before, retryAt: before.retryAt });
    if (isOver(before) && before.state !== 'cancelled') expect(after).toBe(before);
    if (before.state === 'closing') expect(['closing', 'closed']).toContain(after.state);
    if (after.unconfirmed !== before.unconfirmed) {
      expect([before.state, after.state, after.outcome]).toEqual(['closing', 'closed', 'unconfirmed']);
    }
    if (before.endsAt !== undefined) expect(after.endsAt).toBeDefined();
    if (before.readyAt !== undefined) expect(after.readyAt).toEqual(before.readyAt);
    if (before.alarmedAt !== undefined) expect(after.alarmedAt).toBeDefined();
    if (before.decidedAt !== undefined && after.state !== 'cancelled')
      expect(after.decidedAt).toEqual(before.decidedAt);
    if (before.state !== 'pending') expect(after.approvals).toEqual(before.approvals);
  };

  const expectSound = (request: AccessRequest): void => {
    const { state } = request;
    expect(request.decidedAt === undefined).toBe(state === 'pending');
    if (['provisioning', 'active', 'closing', 'closed'].includes(state)) expect(request.endsAt).toBeDefined();
    if (state === 'active') expect(request.readyAt).toBeDefined();
    if (state === 'closing') expect([request.closeCause, request.closingSince]).not.toContain(undefined);
    // What is closed was proven by a read, or an owner has put their name to it that nothing proves it; never both.
    if (state === 'closed') expect(request.outcome).toBe(request.unconfirmed ? 'unconfirmed' : request.closeCause);
    if (state === 'closed') expect(request.confirmedAt === undefined).toBe(request.unconfirmed !== undefined);
    if (request.unconfirmed !== undefined) expect(request.trouble).toBeDefined();
    // Of one that is called off after its approval the account may still have to be put to rest.
    expect(dueAt(request) === undefined).toBe(isOver(request) && request.retryAt === undefined);
    if (isOver(request) && request.retryAt !== undefined) expect(state).toBe('cancelled');
    expect(new Set(request.approvals.map(({ person }) => person)).size).toBe(request.approvals.length);
  };

  it('keeps its decisions, its end and its proof, and does not go on after it is over', () => {
    fc.assert(
      fc.property(start, story, (request, events) => {
        let current = request;
        let now = NOON;
        for (const [each, pause] of events) {
          now = addMs(now, pause);
          let next = current;
          if (each.type !== 'enough') {
            const result = applyEvent(current, each, now);
            next = result.ok ? result.value : current;
          } else if (current.state === 'pending' && current.approvals.length > 0) {
            next = decided(current, 'approved', now);
          }
          expectStep(current, next);
          expectSound(next);
          current = next;
        }
      }),
      { numRuns: 500 },
    );
  });
});
