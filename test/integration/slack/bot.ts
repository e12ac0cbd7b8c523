import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Dispatch } from '../../../src/chat/answer.js';
import type { Intent, Speaker } from '../../../src/chat/speaker.js';
import type { Card, Choice, Form } from '../../../src/chat/view.js';
import { systemClock } from '../../../src/lib/clock.js';
import type { Log } from '../../../src/lib/log.js';
import { redacted } from '../../../src/lib/redacted.js';
import { createSlack } from '../../../src/slack/slack.js';
import type { Slack, SlackParts } from '../../../src/slack/slack.js';
import { startSlack } from '../../fakes/slack.js';
import type { FakeSlack } from '../../fakes/slack.js';

export interface Heard {
  readonly speaker: Speaker;
  readonly intent: Intent;
  /** How many calls Slack had seen by then. */
  readonly calls: number;
}

/** The adapter between a workspace and a conversation that follows a script. */
export interface Bot {
  readonly workspace: FakeSlack;
  readonly slack: Slack;
  readonly url: string;
  readonly heard: readonly Heard[];
  readonly logged: readonly string[];
  /** What dispatch answers from now on. */
  script(answer: Answer | Dispatch): void;
  /** Everything that came in has been dealt with. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export const startBot = async (more: Pick<SlackParts, 'userChanged'> = {}): Promise<Bot> => {
  const workspace = await startSlack();
  const heard: Heard[] = [];
  const logged: string[] = [];
  let next: Dispatch = () => Promise.resolve({ kind: 'nothing' });
  const slack = createSlack({
    config: {
      botToken: redacted(workspace.botToken),
      signingSecret: redacted(workspace.signingSecret),
      apiUrl: workspace.apiUrl,
    },
    dispatch: (speaker, intent) => {
      heard.push({ speaker, intent, calls: workspace.api.calls.length });
      return next(speaker, intent);
    },
    log: recordingLog(logged),
    clock: systemClock,
    ...more,
  });
  const server = createServer(slack.listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    workspace,
    slack,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    logged,
    script: (answer) => {
      next = typeof answer === 'function' ? answer : () => Promise.resolve(answer);
    },
    settled: () => slack.stop(),
    close: async () => {
      await slack.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await workspace.close();
    },
  };
};

const recordingLog = (logged: string[]): Log => {
  const record = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: record, info: record, warn: record, error: record, child: () => log };
  return log;
};

export const card = (title: string, rest: Partial<Card> = {}): Card => ({
  kind: 'card',
  title,
  lines: [],
  buttons: [],
  ...rest,
});

export const answer = (view: Card): Answer => ({ kind: 'show', tone: 'answer', view });
export const refusal = (view: Card): Answer => ({ kind: 'show', tone: 'refusal', view });

interface FormState {
  readonly tenant?: string;
  readonly roles: readonly Choice[];
  readonly chosen: readonly string[];
  readonly reason: string;
  readonly hint: string;
  readonly problem?: string;
}

const ROLES = [
  { value: 'role-exchange', label: 'Exchange Administrator' },
  { value: 'role-user', label: 'User Administrator' },
];

/** A form with every kind of field. */
export const form = (rest: Partial<FormState> = {}): Form => {
  const { tenant = 'contoso', roles = ROLES, chosen = [], reason = '', hint = 'Needs one approval.', problem } = rest;
  const tenants = [
    { value: 'contoso', label: 'Contoso' },
    { value: 'fabrikam', label: 'Fabrikam' },
  ];
  const durations = [
    { value: '2h', label: '2 h' },
    { value: '4h', label: '4 h' },
  ];
  return {
    kind: 'form',
    form: 'request',
    id: 'about',
    title: 'Request admin access',
    fields: [
      {
        kind: 'choice',
        name: 'tenant',
        label: 'Tenant',
        optional: false,
        choices: tenants,
        value: tenant,
        refresh: true,
      },
      {
        kind: 'choices',
        name: 'roles',
        label: 'Roles',
        optional: false,
        choices: roles,
        values: chosen,
        refresh: true,
        of: ['tenant'],
        none: 'You may not ask for a role in this tenant.',
      },
      {
        kind: 'choice',
        name: 'duration',
        label: 'For how long',
        optional: false,
        choices: durations,
        value: '4h',
        refresh: true,
      },
      { kind: 'text', name: 'reason', label: 'Reason', optional: false, value: reason, multiline: true },
      { kind: 'text', name: 'ticket', label: 'Ticket', optional: true, value: '', multiline: false },
      { kind: 'yes-no', name: 'tap', label: 'With an access pass', optional: false, value: false },
    ],
    submit: 'Request',
    hint,
    ...(problem === undefined ? {} : { problem }),
  };
};
