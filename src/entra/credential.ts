import { ClientCertificateCredential, ClientSecretCredential, WorkloadIdentityCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from '../engine/tenant.js';
import type { Redacted } from '../lib/redacted.js';

/** How the app proves to the login authority who it is. */
export type AppCredential =
  | { readonly kind: 'secret'; readonly secret: Redacted<string> }
  /** A PEM file that holds the certificate and its private key. */
  | { readonly kind: 'certificate'; readonly path: string }
  /** The same as text. */
  | { readonly kind: 'pem'; readonly pem: Redacted<string> }
  /** A file that the platform keeps filled with a fresh token of its own: workload identity federation. */
  | { readonly kind: 'federated'; readonly tokenFile: string };

/** The app through which a tenant is reached. */
export interface TenantApp {
  readonly clientId: string;
  readonly credential: AppCredential;
  /** Tokens of one cloud are worth nothing in another. */
  readonly cloud: Cloud;
  /** Another one whenever anything of the app changes. */
  readonly version: string;
}

/** Where a cloud's login authority and Graph are; the Graph address without a version. */
export interface Endpoints {
  readonly authorityHost: string;
  readonly graphBaseUrl: string;
}

export const CLOUDS: Readonly<Record<Cloud, Endpoints>> = {
  global: { authorityHost: 'https://login.microsoftonline.com', graphBaseUrl: 'https://graph.microsoft.com' },
  usgov: { authorityHost: 'https://login.microsoftonline.us', graphBaseUrl: 'https://graph.microsoft.us' },
  usdod: { authorityHost: 'https://login.microsoftonline.us', graphBaseUrl: 'https://dod-graph.microsoft.us' },
  china: {
    authorityHost: 'https://login.chinacloudapi.cn',
    graphBaseUrl: 'https://microsoftgraph.chinacloudapi.cn',
  },
};

interface SignIn {
  readonly directoryId: string;
  readonly clientId: string;
  readonly credential: AppCredential;
  readonly authorityHost: string;
}

const isMicrosofts = (authorityHost: string): boolean => {
  const { host } = new URL(authorityHost);
  return Object.values(CLOUDS).some((cloud) => new URL(cloud.authorityHost).host === host);
};

/** The app's credential in one tenant. Throws where it cannot be one. */
export const createCredential = ({ directoryId, clientId, credential, authorityHost }: SignIn): TokenCredential => {
  const options = {
    authorityHost,
    // Discovery asks Microsoft whether an authority is genuine, and Microsoft knows only its own.
    disableInstanceDiscovery: !isMicrosofts(authorityHost),
    // Asking for a token changes nothing, so it may be repeated; the deadline of the call leaves room for little more.
    retryOptions: { maxRetries: 1, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 },
  };
  switch (credential.kind) {
    case 'secret':
      return new ClientSecretCredential(directoryId, clientId, credential.secret.reveal(), options);
    case 'certificate':
      return new ClientCertificateCredential(directoryId, clientId, { certificatePath: credential.path }, options);
    case 'pem':
      return new ClientCertificateCredential(directoryId, clientId, { certificate: credential.pem.reveal() }, options);
    case 'federated':
      return new WorkloadIdentityCredential({
        ...options,
        tenantId: directoryId,
        clientId,
        tokenFilePath: credential.tokenFile,
      });
    default:
      return credential satisfies never;
  }
};
