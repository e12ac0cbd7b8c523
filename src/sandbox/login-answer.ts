import { guid } from './guid.js';
import { escape, htmlPage } from './html.js';
import { json, type Reply } from './reply.js';
import type { World } from './world.js';

/** What the login authority answers: JSON to programs, pages and redirects to browsers, refusals to both. */

const HTML = 'text/html; charset=utf-8';

export const showPage = (html: string, status = 200): Reply => ({ status, contentType: HTML, text: html });

export const redirect = (location: string): Reply => ({
  status: 302,
  headers: { location },
  contentType: HTML,
  text: '',
});

/** A refusal on a page of its own: whoever asked is not trusted enough to be sent anywhere. */
export const refusePage = (code: string, message: string): Reply =>
  showPage(htmlPage('Sorry, but we’re having trouble signing you in', `<p>${escape(`${code}: ${message}`)}</p>`), 400);

const REFUSALS = {
  unknownTenant: { status: 400, error: 'invalid_tenant', number: 90002 },
  unknownApp: { status: 400, error: 'unauthorized_client', number: 700016 },
  notConsented: { status: 401, error: 'invalid_client', number: 7000229 },
  wrongSecret: { status: 401, error: 'invalid_client', number: 7000215 },
  expiredSecret: { status: 401, error: 'invalid_client', number: 7000222 },
  wrongAssertion: { status: 401, error: 'invalid_client', number: 700027 },
  untimelyAssertion: { status: 401, error: 'invalid_client', number: 700024 },
  wrongAudience: { status: 401, error: 'invalid_client', number: 700023 },
  unknownIssuer: { status: 401, error: 'invalid_client', number: 700211 },
  unknownAudience: { status: 401, error: 'invalid_client', number: 700212 },
  unknownSubject: { status: 401, error: 'invalid_client', number: 700213 },
  noCredential: { status: 401, error: 'invalid_client', number: 7000218 },
  wrongGrant: { status: 400, error: 'unsupported_grant_type', number: 70003 },
  wrongScope: { status: 400, error: 'invalid_scope', number: 1002012 },
  wrongCode: { status: 400, error: 'invalid_grant', number: 70000 },
  expiredCode: { status: 400, error: 'invalid_grant', number: 70008 },
  redeemedCode: { status: 400, error: 'invalid_grant', number: 54005 },
  wrongVerifier: { status: 400, error: 'invalid_grant', number: 501481 },
  wrongRedirect: { status: 400, error: 'invalid_client', number: 500112 },
  disabledUser: { status: 400, error: 'invalid_grant', number: 50057 },
  missingParameter: { status: 400, error: 'invalid_request', number: 900144 },
} as const;

/** A refusal of the token endpoint. */
export const refuse = (world: World, kind: keyof typeof REFUSALS, message: string): Reply => {
  const { status, error, number } = REFUSALS[kind];
  const timestamp = `${world.clock.now().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const trace = guid(world.random);
  const correlation = guid(world.random);
  return json(status, {
    error,
    error_description: `AADSTS${number}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [number],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  });
};

export const unknownTenant = (world: World, name: string): Reply =>
  refuse(world, 'unknownTenant', `Tenant '${name}' not found. Check to make sure you have the correct tenant ID.`);
