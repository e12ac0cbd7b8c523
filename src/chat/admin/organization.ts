import { err, ok } from '../../lib/result.js';
import type { Organization } from '../../engine/organization.js';
import type { PersonId } from '../../engine/ids.js';
import {
  addOrganization,
  organizationIdFrom,
  removeOrganization,
  renameOrganization,
  setOrganizationAdmins,
} from '../../flows/organizations.js';
import { card, show } from '../answers.js';
import { code, line, sayList, strong } from '../say.js';
import type { Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { found, inUse, nameOf } from './find.js';
import { LISTING, paged } from './listing.js';
import { many, maybe, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';
import { peopleToName } from './people-meant.js';

const ORGANIZATION = needed('ORGANIZATION', 'name or id');

const add = verb({
  name: 'add',
  summary: 'makes an organization, which can own tenants, groups, rules and templates',
  needs: 'own',
  arguments: { name: needed('NAME', 'what it is called') },
  options: {
    id: maybe('ID', 'the short name that people type; else made from the name'),
    admin: many('PERSON', 'who administers it, and nothing else'),
  },
  examples: [
    '/jit admin organization add "Contoso Ltd." --admin @dana',
    '/jit admin organization add Fabrikam --id fab',
  ],
  run: async (ctx, { name: typed }, { id: typedId, admin }) => {
    const name = nameOf('organization', typed);
    if (!name.ok) return name;
    const id = organizationIdFrom(typedId ?? name.value);
    if (id === '')
      return err({ code: 'admin.invalid', field: '--id', problem: 'use letters and digits, like contoso' });
    const admins = await peopleToName(ctx, admin);
    if (!admins.ok) return admins;
    const organization = { id, name: name.value, admins: [...new Set(admins.value)] };
    const added = await addOrganization(ctx.deps, ctx.admin, organization);
    if (!added.ok) return added;
    return ok(
      show(
        card(`Organization ${name.value} is made; people type ${id}`, [
          await adminsLine(ctx, organization.admins),
          line('Next: ', code(`/jit admin tenant set TENANT --organization ${id}`)),
        ]),
      ),
    );
  },
});

const adminsLine = async (ctx: AdminContext, admins: readonly PersonId[]): Promise<Line> =>
  line(`Admins: ${sayList((await ctx.deps.people.byIds(admins)).map(({ name }) => name))}.`);

const list = verb({
  name: 'list',
  summary: 'shows the organizations',
  needs: 'see',
  arguments: {},
  options: LISTING,
  examples: ['/jit admin organization list'],
  run: (ctx, _, options) =>
    paged(
      ctx,
      {
        noun: 'organization',
        title: 'Organizations',
        empty: 'None yet. /jit admin organization add NAME makes one.',
        next: line('One of them: ', code('/jit admin organization show NAME')),
      },
      options,
      ctx.sight.organizations,
      organizationLine,
    ),
});

const organizationLine = async ({ id, name, admins }: Organization, { deps }: AdminContext): Promise<Line> =>
  line(strong(name), ` (${id}) · admins: ${sayList((await deps.people.byIds(admins)).map((admin) => admin.name))}`);

/** So many of each kind are shown by name. */
const SHOWN = 6;

const detail = verb({
  name: 'show',
  summary: 'shows who administers it and what belongs to it',
  needs: 'see',
  arguments: { organization: ORGANIZATION },
  options: {},
  examples: ['/jit admin organization show contoso'],
  run: async (ctx, { organization: typed }) => {
    const organization = await found('organization', ctx.sight.organizations, typed);
    if (!organization.ok) return organization;
    const { id, name, admins } = organization.value;
    const lines: Line[] = [line(`People type `, code(id), '.'), await adminsLine(ctx, admins)];
    for (const kind of ['tenants', 'groups', 'rules', 'templates'] as const) {
      const items = await ctx.sight[kind].using({ kind: 'organization', id }, SHOWN + 1);
      const own = items.filter((item) => item.organization === id);
      if (own.length > 0)
        lines.push(
          line(
            strong(`${kind}: `),
            sayList(
              own.map((item) => item.name),
              SHOWN,
            ),
          ),
        );
    }
    const next = code(`/jit admin organization set ${id} --add-admin PERSON`);
    return ok(show(card(name, [...lines, line('Next: ', next)])));
  },
});

const set = verb({
  name: 'set',
  summary: 'changes who administers it',
  needs: 'own',
  arguments: { organization: ORGANIZATION },
  options: {
    'add-admin': many('PERSON', 'who administers it from now on, too'),
    'remove-admin': many('PERSON', 'who no longer does'),
  },
  examples: ['/jit admin organization set contoso --add-admin @luis --remove-admin dana@msp.example'],
  run: async (ctx, { organization: typed }, options) => {
    const organization = await found('organization', ctx.sight.organizations, typed);
    if (!organization.ok) return organization;
    const add = await peopleToName(ctx, options['add-admin']);
    if (!add.ok) return add;
    const gone = await peopleToName(ctx, options['remove-admin']);
    if (!gone.ok) return gone;
    if (add.value.length + gone.value.length === 0) {
      const problem = 'Say who: --add-admin PERSON or --remove-admin PERSON.';
      return err({ code: 'command.usage', problem, topic: 'admin organization set' });
    }
    const people = { add: add.value, remove: await everyIdOf(ctx, gone.value) };
    const changed = await setOrganizationAdmins(ctx.deps, ctx.admin, organization.value.id, people);
    if (!changed.ok) return changed;
    return ok(show(card(`${changed.value.name} is changed`, [await adminsLine(ctx, changed.value.admins)])));
  },
});

/** Whoever was joined from two may stand on record under either id. */
const everyIdOf = async ({ deps }: AdminContext, ids: readonly PersonId[]): Promise<readonly PersonId[]> =>
  (await deps.people.byIds(ids)).flatMap(({ id, aliases }) => [id, ...aliases]);

const rename = verb({
  name: 'rename',
  summary: 'gives it another name; what people type stays',
  needs: 'own',
  arguments: { organization: ORGANIZATION, name: needed('NAME', 'the new name') },
  options: {},
  examples: ['/jit admin organization rename contoso "Contoso Group"'],
  run: async (ctx, { organization: typed, name: typedName }) => {
    const organization = await found('organization', ctx.sight.organizations, typed);
    if (!organization.ok) return organization;
    const name = nameOf('name', typedName);
    if (!name.ok) return name;
    const renamed = await renameOrganization(ctx.deps, ctx.admin, organization.value.id, name.value);
    return renamed.ok ? ok(show(card(`${organization.value.name} is now called ${renamed.value.name}`))) : renamed;
  },
});

const remove = verb({
  name: 'remove',
  summary: 'removes an organization that owns nothing any more',
  needs: 'own',
  arguments: { organization: ORGANIZATION },
  options: YES,
  examples: ['/jit admin organization remove fabrikam'],
  run: async (ctx, { organization: typed }, { yes }) => {
    const organization = await found('organization', ctx.sight.organizations, typed);
    if (!organization.ok) return organization;
    const { id, name } = organization.value;
    const used = await inUse(ctx, 'organization', name, { kind: 'organization', id });
    if (used !== undefined) return err(used);
    const consequence = 'Its admins lose what they are by it.';
    const question = unconfirmed(yes, { noun: 'organization', id, what: `organization ${name}`, consequence });
    if (question !== undefined) return ok(question);
    const removed = await removeOrganization(ctx.deps, ctx.admin, organization.value);
    return removed.ok ? ok(show(card(`Organization ${name} is removed`))) : removed;
  },
});

export const organization: Noun = {
  name: 'organization',
  summary: 'a customer, or the company itself: it owns tenants and is run by its own admins',
  verbs: [add, list, detail, set, rename, remove],
  pages: 'list',
};
