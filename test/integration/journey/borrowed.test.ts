import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountId, tenantId } from '../../../src/engine/ids.js';
import type { Powers } from '../../../src/engine/powers.js';
import { MINUTE, SECOND } from '../../../src/lib/clock.js';
import { membershipId } from '../../../src/sandbox/model.js';
import type { User } from '../../../src/sandbox/model.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { anAccount } from '../../fakes/fixtures.js';
import { answerText, openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';
import { contosoOf, usersNow } from '../../fakes/wishes.js';

// A user who was there before belongs to somebody, is lent to several people at once, and is changed by others meanwhile:
// whoever's loan is over has nothing of it any more, and the user has what it had.

const MEGAN = 'megan@contoso.com';

let desk: ServiceDesk;

const tenant = (action: string, body: object): unknown =>
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, action, body);

const told = async (words: string): Promise<string> => {
  const answer = await desk.say('olga', words);
  if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
  return answerText(answer);
};

const empower = async (powers: Powers): Promise<void> => {
  const role = powers.changesHolders ? 'Privileged Authentication Administrator' : 'User Administrator';
  tenant('service-principal-roles', { roles: [role] });
  tenant('licences', { plans: powers.schedules ? ['P1', 'P2'] : [] });
  await desk.stores.checkups.save({ tenant: tenantId('contoso'), at: desk.entra.clock.now(), findings: [], powers });
};

/** Somebody asks for a user: the request's id. */
const ask = async (who: Who, options: string, user = MEGAN): Promise<string> => {
  await desk.pass(SECOND);
  const words = `request contoso --account existing:${user} ${options} --reason "INC-1"`;
  const answer = await desk.say(who, words);
  if (answer.kind === 'show' && answer.tone === 'refusal') throw new Error(answerText(answer));
  await desk.settle();
  return desk.newest();
};

/** The same, and Dana agrees. */
const borrow = async (...asked: Parameters<typeof ask>): Promise<string> => {
  const id = await ask(...asked);
  await desk.click('dana', 'approve', id);
  await desk.settle();
  return id;
};

const userCalled = (upn: string): User => contosoOf(desk).users.withKey(upn)[0]!;

const revealed = async (who: Who, id: string): Promise<string> => {
  const answer = await desk.click(who, 'reveal', id);
  if (answer.kind !== 'show' || answer.view.kind !== 'credential') throw new Error(answerText(answer));
  return answer.view.secret.reveal();
};

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await told('admin tenant set contoso --tap on');
  await told(
    'admin rule add "Borrowed" --subject everyone --tenant contoso --role "Directory Readers" --role "Reports Reader" --group "Tier 1 admins" --account existing --user "megan*" --tap --max 4h --approvers "Service desk leads"',
  );
  await empower({ changesHolders: true, schedules: false });
});
afterEach(() => desk.close());

describe('two people who borrow one user', () => {
  it('share an access pass until one of them is through; then it opens nothing, and the other is offered a new one', async () => {
    const first = await borrow('tess', '--role "Directory Readers" --tap --for 2h');
    const known = await revealed('tess', first);
    const second = await borrow('luis', '--role "Reports Reader" --tap --for 4h');
    expect((await desk.request(second)).reveal).toBe('shared');
    await desk.hear('tess', `end ${first}`);
    await desk.settle();
    expect((await desk.request(first)).state).toBe('closed');
    expect(desk.canSignIn({ upn: MEGAN, accessPass: known }).ok).toBe(false);
    const renewed = await revealed('luis', second);
    expect(desk.canSignIn({ upn: MEGAN, accessPass: renewed })).toMatchObject({ ok: true, roles: ['Reports Reader'] });
  });

  it('are not told that one of them is through while the pass of that one still opens', async () => {
    const first = await borrow('tess', '--role "Directory Readers" --tap --for 2h');
    const known = await revealed('tess', first);
    const second = await borrow('luis', '--role "Reports Reader" --tap --for 4h');
    const match = { method: 'POST', path: 'temporaryAccessPassMethods' };
    desk.entra.sandbox.world.faults.add({ kind: 'server-error', match });
    await desk.hear('tess', `end ${first}`);
    await desk.settle();
    expect(desk.canSignIn({ upn: MEGAN, accessPass: known }).ok).toBe(true);
    expect((await desk.request(first)).state).toBe('closing');
    desk.entra.sandbox.world.faults.clear();
    await desk.pass(10 * MINUTE);
    expect((await desk.request(first)).state).toBe('closed');
    expect(desk.canSignIn({ upn: MEGAN, accessPass: known }).ok).toBe(false);
    expect((await desk.request(second)).reveal).toBe('offered');
  });

  it('are told apart: who did not ask for an access pass is not told that there is one', async () => {
    await borrow('tess', '--role "Directory Readers" --tap --for 2h');
    const second = await borrow('luis', '--role "Reports Reader" --for 4h');
    expect((await desk.request(second)).reveal).toBe('own');
  });

  it('part for good: whoever signed in with a pass and is through is signed out, and the other at the end', async () => {
    const first = await borrow('tess', '--role "Directory Readers" --tap --for 2h');
    const second = await borrow('luis', '--role "Reports Reader" --for 4h');
    const validFrom = (): string => usersNow(desk).get(MEGAN)!.sessionsValidFrom;
    const before = validFrom();
    await desk.pass(10 * MINUTE);
    await desk.hear('tess', `end ${first}`);
    await desk.settle();
    const between = validFrom();
    expect(between > before).toBe(true);
    await desk.pass(10 * MINUTE);
    await desk.hear('luis', `end ${second}`);
    await desk.settle();
    expect(validFrom() > between).toBe(true);
    for (const id of [first, second]) expect((await desk.request(id)).state).toBe('closed');
  });

  it('do not hold each other up: who is through loses theirs, though the user may no longer be lent', async () => {
    const first = await borrow('tess', '--role "Directory Readers" --for 1h');
    await borrow('luis', '--role "Reports Reader" --for 4h');
    const user = userCalled(MEGAN);
    contosoOf(desk).users.set(user.id, { ...user, properties: { ...user.properties, userType: 'Guest' } });
    await desk.pass(10 * MINUTE);
    await desk.hear('tess', `end ${first}`);
    await desk.settle();
    expect((await desk.request(first)).state).toBe('closed');
    expect(usersNow(desk).get(MEGAN)!.roles).toEqual(['Reports Reader']);
  });
});

describe('a user who gets another name', () => {
  const rename = (to: string): void => {
    const user = userCalled(MEGAN);
    contosoOf(desk).users.set(user.id, { ...user, userPrincipalName: to });
  };

  it('between the question and its start is not lent: neither rules nor approvers have agreed on that one', async () => {
    const id = await ask('tess', '--role "Directory Readers" --for 1h');
    rename('ceo@contoso.com');
    await desk.click('dana', 'approve', id);
    await desk.settle();
    for (let minutes = 0; minutes < 20; minutes += 1) await desk.pass(MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'failed' });
    expect(usersNow(desk).get('ceo@contoso.com')!.roles).toEqual([]);
  });

  it('goes by the new one in the next loan', async () => {
    const first = await borrow('tess', '--role "Directory Readers" --for 1h');
    await desk.hear('tess', `end ${first}`);
    await desk.pass(10 * MINUTE);
    rename('megan.b@contoso.com');
    const second = await borrow('tess', '--role "Directory Readers" --for 1h', 'megan.b@contoso.com');
    expect(await desk.request(second)).toMatchObject({ state: 'active', upn: 'megan.b@contoso.com' });
    expect((await desk.stores.accounts.byUpn('megan.b@contoso.com')).map(({ id }) => id)).toEqual([
      (await desk.request(second)).account,
    ]);
  });

  it('leaves its old one to whoever has it next: that one can be lent as well, and is another account', async () => {
    const first = await borrow('tess', '--role "Directory Readers" --for 1h');
    await desk.hear('tess', `end ${first}`);
    await desk.pass(10 * MINUTE);
    rename('megan.old@contoso.com');
    tenant('users', { userPrincipalName: MEGAN, displayName: 'Megan the second' });
    const second = await borrow('tess', '--role "Reports Reader" --for 1h');
    expect(await desk.request(second)).toMatchObject({ state: 'active', upn: MEGAN });
    expect((await desk.request(second)).account).not.toBe((await desk.request(first)).account);
    expect(usersNow(desk).get(MEGAN)!.roles).toEqual(['Reports Reader']);
    expect(usersNow(desk).get('megan.old@contoso.com')!.roles).toEqual([]);
  });

  it('in the middle of a loan loses what it was lent for all the same, and goes by the new one then', async () => {
    const id = await borrow('tess', '--role "Directory Readers" --for 1h');
    rename('megan.b@contoso.com');
    await desk.pass(10 * MINUTE);
    await desk.hear('tess', `end ${id}`);
    await desk.settle();
    expect((await desk.request(id)).state).toBe('closed');
    expect(usersNow(desk).get('megan.b@contoso.com')!.roles).toEqual([]);
    expect(await desk.stores.accounts.byUpn(MEGAN)).toEqual([]);
    expect(await desk.stores.accounts.byUpn('megan.b@contoso.com')).toHaveLength(1);
  });

  it('that another one on record still has keeps the one it had, and loses nothing by it', async () => {
    const id = await borrow('tess', '--role "Directory Readers" --for 1h');
    // On record under the name of somebody else, whom nobody has looked at since.
    await desk.stores.accounts.ensure(anAccount({ id: accountId('contoso/other'), upn: 'megan.b@contoso.com' }));
    rename('megan.b@contoso.com');
    await desk.pass(10 * MINUTE);
    await desk.hear('tess', `end ${id}`);
    await desk.settle();
    expect((await desk.request(id)).state).toBe('closed');
    expect(usersNow(desk).get('megan.b@contoso.com')!.roles).toEqual([]);
  });
});

describe('a user who is deleted while it is lent', () => {
  const deleteUser = (): (() => void) => {
    const user = userCalled(MEGAN);
    const memberships = contosoOf(desk).memberships.withKey(user.id);
    contosoOf(desk).users.delete(user.id);
    for (const { groupId, memberId } of memberships)
      contosoOf(desk).memberships.delete(membershipId(groupId, memberId));
    return () => {
      contosoOf(desk).users.set(user.id, user);
      for (const one of memberships) contosoOf(desk).memberships.set(membershipId(one.groupId, one.memberId), one);
    };
  };

  const check = (): Promise<string> => desk.hear('olga', 'admin tenant check contoso');

  /** Somebody deletes the user, and the loan ends meanwhile: how to restore it. */
  const endedWithout = async (): Promise<() => void> => {
    const id = await borrow('tess', '--group "Tier 1 admins" --for 1h');
    expect(usersNow(desk).get(MEGAN)!.groups).toContain('Tier 1 admins');
    await desk.pass(10 * MINUTE);
    const restore = deleteUser();
    await desk.hear('tess', `end ${id}`);
    for (let minutes = 0; minutes < 10; minutes += 1) await desk.pass(MINUTE);
    expect((await desk.request(id)).state).toBe('closed');
    return restore;
  };

  it('is nobody’s news while it is gone, and loses what the loan gave it once it is restored', async () => {
    const restore = await endedWithout();
    expect(await check()).toContain('is as it should be');
    restore();
    expect(usersNow(desk).get(MEGAN)!.groups).toContain('Tier 1 admins');
    expect(await check()).toContain('held group Tier 1 admins, which nobody asked for. That is taken away.');
    expect(usersNow(desk).get(MEGAN)!.groups).not.toContain('Tier 1 admins');
    await desk.pass(5 * MINUTE);
    expect(await check()).toContain('is as it should be');
  });

  it('keeps what is its own after it was restored without what the loan had given it', async () => {
    const restore = await endedWithout();
    restore();
    const { id } = userCalled(MEGAN);
    const tier1 = contosoOf(desk)
      .groups.all()
      .find(({ displayName }) => displayName === 'Tier 1 admins')!.id;
    contosoOf(desk).memberships.delete(membershipId(tier1, id));
    expect(await check()).toContain('is as it should be');
    await desk.pass(10 * MINUTE);
    // From now on it is in that group for good.
    contosoOf(desk).memberships.set(membershipId(tier1, id), { groupId: tier1, memberId: id });
    expect(await check()).toContain('is as it should be');
    const next = await borrow('tess', '--role "Directory Readers" --for 1h');
    await desk.hear('tess', `end ${next}`);
    await desk.pass(10 * MINUTE);
    expect(usersNow(desk).get(MEGAN)).toMatchObject({ roles: [], groups: expect.arrayContaining(['Tier 1 admins']) });
  });
});
