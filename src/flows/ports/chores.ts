/** Work that comes again and again, and that one process at a time does for all. */
export interface Chore {
  /** Stays the same over restarts and versions: under it stands when it was done. */
  readonly name: string;
  /** How long after one beginning the next is due. */
  readonly everyMs: number;
  /** Must bear being repeated: a process that dies over it leaves it to the next. */
  readonly run: () => Promise<void>;
}

/**
 * Who may do recurring work next. Of many processes one is let in at a time, and each chore is due again only some time
 * after it was begun.
 */
export interface ChoreStore {
  /**
   * Takes the sole right to do the chore, for `leaseMs`; `false`: it is not due, or somebody is at it. It is due again
   * `everyMs` after this claim; whoever dies over it holds it until the lease has run out.
   */
  claim(name: string, now: Date, everyMs: number, leaseMs: number): Promise<boolean>;
  /** `claimedAt` names the claim. `false`: its right was lost to another. */
  prolong(name: string, claimedAt: Date, until: Date): Promise<boolean>;
  /** Gives the right back, unless it was lost. `next`: when it is due again, if not as the claim has set it. */
  done(name: string, claimedAt: Date, next?: Date): Promise<void>;
}
