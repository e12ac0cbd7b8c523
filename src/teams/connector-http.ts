import type { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { z } from 'zod';
import { SECOND, type Clock } from '../lib/clock.js';

/** The service that hosts the conversation refused, or did not answer: then `status` is absent. */
export class ConnectorFault extends Error {
  override readonly name = 'ConnectorFault';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, status?: number, retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

type ClientOptions = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[4]>;
type HttpClient = NonNullable<ClientOptions['httpClient']>;
type HttpRequest = Parameters<HttpClient['sendRequest']>[0];

/** For one call to the service that hosts a conversation. */
export const CALL_DEADLINE = 10 * SECOND;

const NOT_SENT_ON = new Set(['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding']);

const ErrorBody = z.looseObject({
  error: z.looseObject({ code: z.string().optional(), message: z.string().optional() }),
});

const retryAfterOf = (header: string | null, clock: Clock): number | undefined => {
  if (header === null) return undefined;
  const seconds = /^\d{1,6}$/.test(header.trim()) ? Number(header) * SECOND : undefined;
  const wait = seconds ?? Date.parse(header) - clock.now().getTime();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
};

const refusalText = (status: number, body: string): string => {
  try {
    const { error } = ErrorBody.parse(JSON.parse(body));
    return `${status} ${error.code ?? ''} ${(error.message ?? '').slice(0, 200)}`.trim();
  } catch {
    // The service did not answer in its own error format; the status has to do.
    return String(status);
  }
};

const send = async (request: HttpRequest): Promise<Response> => {
  const headers = request.headers.headersArray().filter(({ name }) => !NOT_SENT_ON.has(name.toLowerCase()));
  const body: unknown = request.body;
  try {
    return await fetch(request.url, {
      method: request.method,
      headers: headers.map(({ name, value }): [string, string] => [name, value]),
      ...(typeof body === 'string' ? { body } : {}),
      // A redirect would carry the bot's token to another host.
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_DEADLINE),
    });
  } catch (thrown) {
    throw new ConnectorFault('no answer from the service', undefined, undefined, { cause: thrown });
  }
};

/**
 * The HTTP client under the library's. The library would silently repeat a message whose answer was lost, and so post
 * it twice; an own error class tells it to leave repeating to the caller.
 */
export const createConnectorHttp = (clock: Clock): HttpClient => ({
  sendRequest: async (request) => {
    const response = await send(request);
    const bodyAsText = await response.text().catch((thrown: unknown) => {
      throw new ConnectorFault('the answer of the service broke off', undefined, undefined, { cause: thrown });
    });
    if (!response.ok) {
      const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), clock);
      throw new ConnectorFault(refusalText(response.status, bodyAsText), response.status, retryAfterMs);
    }
    const headers = request.headers.clone();
    for (const name of headers.headerNames()) headers.remove(name);
    headers.set('content-type', response.headers.get('content-type') ?? 'application/json');
    return { request, status: response.status, headers, bodyAsText };
  },
});
