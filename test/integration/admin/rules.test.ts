// Rules are made, changed, read, tried and removed from chat alone; whoever may not see one never learns of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Demands } from '../../../src/engine/rule.js';
import { HOUR } from '../../../src/lib/clock.js';
import { answerText, openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});

afterAll(() => desk.close());

const hear = (text: string, who: Who = 'olga'): Promise<string> => desk.hear(who, text);

const ruleNamed = async (name: string) => {
  const [rule] = await desk.stores.config.rules.named(name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
};

const lastLine = async (what: string) =>
  (await desk.stores.audit.read({}, 50)).map(({ event }) => event).find((event) => event.what === what);

describe('a rule from chat', () => {
  it('is one short command, named after its parts, for every role that is not privileged', async () => {
    const answer = await hear('admin rule add --subject "All admins" --tenant contoso');
    expect(answer).toContain('All admins may ask for every role that is not privileged in Contoso for up to 4 h');
    expect(answer).toContain('when 1 of All admins agrees');
    expect(answer).toContain('All admins in Contoso');
    expect(answer).toMatch(/Not by a pattern, as they are privileged: Application Administrator/u);
    expect(await lastLine('rule.added')).toMatchObject({ after: { subjects: ['group:all-admins'], roles: ['*'] } });
  });

  it('says every part of it in its sentence, and what its patterns stand for', async () => {
    const answer = await hear(
      'admin rule add "Nights" --subject "Service desk" --subject tess@msp.example --tenant contoso --role "Exchange*" --max 2h ' +
        '--when "daily 18:00-08:00 Europe/Berlin" --ticket-pattern "INC-[0-9]+" --approvers "1 of Service desk leads" ' +
        '--approvers "1 of All admins" --escalate "30m to All admins" --denials 2 --pending 2h --passkey --self-approval --tap ' +
        '--account mine,fresh --at-end disable,delete',
    );
    expect(answer).toContain('Exchange* stands for Exchange Administrator');
    // A sentence that is too long for a title is not said twice, in part and then in full.
    expect(answer).toMatch(/^Nights \(.+\)\n/u);
    expect(answer.match(/may ask for/gu)).toHaveLength(1);
    const sentence = await hear('admin rule show Nights');
    for (const part of [
      'roles named Exchange* (none that is privileged) on their own account or a new account',
      'which is disabled or deleted at the end, with an access pass if wanted,',
      'in Contoso for up to 2 h, daily 18:00-08:00 Europe/Berlin, with a ticket that matches INC-[0-9]+,',
      'when 1 of Service desk leads and 1 of All admins agree.',
      'After 30 min All admins is asked, too.',
      'The requester counts where they are one of them.',
      'Agreeing takes a passkey.',
      'It takes 2 denials to end it.',
      'It lapses after 2 h.',
    ]) {
      expect(sentence).toContain(part);
    }
  });

  it.each([
    ['--role "Global*"', /fits privileged roles alone \(.*Global Administrator.*\), and no pattern gives those/u],
    ['--role "Nothing*"', /No role there fits Nothing\*/u],
    ['--role "Exchange Admin"', /no role called Exchange Admin\. Did you mean Exchange Administrator\?/u],
    ['--group "Sale"', /no group called Sale\. Did you mean Sales\?/u],
    ['--when "Mon-Fri 08:00-18:00 Berlin"', /did you mean Europe\/Berlin/u],
    ['--ticket-pattern "("', /no regular expression/u],
    ['--approvals 100', /--approvals: give a number/u],
    ['--approvals 0 --approvers "Service desk leads"', /then nobody is asked/u],
    ['--approvers "Service desk lead"', /No group called Service desk lead\. Did you mean Service desk leads\?/u],
    ['--escalate "9h to All admins"', /would lapse before that/u],
    ['--escalate "soon"', /30m to Managers/u],
    ['--max 99d', /too far ahead/u],
    ['--account somebody', /--account: say mine/u],
    ['--deny --max 2h', /--max: a rule that denies asks for nothing in return/u],
    ['--everywhere', /holds every tenant already/u],
    [`--role "${'x'.repeat(130)}*"`, /No role there fits|at most 120/u],
  ])('%s is refused with what to do instead, and nothing is kept', async (words, problem) => {
    const answer = await hear(`admin rule add "Refused" --subject "Service desk" --tenant contoso ${words}`);
    expect(answer).toMatch(problem);
    expect(await desk.stores.config.rules.named('Refused')).toEqual([]);
  });

  it('changes in the parts that are named alone, and the log says what was before', async () => {
    await hear('admin rule add "Changing" --subject "Service desk" --tenant contoso --role "Global Reader" --max 2h');
    expect(await hear('admin rule set Changing --max 1h --ticket yes')).toContain('for up to 1 h, with a ticket, when');
    expect(await lastLine('rule.changed')).toMatchObject({
      before: { longestMs: 7_200_000 },
      after: { longestMs: 3_600_000, ticket: 'any' },
    });
    await hear('admin rule set Changing --ticket no --approvals 2');
    const { demands } = (await ruleNamed('Changing')) as { demands: object } & Awaited<ReturnType<typeof ruleNamed>>;
    expect(demands).toMatchObject({ longestMs: 3_600_000, quorums: [{ groupName: 'All admins', count: 2 }] });
    expect(demands).not.toHaveProperty('ticket');
    expect(await hear('admin rule set Changing')).toContain('say what to change');
    expect(await hear('admin rule rename Changing Changed')).toContain('is now called Changed');
    expect(await hear('admin rule rename Changed Nights')).toContain('There is a rule Nights already');
    expect(await hear('admin rule remove Changed')).toContain('Remove rule Changed?');
    expect(await desk.stores.config.rules.named('Changed')).toHaveLength(1);
    expect(await hear('admin rule remove Changed --yes')).toContain('is removed');
    expect(await lastLine('rule.removed')).toMatchObject({ before: { name: 'Changed' } });
  });

  it('keeps each of four changes at once, or tells whoever made it to look again: none is lost in silence', async () => {
    const raced = 'admin rule set Raced';
    await hear('admin rule add "Raced" --subject "Service desk" --tenant contoso --role "Global Reader" --max 4h');
    const changes = [
      { words: '--max 1h', isMade: (demands: Demands) => demands.longestMs === HOUR },
      { words: '--ticket yes', isMade: (demands: Demands) => demands.ticket !== undefined },
      { words: '--pending 2h', isMade: (demands: Demands) => demands.pendingMs === 2 * HOUR },
      { words: '--denials 2', isMade: (demands: Demands) => demands.denials === 2 },
    ];
    const answers = await Promise.all(changes.map(({ words }) => hear(`${raced} ${words}`)));
    const wereKept = answers.map((answer) => answer.includes('may ask for'));
    const wereRefused = answers.map((answer) => answer.includes('Look again with /jit admin rule show "Raced"'));
    expect(wereRefused).toEqual(wereKept.map((kept) => !kept));
    expect(wereKept).toContain(true);
    const made = async () => {
      const rule = await ruleNamed('Raced');
      return changes.map(({ isMade }) => rule.effect === 'allow' && isMade(rule.demands));
    };
    expect(await made()).toEqual(wereKept);
    // Whoever looks again and says it again has it.
    for (const { words } of changes) await hear(`${raced} ${words}`);
    expect(await made()).toEqual([true, true, true, true]);
    await hear('admin rule remove Raced --yes');
  });

  it('takes hostile names as text, or refuses them', async () => {
    const evil = '\u202EnimdA *bold* <!channel> `x`';
    expect(await hear(`admin rule add "${evil}" --subject everyone --tenant contoso --role "Global Reader"`)).toContain(
      'nimdA *bold* <!channel> `x`',
    );
    expect(await hear(`admin rule add "${'n'.repeat(10_000)}" --subject everyone --tenant contoso`)).toMatch(
      /10000 characters; at most 80/u,
    );
    await hear('admin rule remove "nimdA *bold* <!channel> `x`" --yes');
    expect(desk.complaints).toEqual([]);
  });
});

describe('rule test', () => {
  it('says what would come of a request, by each rule that was read and the first condition that failed', async () => {
    const allowed = await hear('admin rule test contoso --as "Tess Okafor" --role "Helpdesk Administrator" --for 2h');
    expect(allowed).toContain('Needs approval: Tess Okafor, Helpdesk Administrator in Contoso');
    expect(allowed).toContain('1 of Service desk leads');
    expect(allowed).toContain('Leads approve helpdesk: matches');
    expect(allowed).toMatch(
      /Nights: (?:covers nothing of what is asked|.* is outside daily 18:00-08:00 Europe\/Berlin)/u,
    );
    const refused = await hear('admin rule test contoso --as "Tess Okafor" --role "Global Administrator"');
    expect(refused).toContain('Refused');
    expect(refused).toContain('Tess Okafor would read: You may not ask for Global Administrator in Contoso');
    expect(await hear('admin rule test contoso --as Nobody --role "Global Reader"')).toContain(
      'No person called Nobody',
    );
  });

  it('agrees with what /jit can offers and with what a submission meets', async () => {
    for (const role of ['Helpdesk Administrator', 'Global Reader', 'Global Administrator', 'Teams Administrator']) {
      const tested = await hear(`admin rule test contoso --as "Tess Okafor" --role "${role}" --for 1h`);
      const can = await hear('can contoso', 'tess');
      const answer = await desk.say('tess', `request contoso --role "${role}" --for 1h --reason "To see"`);
      const refused = answer.kind === 'show' && answer.tone === 'refusal';
      expect(tested.startsWith('Refused')).toBe(refused);
      expect(can.includes(role)).toBe(!refused);
    }
  });
});

describe('/jit can', () => {
  it('says what one may ask for, on which terms, with a command that works', async () => {
    const can = await hear('can contoso', 'tess');
    expect(can).toContain('In Contoso you may ask for');
    expect(can).toContain('Global Reader and Helpdesk Administrator: up to 4 h · 1 of Service desk leads');
    const example = /For example: \/(jit .*)$/mu.exec(can)?.[1]?.replace(/^jit /u, '') ?? '';
    const answer = await desk.say('tess', example);
    expect(answerText(answer)).toBe('');
    expect(await hear('can', 'tess')).toContain('Contoso (contoso): 2 roles and roles named Exchange*');
  });

  it('does not tell of tenants that no rule opens, whether they exist or not', async () => {
    await hear('admin rule remove Nights --yes');
    const [known, unknown] = [await hear('can contoso', 'luis'), await hear('can nowhere', 'luis')];
    expect(known).toBe(unknown);
    expect(known).toContain('Ask Olga Reyes');
    expect(await hear('can contso', 'tess')).toContain('Did you mean contoso?');
    expect(await hear('can contoso')).toContain('In Contoso you may ask for');
  });
});

describe('a rule about break-glass passwords', () => {
  it('says so, says who agrees where nobody is named, lasts an hour, and lends nothing', async () => {
    const added = await hear(
      'admin rule add "Emergencies" --subject "Service desk" --tenant contoso --break-glass --tap',
    );
    expect(added).toContain(
      'Service desk may look at the break-glass passwords of Contoso, with an access pass if wanted, for up to 1 h when 1 of Vault members and owners agrees.',
    );
    expect(await ruleNamed('Emergencies')).toMatchObject({
      what: { roles: [], groups: [], templates: [], breakGlass: true, tap: true },
      demands: { quorums: [], longestMs: HOUR, pendingMs: HOUR },
    });
    const shown = await hear('admin rule show Emergencies');
    expect(shown).toContain('What: looking at break-glass passwords');
    expect(shown).toContain('Approvals: 1 of Vault members and owners');
    expect(await hear('admin rule add "Never" --deny --subject everyone --everywhere --break-glass')).toContain(
      'Nobody may look at the break-glass passwords of any tenant.',
    );
  });

  it.each([
    ['roles as well', '--role "Exchange Administrator"'],
    ['accounts as well', '--account fresh'],
    ['a ticket', '--ticket'],
    ['approval of oneself', '--self-approval'],
  ])('takes no %s', async (_, more) => {
    const told = await hear(`admin rule add "Odd" --subject "Service desk" --tenant contoso --break-glass ${more}`);
    expect(told).toMatch(/nothing else|leave it out/u);
    expect(await desk.stores.config.rules.named('Odd')).toEqual([]);
  });
});
