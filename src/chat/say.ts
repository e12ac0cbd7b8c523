import { DateTime } from 'luxon';
import { isPrivilegedRole } from '../engine/roles.js';
import { sameDay } from '../engine/when.js';
import type { DirectoryGroup } from '../engine/access.js';
import type { Thing } from '../engine/rule.js';
import { DAY, HOUR, MINUTE, SECOND } from '../lib/clock.js';
import type { Line, Span } from './view.js';

/** `1 h 30 min`. */
export const sayDuration = (ms: number): string => {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(ms / SECOND) * SECOND);
  for (const [unit, name] of [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ] as const) {
    const amount = Math.floor(rest / unit);
    if (amount > 0) parts.push(`${amount} ${name}`);
    rest -= amount * unit;
  }
  return parts.length === 0 ? '0 s' : parts.slice(0, 2).join(' ');
};

/** Who reads it, and which day it is for them; without a zone times are in UTC and say so. */
export interface Reading {
  readonly zone: string | undefined;
  readonly today: Date;
}

/** `16:12`, with the day where it is another one: `16:12 on Tue 24 Nov`; both read well after "at", "until" and "since". */
export const sayTime = (at: Date, { zone, today }: Reading, format: 'HH:mm' | 'HH:mm:ss' = 'HH:mm'): string => {
  const there = DateTime.fromJSDate(at, { zone: zone ?? 'utc' }).setLocale('en-GB');
  const day = sameDay(at, today, zone ?? 'utc') ? '' : there.toFormat(" 'on' ccc d LLL");
  return `${there.toFormat(format)}${zone === undefined ? ' UTC' : ''}${day}`;
};

/**
 * `16:30 (in 2 h)`, `16:30 (5 min ago)`, for answers that are read when they are given: lists, refusals, notices. A card
 * that stands says the time alone. What is left would be wrong a minute later, and Teams has nothing that counts it down.
 */
export const sayMoment = (at: Date, reading: Reading): string => {
  const ms = Math.round((at.getTime() - reading.today.getTime()) / MINUTE) * MINUTE;
  const away = ms === 0 ? 'now' : ms > 0 ? `in ${sayDuration(ms)}` : `${sayDuration(-ms)} ago`;
  return `${sayTime(at, reading)} (${away})`;
};

const MOST_NAMES = 6;

/** `Dana, Luis and Tess`; long lists are folded. */
export const sayList = (names: readonly string[], most = MOST_NAMES): string => {
  const shown = names.slice(0, most);
  const hidden = names.length - shown.length;
  const all = hidden > 0 ? [...shown, `${hidden} more`] : shown;
  const last = all.at(-1);
  if (last === undefined) return 'nobody';
  return all.length === 1 ? last : `${all.slice(0, -1).join(', ')} and ${last}`;
};

/** A role or a group by its name, and where the role holds. */
const sayThing = (thing: Thing): string => {
  if (isGroup(thing)) return `group ${thing.name}`;
  return thing.unit === undefined ? thing.name : `${thing.name} in ${thing.unit.name}`;
};

const isGroup = (thing: Thing): thing is DirectoryGroup => 'roleAssignable' in thing;

export const sayThings = (things: readonly Thing[]): string => sayList(things.map(sayThing));

/** Every one by name: whoever decides must not have one folded away. */
const sayEveryThing = (things: readonly Thing[]): string => sayList(things.map(sayThing), things.length);

/** A line that marks privileged roles, and groups through which such roles can be held; or none. */
export const riskLines = (things: readonly Thing[]): readonly Line[] => {
  const risky = things.filter((thing) =>
    isGroup(thing) ? thing.roleAssignable : thing.privileged === true || isPrivilegedRole(thing.id),
  );
  return risky.length === 0 ? [] : [[strong('High privilege: '), plain(sayEveryThing(risky))]];
};

/** What every platform shows whole at the head of a card; Slack takes no more. */
export const LONGEST_TITLE = 150;

/** A title that names roles and groups; where they have no room in it, it counts them and a line names them. */
export const titleNaming = (
  things: readonly Thing[],
  titleOf: (what: string) => string,
): { readonly title: string; readonly lines: readonly Line[] } => {
  const title = titleOf(sayEveryThing(things));
  if (things.length <= MOST_NAMES && title.length <= LONGEST_TITLE) return { title, lines: [] };
  const noun = things.every(isGroup) ? 'group' : things.some(isGroup) ? 'roles and groups' : 'role';
  const plural = things.length === 1 || noun.endsWith('s') ? noun : `${noun}s`;
  const label = `${plural.charAt(0).toUpperCase()}${plural.slice(1)}: `;
  return { title: titleOf(`${things.length} ${plural}`), lines: [line(strong(label), sayEveryThing(things))] };
};

export const plain = (text: string): Span => ({ text });
export const strong = (text: string): Span => ({ text, strong: true });
export const code = (text: string): Span => ({ text, code: true });
export const line = (...spans: readonly (Span | string)[]): Line =>
  spans.map((span) => (typeof span === 'string' ? plain(span) : span));
