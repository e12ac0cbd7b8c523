import { expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { openRig } from './rig.js';
import { openSlackDesk } from './slack-desk.js';

// A bot that dies before it reads the answer to a write cannot know whether it took effect, nor when it does. The access
// is taken on time all the same; its end counts as proven only once no read can lag behind that write any more.

test.concurrent.each([
  ['the account is being made', '/users'],
  ['the account gets its role', '/\\$batch'],
])(
  'killed while %s: the access ends on time, and is proven gone when reads can be believed',
  async (_moment, path) => {
    const rig = await openRig();
    const desk = await openSlackDesk();
    try {
      const bot = await rig.startBot(desk.env);
      desk.connect(bot);
      await desk.setUp();
      const id = await desk.ask('--for 2h');
      const { faults } = rig.entra.world;
      faults.add({ kind: 'slow', ms: 3_000, match: { method: 'POST', path, scope: 'request' }, times: 1 });
      await desk.approve(id);
      await eventually('the write to be sent', () => (faults.list().length === 0 ? true : undefined), 20_000);
      await bot.kill();
      desk.connect(await rig.startAgain(bot));
      const credential = await desk.reveal(id);
      expect(rig.signIn(credential)).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
      await desk.press('tess', await desk.message('tess', id, 'live until', 'End now'), 'end');
      await eventually('the end', () => (rig.signIn(credential).ok ? undefined : true), 20_000);
      await eventually('the proof', () => desk.message('tess', id, 'and confirmed').catch(() => undefined), 150_000);
      expect(rig.signIn(credential)).toMatchObject({ ok: false });
    } finally {
      await desk.close();
      await rig.close();
    }
  },
  240_000,
);
