import { expect, it } from 'vitest';
import { commandsPage } from '../../scripts/commands.js';
import { readText } from '../repository.js';

it('docs/commands.md says what can be typed today (if not: npx tsx scripts/commands.ts)', async () => {
  const written = await readText('docs/commands.md');
  expect(written).toContain('/jit admin rule test TENANT');
  expect(written).toBe(await commandsPage());
});
