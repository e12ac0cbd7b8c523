import { afterEach, beforeEach, expect, it } from 'vitest';
import { tenantId } from '../../../src/engine/ids.js';
import type { Inspector } from '../../../src/flows/ports/inspection.js';
import { DAY, HOUR } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

/** Admins see what Latchkey may do in a tenant and how to mend what it may not, and are told once of whatever changes. */

let desk: ServiceDesk;
let bot: Counter;

beforeEach(async () => {
  desk = await openServiceDesk();
  const { inspector } = desk.parts;
  // The local Entra dates its answers by the machine's clock, which does not pass with the desk's.
  const sameTime: Inspector = {
    ...inspector,
    inspect: async (tenant) => ({ ...(await inspector.inspect(tenant)), skewMs: { ok: true, value: 0 } }),
  };
  Object.assign(desk.parts, { inspector: sameTime });
  bot = desk.another();
  await setUpContoso(desk);
});

afterEach(() => desk.close());

const change = (action: string, body: object): unknown =>
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, action, body);

const checkUpAll = async (counter: Counter = bot): Promise<void> => {
  await counter.bot.chores.find(({ name }) => name === 'checkups')?.run();
};

const told = () => desk.room.cardsIn(PEOPLE.olga.address?.conversation ?? '').map(textOf);

const known = () => desk.stores.checkups.of(tenantId('contoso'));

it('a tenant is looked at soon after it was connected, and powers are then known', async () => {
  change('licences', { plans: ['P2'] });
  change('service-principal-roles', { roles: ['Privileged Authentication Administrator'] });
  expect(await known()).toBeUndefined();
  const before = told().length;
  await checkUpAll();
  expect((await known())?.powers).toEqual({ changesHolders: true, schedules: true });
  expect(told()).toHaveLength(before);
});

it('a permission that is taken away is told once, within a day, and so is its return', async () => {
  await checkUpAll();
  const before = told().length;
  change('permissions', { revoke: ['GroupMember.ReadWrite.All'] });
  await desk.pass(HOUR);
  await checkUpAll();
  expect(told()).toHaveLength(before);
  await desk.pass(DAY);
  await Promise.all([checkUpAll(), checkUpAll(desk.another())]);
  await desk.pass(DAY);
  await checkUpAll();
  const [alarm, ...more] = told().slice(before);
  expect(more).toEqual([]);
  expect(alarm).toMatch(
    /^Contoso: a check is no longer fine\nAttention: GroupMember\.ReadWrite\.All is not granted.*Grant it: Entra admin center[\s\S]*\/jit admin tenant test contoso$/u,
  );
  change('permissions', { grant: ['GroupMember.ReadWrite.All'] });
  await desk.pass(DAY);
  await checkUpAll();
  expect(told().slice(before + 1)).toEqual([
    expect.stringMatching(/^Contoso: a check is fine again\nFine: GroupMember/u),
  ]);
});

it('what nobody could be told is told at the next look', async () => {
  await checkUpAll();
  const conversation = PEOPLE.olga.address?.conversation ?? '';
  const before = told().length;
  desk.room.trouble(conversation, { kind: 'later', detail: 'busy' });
  change('service-principal-roles', { roles: [] });
  await desk.pass(DAY);
  await checkUpAll();
  desk.room.trouble(conversation, undefined);
  await desk.pass(DAY);
  await checkUpAll();
  expect(told().slice(before)).toEqual([expect.stringMatching(/Missing: Latchkey holds no directory role/u)]);
});

it('a tenant that cannot be looked at keeps no other from its turn, and an outage is not told', async () => {
  await checkUpAll();
  const { inspector } = desk.parts;
  await desk.say('olga', 'admin tenant add fabrikam --id fab41ca0-2222-4222-8222-222222222222');
  const broken = desk.another({
    inspector: {
      ...inspector,
      inspect: async (tenant) => {
        if (tenant.id === 'contoso') throw new Error('broken');
        return inspector.inspect(tenant);
      },
    },
  });
  const before = told().length;
  await desk.pass(DAY);
  await checkUpAll(broken);
  expect(await desk.stores.checkups.of(tenantId('fabrikam'))).toBeDefined();
  expect(told()).toHaveLength(before);
  expect(desk.complaints).toHaveLength(1);
});

it('the list says worst first what is missing and how to mend it, to whoever sees the tenant', async () => {
  change('service-principal-roles', { roles: [] });
  change('permissions', { revoke: ['AdministrativeUnit.Read.All'] });
  await desk.pass(HOUR);
  const answer = await bot.hear('olga', 'admin tenant test contoso');
  expect(answer).toMatch(
    /^Contoso: 1 missing, 1 to look at, \d+ fine\nMissing: Latchkey holds no directory role.*--take-role user-administrator\nAttention: AdministrativeUnit/u,
  );
  expect(answer).toContain('User.ReadWrite.All is granted');
  expect(await bot.hear('tess', 'admin tenant test contoso')).toMatch(/^Only admins/u);
});

it('Latchkey takes a role where an owner wants it and agrees, and it is on record who did', async () => {
  change('service-principal-roles', { roles: [] });
  const command = 'admin tenant test contoso --take-role user-administrator';
  expect(await bot.hear('olga', command)).toMatch(/^Make Latchkey User Administrator in Contoso\?[\s\S]*--yes/u);
  expect(await bot.hear('olga', 'admin tenant test contoso')).toMatch(/no directory role/u);
  expect(await bot.hear('olga', `${command} --yes`)).toMatch(/^Latchkey is User Administrator in Contoso\n✅/u);
  expect(await bot.hear('olga', `${command} --yes`)).toMatch(/^Latchkey is User Administrator/u);
  const lines = await desk.stores.audit.read({}, 10);
  expect(lines.filter(({ event }) => event.what === 'tenant.role-taken')).toHaveLength(2);
  expect(await bot.hear('olga', 'admin tenant test contoso --take-role global-administrator --yes')).toMatch(
    /say user-administrator/u,
  );
});

it('access passes are enabled where the permission allows it, and otherwise the way there is told', async () => {
  change('access-pass-policy', { state: 'disabled' });
  await desk.say('olga', 'admin tenant set contoso --tap on');
  expect(await bot.hear('olga', 'admin tenant test contoso')).toMatch(
    /Missing: The tenant gives no access passes: every credential is a password\. Entra admin center, Authentication methods/u,
  );
  change('permissions', { grant: ['Policy.ReadWrite.AuthenticationMethod'] });
  await desk.pass(2 * HOUR);
  expect(await bot.hear('olga', 'admin tenant test contoso')).toContain(
    '/jit admin tenant test contoso --enable-passes',
  );
  expect(await bot.hear('olga', 'admin tenant test contoso --enable-passes')).toMatch(/^Let Contoso give/u);
  expect(await bot.hear('olga', 'admin tenant test contoso --enable-passes --yes')).toMatch(
    /^Contoso gives access passes now\n✅[\s\S]*The tenant gives access passes to everybody/u,
  );
});

it('what one person finds by hand the others are told, and they are not told twice', async () => {
  await checkUpAll();
  const before = told().length;
  await desk.say('olga', 'admin organization add "Contoso Ltd." --id contoso-ltd --admin dana@msp.example');
  await desk.say('olga', 'admin tenant set contoso --organization contoso-ltd');
  change('permissions', { revoke: ['AdministrativeUnit.Read.All'] });
  await desk.pass(HOUR);
  await bot.say('dana', 'admin tenant test contoso');
  await desk.pass(DAY);
  await checkUpAll();
  expect(
    told()
      .slice(before)
      .filter((card) => card.includes('AdministrativeUnit')),
  ).toHaveLength(1);
});
