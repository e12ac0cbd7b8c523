import type { Role } from '../engine/access.js';
import { parseDuration, writeDuration } from '../engine/when.js';
import type { Offered } from '../flows/offer.js';
import { HOUR, MINUTE } from '../lib/clock.js';
import { LONGEST_REASON } from './asking.js';
import { NO_TEMPLATE, thingsChosen, unitField, UNTIL, valueOf, WHOLE_DIRECTORY, withThose } from './request-entries.js';
import type { Chosen, Named, Offer, RequestEntries } from './request-entries.js';
import { mannerFields } from './request-manner.js';
import { sayRole } from './rule-text.js';
import { sayDuration } from './say.js';
import type { Choice, Field, Form } from './view.js';

/** The entries with the duration that the form shows where none was said. What is usual depends on the tenant. */
export const withDuration = (offer: Offer, entries: RequestEntries): RequestEntries => {
  if (entries.for !== undefined || entries.until !== undefined || offer.chosen === undefined) return entries;
  const { template, tenant } = offer.chosen;
  const usual = template?.durationMs ?? Math.min(tenant.defaultDurationMs, longestOf(offer));
  return { ...entries, for: writeDuration(usual) };
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
      // Another template fills in its own; what a command said outlives the choice of a tenant.
      ...((offer.chosen?.templates.length ?? 0) === 0 ? {} : { of: ['template'] }),
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
    choices: offer.open.map(({ tenant }) => ({ value: tenant.id, label: tenant.name })),
    ...(offer.chosen === undefined ? {} : { value: offer.chosen.tenant.id }),
    refresh: true,
  },
  ...(offer.chosen === undefined ? [rolesField(undefined, entries)] : whatThere(offer.chosen, entries)),
];

const whatThere = (chosen: Chosen, entries: RequestEntries): readonly Field[] => [
  ...templateField(chosen),
  rolesField(chosen, entries),
  ...unitFields(chosen, entries),
  ...groupsField(chosen, entries),
  ...mannerFields(chosen, entries),
];

const templateField = ({ templates, template }: Chosen): readonly Field[] =>
  templates.length === 0
    ? []
    : [
        {
          kind: 'choice',
          name: 'template',
          label: 'Template',
          help: 'Fills the rest.',
          optional: true,
          choices: [
            { value: NO_TEMPLATE, label: 'None' },
            ...templates.map(({ thing: { id, name, description } }) => ({
              value: id,
              label: description === '' ? name : `${name}: ${description}`,
            })),
          ],
          value: template?.id ?? NO_TEMPLATE,
          refresh: true,
          of: ['tenant'],
        },
      ];

/** Another tenant's or template's choices must not inherit what was chosen here. */
const hangsOn = ['tenant', 'template'];

const rolesField = (chosen: Chosen | undefined, entries: RequestEntries): Field => ({
  kind: 'choices',
  name: 'roles',
  label: 'Roles',
  optional: (chosen?.groups.length ?? 0) > 0,
  choices: chosen === undefined ? [] : choicesOf(chosen.roles, chosen.template?.roles),
  values: chosen === undefined ? [] : thingsChosen(chosen, entries).roles.map((role) => choiceOf(chosen, role)),
  refresh: true,
  of: chosen === undefined || chosen.templates.length === 0 ? ['tenant'] : hangsOn,
  none: 'Choose a tenant to see its roles.',
});

/** The choice that a chosen role is: itself, or confined by a field of its own. */
const choiceOf = (chosen: Chosen, role: Role): string =>
  withThose(chosen.roles, chosen.template?.roles).some((one) => valueOf(one) === valueOf(role))
    ? valueOf(role)
    : role.id;

/** Where each chosen role holds, of those that may hold anywhere; where the directory has no units, nothing is asked. */
const unitFields = (chosen: Chosen, entries: RequestEntries): readonly Field[] =>
  chosen.units.length === 0
    ? []
    : thingsChosen(chosen, entries)
        .roles.filter((role) => choiceOf(chosen, role) === role.id)
        .map((role) => ({
          kind: 'choice',
          name: unitField(role.id),
          label: `${role.name} holds in`,
          optional: false,
          choices: [
            { value: WHOLE_DIRECTORY, label: 'The whole directory' },
            ...chosen.units.map(({ id, name }) => ({ value: id, label: name })),
          ],
          value: role.unit?.id ?? WHOLE_DIRECTORY,
          refresh: true,
          of: chosen.templates.length === 0 ? ['tenant'] : hangsOn,
        }));

const groupsField = (chosen: Chosen, entries: RequestEntries): readonly Field[] => {
  const choices = choicesOf(chosen.groups, chosen.template?.groups);
  if (choices.length === 0) return [];
  return [
    {
      kind: 'choices',
      name: 'groups',
      label: 'Groups',
      optional: true,
      choices,
      values: thingsChosen(chosen, entries).groups.map(({ id }) => id),
      refresh: true,
      of: chosen.templates.length === 0 ? ['tenant'] : hangsOn,
    },
  ];
};

const choicesOf = <T extends Named>(offered: readonly Offered<T>[], held: readonly T[] = []): readonly Choice[] =>
  withThose(offered, held).map((thing) => {
    const value = valueOf(thing);
    const longestMs = offered.find((one) => valueOf(one.thing) === value)?.terms.longestMs;
    const name = sayRole(thing);
    return { value, label: longestMs === undefined ? name : `${name} (up to ${sayDuration(longestMs)})` };
  });

const PRESETS = ['30m', '1h', '2h', '4h', '8h', '12h', '24h'];

const readMs = (text: string): number => {
  const duration = parseDuration(text);
  return duration.ok ? duration.value : 0;
};

/** For how long any of what is on offer there can be had. */
const longestOf = ({ chosen }: { readonly chosen?: Chosen | undefined }): number => {
  const offered = [...(chosen?.roles ?? []), ...(chosen?.groups ?? []), ...(chosen?.templates ?? [])];
  return Math.max(HOUR, ...offered.map(({ terms }) => terms.longestMs));
};

/** The usual durations that some rule would accept there; what was asked for by command is one of them. */
const durationsFor = ({ chosen }: Offer, asked: RequestEntries): readonly Choice[] => {
  const longest = longestOf({ chosen });
  const usual = PRESETS.filter((preset) => readMs(preset) <= longest);
  const odd = asked.for !== undefined && !usual.includes(asked.for) && readMs(asked.for) >= MINUTE / 6;
  return [
    ...(odd ? [...usual, asked.for] : usual).map((value) => ({ value, label: sayDuration(readMs(value)) })),
    ...(asked.until === undefined ? [] : [`${UNTIL}${asked.until}`].map((value) => ({ value, label: value }))),
  ];
};
