/** What is told of looks at break-glass passwords: cards for whoever looks, whoever decides, and whoever oversees. */
import type { BreakGlassView } from '../engine/break-glass-view.js';
import { runsOutAt } from '../engine/look.js';
import type { LookRole } from '../flows/break-glass/look-places.js';
import type { LookDrawing } from '../flows/break-glass/tell-look.js';
import type { PageAddress } from '../flows/page-links.js';
import { addMs } from '../lib/clock.js';
import { card } from './answers.js';
import { line, sayList, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

export const lookDrawing: LookDrawing<Card> = {
  card: (role, view, zone, page) => CARDS[role](view, { zone, today: view.createdAt }, page),
};

type Draw = (view: BreakGlassView, reading: Reading, page?: PageAddress) => Card;

const CARDS: Readonly<Record<LookRole, Draw>> = {
  look: (view, reading) => lookCard(view, reading),
  approval: (view, reading) => lookApprovalCard(view, reading),
  link: (view, reading, page) => linkCard(view, reading, page),
  alarm: (view, reading) => alarmCard(view, reading),
  shown: (view, reading) => shownCard(view, reading),
};

const whatOf = ({ accounts, accessPass }: BreakGlassView): string => {
  const names = accounts.map((id) => id.split('/').at(-1) ?? id);
  return `${sayList(names)}${accessPass ? ', with a fresh access pass' : ''}`;
};

/** What an approver decides by in five seconds; afterwards, who decided and when, without buttons. */
export const lookApprovalCard = (view: BreakGlassView, reading: Reading): Card => {
  const { id, requesterName, tenantName, reason, state } = view;
  const pending = state === 'pending';
  return {
    ...card(
      `${requesterName} wants to see the break-glass passwords of ${tenantName}`,
      [
        line(strong('Why: '), reason),
        line(strong('Accounts: '), whatOf(view)),
        line(strong('High privilege: '), 'Global Administrator, without an end of its own'),
        line(
          `Rule: ${sayList(view.rules.map(({ name }) => name))} · ${id} · asked at ${sayTime(view.createdAt, reading)}`,
        ),
        ...(pending
          ? [line(`Lapses at ${sayTime(view.lapsesAt, reading)}.`), ...wordLines(view)]
          : stateLines(view, reading)),
      ],
      pending
        ? [
            { verb: 'approve', id, label: 'Approve', style: 'primary' },
            { verb: 'deny-form', id, label: 'Deny…', style: 'danger' },
          ]
        : [],
    ),
    ...(pending ? { denyReason: { id } } : {}),
  };
};

/** Words that counted and were not enough. */
const wordLines = ({ approvals, denials }: BreakGlassView): readonly Line[] => [
  ...(approvals.length === 0 ? [] : [line(`Agreed so far: ${sayList(approvals.map(({ name }) => name))}.`)]),
  ...(denials.length === 0 ? [] : [line(`Against it so far: ${sayList(denials.map(({ name }) => name))}.`)]),
];

const stateLines = (view: BreakGlassView, reading: Reading): readonly Line[] => {
  const { state, approvals, denials, approvedAt, shownAt, overAt, lastsMs } = view;
  const at = (moment: Date | undefined): string => (moment === undefined ? '' : ` at ${sayTime(moment, reading)}`);
  const approved =
    approvedAt === undefined || view.emergency
      ? []
      : [line(strong(`Approved by ${sayList(approvals.map(({ name }) => name))}${at(approvedAt)}.`))];
  const noted = approvals.flatMap(({ name, note }) => (note === undefined ? [] : [line(`${name}: ${note}`)]));
  switch (state) {
    case 'pending':
      return wordLines(view);
    case 'approved':
      return [
        ...approved,
        ...noted,
        line(`Not opened yet; it can be until ${sayTime(runsOutAt(view) ?? view.lapsesAt, reading)}.`),
      ];
    case 'open': {
      const end = shownAt && addMs(shownAt, lastsMs);
      return [...approved, ...noted, line(`Shown${at(shownAt)}; the passwords are changed${at(end)} at the latest.`)];
    }
    case 'over':
      return [
        ...approved,
        ...noted,
        line(`Shown${at(shownAt)}, over${at(overAt)}; new passwords were asked for at once.`),
      ];
    case 'denied':
      return [
        line(strong(`Denied by ${sayList(denials.map(({ name }) => name))}${at(overAt)}.`)),
        ...denials.flatMap(({ note }) => (note === undefined ? [] : [line(strong('Why: '), note)])),
      ];
    case 'lapsed':
      return [
        ...approved,
        line(
          strong(
            `Lapsed${at(overAt)}: ${approvedAt === undefined ? 'nobody decided in time' : 'it was not opened in time'}.`,
          ),
        ),
      ];
    case 'cancelled':
      return [...approved, line(strong(`Withdrawn${at(overAt)}.`))];
    default:
      return state satisfies never;
  }
};

export const LOOK_STATE = {
  pending: 'waiting',
  approved: 'approved',
  open: 'open',
  over: 'over',
  denied: 'denied',
  lapsed: 'lapsed',
  cancelled: 'withdrawn',
} as const;

/** The requester's card, which lives through it all. */
export const lookCard = (view: BreakGlassView, reading: Reading): Card => {
  const { id, tenantName, reason, state, asked } = view;
  const buttons: Card['buttons'] =
    state === 'pending'
      ? [{ verb: 'cancel', id, label: 'Withdraw', style: 'default' }]
      : state === 'approved'
        ? [
            { verb: 'look-link', id, label: 'Send me a new link', style: 'default' },
            { verb: 'cancel', id, label: 'I do not need it', style: 'default' },
          ]
        : [];
  return card(
    `Break-glass passwords of ${tenantName} · ${id} · ${LOOK_STATE[state]}`,
    [
      line(reason),
      ...(view.emergency ? [line(strong('Emergency: '), 'every admin and owner is told.')] : []),
      ...(state === 'pending'
        ? [line(`Asked ${sayList(asked.map(({ name }) => name))}. Lapses at ${sayTime(view.lapsesAt, reading)}.`)]
        : []),
      ...stateLines(view, reading),
    ],
    buttons,
  );
};

const linkCard = (view: BreakGlassView, reading: Reading, page: PageAddress | undefined): Card => {
  const { id, tenantName } = view;
  if (page === undefined) {
    return card(`The link to the break-glass passwords of ${tenantName} leads nowhere any more`, [
      line(`${id} ${WAS[view.state] ?? 'is over'}.`),
    ]);
  }
  return card(
    `Break-glass passwords of ${tenantName}: open them here`,
    [
      line(`The link is for you alone and works once, until ${sayTime(page.expiresAt, reading)}.`),
      line(
        'Opening the page shows nothing yet: a button on it does. Then the passwords are on record as seen, and are changed soon after.',
      ),
    ],
    [{ verb: 'open', id: '', label: `Open ${id}`, style: 'primary', href: page.url.reveal() }],
  );
};

const WAS: Readonly<Partial<Record<BreakGlassView['state'], string>>> = {
  open: 'was opened',
  over: 'was opened, and is over',
  lapsed: 'was not opened in time',
  cancelled: 'was withdrawn',
};

/** The first line says what is at stake. */
const alarmCard = (view: BreakGlassView, reading: Reading): Card =>
  card(`Emergency declared: ${view.requesterName} opens the break-glass passwords of ${view.tenantName}`, [
    line(strong('Why: '), view.reason),
    line(strong('Accounts: '), whatOf(view)),
    line(`Nobody had to agree. ${view.id} · declared at ${sayTime(view.createdAt, reading)}`),
    ...stateLines(view, reading),
    line('Do now: ask them by voice. If nobody knows of an emergency, rotate at once and watch the sign-ins.'),
  ]);

const shownCard = (view: BreakGlassView, reading: Reading): Card =>
  card(`${view.requesterName} has seen the break-glass passwords of ${view.tenantName}`, [
    line(strong('Why: '), view.reason),
    line(strong('Accounts: '), whatOf(view)),
    ...stateLines(view, reading),
    line(`${view.id}${view.emergency ? ' · a declared emergency' : ''}`),
  ]);
