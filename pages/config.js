/** The browser's side of the pages that hand the configuration out and take it in. */

const find = (id) => document.querySelector(`#${id}`);

const say = (words, problem = false) => {
  find('status').textContent = words;
  find('status').classList.toggle('problem', problem);
};

const post = async (action, body) => {
  const response = await fetch(`${location.pathname}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await response.json();
  if (!response.ok) throw new Error(said.problem);
  return said;
};

/** One thing at a time, and every failure said. */
const doing = (button, words, work) => async () => {
  button.disabled = true;
  say(words);
  try {
    await work();
  } catch (thrown) {
    say(thrown instanceof TypeError ? 'Latchkey does not answer. Try again.' : thrown.message, true);
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

find('file')?.addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  if (file === undefined) return;
  find('text').value = await file.text();
  applyButton.hidden = true;
  previewButton.click();
});
