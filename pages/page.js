/** What every one-time page does: asks its own address, and says how it went. */

/** What Latchkey refused, in a sentence for the reader. */
export class Refusal extends Error {}

export const post = async (action, body) => {
  const response = await fetch(`${location.pathname}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await response.json();
  if (!response.ok) throw new Refusal(said.problem);
  return said;
};

const status = document.querySelector('#status');

export const say = (words, problem = false) => {
  status.textContent = words;
  status.classList.toggle('problem', problem);
};

/** In the place of everything else, what was done; for those who listen, it is read out. */
export const finish = ({ title, lines }) => {
  const heading = document.querySelector('h1');
  heading.textContent = title;
  const paragraphs = lines.map((line) => Object.assign(document.createElement('p'), { textContent: line }));
  heading.parentElement.replaceChildren(document.querySelector('.brand'), heading, ...paragraphs);
  document.body.classList.add('done');
  document.title = `${title} · Latchkey`;
  heading.focus();
};
