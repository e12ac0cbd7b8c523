import type { Fault } from '../../engine/faults.js';
import { personId } from '../../engine/ids.js';
import type { Standing } from '../../engine/organization.js';
import { idsOf, isDeactivated } from '../../engine/person.js';
import type { Person } from '../../engine/person.js';
import type { RequestState } from '../../engine/request.js';
import { forget, whyKept } from '../../flows/forget.js';
import { appoint } from '../../flows/offices.js';
import type { Appointment } from '../../flows/offices.js';
import { recordChange } from '../../flows/change.js';
import { standingOf } from '../../flows/standing.js';
import { randomId } from '../../lib/random.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { card, show } from '../answers.js';
import { cleaned, shortened } from '../asking.js';
import { identityNamed } from '../people.js';
import { code, line, sayList, sayTime, strong } from '../say.js';
import type { Card, Fact, Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { LISTING, PAGE, pagedFrom } from './listing.js';
import { flag, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';
import { personSeen } from './people-meant.js';

const PERSON = needed('PERSON', 'a mention, a name, an e-mail, slack:USERID or teams:OBJECTID');

const OPEN: readonly RequestState[] = ['pending', 'approved', 'provisioning', 'active', 'closing'];

const add = verb({
  name: 'add',
  summary: 'puts somebody on record before they first speak',
  needs: 'change',
  arguments: { person: needed('PERSON', 'a mention, slack:USERID or teams:OBJECTID') },
  options: {},
  examples: ['/jit admin person add slack:U0123456'],
  run: async (ctx, { person: typed }) => {
    const identity = identityNamed(typed);
    if (identity === undefined) {
      const problem = 'name them by a mention, slack:USERID or teams:OBJECTID';
      return err({ code: 'admin.invalid', field: 'person', problem });
    }
    const { deps, admin } = ctx;
    const known = await deps.people.byIdentity(identity.key);
    if (known === undefined) {
      await recordChange(deps, admin, { what: 'person.added', facts: { identity: identity.key } });
      await deps.people.appear(identity, personId(randomId(deps.random)));
    }
    const group = code(`/jit admin group add NAME --member ${identity.key}`);
    return ok(show(card(`${identity.key} is on record`, [line('Next: ', group)])));
  },
});

const list = verb({
  name: 'list',
  summary: 'shows the people I know',
  needs: 'see',
  arguments: {},
  options: LISTING,
  examples: ['/jit admin person list --find dana'],
  run: async ({ sight }, _, { page, find }) => {
    const words = shortened(find ?? '').toLowerCase();
    const people = (await sight.people.all()).filter(({ name }) => name.toLowerCase().includes(words));
    const listing = { noun: 'person', title: 'People', empty: 'Nobody yet. People appear when they write to me.' };
    return pagedFrom(listing, page, words === '' ? {} : { find: words }, async (skip) => ({
      lines: people.slice(skip, skip + PAGE).map(personLine),
      total: people.length,
    }));
  },
});

const personLine = (person: Person): Line =>
  line(
    strong(person.name),
    ` · ${person.identities.map(({ key }) => key).join(', ')}${isDeactivated(person) ? ' · deactivated' : ''}`,
  );

const detail = verb({
  name: 'show',
  summary: 'shows their chats, groups, offices and open requests',
  needs: 'see',
  arguments: { person: PERSON },
  options: {},
  examples: ['/jit admin person show @tess', '/jit admin person show dana@msp.example'],
  run: async (ctx, { person: typed }) => {
    const person = await personSeen(ctx, typed);
    return person.ok ? ok(show(await personCard(ctx, person.value, person.value.name))) : person;
  },
});

const personCard = async (ctx: AdminContext, person: Person, title: string): Promise<Card> => {
  const { deps, turn, sight } = ctx;
  const ids = idsOf(person);
  const [memberships, passkeys, requests, standing] = await Promise.all([
    Promise.all(ids.map((id) => sight.groups.using({ kind: 'person', id }, 0))),
    deps.passkeys.ofPerson(ids),
    deps.requests.list({ requesters: ids, states: OPEN }, PAGE),
    standingOf(deps, person),
  ]);
  const groups = [...new Set(memberships.flat().map(({ name }) => name))];
  // Whoever sees the tenant sees what is open in it.
  const seen = await Promise.all(requests.map(({ tenant }) => sight.tenants.byId(tenant)));
  const open = requests.filter((_, index) => seen[index] !== undefined).map(({ id }) => id);
  const facts: Fact[] = [
    { label: 'Chats', value: line(person.identities.map(({ key }) => key).join(', ')) },
    { label: 'Is', value: line(await saidStanding(ctx, standing)) },
    { label: 'Groups', value: line(groups.length === 0 ? 'none' : sayList(groups)) },
    { label: 'Passkeys', value: line(String(passkeys.length)) },
    { label: 'Open requests', value: line(open.length === 0 ? 'none' : sayList(open)) },
  ];
  const since = person.identities.find(({ deactivatedAt }) => deactivatedAt !== undefined)?.deactivatedAt;
  if (since !== undefined) facts.push({ label: 'Deactivated', value: line(`since ${sayTime(since, turn.reading)}`) });
  const named = person.identities[0]?.key ?? person.name;
  const next = line('Next: ', code(`/jit admin audit --person ${named}`));
  return { ...card(title, [next]), facts };
};

const saidStanding = async ({ sight }: AdminContext, standing: Standing): Promise<string> => {
  const organizations = await Promise.all(standing.adminOf.map((id) => sight.organizations.byId(id)));
  const offices = [
    ...(standing.owner ? ['an owner'] : []),
    ...(standing.auditor ? ['an auditor'] : []),
    ...organizations.flatMap((known) => (known === undefined ? [] : [`an admin of ${known.name}`])),
  ];
  return offices.length === 0 ? 'a technician' : sayList(offices);
};

const set = verb({
  name: 'set',
  summary: 'makes somebody an owner or an auditor, or takes that from them',
  needs: 'own',
  arguments: { person: PERSON },
  options: {
    owner: flag('may see and change everything'),
    'no-owner': flag('no longer does'),
    auditor: flag('may see everything and change nothing'),
    'no-auditor': flag('no longer does'),
  },
  examples: ['/jit admin person set @dana --owner', '/jit admin person set "Luis Marin" --auditor'],
  run: async (ctx, { person: typed }, options) => {
    const person = await personSeen(ctx, typed);
    if (!person.ok) return person;
    const appointment = appointmentMeant(options);
    if (!appointment.ok) return appointment;
    const appointed = await appoint(ctx.deps, ctx.admin, person.value, appointment.value);
    if (!appointed.ok) return appointed;
    return ok(show(await personCard(ctx, person.value, `${person.value.name} is changed`)));
  },
});

const appointmentMeant = (options: {
  readonly owner: boolean;
  readonly 'no-owner': boolean;
  readonly auditor: boolean;
  readonly 'no-auditor': boolean;
}): Result<Appointment, Fault> => {
  const appointment: Appointment = {
    ...(options.owner && { owner: true }),
    ...(options['no-owner'] && { owner: false }),
    ...(options.auditor && { auditor: true }),
    ...(options['no-auditor'] && { auditor: false }),
  };
  if (Object.keys(appointment).length > 0) return ok(appointment);
  const problem = 'Say what they are to be: --owner, --no-owner, --auditor or --no-auditor.';
  return err({ code: 'command.usage', problem, topic: 'admin person set' });
};

const remove = verb({
  name: 'remove',
  summary: 'forgets somebody: their groups, offices and passkeys go',
  needs: 'own',
  arguments: { person: PERSON },
  options: YES,
  examples: ['/jit admin person remove tess@msp.example'],
  run: async (ctx, { person: typed }, { yes }) => {
    const person = await personSeen(ctx, typed);
    if (!person.ok) return person;
    const { name, identities } = person.value;
    const kept = await whyKept(ctx.deps, person.value);
    if (kept !== undefined) return err(kept);
    const question = unconfirmed(yes, {
      noun: 'person',
      id: identities[0]?.key ?? name,
      what: name,
      consequence: 'Their groups, offices and passkeys are lost. If they write to me again, they are somebody new.',
    });
    if (question !== undefined) return ok(question);
    const forgotten = await forget(ctx.deps, ctx.admin, person.value);
    return forgotten.ok ? ok(show(card(`${cleaned(name)} is forgotten`))) : forgotten;
  },
});

export const person: Noun = {
  name: 'person',
  summary: 'somebody who speaks to me, by all their chats',
  verbs: [add, list, detail, set, remove],
  pages: 'list',
};
