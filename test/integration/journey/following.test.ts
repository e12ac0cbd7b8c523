import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Follow } from '../../../src/engine/follow.js';
import type { Group } from '../../../src/engine/group.js';
import { groupId } from '../../../src/engine/ids.js';
import type { Identity } from '../../../src/engine/person.js';
import { syncGroup, syncGroups } from '../../../src/flows/follow.js';
import type { AuditEvent } from '../../../src/flows/ports/audit.js';
import { MINUTE } from '../../../src/lib/clock.js';
import { anIdentity } from '../../fakes/fixtures.js';
import { openServiceDesk, PEOPLE, type ServiceDesk } from '../../fakes/service-desk.js';

// What a rule trusts: a group that follows a list has exactly the people of that list, whatever happens on the way.

const FOLLOWS: Follow = { kind: 'slack', usergroup: 'S0DESK', name: 'Service desk' };
const DESK: Group = { id: groupId('G-DESK'), name: 'Service desk', members: [], follows: FOLLOWS };
const DOWN = { code: 'roster.unavailable', platform: 'slack', detail: 'fatal_error' } as const;

const NEWCOMER = anIdentity('slack', 'U0NEW', { name: 'Nia Newcomer', email: 'nia@msp.example' });

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await desk.stores.config.groups.add(DESK);
});

afterEach(() => desk.close());

const group = async (): Promise<Group> => (await desk.stores.config.groups.byId(DESK.id)) ?? DESK;

const memberNames = async (): Promise<readonly string[]> =>
  (await desk.stores.people.byIds((await group()).members)).map(({ name }) => name).toSorted();

const told = async (): Promise<readonly AuditEvent[]> =>
  (await desk.stores.audit.read({}, 100)).map(({ event }) => event).filter(({ what }) => what.startsWith('group.'));

const holds = (...roster: readonly Identity[]): void => desk.lists.list('Service desk', roster);

describe('a group that follows a list', () => {
  it('has exactly the people of the list: unknown ones appear, others leave, and each change is on record', async () => {
    holds(PEOPLE.tess, NEWCOMER);
    await syncGroups(desk.parts);
    expect(await memberNames()).toEqual(['Nia Newcomer', 'Tess Okafor']);
    holds(NEWCOMER, PEOPLE.luis);
    await syncGroups(desk.parts);
    expect(await memberNames()).toEqual(['Luis Marin', 'Nia Newcomer']);
    const [second, first] = await told();
    expect(first).toMatchObject({ what: 'group.synced', by: 'latchkey', facts: { removed: [] } });
    expect(second).toMatchObject({
      facts: { group: 'Service desk', follows: 'Service desk', added: ['Luis Marin'], removed: ['Tess Okafor'] },
      before: { members: ['Nia Newcomer', 'Tess Okafor'] },
      after: { members: ['Luis Marin', 'Nia Newcomer'] },
    });
  });

  it('leaves alone what is in step: nothing is written and nothing is told', async () => {
    holds(PEOPLE.tess);
    await syncGroups(desk.parts);
    await syncGroups(desk.parts);
    expect(await told()).toHaveLength(1);
  });

  it('counts somebody with two accounts once, and keeps the name by which people know them', async () => {
    await desk.say('tess', 'help');
    const tess = await desk.stores.people.byIdentity(PEOPLE.tess.key);
    const other = await desk.stores.people.appear(PEOPLE.tessInTeams, 'P-OTHER' as never);
    await desk.stores.people.join(tess?.id ?? other.id, other.id);
    holds({ ...PEOPLE.tess, name: 'tess.o (contractor)' }, PEOPLE.tessInTeams);
    await syncGroups(desk.parts);
    expect((await group()).members).toEqual([tess?.id]);
    expect(await memberNames()).toEqual(['Tess Okafor']);
  });

  it('gives a name to somebody who was known by an id alone', async () => {
    const { key, platform } = NEWCOMER;
    await desk.stores.people.appear({ key, platform, name: key }, 'P-NEW' as never);
    holds(NEWCOMER);
    await syncGroups(desk.parts);
    expect(await memberNames()).toEqual(['Nia Newcomer']);
  });

  it('becomes empty when the list does, on record', async () => {
    holds(PEOPLE.tess);
    await syncGroups(desk.parts);
    holds();
    await syncGroups(desk.parts);
    expect((await group()).members).toEqual([]);
    expect((await told())[0]).toMatchObject({ what: 'group.synced', facts: { removed: ['Tess Okafor'] } });
  });

  it('keeps its members while the list cannot be read, remembers why, and tells it once', async () => {
    holds(PEOPLE.tess);
    await syncGroups(desk.parts);
    const since = desk.parts.clock.now();
    desk.lists.list('Service desk', DOWN);
    await syncGroups(desk.parts);
    desk.entra.pass(5 * MINUTE);
    expect(await syncGroup(desk.parts, DESK.id)).toEqual({ ok: false, error: DOWN });
    expect(await memberNames()).toEqual(['Tess Okafor']);
    expect((await group()).followTrouble).toEqual({ since, clause: 'Slack does not answer' });
    expect((await told()).map(({ what }) => what)).toEqual(['group.unreadable', 'group.synced']);

    holds(PEOPLE.tess);
    await syncGroups(desk.parts);
    expect((await group()).followTrouble).toBeUndefined();
    expect((await told())[0]).toMatchObject({ what: 'group.readable' });
  });

  it('that cannot be read holds up no other', async () => {
    const other: Group = {
      id: groupId('G-LEADS'),
      name: 'Leads',
      members: [],
      follows: { ...FOLLOWS, usergroup: 'S0LEADS', name: 'Leads' },
    };
    await desk.stores.config.groups.add(other);
    desk.lists.list('Service desk', DOWN);
    desk.lists.list('Leads', [PEOPLE.dana]);
    await syncGroups(desk.parts);
    expect((await desk.stores.config.groups.byId(other.id))?.members).toHaveLength(1);
  });
});

describe('while a list is being read', () => {
  it('a change of the group by an admin is kept, and the members are set all the same', async () => {
    holds(PEOPLE.tess);
    desk.lists.whileReading(async () => {
      const now = await group();
      await desk.stores.config.groups.replace({ ...now, name: 'Desk' }, now);
    });
    await syncGroups(desk.parts);
    expect((await group()).name).toBe('Desk');
    expect(await memberNames()).toEqual(['Tess Okafor']);
  });

  it('a group that stops following it, or follows another, does not get its people', async () => {
    holds(PEOPLE.tess);
    desk.lists.whileReading(async () => {
      const now = await group();
      await desk.stores.config.groups.replace({ ...now, follows: { ...FOLLOWS, usergroup: 'S0OTHER' } }, now);
    });
    expect(await syncGroup(desk.parts, DESK.id)).toEqual({ ok: true, value: undefined });
    expect((await group()).members).toEqual([]);
  });

  it('a group that is removed stays removed', async () => {
    holds(PEOPLE.tess);
    desk.lists.whileReading(async () => void (await desk.stores.config.groups.remove(DESK.id)));
    expect(await syncGroup(desk.parts, DESK.id)).toEqual({ ok: true, value: undefined });
    expect(await desk.stores.config.groups.byId(DESK.id)).toBeUndefined();
  });

  it('a second process leaves it to the first: one change, told once', async () => {
    holds(PEOPLE.tess, PEOPLE.luis);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => syncGroup(desk.parts, DESK.id)));
    expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThan(0);
    expect(await memberNames()).toEqual(['Luis Marin', 'Tess Okafor']);
    expect((await told()).filter(({ what }) => what === 'group.synced')).toHaveLength(1);
  });
});
