/** Nothing that cannot be undone happens by one word. */
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { code, line } from '../say.js';
import { flag } from './noun.js';

/** The option of every verb that destroys. */
export const YES = { yes: flag('does it without asking again') };

export interface Loss {
  /** The noun, whose verb `remove` is to be said. */
  readonly noun: string;
  readonly id: string;
  /** `rule Leads approve Exchange` */
  readonly what: string;
  /** What will be lost by it, one sentence. */
  readonly consequence: string;
}

/**
 * What to answer before something is destroyed; `undefined`: it was agreed to. The button says the same command again
 * with `--yes`, so that everything is looked up and judged anew at the click.
 */
export const unconfirmed = (yes: boolean, { noun, id, what, consequence }: Loss): Answer | undefined =>
  yes
    ? undefined
    : show(
        card(
          `Remove ${what}?`,
          [line(consequence), line('To do it, click, or type ', code(`/jit admin ${noun} remove ${id} --yes`))],
          [{ verb: 'admin-remove', id: `${noun}/${id}`, label: 'Remove', style: 'danger' }],
        ),
      );
