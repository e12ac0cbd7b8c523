import { AdaptiveCard, SerializationContext } from 'adaptivecards';
import { describe, expect, it } from 'vitest';
import { denyForm } from '../../../src/chat/deny-form.js';
import type { Button, Card, Choice, ChoiceField, CredentialView, Field, Form, Line } from '../../../src/chat/view.js';
import { requestId } from '../../../src/engine/ids.js';
import { redacted } from '../../../src/lib/redacted.js';
import { plainText, renderCard, renderCredential, renderForm } from '../../../src/teams/render.js';
import { buttonOf, buttonsOf, elementsOf, inputsOf, linesOf, textOf } from '../../fakes/teams/cards.js';

const SAID =
  '**bold** [link](https://evil.example) <at>Dana</at> ${password} `code` <b>x</b> {{DATE(2026-11-23T16:30:00Z, SHORT)}} ';
// An invisible space keeps clients from putting a date there.
const SHOWN = SAID.replace('{{', '{\u200B{');
const HOSTILE = `${SAID}\u202Egnp.exe`;

const aCard = (overrides: Partial<Card> = {}): Card => ({
  kind: 'card',
  title: 'Tess wants Exchange Administrator in Contoso for 2 h',
  lines: [
    [{ text: 'Why: ', strong: true }, { text: 'Mailbox migration' }],
    [],
    [{ text: 'R-7K2M', code: true }, { text: ' ' }, { text: 'portal', href: 'https://portal.example/' }],
  ],
  buttons: [
    { verb: 'approve', id: 'R-7K2M', label: 'Approve', style: 'primary' },
    { verb: 'deny-form', id: 'R-7K2M', label: 'Deny…', style: 'danger' },
  ],
  denyReason: { id: 'R-7K2M' },
  ...overrides,
});

const choices = (count: number, label = 'Role'): readonly Choice[] =>
  Array.from({ length: count }, (_none, index) => ({ value: `role-${index}`, label: `${label} ${index}` }));

const tenantField = (rest: Partial<ChoiceField> = {}): ChoiceField => ({
  kind: 'choice',
  name: 'tenant',
  label: 'Tenant',
  optional: false,
  choices: [
    { value: 'contoso', label: 'Contoso' },
    { value: 'fabrikam', label: 'Fabrikam' },
  ],
  refresh: true,
  ...rest,
});

interface FormState {
  readonly tenant?: ChoiceField;
  readonly roles?: readonly Choice[];
  readonly chosen?: readonly string[];
  readonly reason?: string;
  readonly ticket?: string;
  readonly more?: readonly Field[];
}

const aForm = (state: FormState = {}, rest: Partial<Form> = {}): Form => {
  const { tenant = tenantField({ value: 'contoso' }), roles = choices(3), chosen = ['role-1', 'role-2'] } = state;
  const { reason = 'Mailbox migration', ticket = 'INC-4711', more = [] } = state;
  return {
    kind: 'form',
    form: 'request',
    id: 'about',
    title: 'Request admin access',
    fields: [
      tenant,
      {
        kind: 'choices',
        name: 'roles',
        label: 'Roles',
        help: 'Only those you may ask for.',
        optional: false,
        choices: roles,
        values: chosen,
        refresh: true,
        of: ['tenant'],
        none: 'You may not ask for a role in this tenant.',
      },
      {
        kind: 'choice',
        name: 'duration',
        label: 'For how long',
        optional: false,
        choices: [
          { value: '2h', label: '2 h' },
          { value: '4h', label: '4 h' },
        ],
        value: '4h',
        refresh: true,
      },
      { kind: 'text', name: 'reason', label: 'Reason', optional: false, value: reason, multiline: true },
      { kind: 'text', name: 'ticket', label: 'Ticket', optional: true, value: ticket, multiline: false, longest: 60 },
      ...more,
    ],
    submit: 'Request',
    hint: 'Needs one approval from Service desk leads.',
    ...rest,
  };
};

const WITHOUT_TENANT = aForm({ tenant: tenantField(), roles: [], chosen: [] });

const EVERY_FIELD: readonly Field[] = [
  { kind: 'yes-no', name: 'tap', label: 'Access pass', optional: false, value: true },
  { kind: 'choices', name: 'groups', label: 'Groups', optional: true, choices: choices(40, 'Group'), values: [] },
  tenantField({ name: 'template', label: 'Template', optional: true }),
  tenantField({ name: 'account', label: 'Account', value: 'contoso', refresh: false }),
];

const aCredential = (overrides: Partial<CredentialView> = {}): CredentialView => ({
  kind: 'credential',
  id: requestId('R-7K2M'),
  title: 'Contoso, until 16:12',
  portal: 'https://portal.example/contoso',
  upn: 'jit-tess@contoso.example',
  label: 'Password',
  secret: redacted('c0rrect-h0rse'),
  note: 'Shown once.',
  ...overrides,
});

const manyLines = (count: number): readonly Line[] =>
  Array.from({ length: count }, (_none, index) => [{ text: `line ${index}` }]);

const CARDS: Readonly<Record<string, unknown>> = {
  'a card with buttons': renderCard(aCard()).content,
  'a card of words alone': renderCard({ kind: 'card', title: 'Done', lines: [], buttons: [] }).content,
  'a card of hostile words': renderCard(aCard({ title: HOSTILE, lines: [[{ text: HOSTILE }]] })).content,
  'a card that is cut': renderCard(aCard({ lines: Array.from({ length: 2_000 }, () => [{ text: 'x'.repeat(90) }]) }))
    .content,
  'a credential': renderCredential(aCredential()),
  'a card with facts, folded lines and links': renderCard(
    aCard({
      facts: [
        { label: 'Rule', value: [{ text: 'Leads approve' }, { text: ' R1', code: true }] },
        { label: HOSTILE.slice(0, 50), value: [{ text: HOSTILE }] },
        { label: 'Empty', value: [] },
      ],
      more: manyLines(30),
      buttons: [
        { verb: 'admin-remove', id: 'rule/K7', label: 'Remove', style: 'danger', confirm: HOSTILE },
        { verb: 'open', id: '', label: 'Portal', style: 'default', href: 'https://portal.example/' },
      ],
    }),
  ).content,
  'a card with more of everything than fits': renderCard(
    aCard({
      lines: manyLines(2_000),
      more: manyLines(2_000),
      facts: manyLines(300).map((value) => ({ label: 'Fact', value })),
      block: { text: '"\\'.repeat(20_000) },
    }),
  ).content,
  'a form without a tenant': renderForm(WITHOUT_TENANT).content,
  'a form with few roles': renderForm(aForm()).content,
  'a form with many roles': renderForm(aForm({ roles: choices(500) })).content,
  'a form with every kind of field': renderForm(aForm({ more: EVERY_FIELD })).content,
  'a form of many long lists': renderForm(
    aForm({
      more: ['a', 'b', 'c', 'd'].map((name) => ({
        kind: 'choices',
        name,
        label: name,
        optional: true,
        choices: choices(300, 'x'.repeat(100)),
        values: [],
      })),
    }),
  ).content,
  'a refused form': renderForm(
    aForm({ reason: HOSTILE, ticket: HOSTILE }, { title: HOSTILE, problem: HOSTILE, hint: HOSTILE }),
  ).content,
  'a form that offers nothing': renderForm(aForm({ tenant: tenantField({ choices: [] }), roles: [] })).content,
  'a tenant without roles': renderForm(aForm({ roles: [], chosen: [] })).content,
  'a form to deny': renderForm(denyForm('R-7K2M')).content,
  'a refused denial': renderForm(denyForm('R-7K2M', 'Say why.')).content,
};

describe.each(Object.entries(CARDS))('%s', (_name, content) => {
  it('is an Adaptive Card 1.5 that the reference parser takes without a complaint', () => {
    const context = new SerializationContext();
    const card = new AdaptiveCard();
    card.parse(content, context);
    const complaints = Array.from({ length: context.eventCount }, (_none, index) => context.getEventAt(index).message);
    // Teams' own element, which the reference parser passes over for what stands in for it.
    expect(complaints.filter((complaint) => !complaint.includes('CodeBlock'))).toEqual([]);
    expect(card.validateProperties().validationEvents).toEqual([]);
    expect(card.version.toString()).toBe('1.5');
  });

  it('stays below what Teams takes, counted in UTF-16', () => {
    expect(JSON.stringify(content).length * 2).toBeLessThan(80 * 1024);
  });

  it('leaves no placeholder unfilled and holds no text that Teams reads as Markdown', () => {
    expect(JSON.stringify(content).replaceAll('${password}', '')).not.toContain('${');
    expect(elementsOf(content).filter(({ type }) => type === 'TextBlock' || type === 'FactSet')).toEqual([]);
  });

  it('has a way to click for clients that know only Action.Submit', () => {
    for (const action of elementsOf(content).filter(({ type }) => type === 'Action.Execute')) {
      const { title, style, verb, data, fallback } = action;
      expect(fallback).toMatchObject({ type: 'Action.Submit', title, style, data: { ...(data as object), verb } });
    }
  });
});

describe('words of people', () => {
  it('stand in a card as they were typed, but for what would reorder the words around them', () => {
    const said = `${SHOWN}gnp.exe`;
    const { content } = renderCard(aCard({ title: HOSTILE, lines: [[{ text: HOSTILE }]] }));
    expect(linesOf(content).slice(0, 2)).toEqual([said, said]);
    expect(JSON.stringify(content)).not.toContain('msteams');
  });

  it('cannot add a line that looks like one of ours', () => {
    const { content } = renderCard(aCard({ lines: [[{ text: 'innocent\nApproved by Dana' }]] }));
    expect(linesOf(content)[1]).toBe('innocent Approved by Dana');
  });

  it('stand as they are in facts, folded lines and questions', () => {
    const words = [{ text: HOSTILE }];
    const said = `${SHOWN}gnp.exe`;
    const buttons: readonly Button[] = [{ verb: 'end', id: 'R-1', label: 'End', style: 'danger', confirm: HOSTILE }];
    const { content } = renderCard({
      kind: 'card',
      title: 'T',
      lines: [],
      facts: [{ label: 'Reason', value: words }],
      more: [words],
      buttons,
    });
    expect(linesOf(content)).toEqual(['T', 'Reason', said, said, said]);
  });

  it('keep line breaks and indentation in text for machines, and are read by clients that know no code too', () => {
    const text = `rules:\n  - name: "${HOSTILE}"\n\tend`;
    const { content } = renderCard(aCard({ block: { text } }));
    const [block] = elementsOf(content).filter(({ type }) => type === 'CodeBlock');
    expect(block?.['codeSnippet']).toBe(`rules:\n  - name: "${SAID}gnp.exe"\n\tend`);
    expect(linesOf(block?.['fallback'])).toEqual([`rules:\n\u00A0\u00A0- name: "${SHOWN}gnp.exe"\n\u00A0end`]);
  });

  it('stay values in a form, and titles of choices lose what would be Markdown', () => {
    const { content } = renderForm(
      aForm({ reason: HOSTILE, roles: [{ value: 'r', label: '**X** [y](https://evil.example) a_b_c' }] }),
    );
    expect(inputsOf(content).find(({ id }) => id === 'reason')).toMatchObject({ value: HOSTILE });
    const title = String(elementsOf(content).find(({ value }) => value === 'r')?.['title']);
    expect(title).not.toMatch(/[*[\]]|https:\/\//);
    expect(title).toContain('a_b_c');
  });

  it('hold no half characters, which Teams would refuse', () => {
    const half = '\uD83D';
    const { content } = renderCard(
      aCard({ title: half, lines: [[{ text: half }]], block: { text: half }, facts: [{ label: half, value: [] }] }),
    );
    const form = renderForm(aForm({ reason: half, roles: [{ value: 'r', label: half }] }, { title: half })).content;
    expect(JSON.stringify([content, form])).not.toMatch(/\\ud83d/iu);
  });

  it('link only to the web', () => {
    const line = (href: string): Card => aCard({ lines: [[{ text: 'here', href }]], buttons: [] });
    const linked = (href: string): boolean =>
      elementsOf(renderCard(line(href)).content).some(({ type }) => type === 'Action.OpenUrl');
    expect(linked('https://portal.example/')).toBe(true);
    expect(linked('javascript:alert(1)')).toBe(false);
    expect(linked('msteams://x')).toBe(false);
  });
});

describe('a card', () => {
  it('carries an id and a verb in a button, nothing else', () => {
    expect(buttonOf(renderCard(aCard()).content, 'approve').data).toEqual({ id: 'R-7K2M' });
  });

  it('unfolds the field for the reason of a denial, which cannot be left empty', () => {
    const { content } = renderCard(aCard());
    expect(buttonsOf(content).map(({ verb }) => verb)).toEqual(['approve', 'deny']);
    expect(inputsOf(content)).toMatchObject([{ id: 'note', isRequired: true, maxLength: 500 }]);
    expect(elementsOf(content).filter(({ type }) => type === 'Action.ShowCard')).toHaveLength(1);
  });

  it('asks for a form to deny where no reason can be given in place', () => {
    const { denyReason: _none, ...card } = aCard();
    expect(buttonsOf(renderCard(card).content).map(({ verb }) => verb)).toEqual(['approve', 'deny-form']);
  });

  it('says how much was left out when it is too long', () => {
    const { content } = renderCard(aCard({ lines: Array.from({ length: 2_000 }, (_n, i) => [{ text: `line ${i}` }]) }));
    const lines = linesOf(content);
    expect(lines.at(-1)).toBe(`… and ${2_000 - (lines.length - 2)} more lines.`);
  });

  it('shows no more of one endless line than fits', () => {
    const { content } = renderCard(aCard({ lines: [[{ text: 'x'.repeat(100_000) }]] }));
    expect(linesOf(content)[1]).toMatch(/^x{3000,4000}…$/);
  });

  it('notifies with its title', () => {
    expect(renderCard(aCard()).summary).toBe('Tess wants Exchange Administrator in Contoso for 2 h');
  });

  it('shows no buttons beyond what fits in a row', () => {
    const button: Button = { verb: 'approve', id: 'R-1', label: 'x'.repeat(500), style: 'default' };
    const { content } = renderCard(aCard({ buttons: Array.from({ length: 20 }, () => button) }));
    expect(buttonsOf(content).length).toBeLessThanOrEqual(6);
    expect(buttonsOf(content)[0]?.title.length).toBeLessThanOrEqual(60);
  });

  it('becomes plain text where it may not take the place of another card', () => {
    expect(plainText(aCard())).toBe(
      'Tess wants Exchange Administrator in Contoso for 2 h\nWhy: Mailbox migration\n\nR-7K2M portal',
    );
  });
});

describe('a form', () => {
  it('asks first, alone, for what other fields hang on, and carries along what they hold', () => {
    const { content } = renderForm(WITHOUT_TENANT);
    expect(inputsOf(content).map(({ id }) => id)).toEqual(['tenant']);
    expect(buttonsOf(content).map(({ title, verb }) => [title, verb])).toEqual([['Next', 'form-refresh']]);
    expect(buttonOf(content, 'form-refresh').data).toMatchObject({
      form: 'request',
      id: 'about',
      reason: 'Mailbox migration',
      duration: '4h',
    });
  });

  it('keeps what was chosen and typed, and knows what was chosen first', () => {
    const { content } = renderForm(aForm());
    const values = Object.fromEntries(inputsOf(content).map(({ id, value }) => [id, value]));
    expect(values).toEqual({
      roles: 'role-1,role-2',
      duration: '4h',
      reason: 'Mailbox migration',
      ticket: 'INC-4711',
    });
    expect(buttonOf(content, 'form-submit').data).toEqual({
      form: 'request',
      id: 'about',
      tenant: 'contoso',
      lists: 'roles',
      marks: '{"roles":"tenant=contoso"}',
    });
    expect(textOf(content)).toContain('Tenant: Contoso');
    expect(textOf(content)).toContain('Needs one approval from Service desk leads.');
  });

  it('offers another tenant only where there is one', () => {
    const titles = (form: Form): readonly string[] => buttonsOf(renderForm(form).content).map(({ title }) => title);
    expect(titles(aForm())).toEqual(['Request', 'Update', 'Other tenant']);
    const only = tenantField({ value: 'contoso', choices: [{ value: 'contoso', label: 'Contoso' }] });
    expect(titles(aForm({ tenant: only }))).toEqual(['Request', 'Update']);
  });

  it('cannot be sent where something required offers nothing, and says so', () => {
    const { content } = renderForm(aForm({ roles: [] }));
    expect(buttonsOf(content).map(({ verb }) => verb)).not.toContain('form-submit');
    expect(textOf(content)).toContain('You may not ask for a role in this tenant.');
  });

  it('lets the client insist on what is required only where nothing but sending can be clicked', () => {
    const required = (form: Form): readonly unknown[] =>
      inputsOf(renderForm(form).content)
        .filter(({ isRequired }) => isRequired === true)
        .map(({ id }) => id);
    expect(required(denyForm('R-1'))).toEqual(['note']);
    expect(required(aForm())).toEqual([]);
    expect(inputsOf(renderForm(aForm()).content).map(({ label }) => label)).toContain('Ticket (optional)');
  });

  it('makes many roles searchable, and says when not all are listed', () => {
    const { content } = renderForm(aForm({ roles: choices(500), chosen: ['role-499'] }));
    const roles = inputsOf(content).find(({ id }) => id === 'roles');
    expect(roles).toMatchObject({ style: 'filtered', isMultiSelect: true, value: 'role-499' });
    expect(roles?.['choices']).toContainEqual({ value: 'role-499', title: 'Role 499' });
    expect(textOf(content)).toContain('Only 200 of 500');
  });
});

describe('what is folded', () => {
  it('is hidden until somebody unfolds it, and the first to give way when a card is too long', () => {
    const { content } = renderCard(aCard({ more: manyLines(5) }));
    const folded = elementsOf(content).find(({ id }) => id === 'folded');
    expect(folded).toMatchObject({ type: 'Container', isVisible: false });
    expect(elementsOf(content).find(({ type }) => type === 'Action.ToggleVisibility')).toMatchObject({
      targetElements: ['folded'],
    });
    const long = linesOf(renderCard(aCard({ lines: manyLines(100), more: manyLines(3_000) })).content);
    expect(long.slice(1, 101)).toEqual(manyLines(100).map(([span]) => span?.text));
    expect(long.at(-1)).toMatch(/^… and \d+ more lines\.$/);
  });
});

describe('a button', () => {
  it('that leads to a page leads only to the web over https, or to this machine', () => {
    const leading = (href: string): Button => ({ verb: 'open', id: '', label: 'Open', style: 'default', href });
    const pages = ['https://portal.example/', 'http://localhost:3978/vault'];
    const all = [...pages, 'http://evil.example/', 'javascript:alert(1)'].map(leading);
    const { content } = renderCard({ kind: 'card', title: 'T', lines: [], buttons: all });
    expect(elementsOf(content).flatMap(({ type, url }) => (type === 'Action.OpenUrl' ? [url] : []))).toEqual(pages);
  });

  it('that has to be confirmed unfolds the question and the button that does it', () => {
    const { content } = renderCard(
      aCard({
        buttons: [{ verb: 'admin-remove', id: 'rule/K7', label: 'Remove', style: 'danger', confirm: 'For good.' }],
      }),
    );
    const [unfolding] = elementsOf(content).filter(
      ({ type, title }) => type === 'Action.ShowCard' && title === 'Remove',
    );
    expect(textOf(unfolding)).toBe('For good.');
    expect(buttonOf(unfolding, 'admin-remove').data).toEqual({ id: 'rule/K7' });
  });
});

describe('a credential', () => {
  it('shows user name and password by themselves, to be copied, and the way in', () => {
    const content = renderCredential(aCredential());
    expect(linesOf(content)).toContain('jit-tess@contoso.example');
    expect(linesOf(content)).toContain('c0rrect-h0rse');
    expect(elementsOf(content).find(({ type }) => type === 'Action.OpenUrl')).toMatchObject({
      url: 'https://portal.example/contoso',
    });
  });

  it('comes out unchanged, whatever characters it is made of', () => {
    const password = '${title}**_`"\\</at>&amp;';
    expect(linesOf(renderCredential(aCredential({ secret: redacted(password) })))).toContain(password);
  });
});
