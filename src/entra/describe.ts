import type { DirectoryFault } from '../engine/faults.js';
import type { DirectoryDescription } from '../flows/ports.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { domainPage, organizationPage } from './answers.js';
import type { Graph } from './call.js';
import { malformed } from './errors.js';
import type { Patience } from './patience.js';
import { readRows, readTogether } from './read.js';

const PATHS = { organization: '/organization', domains: '/domains' };

/** Who the tenant is and which domains it has. An answer at all proves the credential and the consent. */
export const describeDirectory = async (
  graph: Graph,
  directoryId: string,
  patience: Patience,
): Promise<Result<DirectoryDescription, DirectoryFault>> => {
  const answers = await readTogether(graph, PATHS, patience);
  if (!answers.ok) return answers;
  const organizations = await readRows(graph, organizationPage, answers.value.organization, patience);
  if (!organizations.ok) return organizations;
  const [organization] = organizations.value;
  if (organization?.id.toLowerCase() !== directoryId.toLowerCase()) {
    return err(malformed('the answer is about another tenant'));
  }
  const domains = await readRows(graph, domainPage, answers.value.domains, patience);
  if (!domains.ok) return domains;
  return ok({
    name: organization.displayName,
    domains: domains.value.map(({ id, isVerified, authenticationType }) => ({
      name: id,
      verified: isVerified,
      managed: authenticationType === 'Managed',
    })),
  });
};
