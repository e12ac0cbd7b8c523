/** Whom a group follows: its members are whoever is in that list elsewhere, and nobody puts them there by hand. */
export type Follow =
  | { readonly kind: 'slack'; readonly usergroup: string; readonly name: string }
  /** `team`: the Entra id of the group behind the team, or its conversation id, `19:…@thread.tacv2`. */
  | { readonly kind: 'teams'; readonly team: string; readonly name: string }
  | { readonly kind: 'entra'; readonly directoryId: string; readonly group: string; readonly name: string };

/** Since when the list elsewhere cannot be read, and why, as one plain clause. The members stay as they were. */
export interface FollowTrouble {
  readonly since: Date;
  readonly clause: string;
}
