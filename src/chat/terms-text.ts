/** What rules demand together, on one line. */
import type { AllowRule, Demands } from '../engine/rule.js';
import { sayWindow } from '../engine/window-text.js';
import { sayAccounts, sayEnds, sayQuorums } from './rule-text.js';
import type { Names } from './rule-text.js';
import { sayDuration } from './say.js';
import type { Manner } from '../engine/access.js';

/** `up to 4 h · 1 of Leads has to agree · ticket like INC-\d+ · passkey · only Mon-Fri 08:00-18:00 Europe/Berlin`. */
export const sayTerms = (terms: Demands, rules: readonly AllowRule[], names: Names): string =>
  [
    `up to ${sayDuration(terms.longestMs)}`,
    terms.quorums.length === 0 ? 'no approval' : `${sayQuorums(terms.quorums, names)} ${haveToAgree(terms)}`,
    ...new Set(rules.flatMap(({ demands: { ticket } }) => (ticket === undefined ? [] : [sayTicket(ticket.pattern)]))),
    ...(terms.secondFactor ? ['approved by passkey'] : []),
    ...new Set(rules.flatMap(({ when }) => (when === undefined ? [] : [`only ${sayWindow(when)}`]))),
  ].join(' · ');

const haveToAgree = ({ quorums }: Demands): string =>
  quorums.reduce((sum, { count }) => sum + count, 0) === 1 ? 'has to agree' : 'have to agree';

const sayTicket = (pattern: string | undefined): string =>
  pattern === undefined ? 'ticket' : `ticket like ${pattern}`;

/** What is not usual about how something is asked for; '' where everything is. */
export const sayManner = ({ account, atEnd, tap }: Manner, usual: Manner): string =>
  [
    ...(account === usual.account ? [] : [`on ${sayAccounts([account])}`]),
    // A user who was there before stays in any case.
    ...(atEnd === usual.atEnd || account === 'existing' ? [] : [`${sayEnds([atEnd])} at the end`]),
    ...(tap ? ['with an access pass'] : []),
  ].join(', ');

/** The options of `/jit request` that say it. */
export const writeManner = ({ account, atEnd, tap }: Manner, usual: Manner): string =>
  [
    ...(account === usual.account ? [] : [account === 'fresh' ? ' --account fresh' : ' --account existing:UPN']),
    ...(atEnd === usual.atEnd ? [] : [` --at-end ${atEnd}`]),
    ...(tap ? [' --tap'] : []),
  ].join('');
