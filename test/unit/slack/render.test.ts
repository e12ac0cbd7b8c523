import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  Button,
  Card,
  Choice,
  ChoicesField,
  Field,
  Form,
  Line,
  Span,
  Verb,
  View,
} from '../../../src/chat/view.js';
import { requestId } from '../../../src/engine/ids.js';
import { redacted } from '../../../src/lib/redacted.js';
import { renderCard, renderModal } from '../../../src/slack/render.js';
import { verbOf } from '../../../src/slack/render-buttons.js';
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
  '{{DATE(2026-11-23T16:30:00Z, SHORT)}}',
  '\uD83D half',
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
const verb = fc.constantFrom<Verb>('approve', 'deny', 'deny-form', 'cancel', 'end', 'reveal', 'form', 'admin-remove');
const style = fc.constantFrom('default', 'primary', 'danger');
const line: fc.Arbitrary<Line> = fc.array(span, { maxLength: 6 });
const button: fc.Arbitrary<Button> = fc.oneof(
  fc.record(
    { verb, id: fc.oneof(id, text), label: text, style, confirm: text },
    { requiredKeys: ['verb', 'id', 'label', 'style'] },
  ),
  fc.record({ verb: fc.constant('open' as const), id: fc.constant('' as const), label: text, style, href }),
);
const card: fc.Arbitrary<Card> = fc.record(
  {
    kind: fc.constant('card' as const),
    title: text,
    lines: fc.array(line, { maxLength: 60 }),
    facts: fc.array(fc.record({ label: text, value: line }), { maxLength: 60 }),
    more: fc.array(line, { maxLength: 60 }),
    block: fc.record({
      text: fc.oneof(
        text,
        fc.array(text, { maxLength: 40 }).map((all) => all.join('\n')),
      ),
    }),
    buttons: fc.array(button, { maxLength: 150 }),
    denyReason: fc.record({ id }),
  },
  { requiredKeys: ['kind', 'title', 'lines', 'buttons'] },
);
const choices = fc.uniqueArray(fc.record<Choice>({ value: fc.oneof(id, text), label: text }), {
  selector: ({ value }) => value,
  maxLength: 250,
});
const basics = {
  label: text,
  help: text,
  optional: fc.boolean(),
  name: fc.constant(''),
  of: fc.array(id, { maxLength: 2 }),
};
const choosing = { ...basics, choices, refresh: fc.boolean(), none: text };
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({
    ...basics,
    kind: fc.constant('text' as const),
    value: text,
    multiline: fc.boolean(),
    placeholder: text,
    longest: fc.constantFrom(60, 500),
  }),
  fc.record({ ...choosing, kind: fc.constant('choice' as const), pick: fc.nat(300) }).map(({ pick, ...rest }) => ({
    ...rest,
    value: rest.choices[pick]?.value ?? 'unknown',
  })),
  fc.record({ ...choosing, kind: fc.constant('choices' as const), pick: fc.nat(300) }).map(({ pick, ...rest }) => ({
    ...rest,
    values: rest.choices.slice(pick).map(({ value }) => value),
  })),
  fc.record({ ...basics, kind: fc.constant('yes-no' as const), value: fc.boolean() }),
);
const form: fc.Arbitrary<Form> = fc
  .record(
    {
      kind: fc.constant('form' as const),
      form: id,
      id,
      title: text,
      fields: fc.array(field, { maxLength: 12 }),
      submit: text,
      hint: text,
      problem: text,
    },
    { requiredKeys: ['kind', 'form', 'id', 'title', 'fields', 'submit'] },
  )
  .map((drawn) => ({ ...drawn, fields: drawn.fields.map((one, index) => ({ ...one, name: `field-${index}` })) }));
const view: fc.Arbitrary<View> = fc.oneof(
  card,
  form,
  fc.record({
    kind: fc.constant('credential' as const),
    id: fc.constant(requestId('R-1')),
    title: text,
    portal: href,
    upn: text,
    label: text,
    secret: fc.constant(redacted('Secret-1')),
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
    facts: [{ label: words, value: [{ text: words }] }],
    more: [[{ text: words }]],
    buttons: [{ verb: 'approve', id: 'R-1', label: words, style: 'default', confirm: words }],
  });
  const kinds = texts(shown.blocks).map(([kind]) => kind);
  expect(new Set(kinds)).toEqual(new Set(['plain_text', 'text']));
  expect(shown.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  for (const [, said] of texts(shown.blocks)) {
    expect(said).not.toMatch(/[\u202A-\u202E\u2066-\u2069]|.\n/);
    expect(said).not.toMatch(/\p{Cs}/u);
  }
});

test.each(HOSTILE)('somebody’s words stay words in a form: %s', (words) => {
  const choices = [{ value: 'a', label: words }];
  const basic = { label: words, help: words, optional: false };
  const shown = renderModal({
    kind: 'form',
    form: 'f',
    id: '',
    title: words,
    fields: [
      { ...basic, kind: 'choice', name: 'one', choices },
      { ...basic, kind: 'choices', name: 'several', choices: [], values: [], none: words },
      { ...basic, kind: 'text', name: 'words', value: words, multiline: true, placeholder: words },
    ],
    submit: words,
    hint: words,
    problem: words,
  });
  expect(JSON.stringify(shown)).not.toContain('mrkdwn');
  for (const [, said] of texts(shown)) expect(said).not.toMatch(/[\u202A-\u202E\u2066-\u2069]|\p{Cs}/u);
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
    label: 'Password',
    secret: redacted('a  b${x}<&>\\n'),
    note: 'Once.',
  });
  expect(JSON.stringify(modal)).toContain(JSON.stringify('a  b${x}<&>\\n'));
  expect(modal).not.toHaveProperty('private_metadata');
});

const roles = (count: number): readonly Choice[] =>
  Array.from({ length: count }, (_role, index) => ({ value: `r${index}`, label: `Role ${index}` }));

const aField = (rest: Partial<ChoicesField>): Field => ({
  kind: 'choices',
  name: 'roles',
  label: 'Roles',
  optional: false,
  choices: roles(3),
  values: [],
  ...rest,
});

const blocksOf = (...fields: readonly Field[]): readonly Json[] =>
  json(renderModal({ kind: 'form', form: 'f', id: 'about', title: 'A form', fields, submit: 'Send' }))[
    'blocks'
  ] as readonly Json[];

test('more choices than Slack lists are searched, and what is chosen is shown', () => {
  const [block] = blocksOf(aField({ choices: roles(140), values: ['r139'] }));
  expect(block?.['element']).toMatchObject({
    type: 'multi_external_select',
    initial_options: [{ text: { type: 'plain_text', text: 'Role 139', emoji: false }, value: 'r139' }],
  });
  expect(blocksOf(aField({ choices: roles(100) }))[0]?.['element']).toMatchObject({
    type: 'multi_static_select',
  });
});

test('a field keeps its block while what it hangs on stays, and gets another when that changes', () => {
  const tenant = (value: string): Field => ({
    kind: 'choice',
    name: 'tenant',
    label: 'Tenant',
    optional: false,
    choices: ['a', 'b'].map((one) => ({ value: one, label: one })),
    value,
    refresh: true,
  });
  const blocks = (value: string, values: readonly string[]): readonly unknown[] =>
    blocksOf(tenant(value), aField({ of: ['tenant'], values })).map(({ block_id: block }) => block);
  expect(blocks('a', [])).toEqual(blocks('a', ['r1']));
  expect(blocks('a', [])[0]).toBe(blocks('b', [])[0]);
  expect(blocks('a', [])[1]).not.toBe(blocks('b', [])[1]);
});

test('where there is nothing to choose from, a field says so', () => {
  expect(JSON.stringify(blocksOf(aField({ choices: [], none: 'No role is open to you.' })))).toContain(
    'No role is open to you.',
  );
});

test('a text that is longer than its field takes is shown whole, to be shortened', () => {
  const [block] = blocksOf({
    kind: 'text',
    name: 'reason',
    label: 'Reason',
    optional: false,
    value: 'x'.repeat(700),
    multiline: true,
    longest: 500,
  });
  expect(block?.['element']).toMatchObject({ max_length: 700, initial_value: 'x'.repeat(700) });
});

test('text for machines keeps its line breaks and indentation, and says what it leaves out', () => {
  const shown = (words: string): readonly (readonly [string, string])[] =>
    texts(renderCard({ kind: 'card', title: 't', lines: [], block: { text: words }, buttons: [] }).blocks);
  const yaml = 'rules:\n  - name: <!channel> *b*\n\tend';
  expect(shown(yaml)).toContainEqual(['text', yaml]);
  const long = shown(Array.from({ length: 2_000 }, (_line, index) => `- name: rule ${index}`).join('\n'));
  const kept = long.filter(([kind]) => kind === 'text').flatMap(([, piece]) => piece.split('\n')).length;
  expect(long.at(-1)).toEqual(['plain_text', `… and ${2_000 - kept} more lines.`]);
});

test('what others fold stands last, below a line; what does not fit is counted', () => {
  const lines = (name: string, count: number): readonly Line[] =>
    Array.from({ length: count }, (_line, index) => [{ text: `${name} ${index} ${'x'.repeat(60)}` }]);
  const { blocks } = renderCard({
    kind: 'card',
    title: 't',
    lines: lines('first', 10),
    more: lines('folded', 500),
    buttons: [],
  });
  expect(blocks.map(({ type }) => type)).toEqual(expect.arrayContaining(['divider']));
  const folded = texts(blocks.slice(blocks.findIndex(({ type }) => type === 'divider'))).map(([, said]) => said);
  const kept = folded.filter((said) => said.startsWith('folded')).length;
  expect(kept).toBeGreaterThan(80);
  expect(folded.at(-1)).toBe(`… and ${500 - kept} more lines.`);
});

test('a button leads only to the web over https or to this machine, and asks before it does what cannot be undone', () => {
  const leading = (to: string): Button => ({ verb: 'open', id: '', label: 'Open', style: 'default', href: to });
  const pages = ['https://entra.microsoft.com/x', 'http://127.0.0.1:3978/vault', 'http://localhost/'];
  const others = ['http://evil.test/', 'javascript:alert(1)', 'https://a b', 'nonsense'];
  const shown = buttonsOf({ kind: 'card', title: 't', lines: [], buttons: [...pages, ...others].map(leading) });
  expect(shown.map(({ url }) => url)).toEqual(pages);
  const [remove] = buttonsOf({
    kind: 'card',
    title: 't',
    lines: [],
    buttons: [
      { verb: 'admin-remove', id: 'rule/K7', label: 'Remove', style: 'danger', confirm: 'Nobody can undo it.' },
    ],
  });
  expect(remove?.['confirm']).toMatchObject({ text: { type: 'plain_text', text: 'Nobody can undo it.' } });
});
