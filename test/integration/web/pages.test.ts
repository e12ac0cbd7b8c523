import { beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../../src/engine/person.js';
import { openPageRig } from './page-rig.js';
import type { PageRig } from './page-rig.js';

/** The doors of every one-time page: what looks at them changes nothing, and only the page itself can act on them. */

let rig: PageRig;
let dana: Person;
let link: string;

beforeEach(async () => {
  rig = await openPageRig('https://latchkey.example/bot');
  dana = await rig.person('U0DANA', '<img src=x onerror=alert(1)> & Co');
  link = await rig.enrolLink(dana);
  return () => rig.close();
});

describe('looking at a page', () => {
  it('consumes nothing, by whatever method and however often', async () => {
    for (const method of ['GET', 'HEAD', 'HEAD', 'GET']) {
      const response = await rig.fetch(link, { method });
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(method === 'GET' ? /Create passkey/u : /^$/u);
    }
    expect((await rig.enrol(dana, rig.authenticator())).status).toBe(200);
    expect((await rig.post(link, 'begin', {})).body.step).toBe('prove');
  });

  it('leaves no trace in caches, frames or other sites, and runs nothing but our own script', async () => {
    const script = '../assets/passkey.js';
    for (const address of [link, `${link}x`, link.replace(/[^/]+\/[^/]+$/u, 'assets/passkey.js')]) {
      const { headers } = await rig.fetch(address);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
    }
    const page = await (await rig.fetch(link)).text();
    expect([...page.matchAll(/<script[^>]*>/gu)].map(([tag]) => tag)).toEqual([
      `<script type="module" src="${script}">`,
    ]);
    expect(page).not.toMatch(/<style|<[^>]* (?:style|on\w+)=/u);
  });

  it('shows names as text', async () => {
    const page = await (await rig.fetch(link)).text();
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; Co');
    expect(page).not.toContain('<img');
  });

  it('finds the assets it names, and nothing else beside them', async () => {
    const asset = (name: string) => rig.fetch(link.replace(/[^/]+\/[^/]+$/u, `assets/${name}`));
    expect((await asset('passkey.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await asset('style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
    for (const name of ['..%2fpackage.json', 'constructor', 'style.css%00', '']) {
      expect((await asset(name)).status).toBe(404);
    }
  });
});

describe('a link that opens nothing', () => {
  it('is refused alike, whether it never was, is of another kind, or was used', async () => {
    const used = await rig.enrolLink(dana);
    const { body } = await rig.post(used, 'begin', {});
    await rig.post(used, 'finish', { answer: rig.authenticator().create(body.options!) });
    const [base, token] = [link.slice(0, link.lastIndexOf('/')), link.split('/').at(-1)];
    const addresses = [
      used,
      `${base}/${'A'.repeat(43)}`,
      `${base}/short`,
      link.replace('passkey-enrol', 'passkey-approve'),
      link.replace('passkey-enrol', 'constructor'),
      `${base.replace('/passkey-enrol', '')}/${token}`,
    ];
    const answers = await Promise.all(addresses.map((address) => rig.fetch(address)));
    expect(answers.map(({ status }) => status)).toEqual(addresses.map(() => 404));
    const pages = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toMatch(/Ask for a new one in the chat/u);
    for (const address of addresses.slice(0, 5)) {
      for (const action of ['begin', 'finish', 'constructor', 'begin/more']) {
        expect((await rig.post(address, action, {})).status).toBe(404);
      }
    }
  });
});

describe('acting on a page', () => {
  const forged: readonly (readonly [string, Record<string, string>])[] = [
    ['from another origin', { origin: 'https://evil.example' }],
    ['from our host by another scheme', { origin: 'http://latchkey.example' }],
    ['from no origin', { origin: 'null' }],
    ['from another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['from a sister site', { 'sec-fetch-site': 'same-site' }],
    ['from the address bar', { 'sec-fetch-site': 'none' }],
  ];

  it.each(forged)('is refused %s', async (_where, headers) => {
    expect((await rig.post(link, 'begin', {}, headers)).status).toBe(403);
  });

  it('is refused without an Origin, as whatever is no browser would send it', async () => {
    const response = await rig.fetch(`${link}/begin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(403);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp'])(
    'is refused as %s, which other sites could send',
    async (type) => {
      expect((await rig.post(link, 'begin', '{}', { 'content-type': type })).status).toBe(415);
    },
  );

  it('is refused with a body that is too large, announced or not, and with one that is not JSON', async () => {
    const large = JSON.stringify({ answer: 'x'.repeat(70_000) });
    expect((await rig.post(link, 'finish', large)).status).toBe(413);
    const streamed = await rig.fetch(`${link}/finish`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: rig.origin },
      body: new Blob([large]).stream(),
      duplex: 'half',
    });
    expect(streamed.status).toBe(413);
    expect((await rig.post(link, 'finish', '{"answer":')).status).toBe(400);
  });

  it('takes no other method, nor does the page', async () => {
    for (const [address, method] of [
      [link, 'POST'],
      [link, 'DELETE'],
      [`${link}/begin`, 'GET'],
      [`${link}/begin`, 'PUT'],
    ] as const) {
      const response = await rig.fetch(address, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, address === link ? 'GET, HEAD' : 'POST']);
    }
  });
});
