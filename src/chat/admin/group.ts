import type { Fault } from '../../engine/faults.js';
import { ALL_ADMINS } from '../../engine/group.js';
import type { Group } from '../../engine/group.js';
import type { PersonId } from '../../engine/ids.js';
import { syncGroup } from '../../flows/follow.js';
import { addGroup, changeGroup, removeGroup } from '../../flows/groups.js';
import type { GroupChange } from '../../flows/groups.js';
import { adminsOf } from '../../flows/standing.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show as answer } from '../answers.js';
import { cleaned } from '../asking.js';
import { faultSentence } from '../copy.js';
import { code, line, sayList, sayTime, strong } from '../say.js';
import type { Fact, Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { found, inUse, nameOf, organizationFor, withoutPrefix } from './find.js';
import { FOLLOW_HELP, followMeant } from './follow-words.js';
import { LISTING, paged } from './listing.js';
import { flag, many, maybe, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';
import { peopleToName } from './people-meant.js';

const PERSON = 'a mention, an e-mail, slack:USERID or teams:OBJECTID';
const MEMBERS = { member: many('PERSON', PERSON) };
const GROUP = { group: needed('GROUP', 'name or id') };

const isBuiltIn = (typed: string): boolean =>
  [ALL_ADMINS.name, ALL_ADMINS.id].some(
    (known) => known.toLowerCase() === cleaned(withoutPrefix('group', typed)).toLowerCase(),
  );

/** One of the groups that are kept; the built-in one is refused by its name. */
const groupKept = async (ctx: AdminContext, typed: string): Promise<Result<Group, Fault>> =>
  isBuiltIn(typed) ? err({ code: 'admin.built-in', name: ALL_ADMINS.name }) : found('group', ctx.sight.groups, typed);

const add = verb({
  name: 'add',
  summary: 'makes a group, or adds people to it',
  needs: 'change',
  arguments: { group: needed('NAME', 'what it is called') },
  options: {
    ...MEMBERS,
    organization: maybe('ORGANIZATION', "whose it is; else the owners'"),
    follow: maybe('LIST', FOLLOW_HELP),
  },
  examples: [
    '/jit admin group add "Service desk" --member @tess --member dana@msp.example',
    '/jit admin group add "On call" --follow slack:@on-call',
    '/jit admin group add "Customer Contoso" --organization contoso --follow "entra:contoso/IT approvers"',
  ],
  run: async (ctx, { group: typed }, { member, organization: owner, follow }) => {
    const name = nameOf('group', withoutPrefix('group', typed));
    if (!name.ok) return name;
    const organization = await organizationFor(ctx, owner);
    if (!organization.ok) return organization;
    const people = await peopleToName(ctx, member);
    if (!people.ok) return people;
    const follows = follow === undefined ? undefined : await followMeant(ctx, follow);
    if (follows?.ok === false) return follows;
    const known = (await ctx.sight.groups.named(name.value)).find((one) => one.organization === organization.value);
    if (known === undefined) {
      const made = await addGroup(ctx.deps, ctx.admin, {
        name: name.value,
        members: people.value,
        ...(organization.value === undefined ? {} : { organization: organization.value }),
        ...(follows === undefined ? {} : { follows: follows.value }),
      });
      return made.ok ? ok(await groupNow(ctx, made.value)) : made;
    }
    if (people.value.length === 0 || follows !== undefined) {
      return err({ code: 'admin.exists', what: 'group', name: known.name });
    }
    return changeTo(ctx, known, { join: people.value });
  },
});

const changeTo = async (ctx: AdminContext, group: Group, change: GroupChange): Promise<Result<Answer, Fault>> => {
  const changed = await changeGroup(ctx.deps, ctx.admin, group, change);
  return changed.ok ? ok(await groupNow(ctx, changed.value)) : changed;
};

/** Who is in it; what follows a list is brought in step first. */
const groupNow = async (ctx: AdminContext, group: Group): Promise<Answer> => {
  const { deps, turn } = ctx;
  const synced = group.follows === undefined ? ok(group) : await syncGroup(deps, group.id);
  const { name, members, follows } = (synced.ok ? synced.value : undefined) ?? group;
  const names = await namesOf(ctx, members);
  const title = `Group ${name} has ${names.length === 0 ? 'nobody in it' : sayList(names)}`;
  const lines = [
    ...(follows === undefined ? [] : [line(`It follows ${follows.name}, and is kept in step with it.`)]),
    ...(synced.ok ? [] : [line(`Not in step yet: ${faultSentence(synced.error, turn.reading)}`)]),
  ];
  return answer(card(title, lines));
};

const list = verb({
  name: 'list',
  summary: 'shows the groups and who is in them',
  needs: 'see',
  arguments: {},
  options: LISTING,
  examples: ['/jit admin group list', '/jit admin group list --page 2'],
  run: (ctx, _, options) =>
    paged(
      ctx,
      { noun: 'group', title: 'Groups', empty: 'None yet. /jit admin group add NAME --member PERSON makes one.' },
      options,
      ctx.sight.groups,
      groupLine,
    ),
});

const groupLine = async ({ name, members, follows, followTrouble }: Group, ctx: AdminContext): Promise<Line> => {
  const trouble = followTrouble === undefined ? '' : `, not in step (${followTrouble.clause})`;
  const list = follows === undefined ? '' : ` · follows ${follows.name}${trouble}`;
  return line(strong(name), `: ${sayList(await namesOf(ctx, members))}${list}`);
};

const MOST_USERS = 20;
const MOST_NAMES = 50;

const fact = (label: string, value: string): Fact => ({ label, value: line(value) });

const show = verb({
  name: 'show',
  summary: 'shows who is in a group, what it follows, and what names it',
  needs: 'see',
  arguments: GROUP,
  options: {},
  examples: ['/jit admin group show "Service desk"', '/jit admin group show "All admins"'],
  run: async (ctx, { group: typed }) => {
    if (isBuiltIn(typed)) return ok(await showBuiltIn(ctx));
    const group = await found('group', ctx.sight.groups, typed);
    if (!group.ok) return group;
    const { id, name, organization, members, follows, followTrouble } = group.value;
    const names = await namesOf(ctx, members);
    const facts = [
      fact('Id', id),
      fact('Owned by', organization ?? 'the owners'),
      fact('Members', `${members.length}: ${sayList(names, MOST_NAMES)}`),
      ...(follows === undefined ? [] : [fact('Follows', `${follows.kind}: ${follows.name}`)]),
      ...(followTrouble === undefined
        ? []
        : [fact('Not in step', `since ${sayTime(followTrouble.since, ctx.turn.reading)}: ${followTrouble.clause}`)]),
      fact('Named by', sayUsers(await usersOf(ctx, id))),
    ];
    const next = line('Change it: ', code(`/jit admin group set "${name}" --add @somebody`));
    return ok(answer({ ...card(`Group ${name}`, [next]), facts }));
  },
});

const showBuiltIn = async (ctx: AdminContext): Promise<Answer> => {
  const owners = await adminsOf(ctx.deps, undefined);
  const line1 = line('Built in: the owners, and in each organization its admins, too. Nobody can rename or remove it.');
  const facts = [
    fact(
      'Owners',
      sayList(
        owners.map(({ name }) => name),
        MOST_NAMES,
      ),
    ),
    fact('Named by', sayUsers(await usersOf(ctx, ALL_ADMINS.id))),
  ];
  return answer({ ...card(`Group ${ALL_ADMINS.name}`, [line1]), facts });
};

const usersOf = async ({ sight }: AdminContext, id: string): Promise<readonly string[]> => {
  const [rules, templates] = await Promise.all([
    sight.rules.using({ kind: 'group', id }, MOST_USERS),
    sight.templates.using({ kind: 'group', id }, MOST_USERS),
  ]);
  return [...rules.map(({ name }) => `rule ${name}`), ...templates.map(({ name }) => `template ${name}`)];
};

const sayUsers = (users: readonly string[]): string => (users.length === 0 ? 'nothing' : sayList(users, MOST_USERS));

const set = verb({
  name: 'set',
  summary: 'adds people, takes people out, or says which list it follows',
  needs: 'change',
  arguments: GROUP,
  options: {
    add: many('PERSON', PERSON),
    remove: many('PERSON', PERSON),
    follow: maybe('LIST', FOLLOW_HELP),
    unfollow: flag('follows nothing any more; whoever is in it stays'),
  },
  examples: [
    '/jit admin group set "Service desk" --add @tess --remove dana@msp.example',
    '/jit admin group set "Service desk" --follow "teams:Service desk"',
    '/jit admin group set "Service desk" --unfollow',
  ],
  run: async (ctx, { group: typed }, { add: joining, remove: leaving, follow, unfollow }) => {
    const group = await groupKept(ctx, typed);
    if (!group.ok) return group;
    const join = await peopleToName(ctx, joining);
    if (!join.ok) return join;
    const leave = await peopleToName(ctx, leaving);
    if (!leave.ok) return leave;
    if (follow !== undefined && unfollow) return err(invalid('--unfollow', 'leave one of the two out'));
    const list = follow === undefined ? undefined : await followMeant(ctx, follow);
    if (list?.ok === false) return list;
    const follows = unfollow ? 'nothing' : list?.value;
    if (follows === undefined && join.value.length + leave.value.length === 0) {
      return err(invalid('group set', 'say what to change, like --add @somebody'));
    }
    return changeTo(ctx, group.value, {
      join: join.value,
      leave: leave.value,
      ...(follows === undefined ? {} : { follows }),
    });
  },
});

const invalid = (field: string, problem: string): Fault => ({ code: 'admin.invalid', field, problem });

const rename = verb({
  name: 'rename',
  summary: 'gives a group another name',
  needs: 'change',
  arguments: { ...GROUP, name: needed('NAME', 'the new name') },
  options: {},
  examples: ['/jit admin group rename "Service desk" "First line"'],
  run: async (ctx, { group: typed, name: typedName }) => {
    const group = await groupKept(ctx, typed);
    if (!group.ok) return group;
    const name = nameOf('group', typedName);
    if (!name.ok) return name;
    const renamed = await changeGroup(ctx.deps, ctx.admin, group.value, { name: name.value });
    return renamed.ok ? ok(answer(card(`Group ${group.value.name} is now called ${renamed.value.name}`))) : renamed;
  },
});

const remove = verb({
  name: 'remove',
  summary: 'takes people out of a group; with nobody named, removes the group itself',
  needs: 'change',
  arguments: GROUP,
  options: { ...MEMBERS, ...YES },
  examples: ['/jit admin group remove "Service desk" --member @tess', '/jit admin group remove "Service desk"'],
  run: async (ctx, { group: typed }, { member, yes }) => {
    const group = await groupKept(ctx, typed);
    if (!group.ok) return group;
    const people = await peopleToName(ctx, member);
    if (!people.ok) return people;
    if (people.value.length > 0) return changeTo(ctx, group.value, { leave: people.value });
    const { id, name, members } = group.value;
    const used = await inUse(ctx, 'group', name, { kind: 'group', id });
    if (used !== undefined) return err(used);
    const count = members.length === 1 ? '1 person is' : `${members.length} people are`;
    const question = unconfirmed(yes, { noun: 'group', id, what: `group ${name}`, consequence: `${count} in it.` });
    if (question !== undefined) return ok(question);
    const removed = await removeGroup(ctx.deps, ctx.admin, group.value);
    return removed.ok ? ok(answer(card(`Group ${name} is removed`))) : removed;
  },
});

const namesOf = async ({ deps }: AdminContext, ids: readonly PersonId[]): Promise<readonly string[]> =>
  ids.length === 0 ? [] : (await deps.people.byIds(ids)).map(({ name }) => name);

export const group: Noun = {
  name: 'group',
  summary: 'a named set of people',
  verbs: [add, list, show, set, rename, remove],
  pages: 'list',
};
