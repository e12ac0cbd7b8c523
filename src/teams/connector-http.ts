import type { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { z } from 'zod';
import { SECOND, type Clock } from '../lib/clock.js';

interface Refusal {
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly code?: string;
}

/** The service that hosts the conversation refused, or did not answer: then `status` is absent. */
export class ConnectorFault extends Error {
  override readonly name = 'ConnectorFault';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** The service's own word for what is wrong. */
  readonly code: string | undefined;

  constructor(message: string, refusal: Refusal = {}, options?: ErrorOptions) {
    super(message, options);
    this.status = refusal.status;
    this.retryAfterMs = refusal.retryAfterMs;
    this.code = refusal.code;
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

const readError = (body: string): { readonly code?: string | undefined; readonly message?: string | undefined } => {
  try {
    return ErrorBody.parse(JSON.parse(body)).error;
  } catch {
    // The service did not answer in its own error format; the status has to do.
    return {};
  }
};

const refusalOf = (response: Response, body: string, clock: Clock): ConnectorFault => {
  const { status } = response;
  const { code, message = '' } = readError(body);
  const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), clock);
  return new ConnectorFault(`${status} ${code ?? ''} ${message.slice(0, 200)}`.trim(), {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(code === undefined ? {} : { code }),
  });
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
    throw new ConnectorFault('no answer from the service', {}, { cause: thrown });
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
      throw new ConnectorFault('the answer of the service broke off', {}, { cause: thrown });
    });
    if (!response.ok) throw refusalOf(response, bodyAsText, clock);
    const headers = request.headers.clone();
    for (const name of headers.headerNames()) headers.remove(name);
    headers.set('content-type', response.headers.get('content-type') ?? 'application/json');
    return { request, status: response.status, headers, bodyAsText };
  },
});
