import type { z } from 'zod';
import type { Found, ListedCredential } from '../engine/inspection.js';
import { err, ok } from '../lib/result.js';
import type { Graph } from './call.js';
import { malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import { appCredentialsAnswer, extensionPage } from './inspection-answers.js';
import type { Patience } from './patience.js';
import { readBody, readRows } from './read.js';
import { tagAttribute } from './tag.js';

/** The app's own registration, which exists in its home tenant and nowhere else. */

export const appPaths = (clientId: string) => ({
  app: `/applications(appId='${clientId}')?$select=appId,passwordCredentials,keyCredentials`,
  extensions: `/applications(appId='${clientId}')/extensionProperties`,
});

const ELSEWHERE = 404;

export const readCredentials = (
  clientId: string,
  answer: GraphAnswer,
): Found<readonly ListedCredential[] | undefined> => {
  if (answer.status === ELSEWHERE) return ok(undefined);
  const app = readBody(appCredentialsAnswer, answer);
  if (!app.ok) return app;
  const { appId, passwordCredentials, keyCredentials } = app.value;
  if (appId.toLowerCase() !== clientId.toLowerCase()) return err(malformed('the answer is about another app'));
  return ok(
    [...passwordCredentials.map(listedAs('secret')), ...keyCredentials.map(listedAs('certificate'))].toSorted(
      (one, other) => one.expiresAt.getTime() - other.expiresAt.getTime(),
    ),
  );
};

type Row = z.infer<typeof appCredentialsAnswer>['passwordCredentials'][number];

const listedAs =
  (kind: ListedCredential['kind']) =>
  ({ displayName, keyId, endDateTime }: Row): ListedCredential => ({
    kind,
    name: displayName || (keyId ?? 'unnamed'),
    expiresAt: new Date(endDateTime),
  });

/** Whether users can carry our tag. */
export const readTagAttribute = async (
  graph: Graph,
  first: GraphAnswer,
  patience: Patience,
): Promise<Found<boolean | undefined>> => {
  if (first.status === ELSEWHERE) return ok(undefined);
  const rows = await readRows(graph, extensionPage, first, patience);
  if (!rows.ok) return rows;
  const wanted = tagAttribute(graph.clientId).toLowerCase();
  return ok(
    rows.value.some(({ name, targetObjects }) => name.toLowerCase() === wanted && targetObjects.includes('User')),
  );
};
