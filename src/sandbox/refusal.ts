/**
 * Graph saying no. Thrown, not returned: a handler reads like the list of Graph's own checks, and only the dispatcher
 * turns a refusal into an answer.
 */
export class GraphRefusal extends Error {
  override readonly name = 'GraphRefusal';
  readonly status: number;
  readonly code: string;
  readonly details: readonly RefusalDetail[];

  constructor(status: number, code: string, message: string, details: readonly RefusalDetail[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export interface RefusalDetail {
  readonly code: string;
  readonly message: string;
  readonly target: string;
}

export const badRequest = (message: string, details?: readonly RefusalDetail[]): GraphRefusal =>
  new GraphRefusal(400, 'Request_BadRequest', message, details);

export const unsupportedQuery = (message: string): GraphRefusal =>
  new GraphRefusal(400, 'Request_UnsupportedQuery', message);

export const invalidValue = (property: string, resource: string): GraphRefusal =>
  badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`);

export const notFound = (id: string): GraphRefusal =>
  new GraphRefusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

export const denied = (message = 'Insufficient privileges to complete the operation.'): GraphRefusal =>
  new GraphRefusal(403, 'Authorization_RequestDenied', message);

export const notImplemented = (what: string): GraphRefusal =>
  new GraphRefusal(501, 'Sandbox_NotImplemented', `The local Entra ID does not know ${what}.`);
