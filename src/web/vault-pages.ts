/** The pages where keys to a vault are made: one's own, and the one on paper. No open identity ever comes here. */
import { z } from 'zod';
import type { Card } from '../chat/view.js';
import { fingerprintOf, LONGEST_SEALED } from '../engine/vault-keys.js';
import type { Fault } from '../engine/faults.js';
import { whyNoPasskeysAt } from '../flows/passkey-proof.js';
import type { TellDeps } from '../flows/tell-admins.js';
import { beginKey, finishKey, keyVisitor, VAULT_ENROL_PAGE } from '../flows/vault/enrol.js';
import type { EnrolDeps, Enrolled, KeyVisit } from '../flows/vault/enrol.js';
import { beginRecovery, finishRecovery, recoveryVisitor, VAULT_RECOVERY_PAGE } from '../flows/vault/recovery.js';
import type { RecoveryVisit } from '../flows/vault/recovery.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { html } from './html.js';
import type { Html } from './html.js';
import type { PageView } from './page-shell.js';
import type { Page } from './pages.js';

export interface VaultPagesParts {
  readonly deps: EnrolDeps & TellDeps<Card>;
  /** What admins are told. */
  readonly enrolled: (enrolled: Enrolled, zone: string | undefined) => Card;
  readonly recovery: (made: RecoveryVisit, zone: string | undefined) => Card;
}

const recipient = z.string().max(100);

const asked = z.strictObject({ recipient });

const proven = z.strictObject({ recipient, proof: z.string().max(100) });

const sealedKey = z.discriminatedUnion('sealedBy', [
  z.strictObject({
    ...proven.shape,
    sealedIdentity: z.string().max(LONGEST_SEALED),
    sealedBy: z.literal('passkey'),
    passkey: z.string().regex(/^AGE-PLUGIN-FIDO2PRF-1[02-9AC-HJ-NP-Z]{1,2000}$/u),
  }),
  z.strictObject({
    ...proven.shape,
    sealedIdentity: z.string().max(LONGEST_SEALED),
    sealedBy: z.literal('passphrase'),
  }),
]);

const read = <T>(schema: z.ZodType<T>, body: unknown): Result<T, Fault> => {
  const parsed = schema.safeParse(body);
  return parsed.success ? ok(parsed.data) : err({ code: 'vault.bad-key' });
};

export const vaultPages = (parts: VaultPagesParts): readonly Page[] => [enrolPage(parts), recoveryPage(parts)];

const enrolPage = ({ deps, enrolled }: VaultPagesParts): Page => ({
  kind: VAULT_ENROL_PAGE,
  show: async (token) => {
    const visit = await keyVisitor(deps, token);
    return visit.ok ? ok(enrolView(visit.value, whyNoPasskeysAt(deps.settings.publicUrl) === undefined)) : visit;
  },
  actions: {
    begin: async (token, body) => {
      const sent = read(asked, body);
      return sent.ok ? beginKey(deps, token, sent.value.recipient) : sent;
    },
    finish: async (token, body) => {
      const sent = read(sealedKey, body);
      if (!sent.ok) return sent;
      const kept = await finishKey(deps, token, sent.value, enrolled);
      return kept.ok ? ok({ done: enrolledWords(kept.value) }) : kept;
    },
  },
});

const enrolView = ({ name, person, waits, current }: KeyVisit, passkeys: boolean): PageView => ({
  title: `Your key to the vault of ${name}`,
  script: 'vault-enrol.js',
  body: html`<p>
      For <strong>${person.name}</strong>. It opens break-glass passwords. It is made in this browser and sealed here,
      so that nobody else ever has it open, Latchkey included. Not you? Close this page.
    </p>
    ${waits ? html`<p>${current === undefined ? ANOTHER : REPLACING}</p>` : ''} ${NOSCRIPT}
    <form id="vault" autocomplete="off" data-vault="${name}" data-passkeys="${passkeys ? 'yes' : 'no'}">
      <fieldset>
        <legend>What opens it</legend>
        <label class="choice">
          <input type="radio" name="by" id="by-passkey" value="passkey" checked />
          <span>A passkey<small>Your fingerprint, face, PIN or security key. You are asked three times.</small></span>
        </label>
        <label class="choice">
          <input type="radio" name="by" id="by-passphrase" value="passphrase" />
          <span>A passphrase<small>Works in every browser. Nobody can reset it for you.</small></span>
        </label>
      </fieldset>
      <div data-by="passphrase" hidden>
        <div class="field">
          <label for="passphrase">Passphrase, 12 characters at least</label>
          <input id="passphrase" type="password" autocomplete="new-password" aria-describedby="strength" />
          <p id="strength" class="hint" aria-live="polite"></p>
        </div>
        <div class="field">
          <label for="again">The same once more</label>
          <input id="again" type="password" autocomplete="new-password" />
        </div>
      </div>
      <button id="go" type="submit">Make the key</button>
      <p id="status" role="status" aria-live="polite"></p>
    </form>`,
});

const ANOTHER = 'You have had a key before. This one counts once another admin has confirmed it.';

const REPLACING =
  'You have a key already. This one takes its place once another admin has confirmed it; until then yours goes on working.';

const NOSCRIPT: Html = html`<noscript>
  <p class="problem">This page needs JavaScript: the key is made in your browser, which is what keeps it yours.</p>
</noscript>`;

const enrolledWords = ({ key, name }: Enrolled) => {
  const fingerprint = `Its fingerprint: ${fingerprintOf(key.recipient)}. Admins see the same one.`;
  if (key.state === 'current') {
    return {
      title: 'Your key is in use',
      lines: [`What is in the vault of ${name} is being sealed to it now.`, fingerprint, 'You can close this page.'],
    };
  }
  return {
    title: 'Your key waits for a second person',
    lines: [`Another admin has to confirm ${key.id}; I have told them.`, fingerprint, 'You can close this page.'],
  };
};

const recoveryPage = ({ deps, recovery }: VaultPagesParts): Page => ({
  kind: VAULT_RECOVERY_PAGE,
  show: async (token) => {
    const visit = await recoveryVisitor(deps, token);
    return visit.ok ? ok(recoveryView(visit.value)) : visit;
  },
  actions: {
    begin: async (token, body) => {
      const sent = read(asked, body);
      return sent.ok ? beginRecovery(deps, token, sent.value.recipient) : sent;
    },
    finish: async (token, body) => {
      const sent = read(proven, body);
      if (!sent.ok) return sent;
      const made = await finishRecovery(deps, token, sent.value, recovery);
      return made.ok ? ok({ done: recoveryWords(made.value) }) : made;
    },
  },
});

const recoveryView = ({ name, vault }: RecoveryVisit): PageView => ({
  title: `A recovery key to the vault of ${name}`,
  script: 'vault-recovery.js',
  body: html`<div id="before">
      <p>
        It opens every break-glass password of ${name} that is sealed from now on, without Latchkey and without anybody
        else. It is made in this browser, shown once, and kept nowhere but on your paper: have a printer or a pen ready,
        and a safe.
      </p>
      ${vault.recovery === undefined ? '' : html`<p>There is one already. It will open nothing new.</p>`} ${NOSCRIPT}
      <button id="go" type="button">Make it and show it</button>
    </div>
    <section id="sheet" class="sheet" hidden aria-label="Recovery key">
      <h2>Recovery key of ${name}</h2>
      <p id="secret" class="secret" translate="no"></p>
      <p>Made on <span id="made"></span>. Whoever holds this paper can open the break-glass passwords of ${name}.</p>
      <p>
        To use it: <code>npm run vault -- open</code>, on any machine with a copy of the vault; typed without the
        spaces.
      </p>
      <p>
        <small>Public half: <code id="recipient"></code></small>
      </p>
    </section>
    <form id="after" autocomplete="off" hidden>
      <button id="print" class="lesser" type="button">Print</button>
      <div class="field">
        <label for="last">Its last four characters, from the paper</label>
        <input id="last" required maxlength="12" spellcheck="false" autocapitalize="characters" />
      </div>
      <button id="use" type="submit">Use it from now on</button>
    </form>
    <p id="status" role="status" aria-live="polite"></p>`,
});

const recoveryWords = ({ name, vault }: RecoveryVisit) => ({
  title: 'The recovery key is in use',
  lines: [
    `What is in the vault of ${name} is being sealed to it now. Put the paper into the safe.`,
    `Its fingerprint: ${fingerprintOf(vault.recovery?.recipient ?? '')}. Admins see the same one.`,
    'You can close this page.',
  ],
});
