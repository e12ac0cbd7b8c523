import type { AccountId } from '../engine/ids.js';

/** The mark on a user that says which account of ours it is, and which generation of its password is set. */
export interface Tag {
  readonly account: string;
  readonly generation: number;
}

/** The directory extension attribute that holds it; registered once on the app, it then exists in every tenant. */
export const tagAttribute = (clientId: string): string => `extension_${clientId.replaceAll('-', '')}_latchkey`;

/** Entra takes no longer text in such an attribute. */
export const LONGEST_TAG = 256;

export const writeTag = (account: AccountId, generation: number): string => `${account}#${generation}`;

/** The tag in what was read; undefined where there is none, or nothing that we wrote. */
export const readTag = (value: unknown): Tag | undefined => {
  const match = typeof value === 'string' ? /^(.+)#(\d{1,9})$/s.exec(value) : null;
  const [, account, generation] = match ?? [];
  return account === undefined || generation === undefined ? undefined : { account, generation: Number(generation) };
};
