import { createHmac } from 'node:crypto';

export interface Posted {
  readonly status: number;
  readonly text: string;
}

export interface Signing {
  readonly secret?: string;
  /** Seconds to add to the time that is signed. */
  readonly skew?: number;
  readonly headers?: Record<string, string>;
}

export const SIGNING_SECRET = 'a-signing-secret-of-the-tests';

/** Posts as Slack does: HMAC v0 over time and body. */
export const postSigned = async (url: string, body: string, type: string, signing: Signing = {}): Promise<Posted> => {
  const time = String(Math.floor(Date.now() / 1000) + (signing.skew ?? 0));
  const hmac = createHmac('sha256', signing.secret ?? SIGNING_SECRET).update(`v0:${time}:${body}`);
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${hmac.digest('hex')}`,
      ...signing.headers,
    },
  });
  return { status: response.status, text: await response.text() };
};

export const postForm = (url: string, fields: Record<string, string>, signing?: Signing): Promise<Posted> =>
  postSigned(url, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded', signing);

export const postJson = (url: string, body: object, signing?: Signing): Promise<Posted> =>
  postSigned(url, JSON.stringify(body), 'application/json', signing);
