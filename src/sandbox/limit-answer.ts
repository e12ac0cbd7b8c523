import type { GraphAnswer } from './graph-call.js';
import type { Refused } from './limits.js';
import type { AccessToken } from './model.js';

/** What Graph answers to whoever asks too much. */
export const limitAnswer = ({ limit, retryAfterSeconds }: Refused, { appId, tenantId }: AccessToken): GraphAnswer => ({
  status: 429,
  headers: {
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    'x-ms-throttle-scope': `Tenant_Application/${limit === 'writes' ? 'Write' : 'ReadWrite'}/${appId}/${tenantId}`,
    'x-ms-throttle-information': limit === 'writes' ? 'WriteLimitExceeded' : 'ResourceUnitLimitExceeded',
  },
  body: { error: { code: 'TooManyRequests', message: 'Too many requests. Please retry later.' } },
});
