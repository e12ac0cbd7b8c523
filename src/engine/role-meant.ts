import { roleId } from './ids.js';
import type { RoleId } from './ids.js';

// What built-in roles were called before they got the names that directories show now; old scripts, tickets and habits
// still say it. Source: learn.microsoft.com, "Microsoft Entra built-in roles", where each role tells its earlier names.
// Left out is every earlier name that another role has by now, such as Password Administrator.
const FORMER: Readonly<Record<string, RoleId>> = {
  'company administrator': roleId('62e90394-69f5-4237-9190-012177145e10'),
  'crm service administrator': roleId('44367163-eba1-44c3-98af-f5787879f96a'),
  'dynamics 365 service administrator': roleId('44367163-eba1-44c3-98af-f5787879f96a'),
  'exchange service administrator': roleId('29232cdf-9323-42fd-ade2-1d097af3e4de'),
  'information protection administrator': roleId('7495fdc4-34c4-4d15-a289-98788ce399fd'),
  'intune service administrator': roleId('3a2c62db-5318-420d-8d74-23affee5d9d5'),
  'lync service administrator': roleId('75941009-915a-4869-abe7-691bff18279e'),
  'power bi administrator': roleId('a9ea8996-122f-4c74-9520-8edcd192826c'),
  'power bi service administrator': roleId('a9ea8996-122f-4c74-9520-8edcd192826c'),
  'service administrator': roleId('f023fd81-a637-4b56-95fd-791ac0226033'),
  'sharepoint service administrator': roleId('f28a1f50-f6e7-4571-818b-6a12f2af6b6c'),
  'teams service administrator': roleId('69091246-20e8-4a56-aa4d-066075b2a7a8'),
  'user account administrator': roleId('fe930be7-5e62-47db-91af-98c3a49a38b1'),
};

/**
 * The one of these roles that somebody means by a name or an id, whatever its case; a built-in role by its former name,
 * too, unless a role of the directory is called that today.
 */
export const roleMeant = <T extends { readonly id: string; readonly name: string }>(
  roles: readonly T[],
  typed: string,
): T | undefined => {
  const wanted = typed.trim().toLowerCase();
  const named = roles.find(({ id, name }) => name.toLowerCase() === wanted || id.toLowerCase() === wanted);
  if (named !== undefined || !Object.hasOwn(FORMER, wanted)) return named;
  return roles.find(({ id }) => id.toLowerCase() === FORMER[wanted]);
};
