import { ClientAssertionCredential, ClientSecretCredential, type TokenCredential } from '@azure/identity';
import { Client, GraphError } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';

/**
 * The bot's journey through Microsoft's own libraries. A process of its own, because Node reads NODE_EXTRA_CA_CERTS
 * only at the start. Prints what happened as one JSON line.
 */

const [url = '', clientId = '', clientSecret = '', upn = '', password = ''] = process.argv.slice(2);

const TENANT = 'contoso.onmicrosoft.com';
const SCOPE = 'https://graph.microsoft.com/.default';
const HELPDESK = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
const REPORTS_READER = '4a5d8f65-41da-4de4-8968-e035b65339cf';
const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';

const authority = { authorityHost: url, disableInstanceDiscovery: true };

const signIn = async (): Promise<unknown> => {
  const response = await fetch(`${url}/_sandbox/sign-in`, { method: 'POST', body: JSON.stringify({ upn, password }) });
  return response.json();
};

const refusal = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'none';
  } catch (thrown) {
    if (thrown instanceof GraphError) return `${thrown.statusCode} ${thrown.code}`;
    return /AADSTS\d+/.exec(String(thrown))?.[0] ?? String(thrown);
  }
};

const ISSUER = { issuer: 'https://issuer.example', subject: 'bot', audience: 'api://AzureADTokenExchange' };

/** Lets the app prove itself with what another issuer signs; gives that issuer's pen. */
const federate = async (): Promise<() => Promise<string>> => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const federatedCredentials = [{ ...ISSUER, publicKey: await exportSPKI(publicKey) }];
  await fetch(`${url}/_sandbox/apps/${clientId}`, { method: 'POST', body: JSON.stringify({ federatedCredentials }) });
  const { issuer, subject, audience } = ISSUER;
  return () =>
    new SignJWT()
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(audience)
      .setExpirationTime('10m')
      .sign(privateKey);
};

const clientFor = (credential: TokenCredential): Client =>
  Client.initWithMiddleware({
    authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [SCOPE] }),
    baseUrl: `${url}/`,
    customHosts: new Set(['localhost']),
  });

const journey = async (client: Client): Promise<Record<string, unknown>> => {
  const user = await client.api('/users').post({
    accountEnabled: true,
    displayName: 'JIT Megan',
    mailNickname: 'jit-megan',
    userPrincipalName: upn,
    passwordProfile: { password, forceChangePasswordNextSignIn: false },
  });
  const assign = (id: string, roleDefinitionId: string): unknown => ({
    id,
    method: 'POST',
    url: ASSIGNMENTS,
    headers: { 'Content-Type': 'application/json' },
    body: { principalId: user.id, roleDefinitionId, directoryScopeId: '/' },
  });
  const batch = await client.api('/$batch').post({ requests: [assign('1', HELPDESK), assign('2', REPORTS_READER)] });
  const active = await signIn();

  const held = await client.api(ASSIGNMENTS).filter(`principalId eq '${user.id}'`).get();
  for (const { id } of held.value) await client.api(`${ASSIGNMENTS}/${id}`).delete();
  const stripped = await signIn();
  await client.api(`/users/${user.id}`).patch({ accountEnabled: false });
  await client.api(`/users/${user.id}/revokeSignInSessions`).post({});
  return {
    batch: batch.responses.map(({ status }: { status: number }) => status),
    held: held.value.length,
    active,
    stripped,
    closed: await signIn(),
    again: await refusal(client.api('/users/nobody@contoso.com').get()),
  };
};

const main = async (): Promise<void> => {
  const credential = new ClientSecretCredential(TENANT, clientId, clientSecret, authority);
  const wrong = new ClientSecretCredential(TENANT, clientId, 'guess', authority);
  const elsewhere = new ClientSecretCredential('nobody.example', clientId, clientSecret, authority);
  const federated = new ClientAssertionCredential(TENANT, clientId, await federate(), authority);
  const outcome = {
    wrongSecret: await refusal(wrong.getToken(SCOPE)),
    unknownTenant: await refusal(elsewhere.getToken(SCOPE)),
    assertion: (await federated.getToken(SCOPE)).token.length > 0,
    ...(await journey(clientFor(credential))),
  };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
};

await main();
