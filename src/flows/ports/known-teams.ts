/** A Teams team that the bot is in, as Teams named it when it last told. */
export interface KnownTeam {
  /** The team's conversation, `19:…@thread.tacv2`. */
  readonly team: string;
  readonly name: string;
  /** The Entra group behind it. */
  readonly directoryGroup?: string;
}

/** Teams tells a bot of the teams it is in only when something happens there. */
export interface KnownTeamStore {
  remember(team: KnownTeam): Promise<void>;
  all(): Promise<readonly KnownTeam[]>;
}
