import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleaned, readTimes, shortened } from '../../../src/chat/asking.js';
import { addMs, HOUR } from '../../../src/lib/clock.js';
import { aTenant, NOON } from '../../fakes/fixtures.js';

const at = (text: string): Date => new Date(text);

const disguised = fc
  .array(fc.constantFrom(' ', '\n', 'a', '\u200B', '\u202E', '\uFEFF', '\u0007'))
  .map((all) => all.join(''));

const LONE_SURROGATE = /\p{Cs}/u;

describe('people’s words', () => {
  it.each([
    ['  Mailbox   migration ', 'Mailbox migration'],
    ['one\r\ntwo\tthree', 'one two three'],
    ['line\u2028separator\u2029s', 'line separator s'],
    ['bell\u0007 and escape\u001B[31m', 'bell and escape[31m'],
    // Marks that turn the reading direction can make one word look like another.
    ['\u202Enimda labolG\u202C', 'nimda labolG'],
    ['\u2066isolated\u2069 \u200Eleft\u200Fright \u061Carabic', 'isolated leftright arabic'],
    ['zero\u200Bwidth\uFEFF', 'zerowidth'],
    ['spaced \u200B out', 'spaced out'],
    ['\u0000', ''],
    ['Zoë 山田 🦊', 'Zoë 山田 🦊'],
  ])('%j become %j', (typed, clean) => {
    expect(cleaned(typed)).toBe(clean);
  });

  it('carry nothing that disguises them, whatever was typed, and are not changed by a second cleaning', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), disguised), (typed) => {
        const clean = cleaned(typed);
        expect(clean).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(cleaned(clean)).toBe(clean);
      }),
      { numRuns: 150 },
    );
    expect(cleaned(' \u200B ')).toBe('');
  });

  it('are quoted back in few characters, none of them cut in half', () => {
    expect(shortened('contoso')).toBe('contoso');
    expect(shortened('x'.repeat(60))).toBe('x'.repeat(60));
    expect(shortened('x'.repeat(61))).toBe(`${'x'.repeat(59)}…`);
    expect(shortened(`x${'🦊'.repeat(60)}`)).not.toMatch(LONE_SURROGATE);
    expect(shortened('🦊'.repeat(60))).not.toMatch(LONE_SURROGATE);
  });
});

describe('the times of a request', () => {
  const read = (options: Parameters<typeof readTimes>[0], zone = 'Europe/Berlin') =>
    readTimes(options, aTenant(), zone, NOON);

  it.each<[string, Parameters<typeof readTimes>[0], object]>([
    ['nothing said: the tenant’s usual', {}, { durationMs: 4 * HOUR }],
    ['for', { for: '2h' }, { durationMs: 2 * HOUR }],
    [
      'until: the whole span from now',
      { until: '16:30' },
      { durationMs: 3.5 * HOUR, endsBy: at('2026-03-02T15:30:00Z') },
    ],
    ['from: later, for the usual', { from: '16:00' }, { durationMs: 4 * HOUR, startsAt: at('2026-03-02T15:00:00Z') }],
    ['from and for', { from: 'tomorrow 9:00', for: '1h' }, { durationMs: HOUR, startsAt: at('2026-03-03T08:00:00Z') }],
    [
      'from and until: the span between them',
      { from: '16:00', until: '18:00' },
      { durationMs: 2 * HOUR, startsAt: at('2026-03-02T15:00:00Z'), endsBy: at('2026-03-02T17:00:00Z') },
    ],
    [
      'from tomorrow and until: the clock time of that day',
      { from: 'tomorrow 9:00', until: '17:00' },
      { durationMs: 8 * HOUR, startsAt: at('2026-03-03T08:00:00Z'), endsBy: at('2026-03-03T16:00:00Z') },
    ],
    [
      'from tonight and until: over midnight',
      { from: '22:00', until: '02:00' },
      { durationMs: 4 * HOUR, startsAt: at('2026-03-02T21:00:00Z'), endsBy: at('2026-03-03T01:00:00Z') },
    ],
  ])('%s', (_, options, times) => {
    expect(read(options)).toEqual({ ok: true, value: times });
  });

  it.each<[string, Parameters<typeof readTimes>[0], string]>([
    ['for and until', { for: '2h', until: '18:00' }, 'time.both'],
    ['until before from', { from: '18:00', until: '17:00' }, 'time.end-before-start'],
    ['until at from', { from: '18:00', until: '18:00' }, 'time.end-before-start'],
    ['from in the past', { from: '2020-01-01 12:00' }, 'time.past'],
    ['until in the past', { until: 'today 09:00' }, 'time.past'],
    ['until too far ahead', { until: '2026-12-01 12:00' }, 'time.too-far'],
    ['a duration that is none', { for: 'banana' }, 'duration.invalid'],
    ['a duration too long for anybody', { for: '60d' }, 'time.too-far'],
    ['a start that is no time', { from: 'soon' }, 'time.invalid'],
  ])('are refused: %s', (_, options, code) => {
    expect(read(options)).toMatchObject({ ok: false, error: { code } });
  });

  it('are the reader’s own', () => {
    expect(read({ until: '16:30' }, 'utc')).toMatchObject({ value: { endsBy: addMs(NOON, 4.5 * HOUR) } });
  });
});
