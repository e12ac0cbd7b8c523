import { AdaptiveCard, SerializationContext } from 'adaptivecards';
import { describe, expect, it } from 'vitest';
import type { Button, Card, Choice, CredentialView, DenyForm, RequestForm } from '../../../src/chat/view.js';
import { requestId } from '../../../src/engine/ids.js';
import { redacted } from '../../../src/lib/redacted.js';
import { plainText, renderCard, renderCredential, renderForm } from '../../../src/teams/render.js';
import { buttonOf, buttonsOf, elementsOf, inputsOf, linesOf, textOf } from '../../fakes/teams/cards.js';

const HOSTILE = '**bold** [link](https://evil.example) <at>Dana</at> ${password} `code` <b>x</b> \u202Egnp.exe';

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

const aForm = (overrides: Partial<RequestForm> = {}): RequestForm => ({
  kind: 'request-form',
  tenants: [
    { value: 'contoso', label: 'Contoso' },
    { value: 'fabrikam', label: 'Fabrikam' },
  ],
  tenant: 'contoso',
  roles: choices(3),
  chosenRoles: ['role-1', 'role-2'],
  durations: [
    { value: '2h', label: '2 h' },
    { value: '4h', label: '4 h' },
  ],
  duration: '4h',
  reason: 'Mailbox migration',
  ticket: 'INC-4711',
  hint: 'Needs one approval from Service desk leads.',
  ...overrides,
});

const { tenant: _tenant, ...FORM_WITHOUT_TENANT } = aForm({ roles: [], chosenRoles: [] });

const aCredential = (overrides: Partial<CredentialView> = {}): CredentialView => ({
  kind: 'credential',
  id: requestId('R-7K2M'),
  title: 'Contoso, until 16:12',
  portal: 'https://portal.example/contoso',
  upn: 'jit-tess@contoso.example',
  password: redacted('c0rrect-h0rse'),
  note: 'Shown once.',
  ...overrides,
});

const aDenyForm = (overrides: Partial<DenyForm> = {}): DenyForm => ({
  kind: 'deny-form',
  id: 'R-7K2M',
  title: 'Deny Tess?',
  ...overrides,
});

const CARDS: Readonly<Record<string, unknown>> = {
  'a card with buttons': renderCard(aCard()).content,
  'a card of words alone': renderCard({ kind: 'card', title: 'Done', lines: [], buttons: [] }).content,
  'a card of hostile words': renderCard(aCard({ title: HOSTILE, lines: [[{ text: HOSTILE }]] })).content,
  'a card that is cut': renderCard(aCard({ lines: Array.from({ length: 2_000 }, () => [{ text: 'x'.repeat(90) }]) }))
    .content,
  'a credential': renderCredential(aCredential()),
  'a form without a tenant': renderForm(FORM_WITHOUT_TENANT).content,
  'a form with few roles': renderForm(aForm()).content,
  'a form with many roles': renderForm(aForm({ roles: choices(500) })).content,
  'a refused form': renderForm(aForm({ problem: HOSTILE, reason: HOSTILE, ticket: HOSTILE, hint: HOSTILE })).content,
  'a form that offers nothing': renderForm({ ...FORM_WITHOUT_TENANT, tenants: [] }).content,
  'a tenant without roles': renderForm(aForm({ roles: [], chosenRoles: [] })).content,
  'a form to deny': renderForm(aDenyForm()).content,
  'a refused denial': renderForm(aDenyForm({ problem: 'Say why.' })).content,
};

describe.each(Object.entries(CARDS))('%s', (_name, content) => {
  it('is an Adaptive Card 1.5 that the reference parser takes without a complaint', () => {
    const context = new SerializationContext();
    const card = new AdaptiveCard();
    card.parse(content, context);
    const complaints = Array.from({ length: context.eventCount }, (_none, index) => context.getEventAt(index).message);
    expect(complaints).toEqual([]);
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
    const said = '**bold** [link](https://evil.example) <at>Dana</at> ${password} `code` <b>x</b> gnp.exe';
    const { content } = renderCard(aCard({ title: HOSTILE, lines: [[{ text: HOSTILE }]] }));
    expect(linesOf(content).slice(0, 2)).toEqual([said, said]);
    expect(JSON.stringify(content)).not.toContain('msteams');
  });

  it('cannot add a line that looks like one of ours', () => {
    const { content } = renderCard(aCard({ lines: [[{ text: 'innocent\nApproved by Dana' }]] }));
    expect(linesOf(content)[1]).toBe('innocent Approved by Dana');
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

describe('the request form', () => {
  it('asks for the tenant alone first', () => {
    const { content } = renderForm(FORM_WITHOUT_TENANT);
    expect(inputsOf(content).map(({ id }) => id)).toEqual(['tenant']);
    expect(buttonsOf(content).map(({ verb }) => verb)).toEqual(['form-refresh']);
  });

  it('keeps what was chosen and typed, and knows its tenant', () => {
    const { content } = renderForm(aForm());
    const values = Object.fromEntries(inputsOf(content).map(({ id, value }) => [id, value]));
    expect(values).toEqual({
      roles: 'role-1,role-2',
      duration: '4h',
      reason: 'Mailbox migration',
      ticket: 'INC-4711',
    });
    expect(buttonOf(content, 'form-submit').data).toEqual({ id: '', tenant: 'contoso' });
    expect(textOf(content)).toContain('Tenant: Contoso');
    expect(textOf(content)).toContain('Needs one approval from Service desk leads.');
  });

  it('offers another tenant only where there is one', () => {
    const verbs = (form: RequestForm): readonly string[] => buttonsOf(renderForm(form).content).map(({ verb }) => verb);
    expect(verbs(aForm())).toEqual(['form-submit', 'form-refresh']);
    expect(verbs(aForm({ tenants: [{ value: 'contoso', label: 'Contoso' }] }))).toEqual(['form-submit']);
  });

  it('makes many roles searchable, and says when not all are listed', () => {
    const { content } = renderForm(aForm({ roles: choices(500), chosenRoles: ['role-499'] }));
    const roles = inputsOf(content).find(({ id }) => id === 'roles');
    expect(roles).toMatchObject({ style: 'filtered', isMultiSelect: true, value: 'role-499' });
    expect(roles?.['choices']).toContainEqual({ value: 'role-499', title: 'Role 499' });
    expect(textOf(content)).toContain('Only 200 of 500');
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
    expect(linesOf(renderCredential(aCredential({ password: redacted(password) })))).toContain(password);
  });
});
