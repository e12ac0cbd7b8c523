import { describe, expect, it } from 'vitest';
import { SETTLE_MS } from '../../../src/engine/account.js';
import type { Grant } from '../../../src/engine/account.js';
import { earlyEndAt } from '../../../src/engine/early-end.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { anActiveRequest, HELPDESK_ADMINISTRATOR, NOON, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

const HELPDESK = HELPDESK_ADMINISTRATOR.id;
const inAnHour = addMs(NOON, HOUR);

const extended = anActiveRequest({ roles: [HELPDESK_ADMINISTRATOR], endsAt: addMs(NOON, 2 * HOUR) });

const given = (until: Date | undefined, role = HELPDESK): { readonly grants: readonly Grant[] } => ({
  grants: [{ access: { kind: 'role', role }, at: NOON, ...(until === undefined ? {} : { until }) }],
});

describe('a role that Entra ends before the access does', () => {
  it('is looked at at its end, and then until a read that does not show it counts', () => {
    expect(earlyEndAt(extended, given(inAnHour), NOON)).toEqual(inAnHour);
    const again = earlyEndAt(extended, given(inAnHour), inAnHour);
    expect(again?.getTime()).toBeGreaterThan(inAnHour.getTime());
    expect(again?.getTime()).toBeLessThan(addMs(inAnHour, SETTLE_MS).getTime());
    expect(earlyEndAt(extended, given(inAnHour), addMs(inAnHour, SETTLE_MS))).toBeUndefined();
  });

  it('is nothing where none has an end, where it ends with the access, or where nobody of this request needs it', () => {
    expect(earlyEndAt(extended, given(undefined), NOON)).toBeUndefined();
    expect(earlyEndAt(extended, given(addMs(NOON, 2 * HOUR - MINUTE)), NOON)).toBeUndefined();
    expect(earlyEndAt(extended, given(inAnHour, USER_ADMINISTRATOR.id), NOON)).toBeUndefined();
    expect(earlyEndAt({ ...extended, state: 'closing' }, given(inAnHour), NOON)).toBeUndefined();
  });
});
