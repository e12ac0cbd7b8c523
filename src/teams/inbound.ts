import { IANAZone } from 'luxon';
import { z } from 'zod';
import type { Intent, RequestValues, Speaker } from '../chat/speaker.js';
import { identityOf } from '../chat/speaker.js';
import type { Address, Identity } from '../engine/person.js';
import type { MessageRef } from '../flows/ports.js';
import { isDirect, type IncomingActivity } from './activity.js';
import type { Profile } from './profile.js';

export const conversationOf = ({ conversation, serviceUrl }: IncomingActivity): Address => ({
  platform: 'teams',
  conversation: conversation.id,
  serviceUrl,
});

const zoneOf = ({ localTimezone, entities }: IncomingActivity): string | undefined => {
  const candidates = [localTimezone, ...(entities ?? []).map(({ timezone }) => timezone)];
  return candidates.find((zone): zone is string => typeof zone === 'string' && IANAZone.isValidZone(zone));
};

const toIdentity = (activity: IncomingActivity, user: string, profile: Profile): Identity => {
  const zone = zoneOf(activity);
  return identityOf(user, {
    platform: 'teams',
    name: activity.from.name || profile.name || profile.email || `Teams user ${user.slice(0, 8)}`,
    ...(profile.email === undefined ? {} : { email: profile.email }),
    ...(zone === undefined ? {} : { zone }),
    ...(isDirect(activity) ? { address: conversationOf(activity) } : {}),
  });
};

/** `undefined`: Teams does not say which Entra user it is, and nobody else can. */
export const speakerOf = (activity: IncomingActivity, profile: Profile): Speaker | undefined => {
  const user = activity.from.aadObjectId;
  if (user === undefined || user === null) return undefined;
  return {
    identity: toIdentity(activity, user, profile),
    direct: isDirect(activity),
    conversation: conversationOf(activity),
  };
};

const text = z.string().nullish();

/** What a button sends: its id, and whatever the inputs of its card hold. Several choices come as one text, with commas. */
const Inputs = z.looseObject({
  verb: text,
  id: text,
  note: text,
  tenant: text,
  roles: text,
  duration: text,
  reason: text,
  ticket: text,
});

type Inputs = z.infer<typeof Inputs>;

const ExecuteValue = z.looseObject({
  action: z.looseObject({ verb: z.string(), data: Inputs.nullish() }),
  trigger: z.string().nullish(),
});

const filled = <K extends string>(name: K, value: string | null | undefined): { readonly [P in K]?: string } => {
  const said = value?.trim() ?? '';
  return said === '' ? {} : ({ [name]: said } as { readonly [P in K]?: string });
};

const formValues = ({ tenant, roles, duration, reason, ticket }: Inputs): RequestValues => ({
  ...filled('tenant', tenant),
  roles: (roles ?? '').split(',').filter((role) => role !== ''),
  ...filled('duration', duration),
  ...filled('reason', reason),
  ...filled('ticket', ticket),
});

/** The message that carries the button. */
const sourceOf = (activity: IncomingActivity): { readonly source?: MessageRef } =>
  activity.replyToId === undefined || activity.replyToId === null || activity.replyToId === ''
    ? {}
    : { source: { address: conversationOf(activity), message: activity.replyToId } };

const clickIntent = (activity: IncomingActivity, verb: string, inputs: Inputs): Intent => {
  if (verb === 'form-submit' || verb === 'form-refresh') {
    return { kind: 'form', values: formValues(inputs), submit: verb === 'form-submit', ...sourceOf(activity) };
  }
  return { kind: 'button', verb, id: inputs.id ?? '', ...filled('note', inputs.note), ...sourceOf(activity) };
};

/**
 * A click on a button of a card, or a client's own request for a fresh card; `undefined`: neither. The library drops
 * what tells the two apart, so the activity itself is read.
 */
export const invokeIntent = (activity: IncomingActivity): Intent | 'refresh' | undefined => {
  const value = ExecuteValue.safeParse(activity.value).data;
  if (value === undefined) return undefined;
  if (value.trigger === 'automatic') return 'refresh';
  return clickIntent(activity, value.action.verb, value.action.data ?? {});
};

/** A click from a client that does not know Action.Execute comes as a message without text. */
export const submitIntent = (activity: IncomingActivity): Intent | undefined => {
  const inputs = Inputs.safeParse(activity.value).data;
  return typeof inputs?.verb === 'string' ? clickIntent(activity, inputs.verb, inputs) : undefined;
};
