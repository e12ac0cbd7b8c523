// Who oversees an organization sees what is open there and nothing of others; who is refused leaves a line that names the request.
import { beforeEach, describe, expect, it } from 'vitest';
import { requestId } from '../../../src/engine/ids.js';
import { SECOND } from '../../../src/lib/clock.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const ALL = 'list --all';

describe('what is open', () => {
  it('is listed for the admins of its organization, for owners and for auditors, and for nobody else', async () => {
    await desk.say('olga', 'admin organization add "Contoso Ltd" --admin "Luis Marin"');
    await desk.say('olga', 'admin organization add "Northwind" --admin "Dana Whitlock"');
    const houseWide = await desk.lend();
    expect(await desk.hear('luis', ALL)).toContain('Nothing is open');
    await desk.say('olga', 'admin tenant set contoso --organization "Contoso Ltd"');
    await desk.pass(SECOND);
    expect(await desk.hear('tess', 'request contoso --role "Global Reader" --for 1h --reason "Look around"')).toBe('');
    await desk.settle();
    const theirs = await desk.newest();
    expect(theirs).not.toBe(houseWide);
    expect(await desk.request(theirs)).toMatchObject({ organization: 'contoso-ltd' });
    const seen = await desk.hear('luis', ALL);
    expect(seen).toContain('Open requests of your organizations');
    expect(seen).toContain(theirs);
    expect(seen).not.toContain(houseWide);
    const elsewhere = await desk.hear('dana', ALL);
    expect(elsewhere).toContain('Nothing is open');
    for (const id of [theirs, houseWide]) expect(await desk.hear('olga', ALL)).toContain(id);
    expect(await desk.hear('tess', ALL)).toContain('Only admins of Latchkey');
  });
});

describe('a refusal', () => {
  it('is on record with the request that it is about, also where that asks for more time or was misread', async () => {
    const id = await desk.lend();
    await desk.say('tess', `extend ${id} 1h`);
    await desk.settle();
    const more = `${id}-1`;
    expect((await desk.request(more)).state).toBe('pending');
    await desk.click('tess', 'approve', more);
    await desk.say('luis', `end ${id.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')}`);
    const lines = (await desk.stores.audit.read({}, 50)).map(({ event }) => event);
    const refused = lines.filter(({ what }) => what === 'refused').toReversed();
    expect(refused).toMatchObject([
      { request: requestId(more), tenant: 'contoso', facts: { attempted: 'button approve', code: 'request.own' } },
      { request: requestId(id), tenant: 'contoso', facts: { attempted: 'end', code: 'request.not-yours' } },
    ]);
  });
});
