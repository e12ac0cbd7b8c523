/** The few plain pages of the login authority. */

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const htmlPage = (title: string, content: string): string => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}li{margin:.5rem 0}</style></head>
<body><h1>${escape(title)}</h1>${content}</body></html>
`;

export const link = (href: string, label: string): string => `<a href="${escape(href)}">${escape(label)}</a>`;
