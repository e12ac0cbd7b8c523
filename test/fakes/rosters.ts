import type { RosterFault } from '../../src/engine/faults.js';
import type { Follow } from '../../src/engine/follow.js';
import type { IdentityKey } from '../../src/engine/ids.js';
import type { Identity } from '../../src/engine/person.js';
import type { Rosters, Standing, Standings } from '../../src/flows/ports/rosters.js';
import { err, ok } from '../../src/lib/result.js';

/** Lists of people and the state of accounts, as a test says them. */
export interface FakeRosters {
  readonly rosters: Rosters;
  readonly standings: Standings;
  /** What the list with this name holds from now on; a fault: it cannot be read. */
  list(name: string, roster: readonly Identity[] | RosterFault): void;
  /** What the platform says of an account from now on; absent: nothing. */
  account(key: IdentityKey, standing: Standing | undefined): void;
  /** Whether nobody can be asked about accounts. */
  silent(fault: RosterFault | undefined): void;
  /** Called in the middle of each reading of a list. */
  whileReading(act: () => Promise<void>): void;
}

export const createFakeRosters = (): FakeRosters => {
  const lists = new Map<string, readonly Identity[] | RosterFault>();
  const accounts = new Map<IdentityKey, Standing>();
  let silence: RosterFault | undefined;
  let meanwhile = async (): Promise<void> => undefined;
  const unknown = (asked: string): RosterFault => ({ code: 'roster.unknown', what: 'list', asked });
  return {
    rosters: {
      membersOf: async ({ name }) => {
        await meanwhile();
        const roster = lists.get(name) ?? unknown(name);
        return 'code' in roster ? err(roster) : ok(roster);
      },
      find: async (_place, typed) => {
        const follow: Follow = { kind: 'slack', usergroup: `S${typed.toUpperCase()}`, name: typed };
        return lists.has(typed) ? ok(follow) : err(unknown(typed));
      },
    },
    standings: {
      of: async (identities) => {
        if (silence !== undefined) return err(silence);
        const said = identities.flatMap(({ key }) => {
          const standing = accounts.get(key);
          return standing === undefined ? [] : [[key, standing] as const];
        });
        return ok(new Map(said));
      },
    },
    list: (name, roster) => void lists.set(name, roster),
    account: (key, standing) => void (standing === undefined ? accounts.delete(key) : accounts.set(key, standing)),
    silent: (fault) => void (silence = fault),
    whileReading: (act) => void (meanwhile = act),
  };
};
