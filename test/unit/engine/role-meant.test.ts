// Whoever knows a built-in role by the name that it had is understood, and never takes one role for another.
import { expect, it } from 'vitest';
import { roleMeant } from '../../../src/engine/role-meant.js';

const GLOBAL = { id: '62e90394-69f5-4237-9190-012177145e10', name: 'Global Administrator' };
const USER = { id: 'fe930be7-5e62-47db-91af-98c3a49a38b1', name: 'User Administrator' };
const HELPDESK = { id: '729827e3-9c14-49f7-bb1b-9608f156bbb8', name: 'Helpdesk Administrator' };
const PASSWORD = { id: '966707d0-3269-4727-9be2-8c3a10f19b9d', name: 'Password Administrator' };
const ROLES = [GLOBAL, USER, HELPDESK, PASSWORD];

it.each([
  ['Global Administrator', GLOBAL],
  [' global administrator ', GLOBAL],
  [GLOBAL.id.toUpperCase(), GLOBAL],
  ['Company Administrator', GLOBAL],
  ['company administrator', GLOBAL],
  ['User Account Administrator', USER],
  ['Password Administrator', PASSWORD],
  ['Exchange Service Administrator', undefined],
  ['Administrator', undefined],
  ['constructor', undefined],
  ['', undefined],
])('%s is understood', (typed, role) => {
  expect(roleMeant(ROLES, typed)).toBe(role);
});

it('a role that is called so today comes before one that was', () => {
  const own = { id: 'custom', name: 'Company Administrator' };
  expect(roleMeant([...ROLES, own], 'Company Administrator')).toBe(own);
});
