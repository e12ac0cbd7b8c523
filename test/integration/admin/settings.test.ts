// What holds for all of Latchkey is set from chat by owners alone, works from then on, and is on record.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../../../src/engine/person.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const CHANNEL: Address = { platform: 'slack', conversation: 'C0LEADS' };

/** Said where others read along. */
const hearIn = async (channel: Address, who: Who, text: string): Promise<string> =>
  answerText(
    await desk.bot.dispatch({ identity: PEOPLE[who], direct: false, conversation: channel }, { kind: 'command', text }),
  );

const ask = async (): Promise<string> => {
  await desk.pass(SECOND);
  await desk.say('tess', 'request contoso --role "Helpdesk Administrator" --for 2h --reason "Reset a mailbox"');
  await desk.settle();
  return desk.newest();
};

const cardsAbout = (conversation: string, id: string): readonly string[] =>
  desk.room
    .cardsIn(conversation)
    .map(textOf)
    .filter((text) => text.includes(id));

const settingsLines = async () =>
  (await desk.stores.audit.read({}, 100)).map(({ event }) => event).filter(({ what }) => what === 'settings.changed');

describe('settings', () => {
  it('are shown as they are before anybody set them, with the next command to type', async () => {
    const shown = await desk.hear('olga', 'admin settings');
    expect(shown).toBe(await desk.hear('olga', 'admin settings show'));
    expect(shown).toContain('Approvals also go to: none');
    expect(shown).toContain('Alarms also go to: none');
    expect(shown).toContain('Approvers are reminded: every 1 h');
    expect(shown).toContain('/jit admin settings set');
  });

  it('take channels by id, by mention and as the one that is spoken in, each once, and let them go again', async () => {
    await desk.say(
      'olga',
      'admin settings set --approvals-channel slack:c0first --admins-channel teams:19:x@thread.tacv2',
    );
    await desk.say(
      'olga',
      'admin settings set --approvals-channel <#C0SECOND|general> --approvals-channel slack:C0FIRST',
    );
    const shown = await hearIn(CHANNEL, 'olga', 'admin settings set --approvals-channel here');
    expect(shown).toContain('Approvals also go to: slack:C0FIRST, slack:C0SECOND, slack:C0LEADS');
    expect(shown).toContain('Alarms also go to: teams:19:x@thread.tacv2');
    const without = await desk.hear('olga', 'admin settings set --remove-approvals-channel slack:C0SECOND');
    expect(without).toContain('Approvals also go to: slack:C0FIRST, slack:C0LEADS');
    expect(without).toContain('Alarms also go to: teams:19:x@thread.tacv2');
    expect(await desk.stores.config.settings.read()).toMatchObject({
      approvalChannels: [{ platform: 'slack', conversation: 'C0FIRST' }, CHANNEL],
    });
  });

  it('send approvals to the channel from then on, and no more once it is let go', async () => {
    await hearIn(CHANNEL, 'olga', 'admin settings set --approvals-channel here');
    const id = await ask();
    expect(cardsAbout(CHANNEL.conversation, id)).toHaveLength(1);
    await desk.click('dana', 'approve', id);
    await desk.settle();
    expect(cardsAbout(CHANNEL.conversation, id)[0]).toContain('Dana Whitlock');
    await desk.say('olga', 'admin settings set --remove-approvals-channel slack:C0LEADS');
    expect(cardsAbout(CHANNEL.conversation, await ask())).toEqual([]);
  });

  it('say how long approvers are left in peace', async () => {
    expect(await desk.hear('olga', 'admin settings set --remind-every 20m')).toContain('every 20 min');
    const reminders = () => desk.room.postsIn('DU0DANA');
    await ask();
    const before = reminders();
    await desk.pass(20 * MINUTE - SECOND);
    expect(reminders()).toBe(before);
    await desk.pass(SECOND);
    expect(reminders()).toBe(before + 1);
    expect(await desk.hear('olga', 'admin settings set --remind-every never')).toContain(
      'Approvers are reminded: never',
    );
    await ask();
    const [old, silent] = [reminders(), await desk.newest()];
    await desk.pass(HOUR);
    // The older request was made while reminders were on; only that one still brings them.
    expect(cardsAbout('DU0DANA', silent)).toHaveLength(1);
    expect(reminders()).toBeGreaterThan(old);
  });

  it('are on record with what was before; what changes nothing leaves no line', async () => {
    await desk.say('olga', 'admin settings set --remind-every 2h --admins-channel slack:C0ADMINS');
    await desk.say('olga', 'admin settings set --remind-every 2h');
    await desk.say('olga', 'admin settings set --remove-admins-channel slack:C0OTHER');
    expect(await settingsLines()).toMatchObject([
      {
        on: 'slack',
        before: { adminChannels: [], remindEveryMs: HOUR },
        after: { adminChannels: ['slack:C0ADMINS'], remindEveryMs: 2 * HOUR },
      },
    ]);
  });

  it('keep every change of several that are made at once', async () => {
    const commands = ['C0AAA', 'C0BBB', 'C0CCC', 'C0DDD'].map((id) => `--admins-channel slack:${id}`);
    await Promise.all(
      [...commands, '--remind-every 3h'].map((words) => desk.say('olga', `admin settings set ${words}`)),
    );
    const { adminChannels, remindEveryMs } = await desk.stores.config.settings.read();
    expect(adminChannels.map(({ conversation }) => conversation).toSorted()).toEqual([
      'C0AAA',
      'C0BBB',
      'C0CCC',
      'C0DDD',
    ]);
    expect(remindEveryMs).toBe(3 * HOUR);
  });

  it.each([
    ['', /Say what to change/u],
    ['--approvals-channel here', /say it in the channel that you mean/u],
    ['--approvals-channel general', /general: name a channel as slack:CHANNELID/u],
    ['--approvals-channel slack:C0FIRST --admins-channel "slack:C0 X"', /name a channel as/u],
    ['--remind-every 1m', /at least 5 min/u],
    ['--remind-every soon', /cannot read soon as a duration/u],
    [`--admins-channel ${'x'.repeat(10_000)}`, /name a channel as/u],
  ])('are not changed by %s, and the answer says what to say instead', async (words, problem) => {
    const before = await desk.stores.config.settings.read();
    const answer = await desk.hear('olga', `admin settings set ${words}`);
    expect(answer).toMatch(problem);
    expect(answer.length).toBeLessThan(500);
    expect(await desk.stores.config.settings.read()).toEqual(before);
    expect(await settingsLines()).toEqual([]);
  });
});

describe('who may', () => {
  const CHANGE = 'admin settings set --remind-every never --admins-channel slack:C0EVIL';

  it('change them: owners alone, whose refusal is on record', async () => {
    await desk.say('olga', 'admin organization add Northwind --admin "Dana Whitlock"');
    await desk.say('olga', 'admin person set "Luis Marin" --auditor');
    expect(await desk.hear('dana', CHANGE)).toContain('Only owners of Latchkey may do that. Ask Olga Reyes.');
    expect(await desk.hear('luis', CHANGE)).toContain('You may look at this and change nothing');
    expect(await desk.hear('tess', CHANGE)).toContain('Only admins of Latchkey may do that');
    expect(await settingsLines()).toEqual([]);
    const refused = (await desk.stores.audit.read({}, 10)).map(({ event }) => event.facts).slice(0, 3);
    expect(refused.map(({ attempted, code }) => `${String(attempted)} ${String(code)}`).toReversed()).toEqual([
      'admin settings set admin.owners',
      'admin settings set admin.read-only',
      'admin settings set admin.only',
    ]);
  });

  it('see them: whoever has an office, the channels of the whole house only whom they concern', async () => {
    await desk.say('olga', 'admin organization add Northwind --admin "Dana Whitlock"');
    await desk.say('olga', 'admin person set "Luis Marin" --auditor');
    await desk.say('olga', 'admin settings set --admins-channel slack:C0ADMINS --remind-every 2h');
    expect(await desk.hear('luis', 'admin settings')).toContain('slack:C0ADMINS');
    const seen = await desk.hear('dana', 'admin settings');
    expect(seen).toContain('every 2 h');
    expect(seen).not.toContain('C0ADMINS');
    for (const who of ['dana', 'luis'] as const) {
      expect(await desk.hear(who, 'admin settings')).not.toContain('/jit admin settings set');
    }
    expect(await desk.hear('tess', 'admin settings')).toContain('Only admins of Latchkey');
  });
});
