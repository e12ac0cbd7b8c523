import type { PersonId } from '../../engine/ids.js';
import type { Group } from '../../engine/group.js';
import { addToGroup, removeFromGroup } from '../../flows/groups.js';
import { ok } from '../../lib/result.js';
import { card, show } from '../answers.js';
import { line, sayList, strong } from '../say.js';
import type { Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { found, nameOf, withoutPrefix } from './find.js';
import { LISTING, paged } from './listing.js';
import { many, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';
import { peopleToName } from './people-meant.js';

const MEMBERS = { member: many('PERSON', 'a mention, an e-mail, slack:USERID or teams:OBJECTID') };

const add = verb({
  name: 'add',
  summary: 'makes a group, or adds people to it',
  needs: 'change',
  arguments: { group: needed('NAME', 'what it is called') },
  options: MEMBERS,
  examples: ['/jit admin group add "Service desk" --member @tess --member dana@msp.example'],
  run: async (ctx, { group: typed }, { member }) => {
    const name = nameOf('group', withoutPrefix('group', typed));
    if (!name.ok) return name;
    const people = await peopleToName(ctx, member);
    if (!people.ok) return people;
    const group = await addToGroup(ctx.deps, ctx.admin, name.value, people.value);
    return group.ok ? ok(show(await membersNow(ctx, group.value))) : group;
  },
});

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

const groupLine = async ({ name, members }: Group, ctx: AdminContext): Promise<Line> =>
  line(strong(name), `: ${sayList(await namesOf(ctx, members))}`);

const remove = verb({
  name: 'remove',
  summary: 'takes people out of a group; with nobody named, removes the group itself',
  needs: 'change',
  arguments: { group: needed('GROUP', 'name or id') },
  options: { ...MEMBERS, ...YES },
  examples: ['/jit admin group remove "Service desk" --member @tess', '/jit admin group remove "Service desk"'],
  run: async (ctx, { group: typed }, { member, yes }) => {
    const group = await found('group', ctx.sight.groups, typed);
    if (!group.ok) return group;
    const { id, name, members } = group.value;
    const people = await peopleToName(ctx, member);
    if (!people.ok) return people;
    const whole = people.value.length === 0;
    const consequence = `The ${members.length} in it lose what they may do by it.`;
    const question = unconfirmed(yes || !whole, { noun: 'group', id, what: `group ${name}`, consequence });
    if (question !== undefined) return ok(question);
    const changed = await removeFromGroup(ctx.deps, ctx.admin, name, people.value);
    if (!changed.ok) return changed;
    return ok(show(whole ? card(`Group ${name} is removed`) : await membersNow(ctx, changed.value)));
  },
});

const membersNow = async (ctx: AdminContext, { name, members }: Group) => {
  const names = await namesOf(ctx, members);
  return card(`Group ${name} has ${names.length === 0 ? 'nobody in it' : sayList(names)}`);
};

const namesOf = async ({ deps }: AdminContext, ids: readonly PersonId[]): Promise<readonly string[]> =>
  (await deps.people.byIds(ids)).map(({ name }) => name);

export const group: Noun = {
  name: 'group',
  summary: 'a named set of people',
  verbs: [add, list, remove],
  pages: 'list',
};
