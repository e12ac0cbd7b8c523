import type { Json, WebApi } from './web-api.js';

export type PersonName = 'tess' | 'dana' | 'luis' | 'mallory';

export interface SlackPerson {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly email: string;
}

export type People = Readonly<Record<PersonName, SlackPerson>>;

export const TEAM = { id: 'T000000001', domain: 'northwind' };

const NAMES: Readonly<Record<PersonName, string>> = {
  tess: 'Tess Okafor',
  dana: 'Dana Whitlock',
  luis: 'Luis Ferreira',
  mallory: 'Mallory Quint',
};

export const BOT_TOKEN = 'xoxb-latchkey';
export const ADMIN_TOKEN = 'xoxb-everything';
export const APP = 'A0LATCHKEY';
// What the app's manifest asks for, so that a call which needs more fails here as it would there.
const BOT_SCOPES = [
  'chat:write',
  'commands',
  'im:history',
  'im:write',
  'usergroups:read',
  'users:read',
  'users:read.email',
];
const ADMIN_SCOPES = [...BOT_SCOPES, 'channels:history', 'channels:read', 'im:read', 'groups:history'];

export const SEED = {
  team: { name: 'Northwind Services', domain: 'northwind' },
  users: Object.entries(NAMES).map(([name, real]) => ({ name, real_name: real, email: `${name}@northwind.test` })),
  oauth_apps: [
    {
      app_id: APP,
      client_id: '1.2',
      client_secret: 'unused',
      name: 'Latchkey',
      redirect_uris: [],
      bot_id: 'B0LATCHKEY',
      bot_user_id: 'U0LATCHKEY',
      bot_name: 'latchkey',
      scopes: BOT_SCOPES,
    },
  ],
  channels: [{ name: 'approvals' }],
  tokens: [
    { token: BOT_TOKEN, user: 'latchkey', app_id: APP, bot_id: 'B0LATCHKEY', scopes: BOT_SCOPES },
    { token: ADMIN_TOKEN, user: 'latchkey', app_id: APP, bot_id: 'B0LATCHKEY', scopes: ADMIN_SCOPES },
  ],
  strict_scopes: true,
};

export const findPeople = async (api: WebApi): Promise<People> => {
  const listed = (await api.call('users.list', {}))['members'] as readonly Json[];
  const person = (login: string, name: string): SlackPerson => ({
    id: String(listed.find((user) => user['name'] === login)?.['id']),
    login,
    name,
    email: `${login}@northwind.test`,
  });
  return Object.fromEntries(Object.entries(NAMES).map(([login, name]) => [login, person(login, name)])) as People;
};

export const findChannel = async (api: WebApi): Promise<string> => {
  const channels = (await api.call('conversations.list', {}))['channels'] as readonly Json[];
  return String(channels.find(({ name }) => name === 'approvals')?.['id']);
};
