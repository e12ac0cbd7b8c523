import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalCard } from '../../../src/chat/approval-card.js';
import { drawing, revealCard } from '../../../src/chat/drawing.js';
import { requestCard } from '../../../src/chat/request-card.js';
import { LONGEST_TITLE } from '../../../src/chat/say.js';
import type { Card } from '../../../src/chat/view.js';
import { directoryGroupId, directoryUserId, groupId, personId, requestId, roleId } from '../../../src/engine/ids.js';
import type { AccessRequest, RequestState, Verdict } from '../../../src/engine/request.js';
import { applyEvent } from '../../../src/engine/transitions.js';
import type { RequestEvent } from '../../../src/engine/transitions.js';
import type { Notice } from '../../../src/flows/ports.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { anyRequest } from '../../fakes/arbitraries.js';
import { anActiveRequest, aRequest, NOON } from '../../fakes/fixtures.js';

const ZONE = 'Europe/Berlin';

const LEE: Verdict = { person: personId('P-LEE'), name: 'Lee Moss', at: addMs(NOON, 12 * MINUTE), on: 'slack' };
const DECIDED = { decidedAt: LEE.at };
const APPROVED = { ...DECIDED, approvals: [LEE] };
const ENDED = addMs(NOON, 2 * HOUR);

/** A request in each state, as it would have come there. */
const IN_STATE: Readonly<Record<RequestState, AccessRequest>> = {
  pending: aRequest(),
  approved: aRequest({ state: 'approved', ...APPROVED }),
  provisioning: aRequest({ state: 'provisioning', ...APPROVED, progress: ['account created'] }),
  active: anActiveRequest(APPROVED),
  closing: anActiveRequest({ state: 'closing', ...APPROVED, closeCause: 'expired', closingSince: ENDED }),
  closed: anActiveRequest({
    state: 'closed',
    ...APPROVED,
    closeCause: 'expired',
    outcome: 'expired',
    confirmedAt: addMs(ENDED, 4_000),
    accountLeft: 'disabled',
  }),
  denied: aRequest({ state: 'denied', ...DECIDED, denials: [{ ...LEE, note: 'Not today' }] }),
  cancelled: aRequest({ state: 'cancelled', ...DECIDED }),
  lapsed: aRequest({ state: 'lapsed', ...DECIDED }),
};

const STATES = Object.keys(IN_STATE) as RequestState[];

const textOf = ({ title, lines }: Card): string =>
  [title, ...lines.map((spans) => spans.map(({ text }) => text).join(''))].join('\n');

const verbsOf = ({ buttons }: Card): readonly string[] => buttons.map(({ verb }) => verb);

describe('the card of whoever asked', () => {
  it.each<[RequestState, readonly string[], RegExp]>([
    ['pending', ['cancel'], /Asked Lee Moss\.\nApproved so far: 0 of 1 from Leads\.\nLapses at 21:00/],
    ['approved', ['cancel'], /Approved by Lee Moss at 13:12\.\nStarting now\./],
    ['provisioning', ['end'], /account created → preparing jit-dana\.fox@contoso\.example/],
    ['active', ['reveal', 'extend-form', 'end'], /live until 15:00\nThe credential is ready/],
    ['closing', [], /Taking the access away/],
    ['closed', [], /Ended and confirmed at 15:00\.\n.*checked in the directory at 15:00:04/],
    ['denied', [], /Denied by Lee Moss at 13:12: Not today/],
    ['cancelled', [], /Cancelled at 13:12\./],
    ['lapsed', [], /Lapsed at 13:12: nobody decided in time\./],
  ])('when %s offers %j', (state, verbs, text) => {
    const card = requestCard(IN_STATE[state], ZONE);
    expect(verbsOf(card)).toEqual(verbs);
    expect(card.buttons.every(({ id }) => id === 'R-7K2M')).toBe(true);
    expect(textOf(card)).toMatch(text);
  });

  it('says what it is, what for, and what it risks, in every state', () => {
    for (const state of STATES) {
      const card = requestCard({ ...IN_STATE[state], ticket: 'INC-4711' }, ZONE);
      expect(card.title).toBe('Contoso: User Administrator for 2 h');
      expect(textOf(card)).toContain('Reset MFA for the new CFO · Ticket INC-4711');
      expect(textOf(card)).toContain('High privilege: User Administrator');
    }
  });

  it.each<[AccessRequest['reveal'], readonly string[], RegExp]>([
    ['offered', ['reveal', 'extend-form', 'end'], /shown once/],
    ['taken', ['extend-form', 'end'], /Credential revealed at 13:13\./],
    ['shared', ['extend-form', 'end'], /credential you already have/],
    ['none', ['extend-form', 'end'], /A new credential is being made/],
    ['own', ['extend-form', 'end'], /Sign in as jit-dana\.fox@contoso\.example, with the password it has/],
  ])('offers the credential only while it can be had: %s', (reveal, verbs, text) => {
    const card = requestCard({ ...IN_STATE.active, reveal, revealedAt: addMs(NOON, 13 * MINUTE) }, ZONE);
    expect(verbsOf(card)).toEqual(verbs);
    expect(textOf(card)).toMatch(text);
  });

  it.each([
    [
      { shutSince: addMs(ENDED, MINUTE) },
      'Sign-in is shut since 15:01. Entra keeps the role assigned until 15:04 and lets it go then.',
    ],
    [{}, 'Sign-in stays open. Entra keeps the role assigned until 15:04 and lets it go then.'],
  ])('says what Entra holds and until when, and calls it no failure', (shut, words) => {
    const until = addMs(ENDED, 4 * MINUTE);
    const trouble = { attempts: 1, since: ENDED, code: 'directory.too-soon', clause: 'Entra keeps it' };
    const held = { ...IN_STATE.closing, trouble, retryAt: until, hold: { until, ...shut } };
    for (const card of [requestCard(held, ZONE), approvalCard(held, ZONE)]) {
      expect(textOf(card)).toContain(words);
      expect(textOf(card)).not.toContain('failed');
    }
    // Once Entra should have let go, what happens then is told like any other trouble.
    expect(textOf(requestCard({ ...held, retryAt: addMs(until, MINUTE) }, ZONE))).toContain('Ending: 1 attempt failed');
  });

  it('says what it struggles with, and when it tries again', () => {
    const trouble = { attempts: 2, since: NOON, code: 'directory.throttled', clause: 'Graph is throttling' };
    const card = requestCard({ ...IN_STATE.closing, trouble, retryAt: addMs(ENDED, 20_000) }, ZONE);
    expect(textOf(card)).toContain('Ending: 2 attempts failed (Graph is throttling); next try at 15:00:20.');
  });

  it('does not say that an account was shut which another access keeps open', () => {
    const card = requestCard({ ...IN_STATE.closed, accountLeft: 'in-use' }, ZONE);
    expect(textOf(card)).toContain('the account stays open');
    expect(textOf(card)).not.toContain('disabled');
  });
});

describe('the card of whoever decides', () => {
  const GLOBAL = { id: roleId('62e90394-69f5-4237-9190-012177145e10'), name: 'Global Administrator' };

  it('says who wants what, where, for how long, why, under which rule, and what it risks', () => {
    const request = aRequest({ roles: [GLOBAL], ticket: 'INC-4711' });
    const card = approvalCard(request, ZONE, new Date('2026-02-27T09:00:00Z'));
    expect(card.title).toBe('Dana Fox wants Global Administrator in Contoso for 2 h');
    expect(textOf(card).split('\n').slice(1)).toEqual([
      'Why: Reset MFA for the new CFO',
      'Ticket: INC-4711',
      'High privilege: Global Administrator',
      'Account: jit-dana.fox@contoso.example (known, last used 10:00 on Fri 27 Feb)',
      'Rule: Technicians at Contoso · R-7K2M · asked at 13:00',
      'Approved so far: 0 of 1 from Leads.',
    ]);
    expect(verbsOf(card)).toEqual(['approve', 'deny-form']);
    expect(card.denyReason).toEqual({ id: 'R-7K2M' });
  });

  it('says when, where it is not from now on', () => {
    const request = aRequest({ startsAt: addMs(NOON, HOUR), endsBy: addMs(NOON, 3 * HOUR) });
    expect(textOf(approvalCard(request, ZONE))).toContain('When: from 14:00 until 16:00');
  });

  it('says of a new account that it is new', () => {
    expect(textOf(approvalCard(aRequest(), ZONE))).toContain('(new)');
  });

  it('hides no role, however many are asked for', () => {
    const roles = [
      ...Array.from({ length: 12 }, (_, index) => ({ id: roleId(`r-${index}`), name: `Reader ${index}` })),
      GLOBAL,
    ];
    const card = approvalCard(aRequest({ roles }), ZONE);
    expect(card.title).toBe('Dana Fox wants 13 roles in Contoso for 2 h');
    for (const { name } of roles) expect(textOf(card)).toContain(name);
    expect(textOf(card)).toContain('High privilege: Global Administrator');
  });

  it('says who has spoken, what they noted, and whose word is still wanting', () => {
    const request = aRequest({
      quorums: [
        { group: groupId('G-LEADS'), groupName: 'Leads', count: 2 },
        {
          group: groupId('G-CONTOSO'),
          groupName: 'Customer Contoso',
          count: 1,
          escalation: { afterMs: HOUR, group: groupId('G-BOSSES'), groupName: 'Bosses', at: NOON },
        },
      ],
      tally: [1, 0],
      secondFactor: true,
      denialsToEnd: 2,
      approvals: [{ ...LEE, factor: 'passkey', note: 'Go on' }],
      denials: [{ ...LEE, person: personId('P-KIM'), name: 'Kim Ode', note: 'Why now?' }],
    });
    for (const card of [approvalCard(request, ZONE), requestCard(request, ZONE)]) {
      const text = textOf(card);
      expect(text).toContain(
        'Approved so far: 1 of 2 from Leads; 0 of 1 from Customer Contoso or Bosses, with passkey. 1 of 2 denials end it.',
      );
      expect(text).toContain('Approved by Lee Moss (with passkey): Go on');
      expect(text).toContain('Denied by Kim Ode: Why now?');
    }
    expect(verbsOf(approvalCard(request, ZONE))).toEqual(['approve', 'deny-form']);
  });

  it('tells an access pass from a password, and until when it is good', () => {
    const told = (more: Partial<AccessRequest>): string => textOf(requestCard({ ...IN_STATE.active, ...more }, ZONE));
    expect(told({})).toContain('The credential is ready: a password, shown once.');
    expect(told({ tap: true, passEndsAt: ENDED })).toContain(
      'The credential is ready: an access pass, good until 15:00, shown once.',
    );
  });

  it('says that an access pass is gone, unless the account is in use by another request', () => {
    const over: AccessRequest = { ...IN_STATE.closed, tap: true, passEndsAt: ENDED };
    expect(textOf(requestCard(over, ZONE))).toContain('access pass deleted, account disabled');
    expect(textOf(requestCard({ ...over, accountLeft: 'in-use' }, ZONE))).not.toContain('access pass');
  });

  it.each<[string, Partial<AccessRequest>, string]>([
    ['ending', { state: 'closing' }, 'It is ending; '],
    ['closed without proof', { outcome: 'unconfirmed' }, 'nobody has proven its end'],
    ['over', {}, 'It is over; the credential no longer works.'],
    ['over, of a borrowed user', { reveal: 'own' }, 'It is over; what was added is taken away.'],
  ])('calls no credential dead before its end is confirmed: %s', (_, more, words) => {
    expect(textOf(revealCard({ ...IN_STATE.closed, ...more }, ZONE))).toContain(words);
  });

  it('calls more time that was given extended, not ended', () => {
    const card = requestCard({ ...IN_STATE.closed, outcome: 'extended' }, ZONE);
    expect(textOf(card)).toContain('R-7K2M · 🟢 extended\n');
    expect(textOf(card)).not.toContain('⚪');
  });

  it('says whose account it is, and marks the loan by which one signs in as somebody else', () => {
    const fresh = { firstName: 'Ada', lastName: 'Byron', upn: 'ada.byron@contoso.example' };
    const made = aRequest({ accountKind: 'fresh', fresh, upn: fresh.upn, atEnd: 'delete', tap: true });
    expect(textOf(approvalCard(made, ZONE))).toContain(
      'Account: new account ada.byron@contoso.example for Ada Byron, deleted at the end · with an access pass',
    );
    const existing = {
      id: directoryUserId('u-1'),
      upn: 'megan@contoso.example',
      name: 'Megan',
      origin: 'guest',
    } as const;
    const lent = aRequest({ accountKind: 'existing', existing, upn: existing.upn, atEnd: 'keep' });
    expect(textOf(approvalCard(lent, ZONE))).toContain('existing user Megan (megan@contoso.example, a guest)');
    expect(textOf(approvalCard(lent, ZONE))).not.toContain('Signs in as them');
    for (const draw of [approvalCard, requestCard]) {
      expect(textOf(draw({ ...lent, tap: true }, ZONE))).toContain('Signs in as them: ');
    }
  });

  it('names directory groups as such, and marks those that can carry roles', () => {
    const groups = [{ id: directoryGroupId('g-1'), name: 'Tier 0', roleAssignable: true }];
    const card = approvalCard(aRequest({ roles: [], groups }), ZONE);
    expect(card.title).toBe('Dana Fox wants group Tier 0 in Contoso for 2 h');
    expect(textOf(card)).toContain('High privilege: group Tier 0');
  });

  it.each<[RequestState, string]>([
    ['approved', 'Approved by Lee Moss at 13:12.'],
    ['provisioning', 'Approved by Lee Moss at 13:12.'],
    ['active', 'Approved by Lee Moss at 13:12.\nLive until 15:00.'],
    ['closing', 'Approved by Lee Moss at 13:12.\nEnding.'],
    ['closed', 'Approved by Lee Moss at 13:12.\nEnded and confirmed at 15:00.'],
    ['denied', 'Denied by Lee Moss at 13:12: Not today'],
    ['cancelled', 'Cancelled at 13:12.'],
    ['lapsed', 'Lapsed at 13:12: nobody decided in time.'],
  ])('once it is %s says so, and has no button left', (state, text) => {
    const card = approvalCard(IN_STATE[state], ZONE);
    expect(textOf(card)).toContain(text);
    expect(card.buttons).toEqual([]);
    expect(card.denyReason).toBeUndefined();
  });
});

describe('the card of more time', () => {
  const more = aRequest({
    id: requestId('R-7K2M-1'),
    extends: { id: requestId('R-7K2M'), from: addMs(NOON, 2 * HOUR) },
    endsBy: addMs(NOON, 3 * HOUR),
    durationMs: 3 * HOUR,
  });

  it('says how much more, until when, and of what', () => {
    expect(approvalCard(more, ZONE).title).toBe(
      'Dana Fox wants 1 h more of User Administrator in Contoso, until 16:00',
    );
    expect(textOf(approvalCard(more, ZONE))).toContain('When: extends R-7K2M, 3 h in all');
    expect(requestCard(more, ZONE).title).toBe('Contoso: 1 h more of User Administrator, until 16:00');
  });

  it('ends by saying that the other goes on, and claims no reading of the directory', () => {
    const merged: AccessRequest = {
      ...more,
      ...APPROVED,
      state: 'closed',
      outcome: 'extended',
      endsAt: addMs(NOON, 3 * HOUR),
    };
    for (const card of [approvalCard(merged, ZONE), requestCard(merged, ZONE)]) {
      expect(textOf(card)).toContain('Extended until 16:00. R-7K2M goes on with the same credential.');
      expect(textOf(card)).not.toContain('confirmed');
      expect(card.buttons).toEqual([]);
    }
  });
});

describe('the direct message with the credential', () => {
  it.each(STATES)('has its button only while the access is live: %s', (state) => {
    const card = revealCard({ ...IN_STATE[state], reveal: 'offered' }, ZONE);
    expect(verbsOf(card)).toEqual(state === 'active' ? ['reveal'] : []);
  });

  it.each(['taken', 'shared', 'none'] as const)('has no button when the credential is %s', (reveal) => {
    expect(revealCard({ ...IN_STATE.active, reveal }, ZONE).buttons).toEqual([]);
  });

  it('says when it was revealed, and what to type when it was lost', () => {
    const card = revealCard({ ...IN_STATE.active, reveal: 'taken', revealedAt: addMs(NOON, 13 * MINUTE) }, ZONE);
    expect(textOf(card)).toContain('Credential revealed at 13:13. Lost it? /jit reveal R-7K2M --again');
  });
});

describe('a notice', () => {
  const failed = anActiveRequest({
    state: 'closing',
    closeCause: 'failed',
    closedBy: 'another user already has that name',
  });
  const overdue = { ...IN_STATE.closing, alarmedAt: addMs(ENDED, 2 * MINUTE) };

  const unproven: AccessRequest = {
    ...IN_STATE.closing,
    state: 'closed',
    outcome: 'unconfirmed',
    unconfirmed: { by: 'Olga', at: addMs(ENDED, HOUR) },
    trouble: { attempts: 9, since: ENDED, code: 'directory.consent', clause: 'no consent' },
    remains: { readAt: ENDED, signIn: true, access: ['User Administrator'] },
  };

  it.each<[Notice, AccessRequest, RegExp]>([
    ['reminder', IN_STATE.pending, /Dana Fox still waits for User Administrator in Contoso\n.*lapses at 21:00\n/],
    ['reminder', IN_STATE.pending, /\/jit approve R-7K2M or \/jit deny R-7K2M WHY/],
    ['live', IN_STATE.active, /Dana Fox now has User Administrator in Contoso\nR-7K2M · until 15:00/],
    ['over', IN_STATE.closed, /Dana Fox no longer has User Administrator in Contoso\nR-7K2M\nEnded and confirmed/],
    ['denied', IN_STATE.denied, /Contoso: User Administrator, denied\n.*Denied by Lee Moss at 13:12: Not today/],
    ['lapsed', IN_STATE.lapsed, /Contoso: User Administrator, lapsed\n.*nobody decided in time/],
    ['ending-soon', IN_STATE.active, /^Contoso ends at 15:00\n.*\/jit end R-7K2M/],
    ['ended', IN_STATE.closed, /, ended\nR-7K2M\nEnded and confirmed at 15:00/],
    ['failed', failed, /, called off\nR-7K2M · It could not be provided: another user already has that name\./],
    ['failed', { ...IN_STATE.cancelled, calledOff: 'Lee Moss revoked it.' }, /R-7K2M · Lee Moss revoked it\./],
    [
      'overdue',
      overdue,
      /access of jit-dana\.fox@contoso\.example has not ended \(2 min overdue\)\n.*was to end at 15:00\.\nDo now: disable/,
    ],
    [
      'late',
      overdue,
      /your access has not ended yet \(2 min overdue\)\n.*was to end at 15:00\.\nThere is nothing for you to do, but please use it no more/,
    ],
    [
      'overdue-ended',
      { ...IN_STATE.closed, alarmedAt: ENDED },
      /the overdue access of .* has ended\nEnded and confirmed/,
    ],
    [
      'unconfirmed',
      unproven,
      /is closed as unconfirmed\nR-7K2M · .*\nClosed as unconfirmed by Olga at 16:00\. Nobody has proven its end \(no consent; 9 attempts failed\)\.\nUser Administrator is still assigned, sign-in is still on \(read at 15:00:00\)\./,
    ],
  ])('%s has its facts and, but for the one that offers more time, no button', (notice, request, text) => {
    const card = drawing.notice(notice, request, { zone: ZONE });
    expect(textOf(card)).toMatch(text);
    expect(verbsOf(card)).toEqual(notice === 'ending-soon' ? ['extend-form'] : []);
  });
});

const NOTICES = [
  ...(['denied', 'lapsed', 'reminder', 'live', 'over', 'ending-soon', 'extended'] as const),
  ...(['ended', 'failed', 'overdue', 'late', 'overdue-ended', 'unconfirmed'] as const),
];

/** Every card that can be drawn of a request; the offer of more time only while there is something to prolong. */
const everyCard = (request: AccessRequest, zone: string | undefined): readonly Card[] => [
  requestCard(request, zone),
  approvalCard(request, zone, NOON),
  revealCard(request, zone),
  ...NOTICES.filter((notice) => notice !== 'ending-soon' || request.state === 'active').map((notice) =>
    drawing.notice(notice, request, { zone }),
  ),
];

const EVENT_OF: Readonly<Partial<Record<string, RequestEvent>>> = {
  cancel: { type: 'cancel' },
  end: { type: 'end', cause: 'ended' },
  reveal: { type: 'reveal' },
  approve: { type: 'approve', verdict: LEE, aliases: [] },
  'deny-form': { type: 'deny', verdict: LEE, aliases: [] },
  'extend-form': { type: 'extend', by: requestId('R-7K2M-1'), endsAt: addMs(NOON, 3 * HOUR) },
};

describe('any card of any request', () => {
  it('has only buttons that the request would take', () => {
    for (const request of Object.values(IN_STATE)) {
      for (const { verb } of everyCard(request, ZONE).flatMap(({ buttons }) => buttons)) {
        const event = EVENT_OF[verb];
        if (event === undefined) throw new Error(`nothing is known of ${verb}`);
        expect(applyEvent(request, event, NOON).ok).toBe(true);
      }
    }
  });

  it('can be drawn, with nothing missing shown as such', () => {
    fc.assert(
      fc.property(anyRequest, fc.constantFrom(ZONE, undefined), (request, zone) => {
        for (const card of everyCard(request, zone)) {
          expect(card.title).not.toBe('');
          expect(textOf(card)).not.toMatch(/undefined|\[object/);
          expect(card.buttons.every(({ id }) => id === request.id)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has a head short enough for every platform', () => {
    const roles = Array.from({ length: 9 }, (_, index) => ({
      id: roleId(`r-${index}`),
      name: `A Role With a Long Name ${index}`,
    }));
    for (const request of Object.values(IN_STATE)) {
      for (const card of everyCard({ ...request, roles }, ZONE)) {
        expect(card.title.length).toBeLessThanOrEqual(LONGEST_TITLE);
      }
    }
  });

  it('in a channel of people from everywhere says which zone its times are in', () => {
    const times = textOf(approvalCard(IN_STATE.closed, undefined)).match(/\d\d:\d\d(?::\d\d)?(?: UTC)?/gu);
    expect(times?.length).toBeGreaterThan(2);
    expect(times?.every((time) => time.endsWith(' UTC'))).toBe(true);
  });
});
