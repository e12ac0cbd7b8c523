import type { EnvironmentReader } from './environment.js';

/** Addresses as the environment names them. */

export const readPort = ({ faults, text }: EnvironmentReader, name: string, fallback: number): number => {
  const port = Number(text(name) ?? fallback);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) faults.push(`${name} must be a number from 0 to 65535.`);
  return port;
};

export const readUrl = ({ faults, text }: EnvironmentReader, name: string, httpsOnly = false): string | undefined => {
  const value = text(name);
  if (value === undefined) return undefined;
  const url = parsedUrl(value);
  const fits = url !== undefined && (url.protocol === 'https:' || (!httpsOnly && url.protocol === 'http:'));
  if (!fits) faults.push(`${name} must be an ${httpsOnly ? 'https' : 'http or https'} address.`);
  return fits ? value.replace(/\/+$/u, '') : undefined;
};

export const isLoopback = (address: string | undefined): boolean => {
  const host = address === undefined ? undefined : (parsedUrl(address)?.hostname ?? address);
  return host !== undefined && /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/u.test(host);
};

const parsedUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
