/** Whether a browser holds the identity to a public key that it sends: it opens what only that identity opens. */
import { createHash } from 'node:crypto';
import type { Fault } from '../../engine/faults.js';
import { isX25519Recipient } from '../../engine/vault-keys.js';
import { redacted } from '../../lib/redacted.js';
import type { Redacted } from '../../lib/redacted.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';

type PossessionDeps = Pick<FlowDeps, 'clock' | 'random' | 'pageLinks' | 'sealer'>;

const CHALLENGE_BYTES = 32;

/** A riddle sealed to that key. Only its digest is kept, so that whoever reads the database proves nothing by it. */
export const challengeFor = async (
  { clock, random, pageLinks, sealer }: PossessionDeps,
  token: Redacted<string>,
  kind: string,
  recipient: string,
): Promise<Result<{ readonly challenge: string }, Fault>> => {
  if (!isX25519Recipient(recipient) || !(await sealer.isRecipient(recipient))) return err({ code: 'vault.bad-key' });
  const riddle = redacted(random.bytes(CHALLENGE_BYTES).toString('base64url'));
  const kept = await pageLinks.challenge(token, kind, solved(recipient, riddle.reveal()), clock.now());
  return kept ? ok({ challenge: await sealer.sealText(riddle, [recipient]) }) : err({ code: 'page.gone' });
};

/** Whether the riddle was put for this very key and is solved; one attempt each. */
export const isPossessed = async (
  { clock, pageLinks }: PossessionDeps,
  token: Redacted<string>,
  kind: string,
  { recipient, proof }: { readonly recipient: string; readonly proof: string },
): Promise<boolean> => (await pageLinks.takeChallenge(token, kind, clock.now())) === solved(recipient, proof);

const solved = (recipient: string, riddle: string): string =>
  `${recipient}:${createHash('sha256').update(riddle).digest('base64url')}`;
