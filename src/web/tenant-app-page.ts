/** The page that takes an app of a tenant's own, with its secret, which never enters a chat. */
import { z } from 'zod';
import { connectedWords } from '../chat/connected-card.js';
import type { Line } from '../chat/view.js';
import type { Fault } from '../engine/faults.js';
import { appVisitor, OWN_APP_PAGE, saveOwnApp } from '../flows/own-app.js';
import type { AppForm, OwnAppDeps, SavedApp } from '../flows/own-app.js';
import { addMs, DAY } from '../lib/clock.js';
import { redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { html } from './html.js';
import type { Page } from './pages.js';

const clouds = z.enum(['global', 'usgov', 'usdod', 'china']);

const app = { clientId: z.guid(), cloud: clouds };

const sent = z.discriminatedUnion('kind', [
  z.strictObject({
    ...app,
    kind: z.literal('secret'),
    secret: z.string().min(1).max(1_000),
    expires: z.iso.date().optional(),
  }),
  z.strictObject({ ...app, kind: z.literal('certificate'), pem: z.string().min(1) }),
  z.strictObject({ ...app, kind: z.literal('federated') }),
]);

export const tenantAppPage = (deps: OwnAppDeps): Page => ({
  kind: OWN_APP_PAGE,
  show: async (token) => {
    const visit = await appVisitor(deps, token);
    if (!visit.ok) return visit;
    const { tenant, wanted, directoryId } = visit.value.target;
    const whose = tenant?.name ?? wanted?.name ?? wanted?.tenant ?? directoryId;
    return ok({
      title: `The app of ${whose}`,
      script: 'tenant-app.js',
      body: form(
        directoryId,
        wanted?.cloud ?? tenant?.cloud ?? deps.login.cloud,
        deps.settings.tokenFile !== undefined,
      ),
    });
  },
  actions: {
    save: async (token, body) => {
      const read = formIn(body);
      if (!read.ok) return read;
      const saved = await saveOwnApp(deps, token, read.value);
      return saved.ok ? ok(wordsOf(saved.value, { zone: undefined, today: deps.clock.now() })) : saved;
    },
  },
});

const CLOUD_NAMES: Readonly<Record<z.infer<typeof clouds>, string>> = {
  global: 'Global, GCC',
  usgov: 'US government, GCC High',
  usdod: 'US DoD',
  china: 'China (21Vianet)',
};

const form = (directoryId: string, cloud: string, canFederate: boolean) =>
  html`<p>
      For tenant <code>${directoryId}</code>. What you give is tried at once, and kept sealed only if Entra accepts it.
    </p>
    <form id="app" autocomplete="off">
      <div class="field">
        <label for="client">Application (client) id</label>
        <input id="client" required spellcheck="false" autocapitalize="off" />
      </div>
      <div class="field">
        <label for="cloud">Cloud</label>
        <select id="cloud">
          ${Object.entries(CLOUD_NAMES).map(([value, name]) =>
            value === cloud
              ? html`<option value="${value}" selected>${name}</option>`
              : html`<option value="${value}">${name}</option>`,
          )}
        </select>
      </div>
      <div class="field">
        <label for="kind">It proves itself by</label>
        <select id="kind">
          <option value="certificate">a certificate</option>
          <option value="secret">a client secret</option>
          ${canFederate ? html`<option value="federated">workload identity federation, without a secret</option>` : ''}
        </select>
      </div>
      <div class="field" data-kind="certificate">
        <label for="file">Certificate and private key (PEM)</label>
        <input id="file" type="file" multiple accept=".pem,.crt,.cer,.key,text/plain" />
      </div>
      <div class="field" data-kind="certificate">
        <label for="pem">or their text</label>
        <textarea id="pem" rows="6" spellcheck="false"></textarea>
      </div>
      <div class="field" data-kind="secret">
        <label for="secret">Client secret, its value</label>
        <input id="secret" type="password" spellcheck="false" autocomplete="new-password" />
      </div>
      <div class="field" data-kind="secret">
        <label for="expires">Expires on (then you are told 30, 7 and 1 days ahead)</label>
        <input id="expires" type="date" />
      </div>
      <button type="submit">Try and save</button>
      <p id="status" role="status" aria-live="polite"></p>
    </form>
    <ul id="words"></ul>`;

/** Names the field that is wrong, and nothing of what stood in it. */
const formIn = (body: unknown): Result<AppForm, Fault> => {
  const read = sent.safeParse(body);
  if (!read.success) return err(unreadable(String(read.error.issues[0]?.path[0] ?? '')));
  const { clientId, cloud } = read.data;
  const basics = { clientId: clientId.toLowerCase(), cloud };
  switch (read.data.kind) {
    case 'secret': {
      const { secret, expires } = read.data;
      // The whole day counts, wherever it is.
      const ends = expires === undefined ? {} : { expiresAt: addMs(new Date(expires), DAY) };
      return ok({ ...basics, credential: { kind: 'secret', secret: redacted(secret.trim()), ...ends } });
    }
    case 'certificate':
      return ok({ ...basics, credential: { kind: 'certificate', pem: redacted(read.data.pem) } });
    default:
      return ok({ ...basics, credential: { kind: 'federated' } });
  }
};

const FIELDS: Readonly<Record<string, readonly [string, string]>> = {
  clientId: ['Application id', "give the app's client id, a GUID"],
  secret: ['Client secret', 'paste its value, not its id'],
  pem: ['Certificate', 'choose the file, or paste certificate and private key'],
  expires: ['Expires', 'give a day like 2027-03-31'],
};

const unreadable = (name: string): Fault => {
  const [field, problem] = FIELDS[name] ?? ['The form', 'fill it in again'];
  return { code: 'admin.invalid', field, problem };
};

const wordsOf = (saved: SavedApp, reading: Parameters<typeof connectedWords>[1]): object => {
  const { title, lines, facts = [] } = connectedWords(saved, reading);
  const told = saved.isNew ? lines : lines.filter((line) => textOf(line).startsWith('Not granted'));
  return {
    title: saved.isNew ? title : `${saved.tenant.name} is reached by its own app`,
    lines: [...facts.map(({ label, value }) => `${label}: ${textOf(value)}`), ...told.map(textOf)],
  };
};

const textOf = (line: Line): string => line.map(({ text }) => text).join('');
