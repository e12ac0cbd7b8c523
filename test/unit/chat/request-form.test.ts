import { describe, expect, it } from 'vitest';
import type { Allowed } from '../../../src/chat/asking.js';
import { entriesIn, offerFor, requestForm, withDuration } from '../../../src/chat/request-form.js';
import type { RequestEntries } from '../../../src/chat/request-form.js';
import { valuesOf } from '../../../src/chat/form-values.js';
import { tenantId } from '../../../src/engine/ids.js';
import { HOUR } from '../../../src/lib/clock.js';
import { aTenant, HELPDESK_ADMINISTRATOR as HELPDESK, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

const CONTOSO = aTenant();

const roles: Allowed['roles'] = [
  { ...HELPDESK, longestMs: 8 * HOUR },
  { ...USER_ADMINISTRATOR, longestMs: 2 * HOUR },
];
const FABRIKAM = aTenant({ id: tenantId('fabrikam'), name: 'Fabrikam' });
const BOTH: readonly Allowed[] = [
  { tenant: CONTOSO, roles },
  { tenant: FABRIKAM, roles },
];

const formOf = (entries: RequestEntries, allowed = BOTH) => {
  const offer = offerFor(allowed, entries);
  return requestForm(offer, withDuration(offer, entries), 'Needs approval.');
};
const fieldOf = (entries: RequestEntries, name: string, allowed = BOTH) =>
  formOf(entries, allowed).fields.find((field) => field.name === name);

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
    const [only] = BOTH;
    expect(fieldOf({ role: [] }, 'tenant', [only!])).toMatchObject({ value: CONTOSO.id });
  });

  it('offers the usual durations that some rule would accept, and the one that was asked for', () => {
    const offered = (entries: Partial<RequestEntries>): unknown => {
      const field = fieldOf({ tenant: CONTOSO.id, role: [], ...entries }, 'duration');
      return field?.kind === 'choice' ? [field.choices.map(({ value }) => value).join(' '), field.value] : undefined;
    };
    expect(offered({})).toEqual(['30m 1h 2h 4h 8h', '4h']);
    expect(offered({ for: '90m' })).toEqual(['30m 1h 2h 4h 8h 90m', '90m']);
    expect(offered({ for: 'nonsense' })).toEqual(['30m 1h 2h 4h 8h', 'nonsense']);
  });

  it.each(['', ' ', 'now', 'Now'])('starts at once when its start is %j', (start) => {
    expect(entriesIn({ start })).toEqual({ role: [] });
  });
});
