import { expect, it } from 'vitest';
import { headCard } from '../../../src/chat/head-card.js';
import { textOf } from '../../fakes/chat-room.js';

const signed = { kind: 'signed', head: { seq: 7, hash: '0'.repeat(64), signature: 'x' }, lines: 7 } as const;

it('a head that claims to be the first one tells its readers to look for an earlier one', () => {
  expect(textOf(headCard({ ...signed, isFirst: true }))).toMatch(/no head before.*the database has lost it/su);
  expect(textOf(headCard(signed))).toContain('7 lines since the head before.');
});
