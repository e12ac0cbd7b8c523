import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeMarkup, typedText } from '../../../src/slack/text.js';

test.each([
  ['list &lt;b&gt; &amp;amp;', 'list <b> &amp;'],
  ['add <@U0123|tess> <@W9>', 'add <@U0123|tess> <@W9>'],
  ['add <mailto:tess@a.test|tess@a.test>', 'add tess@a.test'],
  ['see <https://a.test/x|a.test/x> <https://b.test>', 'see a.test/x https://b.test'],
  ['--for 2h --reason "5 < 6"', '--for 2h --reason "5 < 6"'],
  ['ask <!channel>', 'ask <!channel>'],
])('%s was typed as %s', (sent, typed) => expect(typedText(sent)).toBe(typed));

test('typed text survives the way Slack encodes it', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(typedText(escapeMarkup(text))).toBe(text);
    }),
  );
});
