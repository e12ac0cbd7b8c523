import { expect, it } from 'vitest';
import type { RevealState } from '../../../src/engine/request.js';
import { placesOf } from '../../../src/flows/places.js';
import { addMs, HOUR } from '../../../src/lib/clock.js';
import { aPerson, aRequest, NOON } from '../../fakes/fixtures.js';

// A card that is updated rings nowhere: whoever waits for an access is told by a message of its own, whatever it opens with.

it.each<[RevealState, boolean]>([
  ['offered', true],
  ['shared', true],
  ['own', true],
  ['none', false],
  ['taken', false],
])('of a live access whose credential is %s a message of its own may be posted: %s', (reveal, mayPost) => {
  const request = aRequest({ state: 'active', readyAt: NOON, endsAt: addMs(NOON, HOUR), reveal, quorums: [] });
  const places = placesOf(request, { people: [aPerson()], account: undefined, channels: [] });
  expect(places.find(({ key }) => key === 'reveal')).toMatchObject({ role: 'reveal', mayPost });
});
