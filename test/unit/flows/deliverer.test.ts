import { expect, test } from 'vitest';
import { createDeliverer } from '../../../src/flows/deliverer.js';
import type { Effect, RequestStore, StoredRequest } from '../../../src/flows/ports.js';
import { SECOND } from '../../../src/lib/clock.js';
import { aRequest, NOON } from '../../fakes/fixtures.js';

const request = aRequest({ state: 'active' });
const EFFECTS: readonly Effect[] = [{ kind: 'cards' }];
const SAVED: StoredRequest = { request, version: 2, outbox: [{ id: 'R:2:0', effect: { kind: 'cards' } }], ledger: [] };
const CLAIMED: StoredRequest = { ...SAVED, outbox: [] };

/** A deliverer on a store that grants everything, and how often it was asked for a right. */
const granted = () => {
  const time = { now: NOON.getTime() };
  let claims = 0;
  const requests: Pick<RequestStore, 'saveToDeliver' | 'claimDelivery' | 'finishDelivery'> = {
    saveToDeliver: async () => SAVED,
    claimDelivery: async () => {
      claims += 1;
      return CLAIMED;
    },
    finishDelivery: async () => false,
  };
  const deliverer = createDeliverer({ clock: { now: () => new Date(time.now) }, requests, token: 'mine' });
  return { deliverer, time, claims: () => claims };
};

test('a right that was taken with a save is not asked for again', async () => {
  const { deliverer, claims } = granted();
  const saved = await deliverer.saveToDeliver(request, 1, EFFECTS);
  expect(await deliverer.take(request.id, saved)).toBe(SAVED);
  expect(claims()).toBe(0);
});

test('what a delivery may have performed since it was saved is read again, so that nothing is told twice', async () => {
  const { deliverer } = granted();
  const saved = await deliverer.saveToDeliver(request, 1, EFFECTS);
  await deliverer.giveBack(request.id, ['R:2:0'], [], undefined);
  expect(await deliverer.take(request.id, saved)).toBe(CLAIMED);
  const next = await deliverer.saveToDeliver(request, 2, EFFECTS);
  expect(await deliverer.take(request.id, next)).toBe(SAVED);
});

test('a right that would soon run out is taken anew', async () => {
  const { deliverer, time } = granted();
  const saved = await deliverer.saveToDeliver(request, 1, EFFECTS);
  time.now += 6 * SECOND;
  expect(await deliverer.take(request.id, saved)).toBe(CLAIMED);
});
