import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import type { FormValues } from '../../../src/chat/speaker.js';
import type { Form } from '../../../src/chat/view.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';

/** A rule can be made by form, and the form is but another way to say the command. */

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});

afterAll(() => desk.close());

const formIn = (answer: Answer): Form => {
  if (answer.kind !== 'show' || answer.view.kind !== 'form') throw new Error(answerText(answer));
  return answer.view;
};

const send = (who: Who, values: FormValues): Promise<Answer> =>
  desk.bot.dispatch(
    { identity: PEOPLE[who], direct: true, conversation: { platform: 'slack', conversation: 'D1' } },
    { kind: 'form', form: 'rule-add', id: '', values, submit: true },
  );

const choice = (form: Form, name: string, label: string): string => {
  const field = form.fields.find((one) => one.name === name);
  const found = field?.kind === 'choices' ? field.choices.find((one) => one.label === label) : undefined;
  return found?.value ?? 'nothing';
};

it('makes the rule that was filled in, approved by all the groups that were chosen', async () => {
  const form = formIn(await desk.say('olga', 'admin rule add'));
  const answer = await send('olga', {
    subject: [choice(form, 'subject', 'Service desk')],
    tenant: [choice(form, 'tenant', 'Contoso')],
    role: 'Exchange Administrator, Reports*',
    max: '2h',
    approvers: [choice(form, 'approvers', 'Service desk leads'), choice(form, 'approvers', 'All admins')],
    approvals: '1',
    ticket: 'yes',
    name: 'By form',
  });
  expect(answerText(answer)).toContain(
    'Service desk may ask for Exchange Administrator and roles named Reports* (none that is privileged) in Contoso for up to 2 h',
  );
  const [rule] = await desk.stores.config.rules.named('By form');
  expect(rule).toMatchObject({
    demands: {
      ticket: {},
      quorums: [
        { groupName: 'Service desk leads', count: 1 },
        { groupName: 'All admins', count: 1 },
      ],
    },
  });
});

it('keeps what was filled in beside what is wrong, and makes nothing', async () => {
  const form = formIn(await desk.say('olga', 'admin rule add'));
  const values = {
    subject: [choice(form, 'subject', 'Service desk')],
    tenant: [choice(form, 'tenant', 'Contoso')],
    role: 'Exchange Wizard',
    name: 'Wrong',
  };
  const answer = await send('olga', values);
  const again = formIn(answer);
  expect(answer).toMatchObject({ tone: 'refusal', fault: { code: 'role.unknown' } });
  expect(again.problem).toContain('Exchange Wizard');
  expect(again.fields.find(({ name }) => name === 'role')).toMatchObject({ value: 'Exchange Wizard' });
  expect(again.fields.find(({ name }) => name === 'subject')).toMatchObject({ values: values.subject });
  expect(await desk.stores.config.rules.named('Wrong')).toEqual([]);
});

it('is not for whom has no office, opened or sent', async () => {
  expect(answerText(await desk.say('tess', 'admin rule add'))).toContain('Only admins');
  expect(answerText(await send('tess', { subject: ['everyone'], tenant: ['contoso'], name: 'Mine' }))).toContain(
    'Only admins',
  );
  expect(await desk.stores.config.rules.named('Mine')).toEqual([]);
});
