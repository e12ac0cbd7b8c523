import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import type { ViewId } from '../../engine/ids.js';
import { runsOutAt, wrongLookState } from '../../engine/look.js';
import { isNamedBy } from '../../engine/person.js';
import type { Person } from '../../engine/person.js';
import { MINUTE } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { issuePage } from '../page-links.js';
import type { PageAddress } from '../page-links.js';

export const LOOK_PAGE = 'break-glass';

const GOOD_FOR_MS = 10 * MINUTE;

type LinkDeps = Pick<FlowDeps, 'clock' | 'random' | 'pageLinks' | 'settings'>;

/** The way to the page, for its requester alone: once, for ten minutes. */
export const linkTo = (deps: LinkDeps, { id, requester, askedOn }: BreakGlassView): Promise<PageAddress> =>
  issuePage(deps, { kind: LOOK_PAGE, person: requester, facts: { view: id, on: askedOn } }, GOOD_FOR_MS);

/** The look for which somebody wants another link, if it is theirs and may be had. */
export const lookToOpen = async (
  { views, clock }: Pick<FlowDeps, 'views' | 'clock'>,
  person: Person,
  id: ViewId,
): Promise<Result<BreakGlassView, Fault>> => {
  const view = (await views.load(id))?.view;
  if (view === undefined) return err({ code: 'view.unknown', asked: id });
  if (!isNamedBy(person, view.requester)) return err({ code: 'view.not-yours', id, requester: view.requesterName });
  const end = runsOutAt(view);
  if (view.state !== 'approved') return err(wrongLookState(view, 'open'));
  return end !== undefined && end <= clock.now() ? err(wrongLookState({ id, state: 'lapsed' }, 'open')) : ok(view);
};
