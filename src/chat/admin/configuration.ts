/** The whole configuration, out of here and in again. */
import type { Fault } from '../../engine/faults.js';
import { exportFor, EXPORT_PAGE, IMPORT_PAGE, offerConfigPage } from '../../flows/portable/pages.js';
import { importConfig } from '../../flows/portable/import.js';
import { planImport } from '../../flows/portable/plan.js';
import type { Portable } from '../../flows/portable/schema.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { changeLines, planSummary } from '../config-lines.js';
import { namesIn, readConfigText, writeConfig } from '../config-text.js';
import { code, line, sayList } from '../say.js';
import { pageCard } from '../second-factor.js';
import { notAlone } from './alone.js';
import { YES } from './confirm.js';
import { needed, verb } from './noun.js';
import type { Noun } from './noun.js';

/** As much as is still read rather than saved. */
const SHOWN = 6_000;

const exportFile = verb({
  name: 'file',
  summary: 'gives the configuration as YAML, without secrets',
  needs: 'see',
  arguments: {},
  options: {},
  examples: ['/jit admin export'],
  notes: ['Admins of an organization get theirs; owners and auditors all of it.'],
  run: async (ctx): Promise<Result<Answer, Fault>> => {
    const shared = notAlone(ctx);
    if (shared !== undefined) return err(shared);
    const config = await exportFor(ctx.deps, ctx.admin);
    const names = await namesIn(ctx.deps, config);
    const text = writeConfig(config, (key) => names.get(key));
    const view = pageCard(ctx.turn, await offerConfigPage(ctx.deps, EXPORT_PAGE, ctx.admin), {
      title: 'The configuration as YAML',
      label: 'Download',
      text: sizesOf(config),
    });
    return ok(show(text.length > SHOWN ? view : { ...view, block: { text } }));
  },
});

const sizesOf = (config: Portable): string => {
  const kinds = ['rule', 'group', 'template', 'tenant'] as const;
  const counts = kinds.map((kind) => [kind, config[`${kind}s`].length] as const);
  return `${sayList(counts.map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`))}.`;
};

const importFile = verb({
  name: 'file',
  summary: 'opens a page that takes the YAML, shows what would change, and then changes it',
  needs: 'own',
  arguments: {},
  options: {},
  examples: ['/jit admin import'],
  notes: ['What is here and not in the file stays. Importing twice changes nothing.'],
  run: async (ctx): Promise<Result<Answer, Fault>> => {
    const shared = notAlone(ctx);
    if (shared !== undefined) return err(shared);
    const page = await offerConfigPage(ctx.deps, IMPORT_PAGE, ctx.admin);
    return ok(
      show(
        pageCard(ctx.turn, page, {
          title: 'Import a configuration',
          label: 'Open the page',
          text: 'The page takes the file and shows what would change before anything does.',
        }),
      ),
    );
  },
});

const importText = verb({
  name: 'text',
  summary: 'takes the YAML as it is typed: shows what would change, and with --yes changes it',
  needs: 'own',
  arguments: { yaml: needed('YAML', 'on the lines below') },
  options: YES,
  examples: ['/jit admin import text "version: 1"', '/jit admin import text --yes "version: 1"'],
  notes: ['Write /jit admin import, and the YAML on the lines below it.'],
  run: async ({ deps, admin }, { yaml }, { yes }): Promise<Result<Answer, Fault>> => {
    const document = readConfigText(yaml);
    if (!document.ok) return document;
    const plan = yes ? await importConfig(deps, admin, document.value) : await planImport(deps, document.value);
    if (!plan.ok) return plan;
    const next = line('To do it, send the same with ', code('/jit admin import --yes'), ' as its first line.');
    const title = yes ? 'Imported' : 'What importing this would change';
    const told = [line(planSummary(plan.value)), ...changeLines(plan.value)];
    return ok(show(card(title, yes || plan.value.changes.length === 0 ? told : [...told, next])));
  },
});

export const exporting: Noun = {
  name: 'export',
  summary: 'the whole configuration, as a file',
  verbs: [exportFile],
  bare: 'file',
};

export const importing: Noun = {
  name: 'import',
  summary: 'a configuration from a file',
  verbs: [importFile, importText],
  bare: 'file',
};
