import type { FaultOf } from './faults.js';
import type { GraphAnswer } from './graph-call.js';

/** What a client gets to see of a fault that answers at all. */

const REASONS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  500: ['InternalServerError', 'An internal server error occurred.'],
  502: ['BadGateway', 'The gateway got no valid answer.'],
  503: ['ServiceUnavailable', 'The service is temporarily unavailable.'],
  504: ['GatewayTimeout', 'The service did not answer in time.'],
};

export const faultBody = (fault: FaultOf<'throttle' | 'server-error'>): GraphAnswer => {
  if (fault.kind === 'throttle')
    return {
      status: 429,
      headers: fault.retryAfterSeconds === null ? {} : { 'Retry-After': String(fault.retryAfterSeconds) },
      body: { error: { code: 'TooManyRequests', message: 'Too many requests. Please retry later.' } },
    };
  const [code, message] = REASONS[fault.status] ?? ['UnknownError', ''];
  return { status: fault.status, body: { error: { code, message } } };
};

export const PROXY_PAGE =
  '<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>502 Bad gateway</h1><p>The proxy could not reach the server.</p></body></html>\n';
