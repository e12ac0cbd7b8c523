/** What must come of somebody's word where nothing else happens at the same time. */
import type { AccessRequest } from '../../../src/engine/request.js';
import { wishIn } from './judge.js';
import type { Saying, Seen } from './judge.js';
import { canBeMet, demandsOn, isEnough, mayDecide } from './world.js';
import type { World } from './world.js';

export interface Answered {
  readonly saying: Saying;
  readonly refused: boolean;
}

/** Every omission, in words; none where all that was due has happened. */
export const omissions = (seen: Seen, { saying, refused }: Answered): readonly string[] => {
  const [was, is] = [seen.before.get(saying.about), seen.after.get(saying.about)];
  const world = seen.step.worlds.at(-1);
  if (was === undefined || is === undefined || world === undefined) return [];
  if (saying.verb === 'approve' || saying.verb === 'deny') return unheard(seen, world, { saying, refused }, was, is);
  const isHere = world.known.includes(saying.who) && !world.gone.includes(saying.who);
  const isTheirs = seen.nameOf(was.requester) === saying.who && isHere;
  return [
    ...unless(!isTheirs || saying.verb !== 'cancel' || was.state !== 'pending', is.state === 'cancelled', is),
    ...unless(!isTheirs || saying.verb !== 'end' || was.state !== 'active', is.state === 'closed', is),
    ...unless(
      !seen.owners.includes(saying.who) || saying.verb !== 'revoke' || was.state !== 'active',
      is.state === 'closed',
      is,
    ),
  ];
};

const unless = (isMoot: boolean, holds: boolean, { id, state }: AccessRequest): readonly string[] =>
  isMoot || holds ? [] : [`${id} is ${state} although somebody asked for more`];

/** The word of somebody who may say it counts and, once it suffices, decides; anybody else's is refused. */
const unheard = (
  seen: Seen,
  world: World,
  { saying, refused }: Answered,
  was: AccessRequest,
  is: AccessRequest,
): readonly string[] => {
  const wish = wishIn(seen, was);
  const demands = demandsOn(world, wish);
  const isClear = demands !== undefined && demands.voices.length > 0 && canBeMet(world, wish.who, demands);
  if (was.state !== 'pending' || was.extends !== undefined || !isClear) return [];
  if (!mayDecide(world, saying.who, wish.who, demands, true)) {
    return refused && is.state === 'pending' ? [] : [`${is.id}: ${saying.who} was heard without a say in it`];
  }
  if (!mayDecide(world, saying.who, wish.who, demands, false)) return [];
  if (refused) return [`${is.id}: ${saying.who} has a say in it, and was refused`];
  if (saying.verb === 'deny') {
    return is.state === 'denied' || demands.denials > 1 ? [] : [`${is.id} was denied, and is ${is.state}`];
  }
  const agreed = [...was.approvals.map(({ person }) => seen.nameOf(person)), saying.who];
  if (!isEnough(world, agreed, wish.who, demands, false) || was.denials.length > 0) return [];
  const due = is.startsAt === undefined || +is.startsAt <= seen.step.until ? 'active' : 'approved';
  return is.state === due ? [] : [`${is.id} has all consent it needs, and is ${is.state}`];
};
