import { describe, expect, it } from 'vitest';
import { groupId, personId } from '../../../src/engine/ids.js';
import type { Group } from '../../../src/engine/group.js';
import type { Person } from '../../../src/engine/person.js';
import { quorumsMet, whyNotDecide } from '../../../src/engine/quorum.js';
import type { Quorum } from '../../../src/engine/rule.js';
import { MINUTE } from '../../../src/lib/clock.js';
import { aGroup, anIdentity, aPerson, aRequest, NOON } from '../../fakes/fixtures.js';

const LEADS = aGroup({ id: groupId('G-LEADS'), name: 'Leads', members: [personId('P-LEE')] });
const OWNERS = aGroup({ id: groupId('G-OWNERS'), name: 'Owners', members: [personId('P-KIM')] });

const quorumOf = (group: typeof LEADS, count: number): Quorum => ({ group: group.id, groupName: group.name, count });

/** Dana asks in Slack; Lee leads. */
const DANA = aPerson();
const LEE = aPerson({
  id: personId('P-LEE'),
  name: 'Lee Moss',
  identities: [anIdentity('slack', 'U2LEE', { name: 'Lee Moss', email: 'lee@msp.example' })],
});

describe('whether somebody may decide a request', () => {
  const why = (decider: Person, requester = DANA, groups = [LEADS]) =>
    whyNotDecide(aRequest(), decider, requester, groups)?.code;

  it('is yes for a member of the group that is asked', () => {
    expect(why(LEE)).toBeUndefined();
  });

  it('is no for the requester, even as a member', () => {
    const leads = [{ ...LEADS, members: [...LEADS.members, DANA.id] }];
    expect(why(DANA, DANA, leads)).toBe('request.own');
    expect(whyNotDecide(aRequest(), DANA, DANA, leads)).toEqual({ code: 'request.own', asked: ['Lee Moss'] });
  });

  it('is no for the requester from another chat: the same e-mail, however it is written, is one human', () => {
    const teams = anIdentity('teams', 'aad-dana', { email: 'DANA@MSP.Example' });
    const unlinked = aPerson({ id: personId('P-OTHER'), identities: [teams, anIdentity('slack', 'U9')] });
    const leads = [{ ...LEADS, members: [unlinked.id] }];
    expect(why(unlinked, DANA, leads)).toBe('request.own');
  });

  it('is no for the requester under an id from before they joined their chats', () => {
    const requester = aPerson({ id: personId('P-NEW'), aliases: [DANA.id], identities: [] });
    expect(why({ ...LEE, id: DANA.id }, requester, [{ ...LEADS, members: [DANA.id] }])).toBe('request.own');
    expect(why({ ...LEE, aliases: [requester.id] }, requester)).toBe('request.own');
  });

  it('is no for whoever is not in the group, or in it no more', () => {
    expect(why({ ...LEE, id: personId('P-OTHER') })).toBe('request.not-approver');
    expect(why(LEE, DANA, [{ ...LEADS, members: [] }])).toBe('request.not-approver');
    expect(why(LEE, DANA, [])).toBe('request.not-approver');
    expect(why(LEE, DANA, [OWNERS, { ...OWNERS, members: [LEE.id] }])).toBe('request.not-approver');
  });

  it('is yes for a member under an id from before they joined their chats', () => {
    expect(why({ ...LEE, id: personId('P-NEW'), aliases: [personId('P-LEE')] })).toBeUndefined();
  });

  it('is yes for the requester, as a member, where the rules let them agree to their own request', () => {
    const leads = [{ ...LEADS, members: [DANA.id] }];
    expect(whyNotDecide(aRequest({ selfApproval: true }), DANA, DANA, leads)).toBeUndefined();
    expect(whyNotDecide(aRequest({ selfApproval: true }), DANA, DANA, [LEADS])?.code).toBe('request.not-approver');
  });

  it('is no for whoever left: a closed chat account takes the say along', () => {
    const left = anIdentity('slack', 'U2LEE', { email: 'lee@msp.example', deactivatedAt: NOON });
    expect(why({ ...LEE, identities: [left] })).toBe('request.not-approver');
  });

  it('is no for whoever is not known in the chat where it was asked, and says in which', () => {
    const stranger = { ...LEE, identities: [anIdentity('teams', 'aad-lee', { email: 'lee@msp.example' })] };
    expect(whyNotDecide(aRequest(), stranger, DANA, [LEADS])).toEqual({ code: 'request.unlinked', platform: 'slack' });
    const linked = { ...stranger, identities: [...stranger.identities, ...LEE.identities] };
    expect(why(linked)).toBeUndefined();
  });
});

describe('a quorum', () => {
  const members = [LEE.id, personId('P-KIM'), personId('P-NEW')];
  const leads = { ...LEADS, members };
  const KIM = aPerson({
    id: personId('P-KIM'),
    name: 'Kim',
    identities: [anIdentity('slack', 'U3KIM', { email: 'kim@msp.example' })],
  });
  const met = (
    approvers: readonly Person[],
    quorums = [quorumOf(leads, 2)],
    groups: readonly Group[] = [leads],
  ): boolean => quorumsMet(quorums, approvers, groups);

  it('is met by as many members as it asks for', () => {
    expect(met([])).toBe(false);
    expect(met([LEE])).toBe(false);
    expect(met([LEE, KIM])).toBe(true);
  });

  it('counts one human once, whatever they go by', () => {
    expect(met([LEE, LEE])).toBe(false);
    expect(met([LEE, { ...LEE, id: personId('P-NEW') }])).toBe(false);
    expect(met([LEE, { ...KIM, aliases: [LEE.id] }])).toBe(false);
  });

  it('counts nobody from outside its group, nor in a group that is gone', () => {
    expect(met([LEE, DANA])).toBe(false);
    expect(met([LEE, KIM], [quorumOf(leads, 2)], [])).toBe(false);
  });

  it('must be met in each group; one human in two groups counts in both', () => {
    const owners = { ...OWNERS, members: [LEE.id] };
    const both = [quorumOf(leads, 1), quorumOf(owners, 1)];
    expect(met([KIM], both, [leads, owners])).toBe(false);
    expect(met([LEE], both, [leads, owners])).toBe(true);
  });

  it('that nobody asked for is met', () => {
    expect(met([], [])).toBe(true);
  });

  it('counts a chain of people who may be one human once, in whatever order they agreed', () => {
    const chain = [
      { ...LEE, id: personId('P-LEE') },
      { ...KIM, id: personId('P-KIM'), aliases: [personId('P-LEE')] },
      { ...KIM, id: personId('P-NEW') },
    ];
    for (const agreed of [chain, chain.toReversed(), [chain[0], chain[2], chain[1]].flatMap((one) => one ?? [])]) {
      expect(met(agreed)).toBe(false);
    }
  });

  it('counts those to whom it was escalated, from then on', () => {
    const escalation = { group: OWNERS.id, groupName: 'Owners', afterMs: 10 * MINUTE };
    const waiting = { ...quorumOf(LEADS, 1), escalation };
    const owners = { ...OWNERS, members: [KIM.id] };
    expect(met([KIM], [waiting], [LEADS, owners])).toBe(false);
    expect(met([KIM], [{ ...waiting, escalation: { ...escalation, at: NOON } }], [LEADS, owners])).toBe(true);
  });
});
