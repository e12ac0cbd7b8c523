import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityKey } from '../../../src/engine/ids.js';
import type { Identity } from '../../../src/engine/person.js';
import type { Standing } from '../../../src/flows/ports/rosters.js';
import { redacted } from '../../../src/lib/redacted.js';
import { createClient, createPatientClient } from '../../../src/slack/connection.js';
import { createSlackRoster } from '../../../src/slack/roster.js';
import type { SlackRoster } from '../../../src/slack/roster.js';
import { startSlack, type FakeSlack } from '../../fakes/slack.js';
import { postJson } from '../../fakes/slack/signed.js';
import { startBot } from './bot.js';

let slack: FakeSlack;
let roster: SlackRoster;

const rosterOf = ({ apiUrl, botToken }: FakeSlack): SlackRoster => {
  const config = { botToken: redacted(botToken), signingSecret: redacted('unused'), apiUrl };
  return createSlackRoster({ quick: createClient(config), patient: createPatientClient(config) });
};

beforeAll(async () => {
  slack = await startSlack();
  roster = rosterOf(slack);
  const { tess, dana } = slack.people;
  const { directory } = slack.api;
  directory.usergroup({ id: 'S0DESK', handle: 'service-desk', name: 'Service desk', users: [tess.id, dana.id] });
  directory.usergroup({ id: 'S0OLD', handle: 'old-desk', name: 'Old desk', users: [tess.id], disabled: true });
  directory.usergroup({ id: 'S0ONE', handle: 'oncall-one', name: 'On call', users: [] });
  directory.usergroup({ id: 'S0TWO', handle: 'oncall-two', name: 'On call', users: [] });
});

afterAll(() => slack.close());

const DESK = { kind: 'slack', usergroup: 'S0DESK', name: 'Service desk' } as const;

describe('a Slack user group', () => {
  it('is found by handle, by name, by id and by mention', async () => {
    for (const typed of ['@service-desk', 'service-desk', 'Service Desk', 's0desk', '<!subteam^S0DESK|@service-desk>'])
      expect(await roster.find(typed)).toEqual({ ok: true, value: DESK });
  });

  it('that nobody knows, or that is disabled, is not found; a typing error is', async () => {
    const error = { code: 'roster.unknown', what: 'Slack user group' };
    expect(await roster.find('servise-desk')).toMatchObject({ error: { ...error, meant: 'service-desk' } });
    expect(await roster.find('old-desk')).toMatchObject({ error });
    expect(await roster.membersOf({ ...DESK, usergroup: 'S0OLD' })).toMatchObject({ error });
    expect(await roster.membersOf({ ...DESK, usergroup: 'S0NONE' })).toMatchObject({ error });
  });

  it('whose name is not its alone is named with its id', async () => {
    const { error } = (await roster.find('on call')) as { readonly error?: unknown };
    expect(error).toEqual({
      code: 'roster.ambiguous',
      asked: 'on call',
      candidates: ['On call (@oncall-one, S0ONE)', 'On call (@oncall-two, S0TWO)'],
    });
  });

  it('holds its people with names, addresses and where to write to them, but none whose account is closed', async () => {
    const { tess, dana } = slack.people;
    slack.api.directory.close(dana.id);
    expect(await roster.membersOf(DESK)).toEqual({
      ok: true,
      value: [
        {
          key: identityKey('slack', tess.id),
          platform: 'slack',
          name: tess.name,
          email: tess.email,
          zone: 'Europe/Berlin',
          address: { platform: 'slack', conversation: tess.id },
        },
      ],
    });
    slack.api.directory.close(dana.id, false);
  });

  it('is waited for where Slack throttles', async () => {
    slack.api.failNext('usergroups.list', { status: 429, headers: { 'retry-after': '1' } });
    expect((await roster.membersOf(DESK)).ok).toBe(true);
  });

  it('is not waited for while somebody waits for the answer', async () => {
    slack.api.failNext('usergroups.list', { status: 429, headers: { 'retry-after': '30' } });
    expect(await roster.find('service-desk')).toMatchObject({
      error: { code: 'roster.unavailable', platform: 'slack', retryAfterMs: 30_000 },
    });
  });

  it('that may not be read says which scope is missing', async () => {
    const body = { ok: false, error: 'missing_scope', needed: 'usergroups:read', provided: 'chat:write' };
    slack.api.failNext('usergroups.list', { status: 200, body });
    expect(await roster.find('service-desk')).toMatchObject({
      error: { code: 'roster.forbidden', platform: 'slack', scope: 'usergroups:read' },
    });
  });
});

describe('Slack accounts', () => {
  const identity = (user: string): Identity => ({ key: identityKey('slack', user), platform: 'slack', name: user });

  const standings = async (users: readonly string[]): Promise<ReadonlyMap<string, Standing>> => {
    const told = await roster.standings(users.map(identity));
    if (!told.ok) throw new Error(told.error.code);
    return told.value;
  };

  it('are open or closed, one by one; of a stranger nothing is said', async () => {
    const { tess, luis } = slack.people;
    slack.api.directory.close(luis.id);
    expect([...(await standings([tess.id, luis.id, 'U0NOBODY']))]).toEqual([
      [identityKey('slack', tess.id), 'active'],
      [identityKey('slack', luis.id), 'deactivated'],
    ]);
    slack.api.directory.close(luis.id, false);
  });

  it('of many people are read from the list of all, page by page to its end', async () => {
    const { tess, luis, mallory } = slack.people;
    slack.api.directory.pageSize(2);
    slack.api.directory.close(mallory.id);
    const before = slack.api.calls.filter(({ method }) => method === 'users.list').length;
    const many = [...Array.from({ length: 40 }, (_, index) => `U0NOBODY${index}`), tess.id, luis.id, mallory.id];
    const told = await standings(many);
    expect(told.get(identityKey('slack', tess.id))).toBe('active');
    expect(told.get(identityKey('slack', luis.id))).toBe('active');
    expect(told.get(identityKey('slack', mallory.id))).toBe('deactivated');
    expect(told.size).toBe(3);
    expect(slack.api.calls.filter(({ method }) => method === 'users.list').length - before).toBeGreaterThan(1);
    slack.api.directory.close(mallory.id, false);
  });
});

describe('the event that a user was changed', () => {
  it('tells whether the account is closed', async () => {
    const heard: unknown[] = [];
    const bot = await startBot({ userChanged: async (key, standing) => void heard.push([key, standing]) });
    for (const deleted of [true, false]) {
      await postJson(`${bot.url}/slack/events`, {
        type: 'event_callback',
        team_id: 'T000000001',
        event: { type: 'user_change', user: { id: 'U0TESS', deleted }, event_ts: '1' },
      });
    }
    await bot.settled();
    expect(heard).toEqual([
      [identityKey('slack', 'U0TESS'), 'deactivated'],
      [identityKey('slack', 'U0TESS'), 'active'],
    ]);
    await bot.close();
  });
});
