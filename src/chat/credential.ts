import type { Revealed } from '../flows/reveal.js';
import type { Tenant } from '../engine/tenant.js';
import { sayTime } from './say.js';
import type { Reading } from './say.js';
import type { CredentialView } from './view.js';

/** The one showing of a credential, with the portal of its own tenant. */
export const credentialView = (
  { request, upn, password }: Revealed,
  tenant: Tenant | undefined,
  reading: Reading,
): CredentialView => ({
  kind: 'credential',
  id: request.id,
  title: `${request.tenantName}${request.endsAt === undefined ? '' : `, until ${sayTime(request.endsAt, reading)}`}`,
  portal: `https://portal.azure.com/${tenant?.directoryId ?? ''}`,
  upn,
  password,
  note: `Shown once. Lost it? /jit reveal ${request.id} --again makes a new one, and the old one stops working.`,
});
