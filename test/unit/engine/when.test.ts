import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FURTHEST_MS, isZone, parseDuration, parseMoment } from '../../../src/engine/when.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';

// A Monday, 13:00 in Berlin and 07:00 in New York.
const NOON = new Date('2026-03-02T12:00:00.000Z');
const BERLIN = 'Europe/Berlin';

/** What people, phones and machines put where a time belongs. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.stringMatching(/^[\d:+ .dhmsinDecT/-]{0,30}$/),
  fc
    .tuple(fc.constantFrom('in ', '+', 'tomorrow ', 'today ', ''), fc.nat(), fc.constantFrom('h', 'm', 'd', ':00', ''))
    .map((parts) => parts.join('')),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc
    .tuple(
      fc.constantFrom('1d', '9', 'in 1h', 'a', '2026-'),
      fc.constantFrom(' ', '9', 'T', ':', '\u2003'),
      fc.nat(10_000),
    )
    .map(([start, more, times]) => `${start}${more.repeat(times)}x`),
);

describe('a duration', () => {
  it.each([
    ['2h', 2 * HOUR],
    ['90m', 90 * MINUTE],
    ['90min', 90 * MINUTE],
    ['1h30m', 90 * MINUTE],
    ['1h 30m', 90 * MINUTE],
    ['1 h 30 min', 90 * MINUTE],
    ['1d', DAY],
    ['1d2h3m4s', DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND],
    ['45s', 45 * SECOND],
    ['2', 2 * HOUR],
    [' 2H ', 2 * HOUR],
    ['10s', 10 * SECOND],
    ['30d', 30 * DAY],
    ['720', 720 * HOUR],
  ])('written %s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: ms });
  });

  it.each([
    '',
    ' ',
    '0',
    '0h',
    '-2h',
    '2x',
    'h',
    '1h30',
    '1.5h',
    'two hours',
    '30m1h',
    '99999h',
    '1e3',
    '２h',
    '٢h',
    '2h;',
    '9'.repeat(10_000),
  ])('is not what “%s” says', (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, error: { code: 'duration.invalid', asked: text } });
  });

  it('is refused where it is too short to be of use, or beyond a month', () => {
    expect(parseDuration('9s')).toEqual({ ok: false, error: { code: 'duration.too-short', leastMs: 10 * SECOND } });
    expect(parseDuration('31d')).toEqual({
      ok: false,
      error: { code: 'time.too-far', asked: '31d', mostMs: FURTHEST_MS },
    });
    expect(parseDuration('9999')).toMatchObject({ error: { code: 'time.too-far' } });
  });

  it('is within bounds or refused, whatever is typed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const duration = parseDuration(text);
        if (!duration.ok) return;
        expect(duration.value).toBeGreaterThanOrEqual(10 * SECOND);
        expect(duration.value).toBeLessThanOrEqual(FURTHEST_MS);
      }),
      { numRuns: 500 },
    );
  });

  it('is answered at once, however the text was built to make a search long', () => {
    const began = performance.now();
    for (const text of [`1d${' '.repeat(10_000)}x`, '1'.repeat(10_000), `1h${'\t'.repeat(10_000)}`])
      parseDuration(text);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('a moment', () => {
  it.each([
    ['16:30', BERLIN, '2026-03-02T15:30:00.000Z'],
    ['16:30', 'utc', '2026-03-02T16:30:00.000Z'],
    ['16:30', 'Asia/Kolkata', '2026-03-03T11:00:00.000Z'],
    // The next time the clock shows it.
    ['09:00', BERLIN, '2026-03-03T08:00:00.000Z'],
    ['9:00', BERLIN, '2026-03-03T08:00:00.000Z'],
    ['13:00', BERLIN, '2026-03-03T12:00:00.000Z'],
    ['today 16:30', BERLIN, '2026-03-02T15:30:00.000Z'],
    ['tomorrow 9:00', BERLIN, '2026-03-03T08:00:00.000Z'],
    ['Tomorrow 16:30', 'America/New_York', '2026-03-03T21:30:00.000Z'],
    ['2026-03-04 08:15', BERLIN, '2026-03-04T07:15:00.000Z'],
    ['2026-03-04T08:15', BERLIN, '2026-03-04T07:15:00.000Z'],
    ['2026-03-04T08:15:30', BERLIN, '2026-03-04T07:15:30.000Z'],
    ['2026-03-04T08:15+05:30', BERLIN, '2026-03-04T02:45:00.000Z'],
    ['2026-03-04T08:15Z', BERLIN, '2026-03-04T08:15:00.000Z'],
    ['4 Mar 08:15', BERLIN, '2026-03-04T07:15:00.000Z'],
    ['4 mar 2026 08:15', BERLIN, '2026-03-04T07:15:00.000Z'],
    ['in 2h', BERLIN, '2026-03-02T14:00:00.000Z'],
    ['IN 30 min', BERLIN, '2026-03-02T12:30:00.000Z'],
    ['+1d', BERLIN, '2026-03-03T12:00:00.000Z'],
  ])('written %s in %s is %s', (text, zone, moment) => {
    expect(parseMoment(text, zone, NOON)).toEqual({ ok: true, value: new Date(moment) });
  });

  it('keeps what the clock shows across the night when clocks change', () => {
    // Clocks in Berlin go forward at 02:00 on 29 March 2026.
    const before = new Date('2026-03-28T12:00:00.000Z');
    expect(parseMoment('tomorrow 9:00', BERLIN, before)).toEqual({
      ok: true,
      value: new Date('2026-03-29T07:00:00.000Z'),
    });
    expect(parseMoment('9:00', BERLIN, before)).toEqual({ ok: true, value: new Date('2026-03-29T07:00:00.000Z') });
    // 02:30 does not exist in that night: the hour after it is meant, never one in the past.
    expect(parseMoment('tomorrow 2:30', BERLIN, before)).toEqual({
      ok: true,
      value: new Date('2026-03-29T01:30:00.000Z'),
    });
  });

  it('without its year is the one just ahead, around New Year too, by the clock that was handed in', () => {
    const december = new Date('2031-12-28T12:00:00.000Z');
    expect(parseMoment('2 Jan 09:00', 'utc', december)).toEqual({
      ok: true,
      value: new Date('2032-01-02T09:00:00.000Z'),
    });
    expect(parseMoment('30 Dec 09:00', 'utc', december)).toEqual({
      ok: true,
      value: new Date('2031-12-30T09:00:00.000Z'),
    });
    expect(parseMoment('27 Dec 09:00', 'utc', december)).toMatchObject({ error: { code: 'time.past' } });
    expect(parseMoment('29 Feb 09:00', 'utc', new Date('2032-02-20T09:00:00.000Z'))).toMatchObject({ ok: true });
  });

  it.each([
    ['today 09:00', 'time.past'],
    ['2026-03-02 12:59', 'time.past'],
    ['2020-01-01T00:00Z', 'time.past'],
    ['1 Mar 09:00', 'time.past'],
    ['2026-04-15 09:00', 'time.too-far'],
    ['24 Dec 2026 18:00', 'time.too-far'],
    ['9999-12-31 23:59', 'time.too-far'],
    ['in 31d', 'time.too-far'],
    ['', 'time.invalid'],
    ['soon', 'time.invalid'],
    ['25:00', 'time.invalid'],
    ['24:00', 'time.invalid'],
    ['12:60', 'time.invalid'],
    ['2026-03-04', 'time.invalid'],
    ['T23:00', 'time.invalid'],
    ['2026-02-30 12:00', 'time.invalid'],
    ['31 Apr 2026 12:00', 'time.invalid'],
    ['yesterday 9:00', 'time.invalid'],
    ['in', 'time.invalid'],
    ['in 0h', 'time.invalid'],
    ['in 5s', 'time.invalid'],
    ['+-2h', 'time.invalid'],
    ['1'.repeat(10_000), 'time.invalid'],
    [`in 1h${' '.repeat(10_000)}x`, 'time.invalid'],
  ])('is refused: “%s” is %s', (text, code) => {
    expect(parseMoment(text, BERLIN, NOON)).toMatchObject({ ok: false, error: { code, asked: text } });
  });

  it('is not read at all in a zone that does not exist', () => {
    expect(parseMoment('16:30', 'Mars/Olympus', NOON)).toMatchObject({ ok: false });
    expect(isZone('Mars/Olympus')).toBe(false);
    expect(isZone(BERLIN)).toBe(true);
  });

  it('lies ahead and within a month, or is refused, whatever is typed, wherever and whenever', () => {
    const zone = fc.constantFrom(
      'utc',
      BERLIN,
      'America/New_York',
      'Pacific/Apia',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
    );
    const now = fc.date({
      min: new Date('2000-01-01T00:00:00Z'),
      max: new Date('2100-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    const clock = fc
      .tuple(fc.constantFrom('', 'today ', 'tomorrow '), fc.nat(24), fc.nat(60))
      .map(([day, hour, minute]) => `${day}${hour}:${String(minute).padStart(2, '0')}`);
    fc.assert(
      fc.property(fc.oneof(clock, anyText), zone, now, (text, where, at) => {
        const moment = parseMoment(text, where, at);
        const [value, code] = moment.ok ? [moment.value, 'time.'] : [addMs(at, 1), moment.error.code];
        expect(code).toMatch(/^time\./);
        expect(value > at).toBe(true);
        expect(value <= addMs(at, FURTHEST_MS)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
