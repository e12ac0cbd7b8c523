import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityKey } from '../../../src/engine/ids.js';
import type { Identity } from '../../../src/engine/person.js';
import { systemClock } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { createTeams } from '../../../src/teams/teams.js';
import type { Teams } from '../../../src/teams/teams.js';
import {
  aTeamsPerson,
  startTeamsConnector,
  type TeamsConnector,
  type TeamsPerson,
} from '../../fakes/teams-connector.js';

let connector: TeamsConnector;
let teams: Teams;
let close: () => Promise<void>;

const DESK = '19:service-desk@thread.tacv2';
const OTHER = '19:other-team@thread.tacv2';
const DESK_GROUP = 'dddddddd-0000-4000-8000-00000000000d';

const tess = aTeamsPerson('Tess Okafor');
const dana = aTeamsPerson('Dana Whitlock');
const luis = aTeamsPerson('Luis Marin');
const stranger = aTeamsPerson('Sam Stranger', { tenant: 'eeeeeeee-0000-4000-8000-00000000000e' });

const identityOf = (person: TeamsPerson, known = true): Identity => ({
  key: identityKey('teams', person.aadObjectId ?? ''),
  platform: 'teams',
  name: person.name,
  ...(known
    ? {
        address: {
          platform: 'teams' as const,
          conversation: connector.chatOf(person),
          serviceUrl: connector.serviceUrl,
        },
      }
    : {}),
});

beforeAll(async () => {
  connector = await startTeamsConnector();
  teams = createTeams({
    config: { auth: 'none', tenants: [tess.tenant] },
    dispatch: async () => ({ kind: 'nothing' }),
    log: silentLog,
    clock: systemClock,
  });
  const server = createServer(teams.listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  connector.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  connector.team(DESK, [tess, dana, luis, stranger]);
  await connector.send(
    tess,
    {
      type: 'conversationUpdate',
      channelData: { tenant: { id: tess.tenant }, team: { id: DESK, name: 'Service desk', aadGroupId: DESK_GROUP } },
    },
    { conversation: DESK, conversationType: 'channel' },
  );
  close = async () => {
    await teams.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await connector.close();
  };
});

afterAll(() => close());

const FOLLOW = { kind: 'teams', team: DESK, name: 'Service desk' } as const;

describe('a team', () => {
  it('that has the bot is found by name, by id, by its Entra group and by the link that Teams copies', async () => {
    const link = `https://teams.microsoft.com/l/team/${encodeURIComponent(DESK)}/conversations?groupId=${DESK_GROUP}`;
    for (const typed of ['service desk', DESK, DESK_GROUP.toUpperCase(), link])
      expect(await teams.roster.find(typed)).toEqual({ ok: true, value: FOLLOW });
  });

  it('that nobody has heard of is not found; a typing error is', async () => {
    const error = { code: 'roster.unknown', what: 'Teams team', meant: 'Service desk' };
    expect(await teams.roster.find('Servise desk')).toMatchObject({ error });
  });

  it('in which the bot is not says so', async () => {
    // Where it lives is known from a time when the bot was in it.
    await connector.say(tess, 'help', { conversation: OTHER, conversationType: 'channel' });
    const error = { code: 'roster.not-in-team', team: OTHER };
    expect(await teams.roster.find(OTHER)).toMatchObject({ error });
    expect(await teams.roster.membersOf({ kind: 'teams', team: OTHER, name: OTHER })).toMatchObject({ error });
  });

  it('holds its people to the last page, but none of a tenant whose people may not speak', async () => {
    expect(await teams.roster.membersOf(FOLLOW)).toEqual({
      ok: true,
      value: [tess, dana, luis].map((person) => ({
        key: identityKey('teams', person.aadObjectId ?? ''),
        platform: 'teams',
        name: person.name,
        email: person.email,
      })),
    });
  });
});

describe('Teams accounts', () => {
  it('are open while their chat has them, and closed when nothing knows them any more', async () => {
    for (const person of [tess, dana]) await connector.say(person, 'help');
    connector.forget(dana);
    const told = await teams.roster.standings([identityOf(tess), identityOf(dana)]);
    expect([...told.values()]).toEqual(['active', 'deactivated']);
  });

  it('with which there is no chat are not judged', async () => {
    expect((await teams.roster.standings([identityOf(luis, false)])).size).toBe(0);
  });
});
