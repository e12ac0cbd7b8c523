/** The browser's side of the pages that hand the configuration out and take it in. */

import { post, Refusal, say } from './page.js';

const find = (id) => document.querySelector(`#${id}`);

/** One thing at a time, and every failure said. */
const doing = (button, words, work) => () => {
  void attempt(button, words, work);
};

const attempt = async (button, words, work) => {
  button.disabled = true;
  say(words);
  try {
    await work();
  } catch (thrown) {
    say(thrown instanceof Refusal ? thrown.message : 'That did not work. Check your connection and try again.', true);
  }
  button.disabled = false;
};

const exportButton = find('export');
exportButton?.addEventListener(
  'click',
  doing(exportButton, 'Writing the file…', async () => {
    const { name, text } = await post('take', {});
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
    link.download = name;
    link.click();
    exportButton.hidden = true;
    say('Downloaded. You can close this page.');
  }),
);

const previewButton = find('preview');
const applyButton = find('apply');

const show = ({ summary, changes }) => {
  find('changes').replaceChildren(
    ...changes.map((change) => Object.assign(document.createElement('li'), { textContent: change })),
  );
  say(summary);
};

previewButton?.addEventListener(
  'click',
  doing(previewButton, 'Comparing…', async () => {
    applyButton.hidden = true;
    find('changes').replaceChildren();
    const plan = await post('preview', { text: find('text').value });
    show(plan);
    applyButton.hidden = plan.changes.length === 0;
  }),
);

applyButton?.addEventListener(
  'click',
  doing(applyButton, 'Importing…', async () => {
    const plan = await post('apply', { text: find('text').value });
    show(plan);
    applyButton.hidden = true;
    previewButton.hidden = true;
    say(`Imported. ${plan.summary}`);
  }),
);

// What was compared must be what is imported.
find('text')?.addEventListener('input', () => {
  applyButton.hidden = true;
});

const take = async (file) => {
  find('text').value = await file.text();
  applyButton.hidden = true;
  previewButton.click();
};

find('file')?.addEventListener('change', ({ target }) => {
  const [file] = target.files;
  if (file !== undefined) void take(file);
});
