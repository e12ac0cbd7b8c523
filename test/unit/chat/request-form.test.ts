import { describe, expect, it } from 'vitest';
import { entriesIn, tenantChosen } from '../../../src/chat/request-entries.js';
import type { Offer, RequestEntries } from '../../../src/chat/request-entries.js';
import { requestForm, withDuration } from '../../../src/chat/request-form.js';
import { valuesOf } from '../../../src/chat/form-values.js';
import type { Role } from '../../../src/engine/access.js';
import { templateId, tenantId } from '../../../src/engine/ids.js';
import type { Template } from '../../../src/engine/template.js';
import { ORDINARY } from '../../../src/engine/access.js';
import type { Offered, OpenTenant } from '../../../src/flows/offer.js';
import { HOUR } from '../../../src/lib/clock.js';
import {
  aRule,
  aTenant,
  demanding,
  HELPDESK_ADMINISTRATOR as HELPDESK,
  NOON,
  USER_ADMINISTRATOR,
} from '../../fakes/fixtures.js';

const CONTOSO = aTenant();

const aTemplate = (id: string, durationMs: number): Template => ({
  id: templateId(id),
  name: id,
  description: '',
  tenants: [],
  roles: [HELPDESK],
  groups: [],
  durationMs,
  account: 'dedicated',
  atEnd: 'disable',
  tap: false,
  notify: [],
  isDefault: false,
});
const MAILBOX = aTemplate('mailbox', HOUR / 2);
const ONBOARDING = aTemplate('onboarding', 2 * HOUR);

const FABRIKAM = aTenant({ id: tenantId('fabrikam'), name: 'Fabrikam' });

const offered = (thing: Role, longestMs: number): Offered<Role> => ({
  thing,
  manner: ORDINARY,
  at: NOON,
  terms: demanding({ longestMs }),
  rules: [],
});

const OPEN: readonly OpenTenant[] = [
  { tenant: CONTOSO, rules: [aRule()] },
  { tenant: FABRIKAM, rules: [aRule()] },
];

/** No units, nobody to borrow, one domain. */
const NOBODY_ELSE = { units: [], users: [], domains: [] };

const offerFor = (open: readonly OpenTenant[], entries: RequestEntries): Offer => {
  const there = tenantChosen(open, entries);
  if (there === undefined) return { open };
  const roles = [offered(HELPDESK, 8 * HOUR), offered(USER_ADMINISTRATOR, 2 * HOUR)];
  return { open, chosen: { ...there, roles, groups: [], templates: [], ...NOBODY_ELSE } };
};

const formOf = (entries: RequestEntries, open = OPEN) => {
  const offer = offerFor(open, entries);
  return requestForm(offer, withDuration(offer, entries), 'Needs approval.');
};
const fieldOf = (entries: RequestEntries, name: string, open = OPEN) =>
  formOf(entries, open).fields.find((field) => field.name === name);

describe('the request form', () => {
  it('keeps what a command said, end and start included, and gives it back when it is sent', () => {
    const asked: RequestEntries = {
      tenant: CONTOSO.id,
      role: [HELPDESK.id],
      until: '16:30',
      from: 'tomorrow 9:00',
      ticket: 'INC-4711',
      reason: 'Mailbox, and more',
    };
    expect(entriesIn(valuesOf(formOf(asked)))).toEqual(asked);
    expect(fieldOf(asked, 'duration')).toMatchObject({ value: 'until 16:30' });
  });

  it('knows roles by name, whatever their case', () => {
    const typed = [HELPDESK.name.toUpperCase(), 'Nonsense'];
    expect(fieldOf({ tenant: CONTOSO.id, role: typed }, 'roles')).toMatchObject({ values: [HELPDESK.id] });
  });

  it('offers no roles before a tenant is chosen, unless there is only one', () => {
    expect(fieldOf({ role: [] }, 'roles')).toMatchObject({ choices: [], of: ['tenant'] });
    expect(fieldOf({ role: [] }, 'tenant')).not.toHaveProperty('value');
    const [only] = OPEN;
    expect(fieldOf({ role: [] }, 'tenant', [only!])).toMatchObject({ value: CONTOSO.id });
  });

  it('offers the usual durations that some rule would accept, and the one that was asked for', () => {
    const durations = (entries: Partial<RequestEntries>): unknown => {
      const field = fieldOf({ tenant: CONTOSO.id, role: [], ...entries }, 'duration');
      return field?.kind === 'choice' ? [field.choices.map(({ value }) => value).join(' '), field.value] : undefined;
    };
    expect(durations({})).toEqual(['30m 1h 2h 4h 8h', '4h']);
    expect(durations({ for: '90m' })).toEqual(['30m 1h 2h 4h 8h 90m', '90m']);
    expect(durations({ for: 'nonsense' })).toEqual(['30m 1h 2h 4h 8h', 'nonsense']);
  });

  it('proposes no duration before a tenant is chosen, so that none stands in the way of what is usual there', () => {
    expect(fieldOf({ role: [] }, 'duration')).toMatchObject({ value: '' });
    expect(fieldOf({ role: [], for: '2h' }, 'duration')).toMatchObject({ value: '2h' });
    expect(fieldOf({ role: [], tenant: CONTOSO.id }, 'duration')).toMatchObject({ value: '4h' });
  });

  it('takes the duration of the template that is chosen, however long the one before was', () => {
    const withTemplates = (chosen?: Template): Offer => {
      const offer = offerFor(OPEN, { role: [], tenant: CONTOSO.id });
      const templates = [MAILBOX, ONBOARDING].map((thing) => ({ ...offered(HELPDESK, 8 * HOUR), thing }));
      return {
        ...offer,
        chosen: { ...offer.chosen!, templates, ...(chosen === undefined ? {} : { template: chosen }) },
      };
    };
    const drawn = (offer: Offer, entries: RequestEntries) => requestForm(offer, withDuration(offer, entries), '');
    const before = drawn(withTemplates(MAILBOX), { role: [], tenant: CONTOSO.id, template: MAILBOX.id });
    const duration = before.fields.find(({ name }) => name === 'duration');
    expect(duration).toMatchObject({ value: '30m', of: ['template'] });
    // What hangs on the template is forgotten with it.
    const { duration: _, ...kept } = valuesOf(before);
    const after = drawn(withTemplates(ONBOARDING), entriesIn({ ...kept, template: ONBOARDING.id }));
    expect(after.fields.find(({ name }) => name === 'duration')).toMatchObject({ value: '2h' });
  });

  it('offers for an account only the ends that rules allow for one of its kind', () => {
    const rule = aRule();
    const own = { ...rule, what: { ...rule.what, accounts: ['dedicated'], atEnd: ['disable', 'keep'] } } as const;
    const made = { ...rule, what: { ...rule.what, accounts: ['fresh'], atEnd: ['disable', 'delete'] } } as const;
    const endsOf = (name: string, entries: Partial<RequestEntries>): unknown => {
      const open = [{ tenant: CONTOSO, rules: [own, made] }];
      const field = fieldOf({ tenant: CONTOSO.id, role: [], ...entries }, name, open);
      return field?.kind === 'choice' ? field.choices.map(({ label }) => label) : undefined;
    };
    expect(endsOf('at-end', {})).toEqual(['Disable the account', 'Keep the account']);
    expect(endsOf('new-end', { account: 'fresh' })).toEqual(['Disable the account', 'Delete the account']);
    expect(endsOf('at-end', { account: 'existing' })).toBeUndefined();
  });

  it.each(['', ' ', 'now', 'Now'])('starts at once when its start is %j', (start) => {
    expect(entriesIn({ start })).toEqual({ role: [] });
  });
});
