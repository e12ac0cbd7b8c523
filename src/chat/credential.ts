import type { Revealed } from '../flows/reveal.js';
import type { AccessRequest } from '../engine/request.js';
import type { Cloud, Tenant } from '../engine/tenant.js';
import { sayTime } from './say.js';
import type { Reading } from './say.js';
import type { CredentialView } from './view.js';

const PORTALS: Readonly<Record<Cloud, string>> = {
  global: 'https://portal.azure.com',
  usgov: 'https://portal.azure.us',
  usdod: 'https://portal.azure.us',
  china: 'https://portal.azure.cn',
};

/** The one showing of a credential, with the portal of its own tenant. */
export const credentialView = (
  { request, upn, kind, secret }: Revealed,
  tenant: Tenant | undefined,
  reading: Reading,
): CredentialView => ({
  kind: 'credential',
  id: request.id,
  title: `${request.tenantName}${request.endsAt === undefined ? '' : `, until ${sayTime(request.endsAt, reading)}`}`,
  portal: `${PORTALS[tenant?.cloud ?? 'global']}/${tenant?.directoryId ?? ''}`,
  upn,
  label: kind === 'password' ? 'Password' : passLabel(request, reading),
  secret,
  note: `Shown once. Lost it? /jit reveal ${request.id} --again makes a new one, and the old one stops working.`,
});

const passLabel = ({ passEndsAt, endsAt }: AccessRequest, reading: Reading): string => {
  const isShort = passEndsAt !== undefined && endsAt !== undefined && passEndsAt < endsAt;
  return isShort ? `Access pass, good until ${sayTime(passEndsAt, reading)}` : 'Access pass';
};
