/** The browser's side of the page that takes an app of a tenant's own. */

import { post, Refusal, say } from './page.js';

const find = (id) => document.querySelector(`#${id}`);

const kind = find('kind');

const showFields = () => {
  for (const field of document.querySelectorAll('[data-kind]')) field.hidden = field.dataset.kind !== kind.value;
};

kind?.addEventListener('change', showFields);
if (kind !== null) showFields();

const takeFiles = async (files) => {
  const texts = await Promise.all([...files].map((file) => file.text()));
  find('pem').value = texts.join('\n');
};

find('file')?.addEventListener('change', ({ target }) => void takeFiles(target.files));

const CREDENTIALS = {
  certificate: () => ({ pem: find('pem').value }),
  secret: () => ({
    secret: find('secret').value,
    ...(find('expires').value === '' ? {} : { expires: find('expires').value }),
  }),
  federated: () => ({}),
};

const finish = ({ title, lines }) => {
  const heading = document.querySelector('h1');
  heading.textContent = title;
  find('words').replaceChildren(
    ...lines.map((text) => Object.assign(document.createElement('li'), { textContent: text })),
  );
  find('app').remove();
  document.body.classList.add('done');
  heading.focus();
};

const send = async () => {
  const button = document.querySelector('button');
  button.disabled = true;
  say('Asking Entra…');
  try {
    finish(
      await post('save', {
        kind: kind.value,
        clientId: find('client').value.trim(),
        cloud: find('cloud').value,
        ...CREDENTIALS[kind.value](),
      }),
    );
  } catch (thrown) {
    say(thrown instanceof Refusal ? thrown.message : 'That did not work. Check your connection and try again.', true);
    button.disabled = false;
  }
};

find('app')?.addEventListener('submit', (event) => {
  event.preventDefault();
  void send();
});
