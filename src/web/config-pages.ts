/** The two pages that move the configuration: one hands it out as a file, the other takes a file in. */
import { z } from 'zod';
import { changeLines, planSummary } from '../chat/config-lines.js';
import { LONGEST_CONFIG, namesIn, readConfigText, writeConfig } from '../chat/config-text.js';
import type { Line } from '../chat/view.js';
import type { Fault } from '../engine/faults.js';
import { EXPORT_PAGE, IMPORT_PAGE, previewImport, takeExport, takeImport, visitorOf } from '../flows/portable/pages.js';
import type { ConfigPageDeps } from '../flows/portable/pages.js';
import type { ImportPlan } from '../flows/portable/plan.js';
import { ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { html } from './html.js';
import type { Page } from './pages.js';

export const configPages = (deps: ConfigPageDeps): readonly Page[] => [exportPage(deps), importPage(deps)];

const exportPage = (deps: ConfigPageDeps): Page => ({
  kind: EXPORT_PAGE,
  show: async (token) => {
    const admin = await visitorOf(deps, token, EXPORT_PAGE);
    if (!admin.ok) return admin;
    return ok({
      title: 'Export the configuration',
      script: 'config.js',
      body: html`<p>
          For <strong>${admin.value.person.name}</strong>. The file holds what admins set up, and no secrets.
        </p>
        <button id="export" type="button">Download</button>
        <p id="status" role="status" aria-live="polite"></p>`,
    });
  },
  actions: {
    take: async (token) => {
      const config = await takeExport(deps, token);
      if (!config.ok) return config;
      const names = await namesIn(deps, config.value);
      return ok({ name: 'latchkey.yaml', text: writeConfig(config.value, (key) => names.get(key)) });
    },
  },
});

const sent = z.object({ text: z.string() });

const importPage = (deps: ConfigPageDeps): Page => {
  const withDocument = async (
    body: unknown,
    work: (document: unknown) => Promise<Result<ImportPlan, Fault>>,
  ): Promise<Result<object, Fault>> => {
    const document = readConfigText(sent.safeParse(body).data?.text ?? '');
    if (!document.ok) return document;
    const plan = await work(document.value);
    if (!plan.ok) return plan;
    return ok({ summary: planSummary(plan.value), changes: changeLines(plan.value).map(textOf) });
  };
  return {
    kind: IMPORT_PAGE,
    // JSON writes a line break with two characters.
    mostBytes: 2 * LONGEST_CONFIG,
    show: async (token) => {
      const admin = await visitorOf(deps, token, IMPORT_PAGE);
      if (!admin.ok) return admin;
      return ok({
        title: 'Import a configuration',
        script: 'config.js',
        body: html`<p>
            For <strong>${admin.value.person.name}</strong>. What is here and not in the file stays as it is.
          </p>
          <div class="field">
            <label for="file">File</label>
            <input id="file" type="file" accept=".yaml,.yml,.json,text/plain" />
          </div>
          <div class="field">
            <label for="text">or its text</label>
            <textarea id="text" rows="12" spellcheck="false" autocomplete="off"></textarea>
          </div>
          <button id="preview" type="button">Show what would change</button>
          <p id="status" role="status" aria-live="polite"></p>
          <ul id="changes"></ul>
          <button id="apply" type="button" hidden>Import</button>`,
      });
    },
    actions: {
      preview: (token, body) => withDocument(body, (document) => previewImport(deps, token, document)),
      apply: (token, body) => withDocument(body, (document) => takeImport(deps, token, document)),
    },
  };
};

const textOf = (line: Line): string => line.map(({ text }) => text).join('');
