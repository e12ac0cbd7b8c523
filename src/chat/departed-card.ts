import type { Departed } from '../flows/leaving.js';
import { card } from './answers.js';
import { line, sayList } from './say.js';
import type { Card } from './view.js';

/** As many as are read on a phone; the audit log names the others. */
const NAMED = 10;

/** A tenant is disconnected, and this is what is left of us there. */
export const departedCard = ({ tenant, by, accounts, breakGlass }: Departed): Card =>
  card(`${tenant.name} is disconnected`, [
    line(`${by} asked for it. Every access there has ended, its secrets are forgotten, and its settings are gone.`),
    line(
      accounts.length === 0
        ? 'No account of Latchkey is left in its directory.'
        : `Left in its directory, as their last end left them: ${sayList(accounts, NAMED)}. Delete them there if nobody needs them.`,
    ),
    ...(breakGlass.length === 0
      ? []
      : [
          line(
            `Still Global Administrators there, under passwords that change no more: ${sayList(breakGlass, NAMED)}. The vault keeps the last ones; change them there before anybody else's.`,
          ),
        ]),
    line("Last step, for the tenant's administrator: remove Latchkey under Enterprise applications."),
  ]);
