import { parseDuration } from '../engine/when.js';
import { HOUR, MINUTE } from '../lib/clock.js';
import { LONGEST_REASON } from './asking.js';
import type { Allowed } from './asking.js';
import type { RequestOptions } from './command.js';
import { listIn, textIn } from './form-values.js';
import { sayDuration } from './say.js';
import type { FormValues } from './speaker.js';
import type { Choice, Field, Form } from './view.js';

/** What the form is filled with so far; `tenant` is an id. */
export interface RequestEntries extends RequestOptions {
  readonly tenant?: string;
}

const UNTIL = 'until ';

export const entriesIn = (values: FormValues): RequestEntries => {
  const tenant = textIn(values, 'tenant');
  const duration = textIn(values, 'duration');
  const start = textIn(values, 'start');
  const ticket = textIn(values, 'ticket');
  const reason = textIn(values, 'reason');
  return {
    role: listIn(values, 'roles'),
    ...(tenant === undefined ? {} : { tenant }),
    ...(duration === undefined ? {} : lasting(duration)),
    ...(start === undefined || /^now$/iu.test(start) ? {} : { from: start }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(reason === undefined ? {} : { reason }),
  };
};

const lasting = (duration: string): Pick<RequestOptions, 'for' | 'until'> =>
  duration.startsWith(UNTIL) ? { until: duration.slice(UNTIL.length) } : { for: duration };

/** What the form offers to one person; `chosen`: the tenant that the entries name, or the only one. */
export interface Offer {
  readonly allowed: readonly Allowed[];
  readonly chosen: Allowed | undefined;
}

export const offerFor = (allowed: readonly Allowed[], { tenant }: RequestEntries): Offer => ({
  allowed,
  chosen:
    allowed.find((candidate) => candidate.tenant.id === tenant) ?? (allowed.length === 1 ? allowed[0] : undefined),
});

/** The roles among those on offer that are named by id or by name. */
export const rolesChosen = ({ chosen }: Offer, { role }: RequestEntries): Allowed['roles'] => {
  const wanted = new Set(role.map((name) => name.toLowerCase()));
  return (chosen?.roles ?? []).filter(({ id, name }) => wanted.has(id) || wanted.has(name.toLowerCase()));
};

/** The entries with the duration that the form shows where none was said. */
export const withDuration = (offer: Offer, entries: RequestEntries): RequestEntries => {
  if (entries.for !== undefined || entries.until !== undefined) return entries;
  const durations = durationsFor(offer, entries).map(({ value }) => value);
  return { ...entries, for: durations.find((value) => value === '4h') ?? durations.at(-1) ?? '1h' };
};

export const requestForm = (offer: Offer, entries: RequestEntries, hint: string): Form => ({
  kind: 'form',
  form: 'request',
  id: '',
  title: 'Request admin access',
  fields: [
    ...whereAndWhat(offer, entries),
    {
      kind: 'text',
      name: 'start',
      label: 'Start',
      placeholder: 'now, 16:30, tomorrow 9:00, in 2h',
      optional: true,
      value: entries.from ?? '',
      multiline: false,
    },
    {
      kind: 'choice',
      name: 'duration',
      label: 'For how long',
      optional: false,
      choices: durationsFor(offer, entries),
      value: entries.until === undefined ? (entries.for ?? '') : `${UNTIL}${entries.until}`,
      refresh: true,
    },
    {
      kind: 'text',
      name: 'reason',
      label: 'Reason',
      placeholder: 'The approvers read this.',
      optional: false,
      value: entries.reason ?? '',
      multiline: true,
      longest: LONGEST_REASON,
    },
    {
      kind: 'text',
      name: 'ticket',
      label: 'Ticket',
      placeholder: 'INC-4711',
      optional: true,
      value: entries.ticket ?? '',
      multiline: false,
    },
  ],
  submit: 'Request',
  hint,
});

const whereAndWhat = (offer: Offer, entries: RequestEntries): readonly Field[] => [
  {
    kind: 'choice',
    name: 'tenant',
    label: 'Tenant',
    optional: false,
    choices: offer.allowed.map(({ tenant }) => ({ value: tenant.id, label: tenant.name })),
    ...(offer.chosen === undefined ? {} : { value: offer.chosen.tenant.id }),
    refresh: true,
  },
  {
    kind: 'choices',
    name: 'roles',
    label: 'Roles',
    optional: false,
    choices: (offer.chosen?.roles ?? []).map(({ id, name, longestMs }) => ({
      value: id,
      label: `${name} (up to ${sayDuration(longestMs)})`,
    })),
    values: rolesChosen(offer, entries).map(({ id }) => id),
    refresh: true,
    // Another tenant's roles must not inherit what was chosen here.
    of: ['tenant'],
    none: 'Choose a tenant to see its roles.',
  },
];

const PRESETS = ['30m', '1h', '2h', '4h', '8h', '12h', '24h'];

const readMs = (text: string): number => {
  const duration = parseDuration(text);
  return duration.ok ? duration.value : 0;
};

/** The usual durations that some rule would accept there; what was asked for by command is one of them. */
const durationsFor = ({ chosen }: Offer, asked: RequestEntries): readonly Choice[] => {
  const longest = Math.max(HOUR, ...(chosen?.roles ?? []).map(({ longestMs }) => longestMs));
  const usual = PRESETS.filter((preset) => readMs(preset) <= longest);
  const odd = asked.for !== undefined && !usual.includes(asked.for) && readMs(asked.for) >= MINUTE / 6;
  return [
    ...(odd ? [...usual, asked.for] : usual).map((value) => ({ value, label: sayDuration(readMs(value)) })),
    ...(asked.until === undefined ? [] : [`${UNTIL}${asked.until}`].map((value) => ({ value, label: value }))),
  ];
};
