import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestId } from '../../../src/engine/ids.js';
import type { Person } from '../../../src/engine/person.js';
import type { AccessRequest } from '../../../src/engine/request.js';
import { applyEvent } from '../../../src/engine/transitions.js';
import { deactivate, reviewStandings, StandingsUnread, userChanged } from '../../../src/flows/deactivate.js';
import { LATCHKEY } from '../../../src/flows/effects.js';
import { transition } from '../../../src/flows/transition.js';
import { addMs, HOUR } from '../../../src/lib/clock.js';
import { ok } from '../../../src/lib/result.js';
import { anActiveRequest, aRequest } from '../../fakes/fixtures.js';
import { answerText, openServiceDesk, PEOPLE, type ServiceDesk } from '../../fakes/service-desk.js';

// Whoever loses their chat account loses everything at once, and nothing that goes on meanwhile leaves them a rest.

let desk: ServiceDesk;
let tess: Person;

const deps = () => ({ ...desk.parts, nudge: () => undefined });

beforeEach(async () => {
  desk = await openServiceDesk();
  await desk.say('tess', 'help');
  tess = await load();
});

afterEach(() => desk.close());

const load = async (): Promise<Person> => {
  const person = await desk.stores.people.byIdentity(PEOPLE.tess.key);
  if (person === undefined) throw new Error('Tess is unknown');
  return person;
};

/** A request of Tess's, far from any time of its own. */
const asked = async (id: string, overrides: Partial<AccessRequest>): Promise<void> => {
  const now = desk.parts.clock.now();
  const theirs = {
    id: requestId(id),
    requester: tess.id,
    requesterName: tess.name,
    lapsesAt: addMs(now, HOUR),
    remindEveryMs: HOUR,
  };
  const request = overrides.state === 'active' ? anActiveRequest(overrides) : aRequest(overrides);
  await desk.stores.requests.insert({ ...request, ...theirs }, [], []);
};

const audited = async (what: string) =>
  (await desk.stores.audit.read({}, 200)).filter(({ event }) => event.what === what).map(({ event }) => event);

describe('somebody whose account is closed', () => {
  it('loses what they asked for and what they have, on record, and is told nothing more in the chat', async () => {
    await asked('R-PEND', { state: 'pending' });
    await asked('R-APPR', { state: 'approved', decidedAt: desk.parts.clock.now() });
    await asked('R-LIVE', { state: 'active' });
    await asked('R-DONE', { state: 'denied' });

    expect(await deactivate(deps(), PEOPLE.tess.key)).toBe(true);

    expect(await desk.request('R-PEND')).toMatchObject({
      state: 'cancelled',
      calledOff: "Tess Okafor's chat account is deactivated.",
    });
    expect(await desk.request('R-APPR')).toMatchObject({ state: 'cancelled' });
    expect(await desk.request('R-LIVE')).toMatchObject({
      state: 'closing',
      closeCause: 'revoked',
      closedBy: 'deactivation',
    });
    expect(await desk.request('R-DONE')).toMatchObject({ state: 'denied' });
    expect(await audited('person.deactivated')).toMatchObject([
      { by: 'latchkey', about: [tess.id], facts: { person: 'Tess Okafor', identity: PEOPLE.tess.key } },
    ]);
    expect(answerText(await desk.say('tess', 'list'))).toContain('deactivated');
    expect(answerText(await desk.say('tess', 'request contoso'))).toContain('deactivated');
  });

  it('loses it once: repeating it finishes what was left and tells nothing twice', async () => {
    await deactivate(deps(), PEOPLE.tess.key);
    // As if a submission that was on its way had been saved after the mark.
    await asked('R-LATE', { state: 'pending' });
    await reviewStandings(deps());
    expect(await desk.request('R-LATE')).toMatchObject({ state: 'cancelled' });
    expect(await audited('person.deactivated')).toHaveLength(1);
  });

  it('loses it even if nobody can say any more whose accounts are live', async () => {
    await deactivate(deps(), PEOPLE.tess.key);
    await asked('R-LATE', { state: 'pending' });
    desk.lists.silent({ code: 'roster.unavailable', platform: 'slack', detail: 'fatal_error' });
    await expect(reviewStandings(deps())).rejects.toThrow(StandingsUnread);
    expect(await desk.request('R-LATE')).toMatchObject({ state: 'cancelled' });
  });

  it('loses what is approved at that very moment, whoever is first', async () => {
    const now = desk.parts.clock.now();
    const approve = (id: string) =>
      transition(deps(), requestId(id), LATCHKEY, (request) =>
        request.state === 'pending'
          ? ok({ ...request, state: 'approved', decidedAt: now })
          : applyEvent(request, { type: 'start' }, now),
      );
    const ids = Array.from({ length: 10 }, (_, index) => `R-RACE${index}`);
    for (const id of ids) await asked(id, { state: 'pending' });
    await Promise.all([deactivate(deps(), PEOPLE.tess.key), ...ids.map(approve)]);
    for (const id of ids) expect((await desk.request(id)).state).toBe('cancelled');
  });

  it('is refused on record, each time', async () => {
    await deactivate(deps(), PEOPLE.tess.key);
    await desk.say('tess', 'list');
    await desk.click('tess', 'reveal', 'R-PEND');
    const by = { by: tess.id, on: 'slack' };
    expect(await audited('refused')).toMatchObject([
      { ...by, facts: { attempted: 'button reveal', code: 'person.deactivated' } },
      { ...by, facts: { attempted: 'list', code: 'person.deactivated' } },
    ]);
  });

  it('is whoever speaks with another account of theirs, too', async () => {
    const other = await desk.stores.people.appear(PEOPLE.tessInTeams, 'P-TEAMS' as never);
    await desk.stores.people.join(tess.id, other.id);
    await deactivate(deps(), PEOPLE.tess.key);
    expect(answerText(await desk.say('tessInTeams', 'list'))).toContain('deactivated');
  });

  it('is no owner any more', async () => {
    await desk.say('olga', 'help');
    await deactivate(deps(), PEOPLE.olga.key);
    expect(answerText(await desk.say('olga', 'admin group list'))).toContain('deactivated');
  });

  it('must be somebody who is on record', async () => {
    expect(await deactivate(deps(), PEOPLE.luis.key)).toBe(false);
    expect(await audited('person.deactivated')).toEqual([]);
  });
});

describe('a review of all accounts', () => {
  it('takes everything from those that are closed, and leaves those of whom nothing is said', async () => {
    await desk.say('luis', 'help');
    desk.lists.account(PEOPLE.tess.key, 'deactivated');
    await reviewStandings(deps());
    expect((await load()).identities[0]?.deactivatedAt).toEqual(desk.parts.clock.now());
    const luis = await desk.stores.people.byIdentity(PEOPLE.luis.key);
    expect(luis?.identities[0]?.deactivatedAt).toBeUndefined();
  });

  it('lets back in whose account is open again; what was called off stays so', async () => {
    await asked('R-PEND', { state: 'pending' });
    await deactivate(deps(), PEOPLE.tess.key);
    desk.lists.account(PEOPLE.tess.key, 'active');
    await reviewStandings(deps());
    expect((await load()).identities[0]?.deactivatedAt).toBeUndefined();
    expect(await desk.request('R-PEND')).toMatchObject({ state: 'cancelled' });
    expect(await audited('person.reactivated')).toHaveLength(1);
  });
});

describe('somebody who was let go', () => {
  it('is welcome again as soon as they speak and the platform says that their account is open', async () => {
    await deactivate(deps(), PEOPLE.tess.key);
    desk.lists.account(PEOPLE.tess.key, 'active');
    expect(answerText(await desk.say('tess', 'help'))).not.toContain('deactivated');
    expect((await load()).identities[0]?.deactivatedAt).toBeUndefined();
  });

  it('is not, as long as nobody can say so', async () => {
    await deactivate(deps(), PEOPLE.tess.key);
    desk.lists.silent({ code: 'roster.unavailable', platform: 'slack', detail: 'fatal_error' });
    expect(answerText(await desk.say('tess', 'help'))).toContain('deactivated');
  });

  it('is followed by each change that the platform tells of', async () => {
    await userChanged(deps(), PEOPLE.tess.key, 'deactivated');
    expect((await load()).identities[0]?.deactivatedAt).toBeDefined();
    await userChanged(deps(), PEOPLE.tess.key, 'active');
    expect((await load()).identities[0]?.deactivatedAt).toBeUndefined();
    await userChanged(deps(), PEOPLE.luis.key, 'active');
    expect(await desk.stores.people.byIdentity(PEOPLE.luis.key)).toBeUndefined();
  });
});
