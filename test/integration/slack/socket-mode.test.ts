import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { systemClock } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { redacted } from '../../../src/lib/redacted.js';
import { createSlack } from '../../../src/slack/slack.js';
import { startSlack } from '../../fakes/slack.js';
import type { Json } from '../../fakes/slack/web-api.js';
import { answer, card } from './bot.js';

test('in Socket Mode commands come over a socket that the bot opens, and no HTTP is listened to', async () => {
  const workspace = await startSlack();
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(sockets, 'listening');
  const slack = createSlack({
    config: { botToken: redacted(workspace.botToken), appToken: redacted('xapp-1'), apiUrl: workspace.apiUrl },
    dispatch: () => Promise.resolve(answer(card('Hello over the socket'))),
    log: silentLog,
    clock: systemClock,
  });
  const url = `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
  workspace.api.failNext('apps.connections.open', { status: 200, body: { ok: true, url } });
  try {
    expect(slack.listener).toBeUndefined();
    const acknowledged = new Promise<Json>((resolve) => {
      sockets.once('connection', (socket) => {
        socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }));
        socket.on('message', (data: Buffer) => resolve(JSON.parse(data.toString()) as Json));
        socket.send(
          JSON.stringify({
            type: 'slash_commands',
            envelope_id: 'e1',
            accepts_response_payload: true,
            payload: COMMAND,
          }),
        );
      });
    });
    await slack.start();
    expect(await acknowledged).toMatchObject({
      envelope_id: 'e1',
      payload: { response_type: 'ephemeral', text: 'Hello over the socket' },
    });
  } finally {
    await slack.stop();
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    await workspace.close();
  }
});

const COMMAND = {
  command: '/jit',
  text: 'help',
  user_id: 'U1',
  user_name: 'tess',
  channel_id: 'D1',
  team_id: 'T1',
  trigger_id: '1',
  response_url: 'http://127.0.0.1:9/unused',
};
