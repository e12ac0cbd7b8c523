import type { Fault } from '../../engine/faults.js';
import type { Address } from '../../engine/person.js';
import { parseDuration } from '../../engine/when.js';
import { changeSettings, isSameAddress, sayAddress } from '../../flows/bot-settings.js';
import type { BotSettings } from '../../flows/ports/config.js';
import { MINUTE } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { card, show } from '../answers.js';
import { shortened } from '../asking.js';
import type { Turn } from '../deps.js';
import { code, line, sayDuration } from '../say.js';
import type { Card, Line } from '../view.js';
import { many, maybe, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';

const detail = verb({
  name: 'show',
  summary: 'shows what is set for all of Latchkey',
  needs: 'see',
  arguments: {},
  options: {},
  examples: ['/jit admin settings show'],
  run: async (ctx) => ok(show(settingsCard(ctx, await ctx.deps.config.settings.read(), 'Settings'))),
});

const settingsCard = ({ deps, standing }: AdminContext, settings: BotSettings, title: string): Card => {
  const { approvalChannels, adminChannels, remindEveryMs } = settings;
  // Channels are places of the whole house; an organization's admin has no business there.
  const isShown = standing.owner || standing.auditor;
  const places = (channels: readonly Address[]): Line =>
    line(isShown ? channels.map(sayAddress).join(', ') || 'none' : `${channels.length}, which owners see`);
  const next = line('Next: ', code('/jit admin settings set --approvals-channel here'));
  return {
    ...card(title, standing.owner ? [next] : []),
    facts: [
      {
        label: 'Approvals also go to',
        value: places([...deps.settings.approvalChannels, ...approvalChannels]),
      },
      { label: 'Alarms also go to', value: places(adminChannels) },
      {
        label: 'Approvers are reminded',
        value: line(remindEveryMs === 0 ? 'never' : `every ${sayDuration(remindEveryMs)}`),
      },
    ],
  };
};

const CHANNEL = 'CHANNEL';

const set = verb({
  name: 'set',
  summary: 'changes what is set for all of Latchkey',
  needs: 'own',
  arguments: {},
  options: {
    'approvals-channel': many(CHANNEL, 'where approval cards also go'),
    'remove-approvals-channel': many(CHANNEL, 'where they no longer go'),
    'admins-channel': many(CHANNEL, 'where alarms and the daily head of the audit log also go'),
    'remove-admins-channel': many(CHANNEL, 'where they no longer go'),
    'remind-every': maybe('DURATION', 'how long a request waits before its approvers are reminded; or never'),
  },
  examples: [
    '/jit admin settings set --approvals-channel here',
    '/jit admin settings set --admins-channel slack:C0123456 --remind-every 2h',
    '/jit admin settings set --remind-every never',
  ],
  notes: ['A channel is `here`, a mention, slack:CHANNELID or teams:CONVERSATIONID.'],
  run: async (ctx, _, options) => {
    const remindEvery = intervalMeant(options['remind-every']);
    if (!remindEvery.ok) return remindEvery;
    const approvals = channelsMeant(ctx.turn, options['approvals-channel'], options['remove-approvals-channel']);
    if (!approvals.ok) return approvals;
    const admins = channelsMeant(ctx.turn, options['admins-channel'], options['remove-admins-channel']);
    if (!admins.ok) return admins;
    if (remindEvery.value === undefined && approvals.value.isNothing && admins.value.isNothing) {
      const problem = 'Say what to change: --approvals-channel, --admins-channel or --remind-every.';
      return err({ code: 'command.usage', problem, topic: 'admin settings set' });
    }
    const changed = await changeSettings(ctx.deps, ctx.admin, (current) => ({
      approvalChannels: approvals.value.apply(current.approvalChannels),
      adminChannels: admins.value.apply(current.adminChannels),
      remindEveryMs: remindEvery.value ?? current.remindEveryMs,
    }));
    return changed.ok ? ok(show(settingsCard(ctx, changed.value, 'Settings are changed'))) : changed;
  },
});

/** Reminding more often teaches people to look away. */
const SHORTEST_MS = 5 * MINUTE;

const intervalMeant = (typed: string | undefined): Result<number | undefined, Fault> => {
  if (typed === undefined) return ok(undefined);
  if (typed.toLowerCase() === 'never') return ok(0);
  const interval = parseDuration(typed);
  if (!interval.ok || interval.value >= SHORTEST_MS) return interval;
  return err({ code: 'duration.too-short', leastMs: SHORTEST_MS });
};

interface ChannelChange {
  readonly isNothing: boolean;
  readonly apply: (current: readonly Address[]) => readonly Address[];
}

const channelsMeant = (turn: Turn, add: readonly string[], remove: readonly string[]): Result<ChannelChange, Fault> => {
  const added = allMeant(turn, add);
  if (!added.ok) return added;
  const removed = allMeant(turn, remove);
  if (!removed.ok) return removed;
  const isIn = (channels: readonly Address[], channel: Address): boolean =>
    channels.some((known) => isSameAddress(known, channel));
  return ok({
    isNothing: add.length + remove.length === 0,
    apply: (current) => {
      const kept = current.filter((channel) => !isIn(removed.value, channel));
      return [...kept, ...added.value.filter((channel) => !isIn(kept, channel))];
    },
  });
};

const allMeant = (turn: Turn, words: readonly string[]): Result<readonly Address[], Fault> => {
  const channels: Address[] = [];
  for (const word of words) {
    const channel = channelMeant(turn, word);
    if (!channel.ok) return channel;
    channels.push(channel.value);
  }
  return ok(channels);
};

// `<#C0123|general>` is how Slack writes a channel into a command.
const SLACK = /^(?:<#([A-Z0-9]{2,20})(?:\|[^>]*)?>|slack:([CG][A-Z0-9]{2,20}))$/iu;
const TEAMS = /^teams:([\w:@.;=-]{3,200})$/iu;

const channelMeant = ({ speaker }: Turn, word: string): Result<Address, Fault> => {
  if (word.toLowerCase() === 'here') {
    const problem = 'say it in the channel that you mean, or name it as slack:CHANNELID';
    return speaker.direct ? err({ code: 'admin.invalid', field: 'here', problem }) : ok(speaker.conversation);
  }
  const [, mentioned, named] = SLACK.exec(word) ?? [];
  const slack = mentioned ?? named;
  if (slack !== undefined) return ok({ platform: 'slack', conversation: slack.toUpperCase() });
  const teams = TEAMS.exec(word)?.[1];
  if (teams !== undefined) return ok({ platform: 'teams', conversation: teams });
  const problem = 'name a channel as slack:CHANNELID or teams:CONVERSATIONID, or say here';
  return err({ code: 'admin.invalid', field: shortened(word), problem });
};

export const settings: Noun = {
  name: 'settings',
  summary: 'what holds for all of Latchkey',
  verbs: [detail, set],
  bare: 'show',
};
