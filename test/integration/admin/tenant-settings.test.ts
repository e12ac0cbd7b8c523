// A tenant's settings are set by command or by form, looked up in its directory, and hold whatever rules say.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import { valuesOf } from '../../../src/chat/form-values.js';
import type { FormValues } from '../../../src/chat/speaker.js';
import type { Form } from '../../../src/chat/view.js';
import { tenantId } from '../../../src/engine/ids.js';
import type { Tenant } from '../../../src/engine/tenant.js';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { FABRIKAM } from '../../../src/sandbox/seed.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const set = (words: string): Promise<string> => desk.hear('olga', `admin tenant set contoso ${words}`);

const contoso = async (): Promise<Tenant> => {
  const tenant = await desk.stores.config.tenants.byId(tenantId('contoso'));
  if (tenant === undefined) throw new Error('Contoso is gone');
  return tenant;
};

const ask = (words: string): Promise<string> => desk.hear('tess', `request contoso ${words} --reason "Mailbox"`);

describe('every setting', () => {
  it('is set by command, shown, and on record', async () => {
    const shown = await set(
      '--name "Contoso Group" --default 2h --longest 3h --role "company administrator" --role "Helpdesk Administrator" --account-name "ADM-{first}.{last}" --at-end delete --tap once',
    );
    expect(shown).toContain('Contoso Group is changed');
    expect(await contoso()).toMatchObject({
      name: 'Contoso Group',
      defaultDurationMs: 2 * HOUR,
      longestDurationMs: 3 * HOUR,
      roles: [{ name: 'Global Administrator' }, { name: 'Helpdesk Administrator' }],
      namePattern: 'adm-{first}.{last}',
      atEnd: 'delete',
      accessPass: 'once',
    });
    const detail = await desk.hear('olga', 'admin tenant show contoso');
    for (const fact of [
      'Accounts are called: adm-{first}.{last}@contoso.com',
      'Lasts, unless said: 2 h',
      'Lasts at most: 3 h',
      'Roles: only Global Administrator and Helpdesk Administrator',
      'Groups: any that rules allow',
      'At the end, unless said: the account is deleted',
      'Access passes: on, each for one sign-in',
    ]) {
      expect(detail).toContain(fact);
    }
    const [last] = await desk.stores.audit.read({}, 1);
    expect(last?.event).toMatchObject({
      what: 'tenant.changed',
      after: { longestDurationMs: 3 * HOUR, atEnd: 'delete' },
    });
  });

  it('is taken out again', async () => {
    const before = await contoso();
    await set('--longest 8h --role "Helpdesk Administrator" --tap on');
    await set('--no-longest --any-role --tap off');
    expect(await contoso()).toEqual(before);
  });

  it.each([
    ['--domain pending.contoso.com', 'Use one of: contoso.onmicrosoft.com and contoso.com'],
    ['--domain nowhere.example', 'Use one of: contoso.onmicrosoft.com and contoso.com'],
    ['--longest 2h', 'longer than 2h'],
    ['--longest soon', 'as a duration'],
    ['--role "Helpdesk Administratr"', 'Did you mean Helpdesk Administrator'],
    ['--role "Helpdesk Administrator" --any-role', 'either --role or --any-role'],
    ['--group "No such group"', 'no group called No such group'],
    ['--account-name jit', '{person}'],
    ['--account-name "jit {person}"', 'letters a to z'],
    ['--at-end burn', 'keep, disable or delete'],
    ['--tap twice', 'off, on, once'],
    ['--cloud usgov', "its cloud is the server's"],
    ['--cloud mars', 'global, usgov, usdod, china'],
  ])('%s is refused, and nothing changes', async (words, sentence) => {
    const before = await contoso();
    expect(await set(words)).toContain(sentence);
    expect(await contoso()).toEqual(before);
  });

  it('refuses a federated domain, saying why and which would do', async () => {
    await desk.say('olga', `admin tenant add fabrikam --id ${FABRIKAM.id} --domain fabrikam.com`);
    const refusal = await desk.hear('olga', 'admin tenant set fabrikam --domain corp.fabrikam.com');
    expect(refusal).toContain('corp.fabrikam.com is federated: its passwords are set elsewhere');
    expect(refusal).toContain('Use one of: fabrikam.onmicrosoft.com and fabrikam.com');
  });

  it('takes a cloud where the tenant has an app of its own', async () => {
    const { directoryId } = await contoso();
    const app = { clientId: 'c', cloud: 'global', kind: 'federated', changedAt: desk.entra.clock.now() } as const;
    await desk.stores.tenantApps.put({ directoryId, ...app });
    await set('--cloud usgov');
    expect(await contoso()).toMatchObject({ cloud: 'usgov' });
  });
});

describe('limits hold whatever rules say', () => {
  it('for how long, before it is asked and when it is', async () => {
    await set('--longest 90m --default 1h');
    expect(await desk.hear('tess', 'can contoso')).toContain('up to 1 h 30 min');
    expect(await ask('--role "Helpdesk Administrator" --for 2h')).toContain(
      'lends at most 1 h 30 min. Try --for 1h30m',
    );
    await ask('--role "Helpdesk Administrator"');
    expect(await desk.request(await desk.newest())).toMatchObject({ durationMs: HOUR, state: 'pending' });
  });

  it('for what', async () => {
    await set('--role "Helpdesk Administrator"');
    expect(await desk.hear('tess', 'can contoso')).not.toContain('Global Reader');
    const refusal = await ask('--role "Global Reader" --for 1h');
    expect(refusal).toContain('lends only: Helpdesk Administrator');
    const test = await desk.hear('olga', 'admin rule test contoso --as tess@msp.example --role "Global Reader"');
    expect(test).toContain('Refused');
    expect(test).toContain('lends only: Helpdesk Administrator');
  });

  it('until the moment at which somebody agrees', async () => {
    await ask('--role "Global Reader" --for 1h');
    await desk.settle();
    const id = await desk.newest();
    await set('--role "Helpdesk Administrator"');
    expect(answerText(await desk.click('dana', 'approve', id))).toContain('no longer lends Global Reader');
    expect((await desk.request(id)).state).not.toBe('approved');
  });

  it('for more time, too', async () => {
    await set('--longest 2h --default 1h');
    const id = await desk.lend('--for 90m');
    await desk.pass(MINUTE);
    expect(await desk.hear('tess', `extend ${id} 1h`)).toContain('the most that Contoso lends');
  });
});

it('accounts are named as the tenant says, and end as it says', async () => {
  await set('--account-name "adm-{last}.{first}" --at-end delete');
  await ask('--role "Helpdesk Administrator" --for 1h');
  expect(await desk.request(await desk.newest())).toMatchObject({
    upn: 'adm-okafor.tess@contoso.com',
    atEnd: 'delete',
  });
  expect(await ask('--role "Helpdesk Administrator" --at-end disable')).toContain('You may not ask for');
});

it('a tenant that is being disconnected takes no new requests, and is shown as such', async () => {
  const before = await contoso();
  await desk.stores.config.tenants.replace(
    { ...before, leaving: { by: 'Olga Reyes', at: desk.entra.clock.now() } },
    before,
  );
  expect(await ask('--role "Helpdesk Administrator" --for 1h')).toContain('Contoso is being disconnected');
  expect(await desk.hear('tess', 'request contoso')).toContain('Contoso is being disconnected');
  expect(await desk.hear('tess', 'can')).toContain('being disconnected');
  expect(await desk.hear('olga', 'admin tenant list')).toContain('being disconnected');
});

describe('the form', () => {
  const formIn = (answer: Answer): Form => {
    if (answer.kind !== 'show' || answer.view.kind !== 'form') throw new Error(answerText(answer));
    return answer.view;
  };

  const open = async (who: Who = 'olga'): Promise<Form> => formIn(await desk.say(who, 'admin tenant set contoso'));

  const send = (form: Form, values: FormValues, who: Who = 'olga'): Promise<Answer> =>
    desk.bot.dispatch(
      { identity: PEOPLE[who], direct: true, conversation: { platform: 'slack', conversation: 'D1' } },
      { kind: 'form', form: form.form, id: form.id, values: { ...valuesOf(form), ...values }, submit: true },
    );

  it('shows every setting as it is, and sent as it is changes nothing', async () => {
    await set('--longest 6h --role "Helpdesk Administrator" --at-end keep --tap on');
    const before = await contoso();
    const form = await open();
    expect(valuesOf(form)).toMatchObject({
      name: 'Contoso',
      domain: 'contoso.com',
      default: '4h',
      longest: '6h',
      'account-name': 'jit-{person}',
      'at-end': 'keep',
      tap: 'on',
    });
    const role = form.fields.find(({ name }) => name === 'role');
    expect(role?.kind === 'choices' && role.values).toHaveLength(1);
    await send(form, {});
    expect(await contoso()).toEqual(before);
    expect((await desk.stores.audit.read({}, 100)).filter(({ event }) => event.what === 'tenant.changed')).toHaveLength(
      1,
    );
  });

  it('changes what was changed in it, and takes out what was emptied', async () => {
    await set('--longest 6h --role "Helpdesk Administrator"');
    const answer = await send(await open(), { longest: '', role: [], default: '3h', 'at-end': 'delete' });
    expect(answerText(answer)).toContain('Contoso is changed');
    const tenant = await contoso();
    expect(tenant).toMatchObject({ defaultDurationMs: 3 * HOUR, atEnd: 'delete', name: 'Contoso' });
    expect(tenant).not.toHaveProperty('longestDurationMs');
    expect(tenant).not.toHaveProperty('roles');
  });

  it('keeps what was filled in beside what is wrong', async () => {
    const answer = await send(await open(), { longest: '1h', 'account-name': 'adm-{first}', tap: 'once' });
    expect(answer).toMatchObject({ tone: 'refusal', fault: { code: 'admin.invalid' } });
    expect(valuesOf(formIn(answer))).toMatchObject({ longest: '1h', 'account-name': 'adm-{first}', tap: 'once' });
    expect(formIn(answer).problem).toContain('longer than 1h');
  });

  it('overwrites nothing that somebody else changed meanwhile', async () => {
    const form = await open();
    await set('--longest 6h');
    const answer = await send(form, { default: '1h' });
    expect(answer).toMatchObject({ tone: 'refusal', fault: { code: 'admin.changed' } });
    expect(await contoso()).toMatchObject({ longestDurationMs: 6 * HOUR, defaultDurationMs: 4 * HOUR });
    expect(valuesOf(formIn(answer))).toMatchObject({ longest: '6h' });
  });

  it('is not for whom has no office, opened or sent', async () => {
    expect(await desk.hear('tess', 'admin tenant set contoso')).toContain('Only admins');
    const before = await contoso();
    expect(answerText(await send(await open(), { default: '1h' }, 'tess'))).toContain('Only admins');
    expect(await contoso()).toEqual(before);
  });
});
