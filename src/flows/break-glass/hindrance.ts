import type { DirectoryFault } from '../../engine/faults.js';
import { troubleClause } from '../trouble.js';
import type { Unsealable } from './vault-terms.js';

/** What keeps a rotation from succeeding. */
export interface Hindrance {
  readonly code: string;
  /** One plain clause that fits behind a colon. */
  readonly clause: string;
  /** For the log. */
  readonly detail?: string;
  /** It is tried again no sooner. */
  readonly retryAfterMs?: number;
}

/** What a directory answered to a password, a role or a look. */
export const hindranceOf = (fault: DirectoryFault, to: 'password' | 'role' | 'look' | 'pass'): Hindrance => ({
  code: fault.code,
  clause: fault.code === 'directory.forbidden' ? FORBIDDEN[to] : troubleClause(fault),
  detail: fault.detail,
  ...('retryAfterMs' in fault && fault.retryAfterMs !== undefined ? { retryAfterMs: fault.retryAfterMs } : {}),
});

const FORBIDDEN = {
  password:
    'the app may not change the password of a Global Administrator: it lacks Privileged Authentication Administrator',
  role: 'the app may not give the role Global Administrator',
  look: 'the app may not read users there',
  pass: 'the app may not end the access pass that a look has issued',
} as const;

export const unsealable = (why: Unsealable): Hindrance => ({
  code: why,
  clause:
    why === 'vault.not-set-up' ? 'the vault is not set up' : 'nobody has a key to the vault, so nobody could read it',
});

export const FOREIGN: Hindrance = {
  code: 'break-glass.foreign',
  clause: 'a user of that name is there that is not ours',
};

export const UNSEALED: Hindrance = { code: 'break-glass.unsealed', clause: 'the password could not be sealed' };

export const NO_COPY: Hindrance = {
  code: 'break-glass.no-copy',
  clause: 'the folder for copies of the vault takes none, so the password was not changed',
};

export const BROKE_OFF: Hindrance = {
  code: 'directory.internal',
  clause: troubleClause({ code: 'directory.internal', detail: '' }),
};
