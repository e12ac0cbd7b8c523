import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { openRig } from './rig.js';
import type { Rig } from './rig.js';
import { openSlackDesk } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// A bot that dies before it reads the answer to a write cannot know whether it took effect, nor when it does. The access
// is taken on time all the same; its end counts as proven only once no read can lag behind that write any more.

let rig: Rig;
let desk: SlackDesk;
beforeAll(async () => {
  rig = await openRig();
  desk = await openSlackDesk();
}, 60_000);
afterAll(async () => {
  await desk.close();
  await rig.close();
});

test('killed while the account is being made: it ends on time, and its proof comes when reads can be believed', async () => {
  const bot = await rig.startBot(desk.env);
  desk.connect(bot);
  await desk.setUp();
  const id = await desk.ask('--for 2h');
  rig.entra.world.faults.add({ kind: 'slow', ms: 3_000, match: { method: 'POST' }, times: 1 });
  await desk.approve(id);
  await eventually('the creation to be sent', () => (rig.entra.world.faults.list().length === 0 ? true : undefined));
  await bot.kill();
  desk.connect(await rig.startAgain(bot));
  const credential = await desk.reveal(id);
  expect(rig.signIn(credential)).toMatchObject({ ok: true });
  await desk.press('tess', await desk.message('tess', id, 'live until', 'End now'), 'end');
  await eventually('the end', () => (rig.signIn(credential).ok ? undefined : true), 20_000);
  await desk.message('tess', id, 'ending', 'does not show it yet');
  await eventually('the proof', () => desk.message('tess', id, 'Ended and confirmed').catch(() => undefined), 150_000);
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
}, 240_000);
