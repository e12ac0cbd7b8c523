/** Who is in an Entra group, and whose Entra account is live: of the directories whose people speak in Teams. */
import type { z } from 'zod';
import type { DirectoryFault, RosterFault } from '../engine/faults.js';
import type { Follow } from '../engine/follow.js';
import { identityKey } from '../engine/ids.js';
import type { IdentityKey } from '../engine/ids.js';
import type { Identity } from '../engine/person.js';
import type { Standing } from '../flows/ports/rosters.js';
import type { Log } from '../lib/log.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { groupNamePage, memberPage, standingAnswer } from './answers.js';
import { LARGEST_BATCH } from './call.js';
import type { Graph } from './call.js';
import type { Patience } from './patience.js';
import type { Reach } from './reach.js';
import { readBody, readRows, readTogether } from './read.js';

type EntraFollow = Extract<Follow, { kind: 'entra' }>;

export interface EntraRoster {
  membersOf(follow: EntraFollow): Promise<Result<readonly Identity[], RosterFault>>;
  find(directoryId: string, typed: string): Promise<Result<EntraFollow, RosterFault>>;
  /** Asks those of the connected directories whose people speak in Teams. */
  standings(connected: readonly string[], identities: readonly Identity[]): Promise<ReadonlyMap<IdentityKey, Standing>>;
}

export interface EntraRosterOptions {
  readonly log: Log;
  /** Directories whose people may speak in Teams; none named: any. Absent: nobody speaks in Teams. */
  readonly speakers?: readonly string[];
}

const WHAT = 'Entra group';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const MEMBER_FIELDS = 'id,displayName,mail,userPrincipalName,accountEnabled';

export const createEntraRoster = ({ inTenant }: Reach, { speakers, log }: EntraRosterOptions): EntraRoster => {
  const speaking = speakers?.map((id) => id.toLowerCase());

  // The object id of a user is an identity of Teams only where Teams runs on that directory.
  const whyNot = (directoryId: string): RosterFault | undefined => {
    if (speaking === undefined) return { code: 'roster.no-platform', platform: 'teams' };
    if (speaking.length === 0 || speaking.includes(directoryId.toLowerCase())) return undefined;
    return { code: 'roster.foreign-directory', directoryId };
  };

  return {
    membersOf: async ({ directoryId, group, name }) => {
      const refusal = whyNot(directoryId);
      if (refusal !== undefined) return err(refusal);
      const members = await inTenant(directoryId, (graph, patience) => readMembers(graph, group, patience));
      return members.ok ? members : err(asRosterFault(members.error, name));
    },

    find: async (directoryId, typed) => {
      const refusal = whyNot(directoryId);
      if (refusal !== undefined) return err(refusal);
      const found = await inTenant(directoryId, (graph, patience) => findGroups(graph, typed, patience));
      if (!found.ok) return err(asRosterFault(found.error, typed));
      const [one, ...others] = found.value;
      if (one === undefined) return err({ code: 'roster.unknown', what: WHAT, asked: typed });
      if (others.length === 0) return ok({ kind: 'entra', directoryId, group: one.id, name: one.displayName });
      const candidates = found.value.map(({ id, displayName }) => `${displayName} (${id})`);
      return err({ code: 'roster.ambiguous', asked: typed, candidates });
    },

    standings: async (connected, identities) => {
      if (speaking === undefined) return new Map();
      const asked = connected.map((id) => id.toLowerCase()).filter((id) => whyNot(id) === undefined);
      const answers = await Promise.all(
        asked.map((id) => inTenant(id, (graph, patience) => readStandings(graph, identities, patience))),
      );
      answers.forEach((answer, index) => logFault(log, asked[index], answer));
      // Nobody's account is gone as long as a directory that may have it was not asked.
      const complete =
        speaking.length > 0 && speaking.every((id) => asked.includes(id)) && answers.every((answer) => answer.ok);
      return standingsIn(
        identities,
        answers.flatMap((answer) => (answer.ok ? [answer.value] : [])),
        complete,
      );
    },
  };
};

const logFault = (log: Log, directory: string | undefined, answer: Result<unknown, DirectoryFault>): void => {
  if (!answer.ok) log.warn({ directory, fault: answer.error }, 'a directory does not say whose accounts are live');
};

const asRosterFault = (fault: DirectoryFault, asked: string): RosterFault =>
  fault.code === 'directory.not-found' ? { code: 'roster.unknown', what: WHAT, asked } : fault;

const readMembers = async (
  graph: Graph,
  group: string,
  patience: Patience,
): Promise<Result<readonly Identity[], DirectoryFault>> => {
  // People in groups inside it do not count: whoever manages such a group could otherwise let anybody in.
  const path = `/groups/${encodeURIComponent(group)}/members/microsoft.graph.user?$select=${MEMBER_FIELDS}&$top=999`;
  const first = await graph.send({ method: 'GET', path }, patience);
  if (!first.ok) return err(first.error.fault);
  const rows = await readRows(graph, memberPage, first.value, patience);
  if (!rows.ok) return rows;
  // Graph hides what the app may not read. That would look as if everybody were disabled.
  const isHidden = rows.value.some(({ accountEnabled }) => typeof accountEnabled !== 'boolean');
  if (isHidden) return err({ code: 'directory.forbidden', detail: 'Graph hides whose accounts are enabled' });
  return ok(rows.value.filter(({ accountEnabled }) => accountEnabled === true).map(toIdentity));
};

type MemberRow = z.infer<typeof memberPage>['value'][number];

const toIdentity = ({ id, displayName, mail, userPrincipalName }: MemberRow): Identity => {
  // A guest's principal name is made up, and looks like an address without being one.
  const email = [mail, userPrincipalName].find((text) => text?.includes('@') === true && !text.includes('#EXT#'));
  return {
    key: identityKey('teams', id),
    platform: 'teams',
    name: displayName || email || id,
    ...(email === undefined || email === null ? {} : { email }),
  };
};

type GroupNameRow = z.infer<typeof groupNamePage>['value'][number];

const findGroups = async (
  graph: Graph,
  typed: string,
  patience: Patience,
): Promise<Result<readonly GroupNameRow[], DirectoryFault>> => {
  const wanted = typed.trim();
  const filter = GUID.test(wanted) ? `id eq '${wanted}'` : `displayName eq '${wanted.replaceAll("'", "''")}'`;
  const path = `/groups?$filter=${encodeURIComponent(filter)}&$select=id,displayName`;
  const first = await graph.send({ method: 'GET', path }, patience);
  return first.ok ? readRows(graph, groupNamePage, first.value, patience) : err(first.error.fault);
};

/** By object id; `undefined`: the directory has no such user. */
type Found = ReadonlyMap<string, Standing | undefined>;

const objectIdOf = ({ key }: Identity): string => key.slice('teams:'.length);

const readStandings = async (
  graph: Graph,
  identities: readonly Identity[],
  patience: Patience,
): Promise<Result<Found, DirectoryFault>> => {
  const found = new Map<string, Standing | undefined>();
  const ids = identities.map(objectIdOf).filter((id) => GUID.test(id));
  for (let start = 0; start < ids.length; start += LARGEST_BATCH) {
    const some = ids.slice(start, start + LARGEST_BATCH);
    const paths = Object.fromEntries(some.map((id) => [id, `/users/${id}?$select=id,accountEnabled`]));
    const answers = await readTogether(graph, paths, patience);
    if (!answers.ok) return answers;
    for (const [id, answer] of Object.entries(answers.value)) {
      if (answer.status === 404) {
        found.set(id, undefined);
        continue;
      }
      const user = readBody(standingAnswer, answer);
      if (!user.ok) return user;
      found.set(id, user.value.accountEnabled ? 'active' : 'deactivated');
    }
  }
  return ok(found);
};

const standingsIn = (
  identities: readonly Identity[],
  directories: readonly Found[],
  complete: boolean,
): ReadonlyMap<IdentityKey, Standing> => {
  const standings = new Map<IdentityKey, Standing>();
  for (const identity of identities) {
    const id = objectIdOf(identity);
    const said = directories.map((found) => found.get(id)).filter((standing) => standing !== undefined);
    const isGone = complete && directories.every((found) => found.has(id));
    if (said.includes('active')) standings.set(identity.key, 'active');
    else if (said.length > 0 || isGone) standings.set(identity.key, 'deactivated');
  }
  return standings;
};
