import type { Answer } from '../chat/answer.js';
import type { Card, View } from '../chat/view.js';
import { DONE, insteadOf, NO_WINDOW } from './copy.js';
import type { Modals } from './modals.js';

/** How an answer can reach whoever asked, from where they asked. */
export interface Ways {
  /** Tells them alone. */
  tell(card: Card): Promise<void>;
  /** Shows them a window; whether that worked. Absent where Slack gives no trigger. */
  open?(view: View): Promise<boolean>;
  /** Puts the card in the place of the message they clicked. */
  replace?(card: Card): Promise<void>;
}

export const deliver = async (answer: Answer, ways: Ways): Promise<void> => {
  if (answer.kind === 'nothing') return;
  const { kind, view } = answer;
  if (view.kind !== 'card') {
    const opened = (await ways.open?.(view)) ?? false;
    if (!opened) await ways.tell(insteadOf(view));
  } else if (kind === 'replace' && ways.replace !== undefined) {
    await ways.replace(view);
  } else {
    await ways.tell(view);
  }
};

/**
 * The window stands open and empty before the credential is taken, so that a failure to open one costs nothing; then it
 * is filled in one attempt.
 */
export const reveal = async (
  opened: Promise<string | undefined>,
  modals: Modals,
  ask: () => Promise<Answer>,
  tell: Ways['tell'],
): Promise<void> => {
  const window = await opened;
  if (window === undefined) return tell(NO_WINDOW);
  const view = viewOf(await ask());
  if (!(await modals.update(window, view))) await tell(insteadOf(view));
};

/** What a window that stays open shows of an answer. */
export const viewOf = (answer: Answer): View => (answer.kind === 'nothing' ? DONE : answer.view);
