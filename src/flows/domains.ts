import type { Fault } from '../engine/faults.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { DirectoryDescription } from './ports.js';

type Domain = DirectoryDescription['domains'][number];

/** The domains under which accounts can be made: Graph sets no password of a federated one, and knows no unverified one. */
export const usableDomains = (domains: readonly Domain[]): readonly string[] =>
  domains.filter(({ verified, managed }) => verified && managed).map(({ name }) => name);

/** The domain that was asked for; where none was, one of the tenant's own, else the one that Microsoft gave it. */
export const chooseDomain = (domains: readonly Domain[], asked: string | undefined): Result<string, Fault> => {
  const usable = usableDomains(domains);
  if (asked === undefined) {
    const own = usable.find((name) => !name.includes('.onmicrosoft.')) ?? usable[0];
    return own === undefined ? err({ code: 'domain.unverified', domain: '(any)', verified: [] }) : ok(own);
  }
  const found = domains.find(({ name }) => name.toLowerCase() === asked.trim().toLowerCase());
  if (found === undefined || !found.verified) {
    return err({ code: 'domain.unverified', domain: asked, verified: usable });
  }
  return found.managed ? ok(found.name) : err({ code: 'domain.federated', domain: found.name, usable });
};
