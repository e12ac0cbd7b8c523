import { expect, it } from 'vitest';
import { parseSince } from '../../../src/engine/since.js';
import { NOON } from '../../fakes/fixtures.js';

// A look back begins where somebody said, or nowhere: never at a time they did not mean.

it.each([
  ['30m', '2026-03-02T11:30:00.000Z'],
  ['12 h', '2026-03-02T00:00:00.000Z'],
  ['7d', '2026-02-23T12:00:00.000Z'],
  [' 2W ', '2026-02-16T12:00:00.000Z'],
  ['365d', '2025-03-02T12:00:00.000Z'],
  ['2026-03-01', '2026-02-28T23:00:00.000Z'],
  ['2026-03-01T08:00', '2026-03-01T07:00:00.000Z'],
  ['2026-03-01T08:00Z', '2026-03-01T08:00:00.000Z'],
])('%s', (text, moment) => {
  expect(parseSince(text, 'Europe/Berlin', NOON)?.toISOString()).toBe(moment);
});

it.each(['', 'soon', '7', 'd', '-7d', '7y', '2026-03-03', '2026-13-01', '9'.repeat(60)])('not %j', (text) => {
  expect(parseSince(text, 'Europe/Berlin', NOON)).toBeUndefined();
});
