import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Card, Choice, RequestForm, Span, Verb, View } from '../../../src/chat/view.js';
import { requestId } from '../../../src/engine/ids.js';
import { redacted } from '../../../src/lib/redacted.js';
import { LIMITS } from '../../../src/slack/limits.js';
import { renderCard, renderModal, verbOf } from '../../../src/slack/render.js';
import { faultsOfMessage, faultsOfView } from '../../fakes/slack/limits.js';
import type { Json } from '../../fakes/slack/web-api.js';

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

const HOSTILE = [
  '<!channel>',
  '<@U1>',
  '<https://evil.test|portal>',
  '*b* _i_ `c` ~s~',
  ':tada:',
  '&amp;',
  '${title}',
  '\n\nApproved by Dana',
  '\u202Egnp.exe',
  'مرحبا',
  '👩‍🚀',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('', ...HOSTILE),
  fc.integer({ min: 1, max: 9_000 }).map((length) => '😀'.repeat(length / 2) + 'x'.repeat(length % 2)),
);
const id = fc.string({ maxLength: 40 });
const href = fc.constantFrom(
  'https://entra.microsoft.com/',
  'javascript:alert(1)',
  'https://a b',
  `https://x/${'y'.repeat(4_000)}`,
);
const span: fc.Arbitrary<Span> = fc.record(
  { text, strong: fc.boolean(), code: fc.boolean(), href },
  { requiredKeys: ['text'] },
);
const verb = fc.constantFrom<Verb>('approve', 'deny', 'deny-form', 'cancel', 'end', 'reveal', 'request-form');
const card: fc.Arbitrary<Card> = fc.record(
  {
    kind: fc.constant('card' as const),
    title: text,
    lines: fc.array(fc.array(span, { maxLength: 6 }), { maxLength: 60 }),
    buttons: fc.array(
      fc.record({ verb, id: fc.oneof(id, text), label: text, style: fc.constantFrom('default', 'primary', 'danger') }),
      { maxLength: 150 },
    ),
    denyReason: fc.record({ id }),
  },
  { requiredKeys: ['kind', 'title', 'lines', 'buttons'] },
);
const choices = fc.uniqueArray(fc.record<Choice>({ value: fc.oneof(id, text), label: text }), {
  selector: ({ value }) => value,
  maxLength: 250,
});
const requestForm: fc.Arbitrary<RequestForm> = fc
  .record({
    tenants: choices,
    roles: choices,
    durations: choices,
    reason: text,
    ticket: text,
    hint: text,
    problem: fc.option(text, { nil: undefined }),
    pick: fc.nat(300),
  })
  .map(({ pick, problem, ...rest }) => ({
    kind: 'request-form',
    ...rest,
    tenant: rest.tenants[pick]?.value ?? 'unknown',
    chosenRoles: rest.roles.slice(pick).map(({ value }) => value),
    duration: rest.durations[pick]?.value ?? '',
    ...(problem !== undefined && { problem }),
  }));
const view: fc.Arbitrary<View> = fc.oneof(
  card,
  requestForm,
  fc.record({ kind: fc.constant('deny-form' as const), id, title: text, problem: text }),
  fc.record({
    kind: fc.constant('credential' as const),
    id: fc.constant(requestId('R-1')),
    title: text,
    portal: href,
    upn: text,
    password: fc.constant(redacted('Secret-1')),
    note: text,
  }),
);

test('no view, however long or odd, breaks a limit of Slack', () => {
  fc.assert(
    fc.property(card, (shown) => {
      expect(faultsOfMessage(json(renderCard(shown)))).toEqual([]);
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(view, (shown) => {
      expect(faultsOfView(json(renderModal(shown)))).toEqual([]);
    }),
    { numRuns: 250 },
  );
});

test('the checks can fail: a header, a label and an option that are too long are found', () => {
  const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }];
  expect(faultsOfMessage({ text: 'x', blocks })).toEqual(['header: 151 characters of 150']);
  expect(
    faultsOfMessage({ text: '', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x' } }] }),
  ).toHaveLength(2);
  expect(faultsOfView({ title: { type: 'plain_text', text: 'x'.repeat(25) }, blocks })).toHaveLength(2);
});

/** Every text of a message with the kind of element that holds it. */
const texts = (value: unknown): readonly (readonly [string, string])[] => {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text: own } = value as Json;
  return [...(typeof own === 'string' ? [[String(type), own] as const] : []), ...Object.values(value).flatMap(texts)];
};

test.each(HOSTILE)('somebody’s words stay words: %s', (words) => {
  const shown = renderCard({
    kind: 'card',
    title: words,
    lines: [[{ text: 'Why: ' }, { text: words, strong: true }]],
    buttons: [{ verb: 'approve', id: 'R-1', label: words, style: 'default' }],
  });
  const kinds = texts(shown.blocks).map(([kind]) => kind);
  expect(new Set(kinds)).toEqual(new Set(['plain_text', 'text']));
  expect(shown.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  for (const [, said] of texts(shown.blocks)) expect(said).not.toMatch(/[\u202A-\u202E\u2066-\u2069]|.\n/);
});

test('literal text arrives as it was typed, right-to-left scripts included', () => {
  const words = '<!channel> *b* مرحبا ${title}';
  const [, paragraph] = json(renderCard({ kind: 'card', title: 't', lines: [[{ text: words }]], buttons: [] }))[
    'blocks'
  ] as Json[];
  expect(paragraph).toEqual({
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: words }] }],
  });
});

test('what is cut shows that it is cut', () => {
  const long = renderCard({
    kind: 'card',
    title: 't'.repeat(400),
    lines: [[{ text: 'a'.repeat(2_990), strong: true }, { text: 'b'.repeat(50) }]],
    buttons: [{ verb: 'approve', id: 'R-1', label: 'l'.repeat(100), style: 'default' }],
  });
  const ends = texts(long.blocks)
    .filter(([, said]) => said.length > 70 || said.startsWith('b'))
    .map(([, said]) => said.at(-1));
  expect(ends).toEqual(['…', 'a', '…', '…']);
});

test('lines that do not fit a card are counted', () => {
  const lines = Array.from({ length: 500 }, (_line, index) => [{ text: `R-${index} ${'x'.repeat(60)}` }]);
  const said = texts(renderCard({ kind: 'card', title: 't', lines, buttons: [] }).blocks).map(([, words]) => words);
  const shown = said.filter((words) => words.startsWith('R-')).length;
  expect(said.at(-1)).toBe(`… and ${500 - shown} more lines.`);
  expect(shown).toBeGreaterThan(100);
});

test('only web links link', () => {
  const links = ['https://entra.microsoft.com/', 'javascript:alert(1)', 'slack://x', 'https://a b'];
  const line = links.map((link) => ({ text: 'here', href: link }));
  const found = JSON.stringify(renderCard({ kind: 'card', title: 't', lines: [line], buttons: [] })).match(
    /"url":"[^"]+"/g,
  );
  expect(found).toEqual(['"url":"https://entra.microsoft.com/"']);
});

const buttonsOf = (shown: Card): readonly Json[] =>
  (json(renderCard(shown))['blocks'] as Json[]).flatMap(({ type, elements }) =>
    type === 'actions' ? (elements as Json[]) : [],
  );

test('a button carries verb and id and nothing else; repeated verbs stay unique and readable', () => {
  const button = (name: string) => ({ verb: 'end', id: name, label: 'End', style: 'default' }) as const;
  const buttons = buttonsOf({ kind: 'card', title: 't', lines: [], buttons: [button('R-1'), button('R-2')] });
  expect(buttons.map(({ action_id: action, value }) => [action, value])).toEqual([
    ['end', 'R-1'],
    ['end:1', 'R-2'],
  ]);
  expect(buttons.map(({ action_id: action }) => verbOf(String(action)))).toEqual(['end', 'end']);
  expect(buttons[0]).not.toHaveProperty('style');
});

test.each<[string, Card['buttons'], readonly string[]]>([
  ['deny button', [{ verb: 'deny', id: 'R-1', label: 'Deny', style: 'danger' }], ['deny-form']],
  ['deny-form button', [{ verb: 'deny-form', id: 'R-1', label: 'Deny…', style: 'danger' }], ['deny-form']],
  ['other button', [{ verb: 'approve', id: 'R-1', label: 'Approve', style: 'primary' }], ['approve', 'deny-form']],
])('a card that asks for a reason of denial, with a %s, has one way to deny: the form', (_which, buttons, verbs) => {
  const shown = buttonsOf({ kind: 'card', title: 't', lines: [], buttons, denyReason: { id: 'R-1' } });
  expect(shown.map(({ action_id: action }) => action)).toEqual(verbs);
});

test('the credential stands in its modal as it is, and its view carries no metadata', () => {
  const modal = renderModal({
    kind: 'credential',
    id: requestId('R-1'),
    title: 'Contoso',
    portal: 'https://entra.microsoft.com/',
    upn: 'jit@contoso.test',
    password: redacted('a  b${x}<&>\\n'),
    note: 'Once.',
  });
  expect(JSON.stringify(modal)).toContain(JSON.stringify('a  b${x}<&>\\n'));
  expect(modal).not.toHaveProperty('private_metadata');
});

test('more roles than Slack lists: what is chosen is always among them, and the rest is pointed at', () => {
  const roles = Array.from({ length: 140 }, (_role, index) => ({ value: `r${index}`, label: `Role ${index}` }));
  const modal = json(
    renderModal({
      kind: 'request-form',
      tenants: [{ value: 't', label: 'T' }],
      tenant: 't',
      roles,
      chosenRoles: ['r139'],
      durations: [],
      duration: '',
      reason: '',
      ticket: '',
      hint: '',
    }),
  );
  const select = (modal['blocks'] as Json[]).find(({ block_id: block }) => block === 'roles:t')?.['element'] as Json;
  expect(select['options']).toHaveLength(LIMITS.options);
  expect(select['initial_options']).toEqual([
    { text: { type: 'plain_text', text: 'Role 139', emoji: false }, value: 'r139' },
  ]);
  expect(JSON.stringify(modal)).toContain('Only 100 of 140 are listed here');
});
