import type { DirectoryFault } from '../engine/faults.js';
import { roleId } from '../engine/ids.js';
import type { DirectoryRole } from '../flows/ports.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { rolePage } from './answers.js';
import type { Graph } from './call.js';
import type { Patience } from './patience.js';
import { readRows } from './read.js';

/**
 * Roles that Microsoft counts as privileged, for tenants whose v1.0 answers do not say.
 * learn.microsoft.com: "Privileged roles and permissions in Microsoft Entra ID".
 */
const PRIVILEGED = new Set([
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3', // Application Administrator
  'cf1c38e5-3621-4004-a7cb-879624dced7c', // Application Developer
  'c4e39bd9-1100-46d3-8c65-fb160da0071f', // Authentication Administrator
  '25a516ed-2fa0-40ea-a2d0-12923a21473a', // Authentication Extensibility Administrator
  'aaf43236-0c0d-4d5f-883a-6955382ac081', // B2C IEF Keyset Administrator
  '158c047a-c907-4556-b7ef-446551a6b5f7', // Cloud Application Administrator
  '7698a772-787b-4ac8-901f-60d6b08affd2', // Cloud Device Administrator
  'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9', // Conditional Access Administrator
  '9360feb5-f418-4baa-8175-e2a00bac4301', // Directory Writers
  '8329153b-31d0-4727-b945-745eb3bc5f31', // Domain Name Administrator
  'be2f45a1-457d-42af-a067-6ec1fa63bc45', // External Identity Provider Administrator
  '62e90394-69f5-4237-9190-012177145e10', // Global Administrator
  'f2ef992c-3afb-46b9-b7cf-a126ee74c451', // Global Reader
  '729827e3-9c14-49f7-bb1b-9608f156bbb8', // Helpdesk Administrator
  '8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2', // Hybrid Identity Administrator
  '3a2c62db-5318-420d-8d74-23affee5d9d5', // Intune Administrator
  '966707d0-3269-4727-9be2-8c3a10f19b9d', // Password Administrator
  '7be44c8a-adaf-4e2a-84d6-ab2649e08a13', // Privileged Authentication Administrator
  'e8611ab8-c189-46e8-94e1-60213ab1f814', // Privileged Role Administrator
  '194ae4cb-b126-40b2-bd5b-6091b380977d', // Security Administrator
  '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f', // Security Operator
  '5d6b6bb7-de71-4623-b4af-96380a352509', // Security Reader
  'fe930be7-5e62-47db-91af-98c3a49a38b1', // User Administrator
]);

/** The roles that exist in the tenant and can be given, built in and custom, by name. */
export const readRoles = async (
  graph: Graph,
  patience: Patience,
): Promise<Result<readonly DirectoryRole[], DirectoryFault>> => {
  const answer = await graph.send({ method: 'GET', path: '/roleManagement/directory/roleDefinitions' }, patience);
  if (!answer.ok) return err(answer.error.fault);
  const rows = await readRows(graph, rolePage, answer.value, patience);
  if (!rows.ok) return rows;
  const roles = rows.value
    .filter((row) => row.isEnabled !== false)
    .map((row) => ({
      id: roleId(row.id.toLowerCase()),
      name: row.displayName,
      // What a custom role allows is not looked into, so it counts as the worst.
      privileged: row.isPrivileged ?? (row.isBuiltIn === false || PRIVILEGED.has(row.id.toLowerCase())),
    }));
  return ok(roles.toSorted((one, other) => one.name.localeCompare(other.name)));
};
