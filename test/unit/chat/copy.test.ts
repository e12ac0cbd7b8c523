import { describe, expect, it } from 'vitest';
import { refuse } from '../../../src/chat/answers.js';
import { faultSentence } from '../../../src/chat/copy.js';
import { LONGEST_TITLE } from '../../../src/chat/say.js';
import type { Fault, FaultCode } from '../../../src/engine/faults.js';
import { viewId } from '../../../src/engine/ids.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { NOON } from '../../fakes/fixtures.js';

const DETAIL = 'Authorization_RequestDenied at Object.<anonymous> (/app/graph.js:1:1)';

/** One of each code, as they come. The type says when one is missing. */
const FAULTS = {
  'command.usage': {
    code: 'command.usage',
    problem: "Unknown option '--rol' (Did you mean --role?)",
    topic: 'request',
  },
  'command.quotes': { code: 'command.quotes' },
  'tenant.unknown': { code: 'tenant.unknown', asked: 'contso', meant: 'contoso' },
  'tenant.none': { code: 'tenant.none', admins: ['Olga'] },
  'role.unknown': { code: 'role.unknown', tenant: 'Contoso', asked: 'Exchange' },
  'role.missing': { code: 'role.missing' },
  'reason.missing': { code: 'reason.missing' },
  'text.too-long': { code: 'text.too-long', field: 'reason', length: 800, most: 500 },
  'duration.invalid': { code: 'duration.invalid', asked: 'banana' },
  'duration.too-short': { code: 'duration.too-short', leastMs: 10 * SECOND },
  'time.invalid': { code: 'time.invalid', asked: 'soon' },
  'time.past': { code: 'time.past', asked: '2020-01-01 12:00' },
  'time.too-far': { code: 'time.too-far', asked: 'in 90d', mostMs: 720 * HOUR },
  'time.end-before-start': { code: 'time.end-before-start' },
  'time.both': { code: 'time.both' },
  'policy.not-covered': {
    code: 'policy.not-covered',
    beside: ['tap'],
    id: 'contoso',
    tenant: 'Contoso',
    roles: ['Global Administrator'],
    allowances: [
      { role: 'Exchange Administrator', longestMs: 2 * HOUR },
      { role: 'User Administrator', longestMs: 4 * HOUR },
    ],
    admins: ['Dana', 'Luis'],
  },
  'policy.too-long': { code: 'policy.too-long', tenant: 'Contoso', longestMs: 90 * MINUTE, rule: 'Leads approve' },
  'policy.not-lent': {
    code: 'policy.not-lent',
    tenant: 'Contoso',
    things: ['User Administrator'],
    roles: ['Exchange Administrator', 'Helpdesk Administrator'],
    admins: ['Dana'],
  },
  'tenant.leaving': { code: 'tenant.leaving', tenant: 'Contoso', admins: ['Dana'] },
  'policy.denied': { code: 'policy.denied', tenant: 'Contoso', rule: 'Not at night', admins: ['Dana'] },
  'policy.ticket': { code: 'policy.ticket', rule: 'Leads approve', pattern: 'INC-*', asked: 'CHG-1' },
  'policy.nobody-to-ask': { code: 'policy.nobody-to-ask', group: 'Leads', unreachable: ['Lee'], admins: ['Dana'] },
  'request.unknown': { code: 'request.unknown', asked: 'R-7K2M' },
  'request.own': { code: 'request.own', asked: ['Dana', 'Luis'] },
  'request.not-approver': { code: 'request.not-approver', asked: ['Dana'] },
  'request.unlinked': { code: 'request.unlinked', platform: 'slack' },
  'request.second-factor': { code: 'request.second-factor', id: 'R-7K2M' },
  'request.called-off': { code: 'request.called-off', id: 'R-7K2M', why: 'The rules no longer allow it.' },
  'extend.open': { code: 'extend.open', id: 'R-7K2M', open: 'R-7K2M-1' },
  'extend.too-long': {
    code: 'extend.too-long',
    id: 'R-7K2M',
    longestMs: 4 * HOUR,
    moreMs: 90 * MINUTE,
    tenant: 'Contoso',
    rule: 'Leads approve',
  },
  'request.decided': { code: 'request.decided', id: 'R-7K2M', by: 'Dana', verdict: 'approved', at: NOON },
  'request.wrong-state': { code: 'request.wrong-state', id: 'R-7K2M', state: 'lapsed', verb: 'approve' },
  'request.not-yours': { code: 'request.not-yours', id: 'R-7K2M', requester: 'Tess' },
  'unconfirmed.untried': { code: 'unconfirmed.untried', id: 'R-7K2M' },
  'unconfirmed.passing': { code: 'unconfirmed.passing', id: 'R-7K2M', clause: 'Graph is throttling', from: NOON },
  'reveal.taken': { code: 'reveal.taken', id: 'R-7K2M', at: NOON },
  'reveal.shared': { code: 'reveal.shared', id: 'R-7K2M' },
  'reveal.own': { code: 'reveal.own', id: 'R-7K2M', upn: 'adele@contoso.example' },
  'reveal.lost': { code: 'reveal.lost', id: 'R-7K2M' },
  'reveal.shared-place': { code: 'reveal.shared-place' },
  'admin.only': { code: 'admin.only', admins: ['Dana'] },
  'admin.owners': { code: 'admin.owners', admins: ['Olga'] },
  'admin.read-only': { code: 'admin.read-only', admins: ['Olga'] },
  'admin.ambiguous': { code: 'admin.ambiguous', what: 'rule', asked: 'Leads', candidates: ['AB12 (contoso)'] },
  'owner.last': { code: 'owner.last', name: 'Olga' },
  'person.busy': { code: 'person.busy', name: 'Tess', requests: ['R-7K2M'] },
  'link.no-owner': { code: 'link.no-owner' },
  'link.grown': { code: 'link.grown' },
  'link.decided': { code: 'link.decided' },
  'link.own': { code: 'link.own' },
  'admin.exists': { code: 'admin.exists', what: 'group', name: 'Leads' },
  'admin.unknown': { code: 'admin.unknown', what: 'rule', asked: 'Leeds', meant: 'Leads' },
  'admin.in-use': { code: 'admin.in-use', what: 'group', name: 'Leads', by: ['rule Leads approve'] },
  'admin.invalid': { code: 'admin.invalid', field: '--approvals', problem: 'give a number from 0 to 99' },
  'admin.changed': { code: 'admin.changed', what: 'rule', name: 'Leads approve' },
  'admin.built-in': { code: 'admin.built-in', name: 'All admins' },
  'rule.privileged-pattern': {
    code: 'rule.privileged-pattern',
    pattern: 'Global A*',
    what: 'role',
    names: ['Global Administrator'],
  },
  'rule.empty-pattern': { code: 'rule.empty-pattern', pattern: 'Exchagne*', what: 'role' },
  'group.follows': { code: 'group.follows', group: 'Leads', list: 'Slack user group @leads' },
  'group.unknown': { code: 'group.unknown', tenant: 'Contoso', asked: 'Salse', meant: 'Sales' },
  'group.ambiguous': { code: 'group.ambiguous', asked: 'Sales', candidates: ['Sales (aaaaaaaa)', 'Sales (bbbbbbbb)'] },
  'group.kept-elsewhere': { code: 'group.kept-elsewhere', tenant: 'Contoso', group: 'All users' },
  'template.unknown': { code: 'template.unknown', tenant: 'Contoso', asked: 'Mailbxo', meant: 'Mailbox' },
  'unit.unknown': { code: 'unit.unknown', tenant: 'Contoso', asked: 'Berln', meant: 'Berlin office' },
  'unit.ambiguous': { code: 'unit.ambiguous', asked: 'Office', candidates: ['Office (1)', 'Office (2)'] },
  'user.unknown': { code: 'user.unknown', tenant: 'Contoso', asked: 'adele' },
  'user.ambiguous': {
    code: 'user.ambiguous',
    asked: 'ad',
    candidates: ['Ada (ada@contoso.com)', 'Adele (adele@contoso.com)'],
  },
  'user.missing': { code: 'user.missing' },
  'user.kept': { code: 'user.kept', upn: 'jit-tess@contoso.com' },
  'user.taken': { code: 'user.taken', upn: 'ada.byron@contoso.com', tenant: 'Contoso', free: 'ada.byron2' },
  'fresh.missing': { code: 'fresh.missing' },
  'account.end': { code: 'account.end', kind: 'existing' },
  'person.deactivated': { code: 'person.deactivated' },
  'person.unknown': { code: 'person.unknown', asked: '@tess' },
  'person.ambiguous': {
    code: 'person.ambiguous',
    asked: 'tess',
    candidates: ['Tess A (slack:U1)', 'Tess B (slack:U2)'],
  },
  'domain.unverified': { code: 'domain.unverified', domain: 'contoso.net', verified: ['contoso.com'] },
  'domain.federated': { code: 'domain.federated', domain: 'contoso.com', usable: ['contoso.net'] },
  'connect.gone': { code: 'connect.gone' },
  'connect.declined': { code: 'connect.declined', reason: 'AADSTS90094', byHand: false },
  'connect.incomplete': { code: 'connect.incomplete' },
  'connect.other-tenant': { code: 'connect.other-tenant', asked: 'aaaaaaaa-0000', answered: 'bbbbbbbb-0000' },
  'connect.unproven': { code: 'connect.unproven', detail: 'nonce_mismatch' },
  'connect.cloud': { code: 'connect.cloud' },
  'app.refused': { code: 'app.refused', clause: "the tenant's consent is missing", detail: 'sign-in: AADSTS700016' },
  'link.unknown': { code: 'link.unknown' },
  'link.same-chat': { code: 'link.same-chat', platform: 'teams' },
  'link.already': { code: 'link.already' },
  'link.not-yours': { code: 'link.not-yours' },
  'roster.unknown': { code: 'roster.unknown', what: 'Slack user group', asked: '@leeds', meant: '@leads' },
  'roster.ambiguous': { code: 'roster.ambiguous', asked: 'Leads', candidates: ['Leads (19:a)', 'Leads (19:b)'] },
  'roster.no-platform': { code: 'roster.no-platform', platform: 'teams' },
  'roster.not-in-team': { code: 'roster.not-in-team', team: 'Service desk' },
  'roster.foreign-directory': { code: 'roster.foreign-directory', directoryId: '00000000-0000-4000-8000-000000000000' },
  'roster.forbidden': { code: 'roster.forbidden', platform: 'slack', scope: 'usergroups:read', detail: DETAIL },
  'roster.unavailable': { code: 'roster.unavailable', platform: 'slack', detail: DETAIL, retryAfterMs: 5 * SECOND },
  'page.gone': { code: 'page.gone' },
  'passkey.none': { code: 'passkey.none' },
  'passkey.address': { code: 'passkey.address' },
  'passkey.again': { code: 'passkey.again' },
  'passkey.unknown': { code: 'passkey.unknown' },
  'passkey.refused': { code: 'passkey.refused' },
  'passkey.copied': { code: 'passkey.copied', name: 'Pixel 9' },
  'passkey.taken': { code: 'passkey.taken' },
  'passkey.no-such': { code: 'passkey.no-such', asked: 'Pixle 9', meant: 'Pixel 9' },
  'passkey.last': { code: 'passkey.last', admins: ['Olga'] },
  'import.invalid': { code: 'import.invalid', problems: ['rule Nights: there is no group Owls'], more: 3 },
  'import.overtaken': { code: 'import.overtaken', noun: 'rule', name: 'Nights' },
  'vault.not-set-up': { code: 'vault.not-set-up', vault: 'Contoso', admins: ['Dana'] },
  'vault.no-recipients': { code: 'vault.no-recipients', vault: 'Contoso' },
  'vault.set-up-already': { code: 'vault.set-up-already', vault: 'Contoso' },
  'vault.server-sealed': { code: 'vault.server-sealed', vault: 'Contoso' },
  'vault.none': { code: 'vault.none', admins: ['Dana'] },
  'vault.not-member': { code: 'vault.not-member', vault: 'Contoso', admins: ['Dana'] },
  'vault.not-enrolled': { code: 'vault.not-enrolled', vault: 'Contoso' },
  'vault.bad-key': { code: 'vault.bad-key' },
  'vault.no-such-key': { code: 'vault.no-such-key', asked: 'K-7K2M' },
  'vault.own-key': { code: 'vault.own-key' },
  'vault.last-key': { code: 'vault.last-key', vault: 'Contoso' },
  'break-glass.none': { code: 'break-glass.none', tenant: 'Contoso' },
  'break-glass.exists': { code: 'break-glass.exists', upn: 'emergency1@contoso.onmicrosoft.com' },
  'break-glass.bad-name': { code: 'break-glass.bad-name', asked: 'emergency 1', problem: 'it has a space in it' },
  'break-glass.too-many': { code: 'break-glass.too-many', tenant: 'Contoso' },
  'break-glass.no-domain': { code: 'break-glass.no-domain', tenant: 'Contoso' },
  'break-glass.foreign': { code: 'break-glass.foreign', upn: 'emergency1@contoso.onmicrosoft.com' },
  'break-glass.not-covered': { code: 'break-glass.not-covered', tenant: 'Contoso', admins: ['Dana'] },
  'break-glass.nobody-to-ask': { code: 'break-glass.nobody-to-ask', tenant: 'Contoso', admins: ['Dana'] },
  'break-glass.empty': { code: 'break-glass.empty', tenant: 'Contoso' },
  'break-glass.no-pass': { code: 'break-glass.no-pass', tenant: 'Contoso', admins: ['Dana'] },
  'view.pending': { code: 'view.pending', id: viewId('V-7K2M'), asked: ['Dana', 'Luis'] },
  'view.decided': { code: 'view.decided', id: viewId('V-7K2M'), by: 'Dana', verdict: 'approved', at: NOON },
  'view.second-factor': { code: 'view.second-factor', id: viewId('V-7K2M') },
  'view.outdated': { code: 'view.outdated', id: viewId('V-7K2M'), tenant: 'Contoso' },
  'drill.not-begun': { code: 'drill.not-begun', tenant: 'contoso' },
  'drill.no-look': { code: 'drill.no-look', tenant: 'contoso' },
  'view.no-ground': { code: 'view.no-ground', id: viewId('V-7K2M'), requester: 'Tess' },
  'view.unknown': { code: 'view.unknown', asked: 'V-7K2M' },
  'view.own': { code: 'view.own' },
  'view.not-approver': { code: 'view.not-approver', asked: ['Dana'] },
  'view.not-yours': { code: 'view.not-yours', id: viewId('V-7K2M'), requester: 'Tess' },
  'view.wrong-state': { code: 'view.wrong-state', id: viewId('V-7K2M'), state: 'over', verb: 'open' },
  'direct-only': { code: 'direct-only' },
  busy: { code: 'busy' },
  internal: { code: 'internal', detail: DETAIL },
  'directory.throttled': { code: 'directory.throttled', detail: DETAIL, retryAfterMs: 5 * SECOND },
  'directory.unavailable': { code: 'directory.unavailable', detail: DETAIL },
  'directory.too-soon': { code: 'directory.too-soon', detail: DETAIL },
  'directory.unclear': { code: 'directory.unclear', detail: DETAIL },
  'directory.forbidden': { code: 'directory.forbidden', detail: DETAIL },
  'directory.consent': { code: 'directory.consent', detail: DETAIL },
  'directory.credential': { code: 'directory.credential', detail: DETAIL },
  'directory.name-taken': { code: 'directory.name-taken', detail: DETAIL },
  'directory.not-found': { code: 'directory.not-found', detail: DETAIL },
  'directory.rejected': { code: 'directory.rejected', detail: DETAIL },
  'directory.malformed': { code: 'directory.malformed', detail: DETAIL },
  'directory.no-pass': { code: 'directory.no-pass', detail: '' },
  'directory.licence': { code: 'directory.licence', detail: DETAIL },
  'directory.quota': { code: 'directory.quota', detail: DETAIL },
  'directory.internal': { code: 'directory.internal', detail: DETAIL },
} as const satisfies { readonly [C in FaultCode]: Extract<Fault, { code: C }> };

/** The same with nothing to name: the lists empty, the guesses absent. */
const BARE: readonly Fault[] = [
  { code: 'command.usage', problem: 'Too many words.' },
  { code: 'tenant.unknown', asked: 'contso' },
  {
    code: 'policy.not-covered',
    beside: [],
    tenant: 'Contoso',
    id: 'contoso',
    roles: ['Reader'],
    allowances: [],
    admins: [],
  },
  { code: 'policy.nobody-to-ask', group: 'Leads', unreachable: [], admins: [] },
  { code: 'policy.denied', tenant: 'Contoso', rule: 'Not at night', admins: [] },
  { code: 'policy.ticket', rule: 'Leads approve' },
  { code: 'policy.ticket', rule: 'Leads approve', pattern: 'INC-*' },
  { code: 'group.unknown', tenant: 'Contoso', asked: 'Salse' },
  { code: 'template.unknown', tenant: 'Contoso', asked: 'Mailbxo' },
  { code: 'roster.unknown', what: 'Slack user group', asked: '@leeds' },
  { code: 'roster.forbidden', platform: 'teams', detail: DETAIL },
  { code: 'request.own', asked: [] },
  { code: 'admin.only', admins: [] },
  { code: 'admin.unknown', what: 'rule', asked: 'Leeds' },
  { code: 'domain.unverified', domain: '(any)', verified: [] },
];

const READING = { zone: 'Europe/Berlin', today: NOON };
const say = (fault: Fault): string => faultSentence(fault, READING);

const sentencesIn = (text: string): number => text.split(/[.?!](?:\s|$)/u).filter((part) => part.trim() !== '').length;

describe('the public word on a fault', () => {
  it.each([...Object.values(FAULTS), ...BARE])('of code $code', (fault) => {
    const sentence = say(fault);
    expect(sentencesIn(sentence)).toBeGreaterThanOrEqual(1);
    expect(sentencesIn(sentence)).toBeLessThanOrEqual(3);
    expect(sentence).toMatch(/[.?)]$/u);
    expect(sentence).not.toMatch(/undefined|\[object|NaN|null|Infinity|Invalid|!|  /u);
    // Nobody can be asked, nor chosen, by the name of nobody.
    expect(sentence).not.toMatch(/ask nobody|one of: nobody/iu);
    expect(sentence).not.toContain('Authorization_RequestDenied');
    expect(sentence).not.toContain('/app/');
  });

  it('is never the same for two codes that ask for different things', () => {
    const sentences = Object.values(FAULTS).map(say);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it.each<[Fault, string]>([
    [
      FAULTS['policy.not-covered'],
      'You may not ask for Global Administrator with an access pass in Contoso. You may ask for: Exchange Administrator (2 h) and User Administrator (4 h). /jit can contoso says why; to change that, ask Dana and Luis.',
    ],
    [
      FAULTS['policy.too-long'],
      'In Contoso that is allowed for at most 1 h 30 min (rule Leads approve). Try --for 1h30m.',
    ],
    [FAULTS['tenant.unknown'], 'No tenant called contso. Did you mean contoso?'],
    [FAULTS['request.own'], 'This request was made by you; someone else has to approve it. Asked: Dana and Luis.'],
    [FAULTS['request.decided'], 'Dana approved R-7K2M at 13:00. Nothing more to do.'],
  ])('names what to do next, in the reader’s zone: $code', (fault, sentence) => {
    expect(say(fault)).toBe(sentence);
  });

  it('quotes what was typed cut short and without characters that disguise', () => {
    for (const code of [
      'tenant.unknown',
      'duration.invalid',
      'time.invalid',
      'person.unknown',
      'request.unknown',
    ] as const) {
      const sentence = say({ code, asked: `evil\u202E\u0007${'x'.repeat(10_000)}` });
      expect(sentence.length).toBeLessThan(300);
      expect(sentence).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }
    expect(say({ code: 'role.unknown', tenant: 'Contoso', asked: 'x'.repeat(10_000) }).length).toBeLessThan(300);
    expect(say({ code: 'command.usage', problem: 'Unknown command \u202E.' })).not.toContain('\u202E');
  });
});

describe('a refusal', () => {
  it.each(Object.values(FAULTS))('is shown whole, its head short enough for every platform: $code', (fault) => {
    const { view } = refuse(fault, READING) as Extract<ReturnType<typeof refuse>, { kind: 'show' }>;
    if (view.kind !== 'card') throw new Error('a refusal is a card');
    expect(view.title.length).toBeLessThanOrEqual(LONGEST_TITLE);
    const below = view.lines.map((spans) => spans.map(({ text }) => text).join('')).join(' ');
    const shown = view.title.endsWith('…') ? below : `${view.title} ${below}`.trim();
    expect(shown).toBe(say(fault));
  });
});
