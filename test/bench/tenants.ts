import type { Account } from '../../src/engine/account.js';
import { dedicatedAccountId, personId, tenantId } from '../../src/engine/ids.js';
import { fixedId } from '../../src/sandbox/fixed-id.js';
import type { TenantSeed } from '../../src/sandbox/seed.js';

/** The customers of the bench, all alike: what `npm run bench` lends is lent in these. */

export const ROLES = ['Helpdesk Administrator', 'Groups Administrator', 'Directory Readers'] as const;
export const GROUPS = ['Mail operators', 'Device operators'] as const;

export interface BenchTenant {
  /** As Latchkey knows it. */
  readonly name: string;
  readonly id: string;
  readonly domain: string;
}

export const benchTenant = (index: number): BenchTenant => {
  const name = `customer${String(index + 1).padStart(4, '0')}`;
  return { name, id: fixedId('bench tenant', name), domain: `${name}.onmicrosoft.com` };
};

export const benchTenants = (count: number): readonly TenantSeed[] =>
  Array.from({ length: count }, (_none, index) => {
    const { name, id, domain } = benchTenant(index);
    return {
      id,
      displayName: name,
      domains: [{ id: domain }],
      users: [],
      groups: GROUPS.map((displayName) => ({ displayName })),
    };
  });

/** The id of a group in the directory of a tenant. */
export const groupIdIn = ({ id }: BenchTenant, displayName: string): string => fixedId('group', id, displayName);

/** Accounts of ours that nobody uses, as both sides know them. */
export const shutAccounts = (
  tenant: BenchTenant,
  count: number,
): readonly (Account & { readonly objectId: string })[] =>
  Array.from({ length: count }, (_none, index) => {
    const person = personId(`P-${index}`);
    const known = tenantId(tenant.name);
    return {
      id: dedicatedAccountId(known, person),
      tenant: known,
      kind: 'dedicated',
      person,
      upn: `jit-technician${index}@${tenant.domain}`,
      displayName: `JIT: Technician ${index}`,
      objectId: fixedId('shut account', tenant.name, String(index)),
      creationSent: true,
      credential: { use: 'shut', generation: 1, sessionsRevoked: true },
      grants: [],
    };
  });
