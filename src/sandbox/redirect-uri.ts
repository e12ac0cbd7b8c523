import type { App } from './model.js';

/** Where the login authority may send a browser back to. */

const LOOPBACK = ['localhost', '127.0.0.1'];

/** Compared letter for letter, but for the port of an `http` loopback address, which is anybody's. */
const comparable = (uri: string): string => {
  if (!URL.canParse(uri)) return uri;
  const { protocol, hostname, port } = new URL(uri);
  return protocol === 'http:' && LOOPBACK.includes(hostname) && port !== '' ? uri.replace(`:${port}`, '') : uri;
};

export const isRegistered = (app: App, redirectUri: string): boolean =>
  URL.canParse(redirectUri) && app.redirectUris.some((each) => comparable(each) === comparable(redirectUri));

/** `uri` with these parameters added. */
export const withParameters = (uri: string, parameters: Readonly<Record<string, string>>): string => {
  const location = new URL(uri);
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  return location.toString();
};
