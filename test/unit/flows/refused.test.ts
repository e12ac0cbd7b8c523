import { expect, it } from 'vitest';
import { organizationId, requestId } from '../../../src/engine/ids.js';
import { recordRefusal } from '../../../src/flows/refused.js';
import type { AuditEvent } from '../../../src/flows/ports/audit.js';
import { systemRandom } from '../../../src/lib/random.js';
import { aPerson, NOON } from '../../fakes/fixtures.js';

it('a refusal leaves a line of its own each time: who tried what, where, and why not, and nothing else it told', async () => {
  const lines: [string, AuditEvent][] = [];
  const audit = { append: async (id: string, event: AuditEvent) => void lines.push([id, event]) };
  const deps = { clock: { now: () => NOON }, random: systemRandom, audit: audit as never };
  const person = aPerson();
  const tried = { what: 'request.approve', request: requestId('R-1'), organization: organizationId('contoso') };
  const refuse = () =>
    recordRefusal(deps, { person, on: 'slack' }, tried, { code: 'admin.only', admins: ['Olga Reyes'] });
  await refuse();
  await refuse();
  expect(new Set(lines.map(([id]) => id)).size).toBe(2);
  expect(lines[0]?.[1]).toEqual({
    what: 'refused',
    at: NOON,
    by: person.id,
    on: 'slack',
    request: 'R-1',
    organization: 'contoso',
    facts: { attempted: 'request.approve', code: 'admin.only' },
  });
});
