/**
 * The house as a model of the life of requests sees it: who is in which group and what the rules say, in words of its
 * own. Nothing here asks the program what is right.
 */
export type Name = string;

export type Circle = 'Service desk' | 'Leads' | 'Bosses';

/** So many people of this circle; `later`: after half an hour the bosses count as well. */
export interface Voice {
  readonly circle: Circle;
  readonly count: number;
  readonly later: boolean;
}

export interface Allowing {
  readonly roles: readonly string[];
  readonly longestMs: number;
  /** Empty: nobody has to agree. */
  readonly voices: readonly Voice[];
  readonly self: boolean;
  readonly denials: number;
}

export interface World {
  /** All of them for the service desk; by name. */
  readonly allowing: Readonly<Record<string, Allowing>>;
  /** Roles that nobody may have. */
  readonly denied: readonly string[];
  readonly circles: Readonly<Record<Circle, readonly Name[]>>;
  /** Whose chat account is closed. */
  readonly gone: readonly Name[];
  /** Who are known in the chat where requests are made. */
  readonly known: readonly Name[];
}

export interface Wish {
  readonly who: Name;
  readonly roles: readonly string[];
  readonly lengthMs: number;
}

/** What the rules ask in return, all of them together. */
export type Demands = Pick<Allowing, 'longestMs' | 'voices' | 'self' | 'denials'>;

/** How long after it was asked the bosses count as well, where a rule says so. */
export const ESCALATION_MS = 30 * 60_000;

/** `undefined`: they refuse. */
export const demandsOn = (world: World, { who, roles, lengthMs }: Wish): Demands | undefined => {
  if (world.gone.includes(who) || !world.circles['Service desk'].includes(who)) return undefined;
  if (roles.some((role) => world.denied.includes(role))) return undefined;
  const rules = Object.values(world.allowing).filter((rule) => rule.roles.some((role) => roles.includes(role)));
  if (!roles.every((role) => rules.some((rule) => rule.roles.includes(role)))) return undefined;
  const longestMs = Math.min(...rules.map((rule) => rule.longestMs));
  if (lengthMs > longestMs) return undefined;
  return {
    longestMs,
    voices: rules.flatMap(({ voices }) => voices),
    self: rules.every(({ self }) => self),
    denials: Math.min(...rules.map(({ denials }) => denials)),
  };
};

const isIn = (world: World, who: Name, { circle, later }: Voice, escalated: boolean): boolean =>
  world.circles[circle].includes(who) || (later && escalated && world.circles.Bosses.includes(who));

const isFree = (world: World, who: Name, wisher: Name, self: boolean): boolean =>
  (who !== wisher || self) && world.known.includes(who) && !world.gone.includes(who);

/** Whether somebody's word counts. */
export const mayDecide = (
  world: World,
  who: Name,
  wisher: Name,
  { voices, self }: Pick<Demands, 'voices' | 'self'>,
  escalated: boolean,
): boolean => isFree(world, who, wisher, self) && voices.some((voice) => isIn(world, who, voice, escalated));

/** Whether those who agreed are enough for all that is demanded. */
export const isEnough = (
  world: World,
  agreed: readonly Name[],
  wisher: Name,
  { voices, self }: Pick<Demands, 'voices' | 'self'>,
  escalated: boolean,
): boolean =>
  voices.every((voice) => {
    const counting = new Set(
      agreed.filter((who) => isFree(world, who, wisher, self) && isIn(world, who, voice, escalated)),
    );
    return counting.size >= voice.count;
  });

/** Whether there are enough people to ask, be it only later. */
export const canBeMet = (world: World, wisher: Name, demands: Pick<Demands, 'voices' | 'self'>): boolean =>
  isEnough(world, world.known, wisher, demands, true);
