import { setTimeout as sleep } from 'node:timers/promises';
import { SANDBOX_APP } from '../../src/sandbox/seed.js';
import { roleByNameOrId } from '../../src/sandbox/role-catalog.js';
import { GROUPS, groupIdIn, ROLES } from './tenants.js';
import type { BenchTenant } from './tenants.js';

/**
 * The calls that CIPP (github.com/KelvinTegelaar/CIPP-API, read in November 2026) makes one after the other to lend an
 * account, with its fixed pause, and nothing of what it does between them. Its beta paths are asked for below `/v1.0`,
 * where all of them exist too, and its schema extension is our directory extension: both are properties of the same PATCH.
 */

/** After creating a user, before anything else. */
const PAUSE_MS = 1_000;

const LIFETIME_MINUTES = 120;

export interface Replay {
  readonly ms: number;
  /** One after the other. */
  readonly calls: number;
}

type Call = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;

export const signInAsCipp = async (url: string, { id }: BenchTenant): Promise<string> => {
  const answer = await fetch(`${url}/${id}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: SANDBOX_APP.clientId,
      client_secret: SANDBOX_APP.clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token?: string };
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return token;
};

/** Adding a role that is active already is refused, and CIPP ignores that. */
const IGNORED = 'POST /directoryRoles';

const callerOf = (url: string, token: string, count: () => void): Call => {
  return async (method, path, body) => {
    count();
    const answer = await fetch(`${url}/v1.0${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok && `${method} ${path}` !== IGNORED) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
};

const EXTENSION = `extension_${SANDBOX_APP.clientId.replaceAll('-', '')}_latchkey`;
const PASS_POLICY = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass';

const create = async (call: Call, upn: string): Promise<void> => {
  await call('POST', '/users', {
    accountEnabled: true,
    displayName: 'Replayed',
    mailNickname: upn.split('@')[0],
    userPrincipalName: upn,
    passwordProfile: { password: 'Quiet-Meadow-52-Teal', forceChangePasswordNextSignIn: true },
    [EXTENSION]: 'enabled',
  });
  await sleep(PAUSE_MS);
};

const givePass = async (call: Call, upn: string): Promise<void> => {
  const policy = await call('GET', PASS_POLICY);
  const most = Number(policy['maximumLifetimeInMinutes']);
  await call('POST', `/users/${upn}/authentication/temporaryAccessPassMethods`, {
    lifetimeInMinutes: Math.min(LIFETIME_MINUTES, most),
  });
};

const giveAccess = async (call: Call, url: string, tenant: BenchTenant, upn: string): Promise<void> => {
  const user = await call('GET', `/users/${upn}`);
  const reference = { '@odata.id': `${url}/v1.0/directoryObjects/${String(user['id'])}` };
  for (const role of ROLES) {
    const roleTemplateId = roleByNameOrId(role)?.id ?? '';
    await call('POST', '/directoryRoles', { roleTemplateId });
    await call('POST', `/directoryRoles(roleTemplateId='${roleTemplateId}')/members/$ref`, reference);
  }
  for (const group of GROUPS) await call('POST', `/groups/${groupIdIn(tenant, group)}/members/$ref`, reference);
  const state = await call('GET', `/users/${upn}?$select=id,accountEnabled`);
  if (state['accountEnabled'] !== true) await call('PATCH', `/users/${upn}`, { accountEnabled: true });
  await call('PATCH', `/users/${upn}`, { [EXTENSION]: 'lent' });
};

interface Task {
  readonly url: string;
  readonly token: string;
  readonly tenant: BenchTenant;
  readonly upn: string;
}

const timed = async ({ url, token }: Task, act: (call: Call) => Promise<void>): Promise<Replay> => {
  let calls = 0;
  const call = callerOf(url, token, () => (calls += 1));
  const before = performance.now();
  await act(call);
  return { ms: performance.now() - before, calls };
};

/** A user who is made for it. */
export const lendNew = (task: Task): Promise<Replay> =>
  timed(task, async (call) => {
    await create(call, task.upn);
    await givePass(call, task.upn);
    await giveAccess(call, task.url, task.tenant, task.upn);
  });

/** A user who is there, disabled. */
export const lendKnown = (task: Task): Promise<Replay> =>
  timed(task, async (call) => {
    await call('GET', `/users/${task.upn}`);
    await givePass(call, task.upn);
    await giveAccess(call, task.url, task.tenant, task.upn);
  });

/** Makes a disabled user with neither roles nor groups, for `lendKnown`. */
export const makeKnown = async ({ url, token, upn }: Task): Promise<void> => {
  await callerOf(url, token, () => undefined)('POST', '/users', {
    accountEnabled: false,
    displayName: 'Replayed, known',
    mailNickname: upn.split('@')[0],
    userPrincipalName: upn,
    passwordProfile: { password: 'Quiet-Meadow-52-Teal' },
  });
};
