import { beforeAll, describe, expect, it } from 'vitest';
import { NOUNS } from '../../../src/chat/admin/nouns.js';
import type { Noun, Verb, Word } from '../../../src/chat/admin/noun.js';
import { groupId, organizationId, personId, roleId, ruleId, templateId, tenantId } from '../../../src/engine/ids.js';
import type { Rule } from '../../../src/engine/rule.js';
import { HOUR } from '../../../src/lib/clock.js';
import { anIdentity } from '../../fakes/fixtures.js';
import { answerText, openServiceDesk, PEOPLE } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

/**
 * What an organization's admin comes across is that organization's alone. The table is made from the nouns themselves:
 * each verb is tried with everything that exists elsewhere, by name, by id and slightly misspelt.
 */

const OWN = organizationId('own-house');
const OTHER = organizationId('zebra');

/** Everything in the other organization is called by this, so that one search finds any leak. */
const FOREIGN = /zebra/iu;

let desk: ServiceDesk;

const settle = async (): Promise<void> => {
  const { config, people } = desk.stores;
  for (const who of ['olga', 'dana', 'luis', 'tess'] as const) await desk.say(who, 'help');
  const idOf = async (who: Who) => (await people.byIdentity(PEOPLE[who].key))?.id ?? personId('nobody');
  const stranger = anIdentity('slack', 'U0ZZ', { name: 'Zebra Person', email: 'zp@elsewhere.example' });
  await people.appear(stranger, personId('zebra-person'));
  await config.organizations.add({ id: OWN, name: 'Own house', admins: [await idOf('dana')] });
  await config.organizations.add({ id: OTHER, name: 'Zebra Ltd', admins: [personId('zebra-person')] });
  for (const [organization, word] of [
    [OWN, 'own'],
    [OTHER, 'zebra'],
  ] as const) {
    const tenant = tenantId(`${word}-tenant`);
    const group = groupId(`${word}-group`);
    await config.tenants.add({
      id: tenant,
      name: `${word} tenant`,
      organization,
      directoryId:
        organization === OWN ? '11111111-1111-4111-8111-111111111111' : '22222222-2222-4222-8222-222222222222',
      domain: `${word}.example`,
      defaultDurationMs: HOUR,
    });
    const members = organization === OWN ? [await idOf('dana')] : [personId('zebra-person')];
    await config.groups.add({ id: group, name: `${word} group`, organization, members });
    const rule: Rule = {
      id: ruleId(`${word}-rule`),
      name: `${word} rule`,
      organization,
      effect: 'deny',
      subjects: [{ kind: 'group', id: group }],
      where: [{ kind: 'tenant', id: tenant }],
      what: { roles: [{ kind: 'one', id: roleId('r'), name: 'Role' }], groups: [], templates: [] },
    };
    await config.rules.add(rule);
    await config.templates.add({
      id: templateId(`${word}-template`),
      name: `${word} template`,
      organization,
      description: word,
      tenants: [tenant],
      roles: [],
      groups: [],
      account: 'dedicated',
      atEnd: 'disable',
      tap: false,
      notify: [],
      isDefault: false,
    });
  }
  await desk.say('olga', 'admin person set "Luis Marin" --auditor');
};

beforeAll(async () => {
  desk = await openServiceDesk();
  await settle();
  return () => desk.close();
}, 60_000);

const KINDS = ['organization', 'tenant', 'group', 'rule', 'template', 'person'];

/** What the words of a verb can be given so that each names something of the other organization. */
const FOREIGN_WORDS: readonly ((kind: string) => string)[] = [
  (kind) => (kind === 'organization' ? 'Zebra Ltd' : kind === 'person' ? 'Zebra Person' : `zebra ${kind}`),
  (kind) => (kind === 'organization' ? 'zebra' : kind === 'person' ? 'zebra-person' : `zebra-${kind}`),
  // Misspelt, so that what is meant would be suggested: none of what is typed may itself be found in the answer.
  (kind) => (kind === 'organization' ? 'Zebrx Ltd' : kind === 'person' ? 'Zebrx Person' : `zebrx ${kind}`),
];

const kindOf = (noun: Noun, name: string, { placeholder }: Word): string => {
  const word = [placeholder.toLowerCase(), name, noun.name].find((known) => KINDS.includes(known));
  return word ?? 'group';
};

const sayWith = (noun: Noun, verb: Verb, wordFor: (kind: string) => string): string => {
  const args = Object.entries(verb.arguments).map(([name, word]) =>
    // A name that is given is the speaker's own; what else is said names something that is there.
    word.placeholder === 'NAME' ? `"Fresh ${noun.name} ${verb.name}"` : `"${wordFor(kindOf(noun, name, word))}"`,
  );
  const options = Object.entries(verb.options).flatMap(([name, word]) => {
    if (word.kind === 'flag') return name === 'yes' ? ['--yes'] : [];
    return word.kind === 'maybe' ? [] : [`--${name} "${wordFor(kindOf(noun, name, word))}"`];
  });
  return ['admin', noun.name, verb.name, ...args, ...options].join(' ');
};

const VERBS = NOUNS.flatMap((noun) => noun.verbs.map((verb) => ({ noun, verb, said: `${noun.name} ${verb.name}` })));

const snapshot = async (): Promise<string> => {
  const { config } = desk.stores;
  const shelves = [config.organizations, config.tenants, config.groups, config.rules, config.templates];
  const all = await Promise.all(shelves.map((shelf) => shelf.all()));
  const foreign = all
    .flat()
    .filter((item) => ('organization' in item ? item.organization === OTHER : item.id === OTHER));
  return JSON.stringify([foreign, await config.offices.read(), await config.settings.read()]);
};

/** What somebody typed may be quoted back to them: that tells them nothing. */
const withoutQuotes = (answer: string, command: string): string => {
  const typed = [...command.matchAll(/"([^"]+)"/gu)].map(([, word = '']) => word);
  return typed.reduce((text, word) => text.replaceAll(word, '…'), answer);
};

describe("an organization's admin", () => {
  it.each(VERBS)('learns and changes nothing of another by $said', async ({ noun, verb }) => {
    const before = await snapshot();
    const leaks: string[] = [];
    for (const wordFor of FOREIGN_WORDS) {
      const command = sayWith(noun, verb, wordFor);
      const answer = answerText(await desk.say('dana', command));
      if (FOREIGN.test(withoutQuotes(answer, command))) leaks.push(`${command}: ${answer}`);
    }
    expect(leaks).toEqual([]);
    expect(await snapshot()).toBe(before);
  });

  it('hears the same of what is another’s as of what does not exist', async () => {
    for (const [there, nowhere] of [
      ['admin tenant show zebra-tenant', 'admin tenant show qqqqq-tenant'],
      ['admin group remove zebra-group --yes', 'admin group remove qqqqq-group --yes'],
      ['admin rule show zebra-rule', 'admin rule show qqqqq-rule'],
      ['admin organization show zebra', 'admin organization show qqqqq'],
    ] as const) {
      const known = (await desk.hear('dana', there)).replaceAll('zebra', 'qqqqq');
      expect(known).toBe(await desk.hear('dana', nowhere));
    }
  });

  it('may use a name that another organization uses, too', async () => {
    const answer = await desk.hear('dana', 'admin group add "zebra leads" --member me');
    await desk.stores.config.groups.add({ id: groupId('z2'), name: 'zebra leads', organization: OTHER, members: [] });
    expect(answer).toContain('zebra leads');
    expect(await desk.stores.config.groups.named('zebra leads')).toHaveLength(2);
  });

  it('may put on record and into a group whomever they can name by an id of the chat', async () => {
    expect(await desk.hear('dana', 'admin person show slack:U0ZZ')).toContain('No person called');
    expect(await desk.hear('dana', 'admin group add "own others" --member slack:U0ZZ')).toContain('Zebra Person');
    expect(await desk.hear('dana', 'admin person show slack:U0ZZ')).not.toContain('Zebra Ltd');
  });

  it('sees and touches its own', async () => {
    expect(await desk.hear('dana', 'admin tenant list')).toContain('own tenant');
    expect(await desk.hear('dana', 'admin tenant set own-tenant --default 3h')).toContain('3 h');
    expect(await desk.hear('dana', 'admin tenant set own-tenant --organization zebra')).toContain('No organization');
    expect(await desk.hear('dana', 'admin tenant set own-tenant --no-organization')).toContain('Only owners');
    expect(await desk.hear('dana', 'admin organization set own-house --add-admin me')).toContain('Only owners');
  });
});

describe('an auditor', () => {
  it.each(VERBS.filter(({ verb }) => verb.needs !== 'see'))('changes nothing by $said', async ({ noun, verb }) => {
    for (const wordFor of FOREIGN_WORDS.slice(0, 2)) {
      const answer = await desk.say('luis', sayWith(noun, verb, wordFor));
      expect(answer).toMatchObject({ tone: 'refusal', fault: { code: 'admin.read-only' } });
    }
  });
});

describe('somebody without any standing', () => {
  it.each(VERBS)('is refused $said, whatever it is about', async ({ noun, verb }) => {
    for (const wordFor of FOREIGN_WORDS) {
      const answer = await desk.say('tess', sayWith(noun, verb, wordFor));
      expect(answer).toMatchObject({ tone: 'refusal', fault: { code: 'admin.only' } });
    }
  });
});
