// Whatever others do to our users behind our back is found, put right by a pass where it is ours, and told once.
import { beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../../../src/engine/ids.js';
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import type { Tenant, User } from '../../../src/sandbox/model.js';
import { expectNothingLeft, lentUsers } from '../../fakes/aftermath.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const UPN = 'jit-tess.okafor@contoso.com';
const TAG = `extension_${SANDBOX_APP.clientId.replaceAll('-', '')}_latchkey`;

const contoso = (): Tenant => {
  const tenant = desk.entra.sandbox.world.tenants.get(CONTOSO.id);
  if (tenant === undefined) throw new Error('Contoso is gone');
  return tenant;
};

const userCalled = (upn: string): User => {
  const user = contoso()
    .users.all()
    .find(({ userPrincipalName }) => userPrincipalName === upn);
  if (user === undefined) throw new Error(`nobody is called ${upn}`);
  return user;
};

/** As an administrator of Contoso would, in the portal. */
const change = (upn: string, properties: Partial<User>): void => {
  const user = userCalled(upn);
  contoso().users.set(user.id, { ...user, ...properties });
};

const retag = (upn: string, tag: string | undefined): void => {
  const { [TAG]: _, ...others } = userCalled(upn).properties;
  change(upn, { properties: tag === undefined ? others : { ...others, [TAG]: tag } });
};

const give = (upn: string, role: string): void => {
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'role-assignments', { user: upn, role });
};

const takeRoles = (upn: string): void => {
  const { id } = userCalled(upn);
  for (const { id: assignment } of contoso().roleAssignments.withKey(id)) contoso().roleAssignments.delete(assignment);
};

/** Tess had access, and it is over for a while. */
const atRest = async (): Promise<string> => {
  const id = await desk.lend();
  const { secret } = await desk.reveal(id);
  await desk.pass(2 * HOUR + MINUTE);
  await desk.pass(5 * MINUTE);
  expect(await desk.request(id)).toMatchObject({ state: 'closed' });
  return secret.reveal();
};

/** Tess has access, for a while already. */
const live = async (): Promise<string> => {
  const id = await desk.lend();
  await desk.reveal(id);
  await desk.pass(5 * MINUTE);
  return id;
};

const check = (): Promise<string> => desk.hear('olga', 'admin tenant check contoso');

const patrol = async (counter: Counter = desk): Promise<void> => {
  await counter.bot.chores.find(({ name }) => name === 'patrol')?.run();
  await counter.settle();
};

/** The digests that Olga has read. */
const told = (): readonly string[] =>
  desk.room.history.flatMap(({ title }) => (/found (what needs a look|and put right)/u.test(title) ? [title] : []));

describe('an account at rest', () => {
  it('is as it should be after an ordinary loan', async () => {
    await atRest();
    expect(await check()).toContain('is as it should be');
  });

  it('that somebody enabled is disabled, and whatever password it had then opens nothing', async () => {
    await atRest();
    change(UPN, { accountEnabled: true });
    const said = await check();
    expect(said).toContain(`${UPN} could sign in, though nobody needs it. It is disabled again`);
    expectNothingLeft(desk, []);
    await desk.pass(5 * MINUTE);
    expect(await check()).toContain('is as it should be');
  });

  it('loses the roles that others gave it', async () => {
    await atRest();
    give(UPN, 'User Administrator');
    expect(await check()).toContain('held User Administrator, which nobody asked for. That is taken away.');
    expectNothingLeft(desk, []);
  });

  it('gets its tag back, with another password', async () => {
    await atRest();
    retag(UPN, undefined);
    expect(await check()).toContain('lost its tag. It is tagged again');
    expect(userCalled(UPN).properties[TAG]).toContain('contoso/');
    retag(UPN, String(userCalled(UPN).properties[TAG]).replace(/#\d+$/u, '#99'));
    await desk.pass(5 * MINUTE);
    expect(await check()).toContain('speaks of another password. Another one is set.');
  });

  it('that somebody deleted is made anew for the next request, and said once', async () => {
    await atRest();
    contoso().users.delete(userCalled(UPN).id);
    expect(await check()).toContain('was deleted. The next request makes it anew.');
    expect(await check()).toContain('is as it should be');
    const id = await desk.lend();
    expect(await desk.request(id)).toMatchObject({ state: 'active' });
    expect(lentUsers(desk)).toMatchObject([{ upn: UPN, enabled: true }]);
  });

  it('is known by its new name once somebody renamed it', async () => {
    await atRest();
    change(UPN, { userPrincipalName: 'jit-renamed@contoso.com' });
    expect(await check()).toContain('was renamed to jit-renamed@contoso.com. I go by that name from now on.');
    expect(await check()).toContain('is as it should be');
  });
});

describe('a live account', () => {
  it('gets back what somebody took, and its holder keeps the password', async () => {
    const id = await live();
    takeRoles(UPN);
    change(UPN, { accountEnabled: false });
    const said = await check();
    expect(said).toContain('was disabled while it is lent. It is enabled again.');
    expect(said).toContain('lost Helpdesk Administrator while it is lent. That is given back.');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Helpdesk Administrator'] }]);
    await desk.settle();
    expect(await desk.request(id)).toMatchObject({ state: 'active', reveal: 'taken' });
    expect((await desk.request(id)).retryAt).toBeUndefined();
  });

  it('loses what nobody asked for, and keeps what somebody did', async () => {
    await live();
    give(UPN, 'User Administrator');
    expect(await check()).toContain('held User Administrator, which nobody asked for. That is taken away.');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Helpdesk Administrator'] }]);
  });

  it('that somebody deleted is made anew, and its holder is offered another credential', async () => {
    const id = await live();
    contoso().users.delete(userCalled(UPN).id);
    expect(await check()).toContain('was deleted while it is lent. It is made anew');
    await desk.settle();
    expect(await desk.request(id)).toMatchObject({ state: 'active', reveal: 'offered' });
    const { upn, secret } = await desk.reveal(id);
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ ok: true });
  });
});

describe('a user who carries our tag and is not ours', () => {
  const stray = (): void => {
    changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'users', {
      userPrincipalName: 'mallory@contoso.com',
      displayName: 'Mallory',
      roles: ['User Administrator'],
      properties: { [TAG]: 'contoso/P-nobody#1' },
    });
  };

  it('is never touched, and reported with what to do', async () => {
    stray();
    const said = await check();
    expect(said).toContain('mallory@contoso.com carries my tag, but is none of my accounts. It can sign in.');
    expect(said).toContain('/jit admin account adopt contoso --pattern "mallory@contoso.com"');
    expect(userCalled('mallory@contoso.com')).toMatchObject({ accountEnabled: true });
  });

  it('is told once a day, by whichever process, and again as soon as it changes', async () => {
    stray();
    const other = desk.another();
    await Promise.all([patrol(), patrol(other)]);
    expect(told()).toHaveLength(1);
    await patrol();
    expect(told()).toHaveLength(1);
    change('mallory@contoso.com', { accountEnabled: false });
    await patrol(other);
    expect(told()).toHaveLength(2);
    await desk.pass(DAY + HOUR);
    await patrol();
    expect(told()).toHaveLength(3);
  });
});

describe('the patrol', () => {
  it('says nothing where nothing is found', async () => {
    await live();
    await patrol();
    expect(told()).toEqual([]);
  });

  it('puts right once what two processes find at the same moment', async () => {
    await atRest();
    change(UPN, { accountEnabled: true });
    give(UPN, 'User Administrator');
    await Promise.all([patrol(), patrol(desk.another())]);
    expectNothingLeft(desk, []);
    expect(told()).toHaveLength(1);
  });

  it('skips a tenant that is paused, and says so', async () => {
    await desk.stores.checkups.pause({
      tenant: tenantId('contoso'),
      since: desk.entra.clock.now(),
      code: 'directory.consent',
      clause: "the tenant's consent is missing",
      told: 0,
    });
    expect(await check()).toContain('Contoso was not looked at');
  });
});
