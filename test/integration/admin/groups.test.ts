// Groups and templates are run from chat; what is in use, built in or kept elsewhere is not touched.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});

afterAll(() => desk.close());

const hear = (text: string, who: Who = 'olga'): Promise<string> => desk.hear(who, text);

const lastLine = async (what: string) =>
  (await desk.stores.audit.read({}, 50)).map(({ event }) => event).find((event) => event.what === what);

describe('a group', () => {
  it('takes people in and lets them go, and says who is in it', async () => {
    expect(await hear('admin group add "Night shift" --member "Tess Okafor"')).toBe(
      'Group Night shift has Tess Okafor',
    );
    expect(await hear('admin group add "Night shift" --member "Luis Marin"')).toContain('Tess Okafor and Luis Marin');
    expect(await hear('admin group set "Night shift" --add "Dana Whitlock" --remove "Tess Okafor"')).toContain(
      'Luis Marin and Dana Whitlock',
    );
    expect(await hear('admin group remove "Night shift" --member "Luis Marin"')).toBe(
      'Group Night shift has Dana Whitlock',
    );
    const line = await lastLine('group.left');
    expect(line?.before?.['members']).toHaveLength(2);
    expect(line?.after?.['members']).toHaveLength(1);
    expect(await hear('admin group rename "Night shift" "Late shift"')).toContain('is now called Late shift');
    expect(await hear('admin group rename "Late shift" "Service desk"')).toContain(
      'There is a group Service desk already',
    );
    expect(await hear('admin group remove "Late shift"')).toContain('Remove group Late shift?');
    expect(await hear('admin group remove "Late shift" --yes')).toBe('Group Late shift is removed');
  });

  it('stays as long as something names it, and says what', async () => {
    expect(await hear('admin group remove "Service desk leads" --yes')).toContain('rule Leads approve helpdesk');
    expect(await desk.stores.config.groups.named('Service desk leads')).toHaveLength(1);
  });

  it.each([
    'admin group add "all admins" --member me',
    'admin group rename "Service desk" "All Admins"',
    'admin group rename "All admins" "Some admins"',
    'admin group set "All admins" --add me',
    'admin group remove "All admins" --yes',
  ])('%s is refused: that group is built in', async (command) => {
    expect(await hear(command)).toContain('All admins is built in');
  });

  it('follows a list elsewhere, and then nobody joins it by hand', async () => {
    desk.lists.list('on-call', [PEOPLE.luis]);
    const made = await hear('admin group add "On call" --follow slack:on-call');
    expect(made).toContain('Group On call has Luis Marin');
    expect(made).toContain('It follows on-call');
    expect(await hear('admin group set "On call" --add "Tess Okafor"')).toContain('On call follows on-call');
    expect(await hear('admin group set "On call" --unfollow')).toContain('Luis Marin');
    expect(await hear('admin group set "On call" --add "Tess Okafor"')).toContain('Luis Marin and Tess Okafor');
    expect(await hear('admin group add Wrong --follow nowhere')).toContain('write it like slack:@service-desk');
  });
});

describe('a template', () => {
  it('is made, shown, changed, used by a rule, and kept while it is', async () => {
    const made = await hear(
      'admin template add "Mailbox repair" --role "Exchange Administrator" --for 1h --description "One mailbox"',
    );
    expect(made).toContain('Template Mailbox repair asks for Exchange Administrator in every tenant for 1 h.');
    expect(await hear('can contoso', 'tess')).not.toContain('Mailbox repair');
    const by = '--approvers "Service desk leads" --max 2h';
    await hear(
      `admin rule add "Mailboxes" --subject "Service desk" --tenant contoso --template "Mailbox repair" ${by}`,
    );
    expect(await hear('can contoso', 'tess')).toContain('template Mailbox repair: up to 2 h · 1 of Service desk leads');
    expect(await hear('admin template set "Mailbox repair" --for 90m --default yes')).toContain('for 1 h 30 min');
    expect(await lastLine('template.changed')).toMatchObject({
      before: { durationMs: 3_600_000, isDefault: false },
      after: { durationMs: 5_400_000, isDefault: true },
    });
    expect(await hear('admin template remove "Mailbox repair" --yes')).toContain('still used by rule Mailboxes');
  });

  it('is all that needs to be said of a request, and fills the form', async () => {
    await desk.say('tess', 'request contoso --template "mailbox repair" --reason "Quota, INC-1"');
    await desk.settle();
    expect(await desk.request(await desk.newest())).toMatchObject({
      roles: [{ name: 'Exchange Administrator' }],
      durationMs: 5_400_000,
      template: { name: 'Mailbox repair' },
    });
    const form = await desk.say('tess', 'request contoso');
    expect(form).toMatchObject({
      view: { kind: 'form', hint: 'Needs approval: 1 of Service desk leads.' },
    });
    const fields = form.kind === 'show' && form.view.kind === 'form' ? form.view.fields : [];
    expect(fields.find(({ name }) => name === 'roles')).toMatchObject({ values: [expect.any(String)] });
    expect(fields.find(({ name }) => name === 'duration')).toMatchObject({ value: '1h30m' });
  });

  it('gives nobody what no rule gives, and is unknown to whom no rule lets use it', async () => {
    await hear('admin template add "Everything" --role "Global Administrator"');
    for (const name of ['Everything', 'Nothing']) {
      expect(await hear(`request contoso --template ${name} --reason "Please"`, 'tess')).toContain(
        `No template called ${name} for Contoso that you may use`,
      );
    }
    expect(await hear('request contoso --role "Exchange Administrator" --reason "Without it"', 'tess')).toContain(
      'You may not ask for Exchange Administrator',
    );
  });

  it('of a new account is judged by the rules first, and then made known by the names that are said', async () => {
    const names = '--first Ada --last Byron';
    expect(
      await hear(`request contoso --role "Global Reader" --account fresh ${names} --reason "New"`, 'tess'),
    ).toContain('You may not ask for Global Reader');
    const by = '--approvers "Service desk leads"';
    await hear(
      `admin rule add Fresh --subject "Service desk" --tenant contoso --role "Billing*" --account fresh ${by}`,
    );
    await hear(`request contoso --role "Billing Administrator" --account fresh ${names} --reason "Bills"`, 'tess');
    const asked = await desk.stores.requests.list({}, 50);
    expect(asked.find(({ reason }) => reason === 'Bills')).toMatchObject({ accountKind: 'fresh', state: 'pending' });
  });
});

describe("an organization's admin", () => {
  beforeAll(async () => {
    await hear('admin organization add Northwind --admin "Luis Marin"');
    await hear(
      'admin tenant add fabrikam --id fab41ca0-2222-4222-8222-222222222222 --domain fabrikam.com --organization northwind',
    );
  });

  it("sees and changes that organization's rules, groups and templates alone", async () => {
    expect(await hear('admin group add "Northwind approvers" --member me', 'luis')).toContain('has Luis Marin');
    expect(await hear('admin rule list', 'luis')).toContain('None yet');
    expect(await hear('admin rule show "Leads approve helpdesk"', 'luis')).toContain('No rule called');
    expect(await hear('admin rule remove "Leads approve helpdesk" --yes', 'luis')).toContain('No rule called');
    expect(await hear('admin group show "Service desk"', 'luis')).toContain('No group called');
    expect(await hear('admin rule add X --subject "Service desk" --tenant fabrikam', 'luis')).toContain(
      'No group called',
    );
    expect(await hear('admin rule add X --subject everyone --tenant contoso', 'luis')).toContain('No tenant called');
    const made = await hear(
      'admin rule add Own --subject everyone --everywhere --role "Global Reader" --approvers "Northwind approvers"',
      'luis',
    );
    expect(made).toContain('Everyone may ask for Global Reader in every tenant of Northwind');
    expect(await hear('can contoso', 'dana')).not.toContain('Own');
    expect(await hear('can', 'dana')).toContain('Fabrikam (fabrikam): 1 role');
    expect((await desk.stores.config.rules.named('Own'))[0]).toMatchObject({ organization: 'northwind' });
    expect(await hear('admin template add Own --role "Global Reader"', 'luis')).toContain('every tenant of Northwind');
  });
});
