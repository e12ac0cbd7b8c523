import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExpirationAction } from '../../../src/engine/access.js';
import { isAwaited, owedBy, restsAs } from '../../../src/engine/ending.js';
import { accountId, requestId } from '../../../src/engine/ids.js';
import type { AccessRequest, RequestState } from '../../../src/engine/request.js';
import { anAccount, anActiveRequest, aRequest } from '../../fakes/fixtures.js';

const ACTIONS: readonly ExpirationAction[] = ['keep', 'disable', 'delete'];
const action = fc.constantFrom(...ACTIONS);

const ended = (atEnd: ExpirationAction): AccessRequest => anActiveRequest({ state: 'closing', atEnd });

const strictness = (one: ExpirationAction | undefined): number => (one === undefined ? -1 : ACTIONS.indexOf(one));

describe('what becomes of an account', () => {
  it('is the strictest that anybody asked for whose access is over, and that is still owed', () => {
    fc.assert(
      fc.property(fc.array(action), fc.option(action, { nil: undefined }), (actions, owed) => {
        const account = anAccount(owed === undefined ? {} : { owed });
        const said = owedBy(account, actions.map(ended));
        expect(strictness(said)).toBe(Math.max(...[owed, ...actions].map(strictness)));
      }),
    );
  });

  it('does not depend on the order in which they ended, nor on how often it is asked', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 4 }), fc.nat(4), (actions, cut) => {
        const account = anAccount();
        const all = owedBy(account, actions.map(ended));
        expect(owedBy(account, actions.toReversed().map(ended))).toBe(all);
        // Some ended while others lived, so that what they asked for is owed by the time those end, too.
        const first = owedBy(account, actions.slice(0, cut).map(ended));
        const then = anAccount(first === undefined ? {} : { owed: first });
        expect(owedBy(then, actions.slice(cut).map(ended))).toBe(all);
      }),
    );
  });

  it.each<RequestState>(['pending', 'approved', 'provisioning', 'active', 'closed', 'denied', 'cancelled', 'lapsed'])(
    'is no matter of a request that is %s',
    (state) => {
      expect(owedBy(anAccount(), [aRequest({ state, atEnd: 'delete' })])).toBeUndefined();
    },
  );

  it('is no matter of the requests for another account', () => {
    const other = anAccount({ id: accountId('fabrikam/P-DANA') });
    expect(owedBy(other, [ended('delete')])).toBeUndefined();
  });

  it('is being shut where nobody says otherwise, and keeping where it is kept already', () => {
    expect(restsAs(anAccount(), [])).toBe('disable');
    const credential = { use: 'kept', generation: 3, sessionsRevoked: true } as const;
    expect(restsAs(anAccount({ credential }), [])).toBe('keep');
  });

  it('is never being kept by a request that was never ready', () => {
    const failed = aRequest({ state: 'closing', atEnd: 'keep' });
    expect(restsAs(anAccount(), [failed])).toBe('disable');
    expect(restsAs(anAccount(), [failed, ended('keep')])).toBe('keep');
    expect(restsAs(anAccount(), [aRequest({ state: 'closing', atEnd: 'delete' })])).toBe('delete');
  });
});

describe('an account', () => {
  it('is awaited by what is approved and has not begun, but not by more time for something else', () => {
    const next = aRequest({ state: 'approved' });
    expect(isAwaited(anAccount(), [next])).toBe(true);
    expect(isAwaited(anAccount(), [{ ...next, state: 'pending' }])).toBe(false);
    expect(isAwaited(anAccount(), [{ ...next, extends: { id: requestId('R-0002'), from: next.createdAt } }])).toBe(
      false,
    );
    expect(isAwaited(anAccount({ id: accountId('fabrikam/P-DANA') }), [next])).toBe(false);
  });
});
