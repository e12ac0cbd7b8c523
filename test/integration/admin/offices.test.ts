import { beforeEach, describe, expect, it } from 'vitest';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

/** Offices: nobody takes the last owner away, and what is done or refused is on record. */

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const isOwner = async (who: Who): Promise<boolean> =>
  (await desk.hear(who, 'admin person list')).startsWith('People') &&
  (await desk.hear(who, `admin person show ${PEOPLE[who].key}`)).includes('an owner');

describe('an owner', () => {
  it('makes another one, and is then no longer the last', async () => {
    expect(await desk.hear('olga', 'admin person set me --no-owner')).toContain('last owner');
    expect(await desk.hear('olga', 'admin person set "Dana Whitlock" --owner')).toContain('an owner');
    await desk.hear('dana', 'admin person set "Olga Reyes" --no-owner');
    expect(await isOwner('dana')).toBe(true);
    expect(await desk.hear('olga', 'admin person list')).toContain('Only admins of Latchkey');
    expect(await desk.hear('dana', 'admin person set me --no-owner')).toContain('last owner');
    expect(await desk.hear('dana', 'admin person set "Olga Reyes" --owner')).toContain('an owner');
    expect(await isOwner('olga')).toBe(true);
  });

  it('who is dismissed by the other at the same moment as dismissing them leaves one of the two', async () => {
    await desk.say('olga', 'admin person set "Dana Whitlock" --owner');
    await Promise.all([
      desk.say('olga', 'admin person set "Dana Whitlock" --no-owner'),
      desk.say('dana', 'admin person set "Olga Reyes" --no-owner'),
    ]);
    const left = await Promise.all([isOwner('olga'), isOwner('dana')]);
    expect(left.filter(Boolean)).toHaveLength(1);
  });

  it('whose account is closed does not count as one who is left', async () => {
    await desk.say('olga', 'admin person set "Dana Whitlock" --owner');
    await desk.stores.identities.deactivate(PEOPLE.dana.key, desk.parts.clock.now());
    expect(await desk.hear('olga', 'admin person set me --no-owner')).toContain('last owner');
  });
});

describe('an auditor', () => {
  it('reads everything and changes nothing', async () => {
    await desk.say('olga', 'admin person set "Luis Marin" --auditor');
    expect(await desk.hear('luis', 'admin tenant list')).toContain('contoso');
    expect(await desk.hear('luis', 'admin rule list')).toContain('Leads approve helpdesk');
    expect(await desk.hear('luis', 'admin audit')).toContain('Olga Reyes');
    for (const command of [
      'admin tenant rename contoso Other',
      'admin group add Mine',
      'admin person set me --owner',
    ]) {
      expect(await desk.hear('luis', command)).toContain('You may look at this and change nothing');
    }
    expect((await desk.stores.config.tenants.all()).map(({ name }) => name)).not.toContain('Other');
  });
});

describe('somebody who is removed', () => {
  it('is out of every group and somebody new when they come back; not while a request is open', async () => {
    const before = await desk.stores.people.byIdentity(PEOPLE.luis.key);
    expect(await desk.hear('olga', 'admin person remove "Luis Marin"')).toContain('somebody new');
    expect(await desk.stores.people.byIdentity(PEOPLE.luis.key)).toEqual(before);
    await desk.click('olga', 'admin-remove', `person/${PEOPLE.luis.key}`);
    expect(await desk.hear('olga', 'admin group list')).not.toContain('Luis Marin');
    await desk.say('luis', 'help');
    expect((await desk.stores.people.byIdentity(PEOPLE.luis.key))?.id).not.toBe(before?.id);
  });
});

describe('the audit log', () => {
  it('holds every change with what was before, and every refusal with what was attempted, and no word of it', async () => {
    await desk.say('olga', 'admin tenant set contoso --default 2h');
    await desk.say('tess', 'admin rule remove hunter2-my-password --yes');
    const log = await desk.hear('olga', 'admin audit');
    expect(log).toContain('changed tenant Contoso: default duration 4 h → 2 h (Slack)');
    expect(log).toContain('Tess Okafor was refused: admin rule remove (admin.only) (Slack)');
    expect(JSON.stringify(await desk.stores.audit.read({}, 100))).not.toContain('hunter2');
    expect(await desk.hear('olga', 'admin audit --person tess@msp.example --since 1h')).not.toContain('default');
  });

  it('that cannot be written to does not turn a refusal into an error', async () => {
    const broken = { ...desk.stores.audit, append: () => Promise.reject(new TypeError('no disk')) };
    const counter = desk.another({ audit: broken });
    expect(await counter.hear('tess', 'admin rule list')).toContain('Only admins of Latchkey');
    expect(desk.complaints.some((text) => text.includes('could not be put on record'))).toBe(true);
  });

  it('shows its pages, by button as by word', async () => {
    for (let n = 0; n < 20; n += 1) await desk.say('tess', 'admin rule list');
    expect(await desk.hear('olga', 'admin audit --page 2')).toContain('Page 2.');
    const turned = await desk.click('olga', 'page', 'audit/2/since=1h');
    expect(turned).toMatchObject({ kind: 'replace', view: { title: 'Audit log' } });
  });
});
