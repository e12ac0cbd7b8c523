import { afterAll, beforeAll, expect, it } from 'vitest';
import { organizationId, tenantId } from '../../../src/engine/ids.js';
import { HOUR } from '../../../src/lib/clock.js';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

/** What an organization's admin, or anybody who types, cannot bring about beyond what is theirs. */

const OWN = organizationId('own-house');

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await desk.say('olga', 'admin organization add "Own house" --admin slack:U0DANA');
  await desk.say('olga', 'admin tenant rename contoso "Head office"');
});
afterAll(() => desk.close());

it('no organization’s admin reads the chats’ lists of people, which hold everybody’s', async () => {
  const heard = await desk.hear('dana', 'admin group add Ours --follow "teams:Anything"');
  expect(heard).toMatch(/owner/iu);
  expect(await desk.stores.config.groups.named('Ours')).toEqual([]);
});

it('no organization hides another’s tenant by calling one of its own the same', async () => {
  await desk.stores.config.tenants.add({
    id: tenantId('own'),
    name: 'contoso.com',
    organization: OWN,
    directoryId: '99999999-9999-4999-8999-999999999999',
    domain: 'own.example',
    defaultDurationMs: HOUR,
  });
  expect(await desk.hear('tess', 'can contoso.com')).toMatch(/^In Head office you may ask for/u);
  await desk.say('olga', 'admin tenant rename own "Head office"');
  expect(await desk.hear('tess', 'can "Head office"')).toMatch(/^In Head office you may ask for/u);
  // Whoever may know of both is asked which one they mean.
  expect(await desk.hear('olga', 'can "Head office"')).toMatch(/contoso \(contoso\.com\).*own \(own\.example\)/su);
});

it('nobody has a directory asked for more groups than a request or a rule can hold', async () => {
  let asked = 0;
  const { directory } = desk.parts;
  const groups: typeof directory.groups = async (...call) => {
    asked += 1;
    return await directory.groups(...call);
  };
  const counting = desk.another({ directory: { ...directory, groups } });
  const many = Array.from({ length: 120 }, (_, index) => `--group "G ${index}*"`).join(' ');
  expect(await counting.hear('tess', `request contoso ${many} --reason "because"`)).toMatch(/at most 50/iu);
  const rule = `admin rule add Many --subject everyone --tenant contoso ${many}`;
  expect(await counting.hear('olga', rule)).toMatch(/at most 100/iu);
  const template = `admin template add Many --tenant contoso ${many}`;
  expect(await counting.hear('olga', template)).toMatch(/at most 50/iu);
  expect(asked).toBe(0);
});

it('no word that every object knows passes for one of ours', async () => {
  for (const word of ['constructor', '__proto__', 'toString', 'valueOf']) {
    const set = 'admin rule set "Leads approve helpdesk"';
    expect(await desk.hear('olga', `${set} --account ${word}`)).toMatch(/say mine/iu);
    expect(await desk.hear('olga', `${set} --at-end ${word}`)).toMatch(/say keep/iu);
    expect(await desk.hear('olga', `${set} --when "${word} 08:00-18:00 UTC"`)).toMatch(/cannot read the days/iu);
    const ask = 'request contoso --role "Helpdesk Administrator" --reason "because"';
    expect(await desk.hear('tess', `${ask} --account ${word}`)).toMatch(/say mine/iu);
    expect(await desk.hear('tess', `${ask} --at-end ${word}`)).toMatch(/say keep/iu);
  }
  expect(desk.complaints).toEqual([]);
});

it('no group is taken for the built-in one or for everybody', async () => {
  for (const name of ['All admins', '\uFF21ll Admins', 'ALL-ADMINS', 'Everyone', '\uFF45veryone']) {
    await desk.say('olga', `admin group add "${name}" --member ${PEOPLE.tess.key}`);
  }
  const names = (await desk.stores.config.groups.all()).map(({ name }) => name);
  expect(names.toSorted()).toEqual(['Service desk', 'Service desk leads']);
});
