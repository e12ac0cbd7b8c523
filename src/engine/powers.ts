/**
 * What the app may do in a tenant beyond the ordinary, as the last look at the tenant found it. Convergence relies on it
 * for choosing its way, never for its safety: what is refused all the same is retried and shown.
 */
export interface Powers {
  /**
   * It may change the sign-in, password and access pass of users who hold admin roles. Otherwise they are stripped of
   * them first. Privileged Authentication Administrator or Global Administrator on the service principal.
   */
  readonly changesHolders: boolean;
  /** Roles can be given until a time, at which Entra itself takes them: licence and permission for PIM. */
  readonly schedules: boolean;
}

export const NO_POWERS: Powers = { changesHolders: false, schedules: false };
