import { vaultOf, organizationOf } from '../engine/ids.js';
import type { VaultId } from '../engine/ids.js';
import { isNamedBy } from '../engine/person.js';
import type { VaultKey } from '../engine/vault.js';
import { fingerprintOf } from '../engine/vault-keys.js';
import type { Fault } from '../engine/faults.js';
import { adminNames, standingOf } from '../flows/standing.js';
import { confirmKey, refuseKey } from '../flows/vault/confirm.js';
import type { JudgedKey } from '../flows/vault/confirm.js';
import { offerKey } from '../flows/vault/enrol.js';
import { vaultName, vaultsWith } from '../flows/vault/vaults.js';
import { tellAdmins } from '../flows/tell-admins.js';
import { owned } from '../flows/change.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Answer } from './answer.js';
import { card, refuse, show } from './answers.js';
import { cleaned, shortened } from './asking.js';
import type { ChatDeps, Turn } from './deps.js';
import { line, sayList, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import { pageCard } from './second-factor.js';
import { SEALED_BY } from './vault-cards.js';
import type { Line } from './view.js';

/** `/jit vault enrol`: a link to the page where the speaker makes a key of their own. */
export const enrolInVault = async (deps: ChatDeps, turn: Turn, typed: string | undefined): Promise<Answer> => {
  // In Slack only the speaker sees the answer; in a channel of Teams everybody would have the link.
  if (!turn.speaker.direct && turn.on === 'teams') return refuse({ code: 'direct-only' }, turn.reading);
  const vault = await vaultOfOnes(deps, turn, typed);
  const offered = vault.ok ? await offerKey(deps, turn.person, turn.on, vault.value) : vault;
  if (!offered.ok) return refuse(offered.error, turn.reading);
  return show(
    pageCard(turn, offered.value, {
      title: 'Make your key to the vault',
      label: 'Make the key',
      text: 'Open the page on the device on which you would want to open break-glass passwords.',
    }),
  );
};

/** The vault that was named, or else the only one that the speaker is in. */
const vaultOfOnes = async (
  deps: ChatDeps,
  { person }: Turn,
  typed: string | undefined,
): Promise<Result<VaultId, Fault>> => {
  const mine = await vaultsWith(deps, person);
  const [only] = mine;
  if (only === undefined) return err({ code: 'vault.none', admins: await adminNames(deps) });
  if (typed === undefined && mine.length === 1) return ok(only.id);
  const names = await Promise.all(mine.map(async ({ id }) => ({ id, name: await vaultName(deps, id) })));
  if (typed === undefined) {
    const problem = `say to which: ${sayList(names.map(({ name }) => `"${name}"`))}`;
    return err({ code: 'admin.invalid', field: '/jit vault enrol', problem });
  }
  const asked = cleaned(typed).toLowerCase();
  const named = names.find(({ id, name }) => [id as string, name.toLowerCase()].includes(asked));
  if (named !== undefined) return ok(named.id);
  return err({ code: 'vault.not-member', vault: shortened(typed), admins: await adminNames(deps) });
};

/** `/jit vault status`: which vaults the speaker is in, and their keys. */
export const showOwnKeys = async (deps: ChatDeps, turn: Turn): Promise<Answer> => {
  const mine = await vaultsWith(deps, turn.person);
  if (mine.length === 0) return refuse({ code: 'vault.none', admins: await adminNames(deps) }, turn.reading);
  const lines = await Promise.all(mine.map(({ id }) => ownLine(deps, turn, id)));
  const admins = await Promise.all(mine.map(({ id }) => adminNames(deps, organizationOf(id))));
  const help = line(
    `Lost a key, or a new device? Type /jit vault enrol; these can help: `,
    sayList([...new Set(admins.flat())]),
  );
  return show(card(mine.length === 1 ? 'The vault you are in' : 'The vaults you are in', [...lines, help]));
};

const ownLine = async (deps: ChatDeps, { person, reading }: Turn, id: VaultId): Promise<Line> => {
  const [name, vault, keys] = await Promise.all([vaultName(deps, id), deps.vaults.of(id), deps.vaults.keys(id)]);
  if (vault?.mode === 'server') return line(strong(name), ': sealed to the server; nobody has a key');
  const own = keys.filter((key) => isNamedBy(person, key.person));
  if (own.length === 0) return line(strong(name), ': you have no key yet. /jit vault enrol makes one');
  return line(strong(name), `: ${own.map((key) => keyWords(key, reading)).join('; ')}`);
};

/** `your key since 12:00, by a passkey, fingerprint …`. */
const keyWords = ({ state, enrolledAt, sealedBy, recipient, id }: VaultKey, reading: Reading): string => {
  const since = sayTime(enrolledAt, reading);
  const how = `sealed by ${SEALED_BY[sealedBy]}, fingerprint ${fingerprintOf(recipient)}`;
  return state === 'current'
    ? `your key since ${since}, ${how}`
    : `${id}, made at ${since}, waits for a second person (${how})`;
};

/** `/jit vault confirm ID`, `/jit vault refuse ID`, and the buttons on the admins' card. */
export const judgeKey = async (
  deps: ChatDeps,
  turn: Turn,
  verdict: 'confirm' | 'refuse',
  typed: string,
): Promise<Answer> => {
  const { person, on } = turn;
  const admin = { person, on, standing: await standingOf(deps, person) };
  const judged = await (verdict === 'confirm' ? confirmKey : refuseKey)(deps, admin, keyIdMeant(typed));
  if (!judged.ok) return refuse(judged.error, turn.reading);
  const { key, person: holder } = judged.value;
  if (key.state === 'current') return show(card(`Key ${key.id} of ${holder.name} counts already. Nothing more to do.`));
  const said = outcome(verdict, turn.person.name, judged.value);
  await Promise.all([tellOwner(deps, judged.value, said), tellOthers(deps, turn, judged.value, said)]);
  return show(card(said));
};

/** `k-7k2m…` and `7K2M…` alike; letters that are easily misread are read as what they can only be. */
export const keyIdMeant = (typed: string): string =>
  `K-${shortened(typed).toUpperCase().replace(/^K-/u, '').replaceAll('O', '0').replaceAll(/[IL]/gu, '1')}`;

const outcome = (verdict: 'confirm' | 'refuse', by: string, { name, person }: JudgedKey): string =>
  `${by} ${verdict === 'confirm' ? 'confirmed' : 'turned down'} the new key of ${person.name} to the vault of ${name}`;

const tellOwner = async (deps: ChatDeps, { person }: JudgedKey, said: string): Promise<void> => {
  const address = person.identities.find((identity) => identity.address !== undefined)?.address;
  const delivery = address && (await deps.notifier.post(address, card(said)));
  if (delivery?.kind !== 'sent') deps.log.warn({ person: person.id }, 'what became of a key could not be told');
};

const tellOthers = (deps: ChatDeps, { person }: Turn, { key }: JudgedKey, said: string): Promise<number> =>
  tellAdmins(deps, () => card(said), { ...owned(organizationOf(key.vault)), except: person });

/** `contoso`, `"Contoso Ltd"` or, for what belongs to no organization, `owners`. */
export const isOwnersVault = (typed: string): boolean =>
  ['owners', 'the owners', vaultOf(undefined) as string].includes(cleaned(typed).toLowerCase());
