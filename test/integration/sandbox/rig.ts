import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addMs } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { systemRandom } from '../../../src/lib/random.js';
import type { FaultInput } from '../../../src/sandbox/faults.js';
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.js';
import { CONTOSO, SANDBOX_APP, type TenantSeed } from '../../../src/sandbox/seed.js';

/** A sandbox of its own with a clock that only the test moves, and a plain HTTPS client that trusts its certificate. */

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  /** The parsed body; undefined where there is none or it is no JSON. */
  // The tests look into answers of many shapes; `expect` is what checks them.
  // eslint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface Rig {
  readonly sandbox: Sandbox;
  readonly advance: (ms: number) => void;
  /** Speaks to Graph as the everyday app in Contoso, unless told otherwise. */
  readonly graph: (
    method: string,
    path: string,
    body?: unknown,
    options?: { readonly token?: string; readonly version?: string },
  ) => Promise<Answer>;
  readonly token: (tenant?: string, clientId?: string, clientSecret?: string) => Promise<string>;
  readonly login: (method: string, path: string, form?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly control: (method: string, path: string, body?: unknown) => Promise<Answer>;
  readonly fault: (fault: FaultInput) => Promise<void>;
  /** Does something to Contoso behind the app's back. */
  readonly contoso: (action: string, body: unknown) => Promise<Answer>;
  /** Back to the seed, with a token that is good for an hour. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export const TAG = `extension_${SANDBOX_APP.clientId.replaceAll('-', '')}_latchkey`;

export const PASSWORD = 'Harbour-Teal-4711';

/** The smallest body that creates a user. */
export const newUser = (name: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  accountEnabled: true,
  displayName: name,
  mailNickname: name,
  userPrincipalName: `${name}@contoso.com`,
  passwordProfile: { password: PASSWORD, forceChangePasswordNextSignIn: false },
  ...more,
});

export const ROLE_IDS = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  helpdesk: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  userAdministrator: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  securityReader: '5d6b6bb7-de71-4623-b4af-96380a352509',
} as const;

export const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';

export const assignment = (principalId: string, roleDefinitionId: string): Record<string, unknown> => ({
  principalId,
  roleDefinitionId,
  directoryScopeId: '/',
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const send = (agent: Agent, url: string, options: RequestOptions, text?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const got = Buffer.concat(chunks).toString('utf8');
        const isJson = /json/.test(incoming.headers['content-type'] ?? '');
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: got,
          body: isJson ? parsed(got) : undefined,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });

const JSON_HEADERS = { 'content-type': 'application/json' };

export const startRig = async (tenants?: readonly TenantSeed[]): Promise<Rig> => {
  let now = new Date('2026-03-02T12:00:00.000Z');
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-sandbox-'));
  const sandbox = await createSandbox({
    clock: { now: () => now },
    random: systemRandom,
    log: silentLog,
    folder,
    ...(tenants === undefined ? {} : { tenants }),
  });
  const agent = new Agent({ keepAlive: true, ca: await readFile(sandbox.caFile) });
  let usual = '';

  const json = (method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> =>
    send(
      agent,
      `${sandbox.url}${path}`,
      { method, headers: { ...headers, ...(body === undefined ? {} : JSON_HEADERS) } },
      body === undefined ? undefined : JSON.stringify(body),
    );

  const login: Rig['login'] = (method, path, form) =>
    send(
      agent,
      `${sandbox.url}${path}`,
      { method, headers: form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' } },
      form === undefined ? undefined : new URLSearchParams(form).toString(),
    );

  const token: Rig['token'] = async (
    tenant = CONTOSO.id,
    clientId = SANDBOX_APP.clientId,
    clientSecret = SANDBOX_APP.clientSecret,
  ) => {
    const answer = await login('POST', `/${tenant}/oauth2/v2.0/token`, {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    });
    return String(answer.body.access_token);
  };

  const control: Rig['control'] = (method, path, body) => json(method, `/_sandbox/${path}`, body, {});
  const reset = async (): Promise<void> => {
    sandbox.reset();
    usual = await token();
    sandbox.world.requests.clear();
  };
  await reset();

  return {
    sandbox,
    advance: (ms) => {
      now = addMs(now, ms);
    },
    graph: (method, path, body, options) =>
      json(method, `/${options?.version ?? 'v1.0'}${path}`, body, {
        authorization: `Bearer ${options?.token ?? usual}`,
      }),
    token,
    login,
    control,
    fault: async (fault) => {
      await control('POST', 'faults', fault);
    },
    contoso: (action, body) => control('POST', `tenants/${CONTOSO.id}/${action}`, body),
    reset,
    close: async () => {
      agent.destroy();
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
