import { printHead } from '../engine/audit-head.js';
import type { AuditBreak } from '../flows/audit-check.js';
import type { HeadAnnouncement } from '../flows/audit-head.js';
import { card } from './answers.js';
import { code, line } from './say.js';
import type { Card } from './view.js';

const BREAK: Readonly<Record<string, string>> = {
  unreadable: 'it cannot be read',
  rewritten: 'a line up to there was rewritten after it was signed',
  'cut-off': 'lines that were signed are gone',
  forged: 'the newest head was not signed with AUDIT_KEY',
};

/** Whoever rewrote the log would take away the heads that tell on it. */
const FORGOTTEN =
  'If one stands further up in this chat, the database has lost it: check the log against that one now.';

/** The daily head of the audit log, for whoever keeps it in mind. */
export const headCard = (announcement: Exclude<HeadAnnouncement, { kind: 'empty' }>): Card => {
  if (announcement.kind === 'broken') return brokenCard(announcement.broken);
  const { head, lines, isFirst } = announcement;
  const added = lines === 1 ? '1 line' : `${lines} lines`;
  return card(`Audit log: line ${head.seq} is signed`, [
    line(isFirst === true ? `${added}, and no head before. ${FORGOTTEN}` : `${added} since the head before.`),
    line(code(printHead(head))),
    line(
      'As long as this message stands, nobody can rewrite the log up to there unseen: ',
      code('npm run audit -- verify --head LK1…'),
    ),
  ]);
};

const brokenCard = ({ seq, why }: AuditBreak): Card =>
  card(`🚨 Audit log: something is wrong at line ${seq}`, [
    line(`What is wrong: ${BREAK[why] ?? 'the chain does not hold'}. Nothing was signed.`),
    line('Do now: ', code('npm run audit -- verify'), ' where I run, and compare with the heads in this chat.'),
  ]);
