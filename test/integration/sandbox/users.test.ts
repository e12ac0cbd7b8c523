import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ASSIGNMENTS, newUser, PASSWORD, startRig, TAG, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const create = async (name: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const { status, body } = await rig.graph('POST', '/users', newUser(name, more));
  expect(status).toBe(201);
  return String(body.id);
};

const signsIn = async (name: string, password: string): Promise<unknown> =>
  (await rig.control('POST', 'sign-in', { upn: `${name}@contoso.com`, password })).body;

describe('creating a user', () => {
  it('makes somebody who can sign in with that password', async () => {
    await create('jit.megan');
    expect(await signsIn('jit.megan', PASSWORD)).toEqual({ ok: true, roles: [], groups: [] });
    expect(await signsIn('jit.megan', `${PASSWORD}!`)).toMatchObject({ ok: false, reason: 'wrong_password' });
  });

  it('makes the user change the password unless told otherwise', async () => {
    await create('fresh', { passwordProfile: { password: PASSWORD } });
    expect(await signsIn('fresh', PASSWORD)).toMatchObject({ ok: true, mustChangePassword: true });
  });

  it('refuses a name that is taken, whatever its case', async () => {
    await create('taken');
    const { status, body } = await rig.graph('POST', '/users', newUser('TAKEN'));
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'Request_BadRequest',
      message: 'Another object with the same value for property userPrincipalName already exists.',
      details: [{ code: 'ObjectConflict', target: 'userPrincipalName' }],
    });
  });

  it.each([
    ['a domain of somebody else', { userPrincipalName: 'a@fabrikam.com' }, /verified domain/],
    ['a domain not yet verified', { userPrincipalName: 'a@pending.contoso.com' }, /verified domain/],
    ['a space', { userPrincipalName: 'a b@contoso.com' }, /userPrincipalName/],
    ['an umlaut', { userPrincipalName: 'müller@contoso.com' }, /userPrincipalName/],
    ['a dot before the @', { userPrincipalName: 'a.@contoso.com' }, /userPrincipalName/],
    ['65 characters before the @', { userPrincipalName: `${'a'.repeat(65)}@contoso.com` }, /userPrincipalName/],
    ['a nickname of 65 characters', { mailNickname: 'a'.repeat(65) }, /mailNickname/],
    ['7 characters of password', { passwordProfile: { password: 'Abc-123' } }, /password complexity/],
    ['257 characters of password', { passwordProfile: { password: `Aa1-${'x'.repeat(253)}` } }, /password complexity/],
    ['two classes of characters', { passwordProfile: { password: 'abcdefgh1234' } }, /password complexity/],
    ['a password beyond ASCII', { passwordProfile: { password: 'Grüße-aus-1234' } }, /password complexity/],
    ['a banned word', { passwordProfile: { password: 'Password-1234' } }, /password complexity/],
    ['an unknown property', { shoeSize: 43 }, /'shoeSize' does not exist/],
    ['a property of the wrong type', { accountEnabled: 'yes' }, /accountEnabled/],
    ['an unknown part of the password profile', { passwordProfile: { password: PASSWORD, hint: 'x' } }, /'hint'/],
    [
      'an extension nobody registered',
      { [TAG.replace('latchkey', 'other')]: 'x' },
      /extension properties are not available/,
    ],
    ['an unknown password policy', { passwordPolicies: 'NeverMind' }, /passwordPolicies/],
    ['no display name', { displayName: undefined }, /displayName/],
  ])('refuses %s', async (_, changes, message) => {
    const { status, body } = await rig.graph('POST', '/users', newUser('refused', changes));
    expect(status).toBe(400);
    expect(body.error.message).toMatch(message);
    expect((await rig.graph('GET', '/users/refused@contoso.com')).status).toBe(404);
  });

  it('takes the longest name and password that Entra takes', async () => {
    const password = `Aa1-${'x'.repeat(252)}`;
    await create('a'.repeat(64), { passwordProfile: { password, forceChangePasswordNextSignIn: false } });
    expect(await signsIn('a'.repeat(64), password)).toMatchObject({ ok: true });
  });
});

describe('reading users', () => {
  it('finds one by id and by name, and shows only the usual properties unless asked', async () => {
    const id = await create('reader', { [TAG]: 'account#1', employeeType: 'JIT' });
    const usual = await rig.graph('GET', '/users/READER@contoso.com');
    expect(usual.body.id).toBe(id);
    expect(usual.body).not.toHaveProperty('accountEnabled');
    const asked = await rig.graph('GET', `/users/${id}?$select=id,accountEnabled,${TAG},employeeType`);
    expect(asked.body).toMatchObject({ id, accountEnabled: true, [TAG]: 'account#1', employeeType: 'JIT' });
  });

  it('never shows a password', async () => {
    await create('secretive');
    const answer = await rig.graph('GET', '/users/secretive@contoso.com?$select=passwordProfile,displayName');
    expect(answer.body.passwordProfile).toBeNull();
    expect((await rig.control('GET', 'state')).text).not.toContain(PASSWORD);
  });

  it('answers 404 for somebody unknown, 400 for an unknown property', async () => {
    const unknown = await rig.graph('GET', '/users/nobody@contoso.com');
    expect([unknown.status, unknown.body.error.code]).toEqual([404, 'Request_ResourceNotFound']);
    expect((await rig.graph('GET', '/users/megan@contoso.com?$select=shoeSize')).status).toBe(400);
  });

  it.each([
    [`${TAG} eq 'account#1'`, ['a', 'b']],
    [`startsWith(${TAG},'account#')`, ['a', 'b', 'c']],
    [`startswith(userPrincipalName, 'A@')`, ['a']],
    [`${TAG} eq 'account#1' and employeeType eq 'JIT'`, ['b']],
    [`(employeeType eq 'JIT' or displayName eq 'a') and accountEnabled eq true`, ['a', 'b']],
    [`displayName in ('a','c')`, ['a', 'c']],
    [`displayName eq 'o''brien'`, []],
  ])('filters by %s', async (filter, expected) => {
    await create('a', { [TAG]: 'account#1' });
    await create('b', { [TAG]: 'account#1', employeeType: 'JIT' });
    await create('c', { [TAG]: 'account#2' });
    const { body } = await rig.graph('GET', `/users?$filter=${encodeURIComponent(filter)}&$select=displayName`);
    expect(body.value.map((user: { displayName: string }) => user.displayName)).toEqual(expected);
  });

  it.each([
    ["displayName ne 'a'", 'Request_UnsupportedQuery'],
    ["not startsWith(displayName,'a')", 'Request_UnsupportedQuery'],
    ["streetAddress eq 'a'", 'Request_UnsupportedQuery'],
    ["displayName eq 'a", 'BadRequest'],
    ['displayName eq', 'BadRequest'],
    ["displayName eq 'a' displayName", 'BadRequest'],
  ])('refuses the filter %s', async (filter, code) => {
    const { status, body } = await rig.graph('GET', `/users?$filter=${encodeURIComponent(filter)}`);
    expect([status, body.error.code]).toEqual([400, code]);
  });

  it('hands out pages of a hundred with a link to the next', async () => {
    for (let index = 0; index < 120; index += 1) await create(`many${index}`);
    const filter = `$filter=${encodeURIComponent("startsWith(displayName,'many')")}`;
    const first = await rig.graph('GET', `/users?${filter}&$select=id`);
    expect(first.body.value).toHaveLength(100);
    const next = String(first.body['@odata.nextLink']).slice(`${rig.sandbox.url}/v1.0`.length);
    const second = await rig.graph('GET', next);
    expect(second.body.value).toHaveLength(20);
    expect(second.body).not.toHaveProperty('@odata.nextLink');
    expect((await rig.graph('GET', '/users?$top=1000')).status).toBe(400);
  });

  it('refuses what it does not speak instead of ignoring it', async () => {
    expect((await rig.graph('GET', '/users?$orderby=displayName')).status).toBe(501);
    expect((await rig.graph('GET', '/users?$expand=manager')).status).toBe(501);
    expect((await rig.graph('GET', '/users?select=id')).status).toBe(400);
  });
});

describe('changing a user', () => {
  it('answers 204 without a body, and the change is there', async () => {
    const id = await create('changed', { [TAG]: 'account#1' });
    const answer = await rig.graph('PATCH', `/users/${id}`, {
      accountEnabled: false,
      [TAG]: 'account#2',
      passwordProfile: { password: `${PASSWORD}-2`, forceChangePasswordNextSignIn: false },
    });
    expect([answer.status, answer.text]).toEqual([204, '']);
    const { body } = await rig.graph('GET', `/users/${id}?$select=accountEnabled,${TAG}`);
    expect(body).toMatchObject({ accountEnabled: false, [TAG]: 'account#2' });
    expect(await signsIn('changed', PASSWORD)).toMatchObject({ reason: 'wrong_password' });
    expect(await signsIn('changed', `${PASSWORD}-2`)).toMatchObject({ reason: 'disabled' });
  });

  it.each([
    ['an unknown property', { shoeSize: 43 }],
    ['a read-only property', { id: 'mine' }],
    ['an extension nobody registered', { [TAG.replace('latchkey', 'other')]: 'x' }],
    ['a weak password', { passwordProfile: { password: 'short' } }],
    ['a text where true or false belongs', { accountEnabled: 'false' }],
    ['a name with a foreign domain', { userPrincipalName: 'x@fabrikam.com' }],
    ['a name that is taken', { userPrincipalName: 'alex@contoso.com' }],
  ])('refuses %s', async (_, body) => {
    expect((await rig.graph('PATCH', '/users/megan@contoso.com', body)).status).toBe(400);
  });

  it('refuses the password of a federated user', async () => {
    await rig.contoso('domains', { id: 'fed.contoso.com', authenticationType: 'Federated' });
    await rig.contoso('users', { userPrincipalName: 'fed@fed.contoso.com' });
    const answer = await rig.graph('PATCH', '/users/fed@fed.contoso.com', { passwordProfile: { password: PASSWORD } });
    expect(answer.status).toBe(400);
  });

  it('revokes sessions with a 200 and its time', async () => {
    rig.advance(5_000);
    const answer = await rig.graph('POST', '/users/megan@contoso.com/revokeSignInSessions');
    expect([answer.status, answer.body.value]).toEqual([200, true]);
    const { body } = await rig.graph('GET', '/users/megan@contoso.com?$select=signInSessionsValidFromDateTime');
    expect(body.signInSessionsValidFromDateTime).toBe(rig.sandbox.world.clock.now().toISOString());
  });
});

describe('deleting a user', () => {
  const DAY = 24 * 60 * 60 * 1_000;

  it('frees the name, ends the roles, and keeps the user for thirty days', async () => {
    const id = await create('leaver');
    await rig.contoso('role-assignments', { user: id, role: 'Security Reader' });
    await rig.contoso('memberships', { user: id, group: 'Sales' });
    // Security Reader outranks User Administrator's reach, so the role goes first, as it must for the bot.
    const roles = await rig.graph('GET', `${ASSIGNMENTS}?$filter=${encodeURIComponent(`principalId eq '${id}'`)}`);
    await rig.graph('DELETE', `${ASSIGNMENTS}/${roles.body.value[0].id}`);
    await rig.contoso('role-assignments', { user: id, role: 'Reports Reader' });

    expect((await rig.graph('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await rig.graph('GET', `/users/${id}`)).status).toBe(404);
    expect(await signsIn('leaver', PASSWORD)).toMatchObject({ reason: 'unknown_user' });
    const left = await rig.graph('GET', `${ASSIGNMENTS}?$filter=${encodeURIComponent(`principalId eq '${id}'`)}`);
    expect(left.body.value).toEqual([]);

    const deleted = await rig.graph('GET', '/directory/deletedItems/microsoft.graph.user');
    expect(deleted.body.value).toMatchObject([{ id, displayName: 'leaver' }]);
    rig.advance(30 * DAY);
    const token = await rig.token();
    expect((await rig.graph('GET', `/directory/deletedItems/${id}`, undefined, { token })).status).toBe(404);
    expect((await rig.graph('POST', `/directory/deletedItems/${id}/restore`, undefined, { token })).status).toBe(404);
  });

  it('restores with groups and without roles, unless the name is taken by then', async () => {
    const id = await create('returner');
    await rig.contoso('memberships', { user: id, group: 'Sales' });
    await rig.contoso('role-assignments', { user: id, role: 'Reports Reader' });
    await rig.graph('DELETE', `/users/${id}`);
    const usurper = await create('returner');
    expect((await rig.graph('POST', `/directory/deletedItems/${id}/restore`)).status).toBe(400);
    await rig.graph('DELETE', `/users/${usurper}`);
    expect((await rig.graph('POST', `/directory/deletedItems/${id}/restore`)).status).toBe(200);
    expect(await signsIn('returner', PASSWORD)).toEqual({ ok: true, roles: [], groups: ['Sales'] });
  });

  it('purges for good', async () => {
    const id = await create('purged');
    await rig.graph('DELETE', `/users/${id}`);
    expect((await rig.graph('DELETE', `/directory/deletedItems/${id}`)).status).toBe(204);
    expect((await rig.graph('POST', `/directory/deletedItems/${id}/restore`)).status).toBe(404);
  });
});
