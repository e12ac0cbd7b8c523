import { expect } from 'vitest';
import type { Answer } from '../../src/chat/answer.js';
import type { CredentialView } from '../../src/chat/view.js';
import { requestId } from '../../src/engine/ids.js';
import type { AccessRequest, AccountLeft } from '../../src/engine/request.js';
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.js';
import { signIn } from '../../src/sandbox/sign-in.js';
import { expectCardsInLine } from './aftermath.js';
import { answerText } from './service-desk.js';
import type { Counter, ServiceDesk } from './service-desk.js';
import { watchSaves } from './watched-saves.js';
import { accessOf, contosoOf, isExisting, MEGAN, upnOf, usersNow, wordsOf } from './wishes.js';
import type { UserState, Wish } from './wishes.js';

/**
 * One access from the question to its confirmed end, as people live it: they wait, ask again where they were told to, and
 * look at what they got. Whatever goes wrong on the way, only the waiting may differ.
 */

export type Ending = 'expires' | 'is ended' | 'is revoked';

export interface Journey {
  /** `false`: it failed, with a word that says why. */
  begin(): Promise<boolean>;
  /** Signs in with exactly what is revealed, again with what is revealed the next time, and asks for more time between. */
  use(): Promise<void>;
  end(how: Ending): Promise<void>;
  /** Nothing of it is left, and nobody was told so before. */
  expectOver(): Promise<void>;
  readonly id: () => string;
  /** Everything that was ever revealed. */
  readonly secrets: readonly string[];
  /** How long people had to wait for what is normally there at once. */
  readonly waitedMs: () => number;
}

interface Shown {
  readonly secret: string;
  readonly isPass: boolean;
}

/** As long as somebody would wait. */
const PATIENCE_MS = 15 * MINUTE;
const STEP_MS = 15 * SECOND;

/** `closedIn`: what the directory held at the moment when the access was said to be over. */
export interface Watched {
  readonly counter: Counter;
  readonly closedIn: ReadonlyMap<string, ReadonlyMap<string, UserState>>;
}

/** A process that is watched whenever it says that an access is over. */
export const watchEnds = (desk: ServiceDesk, overrides: Parameters<ServiceDesk['another']>[0] = {}): Watched => {
  const closedIn = new Map<string, ReadonlyMap<string, UserState>>();
  const { requests } = desk.parts;
  const counter = desk.another({
    ...overrides,
    requests: watchSaves(requests, {
      saving: (next) => {
        if (next.state === 'closed' && next.outcome !== 'extended') closedIn.set(next.id, usersNow(desk));
      },
    }),
  });
  return { counter, closedIn };
};

export const startJourney = (desk: ServiceDesk, { counter, closedIn }: Watched, wish: Wish): Journey => {
  const upn = upnOf(wish);
  const before = usersNow(desk);
  const secrets: string[] = [];
  let id = 'none';
  let waited = 0;

  const now = (): Promise<AccessRequest> => desk.request(id);
  const user = (): UserState | undefined => usersNow(desk).get(upn);
  const until = async (what: string, isSo: (request: AccessRequest) => boolean): Promise<AccessRequest> => {
    for (let ms = 0; ms <= PATIENCE_MS; ms += STEP_MS) {
      const request = await now();
      if (isSo(request)) return request;
      await counter.pass(STEP_MS);
      waited += STEP_MS;
    }
    const { state, reveal, trouble } = await now();
    throw new Error(`waited in vain for ${what}: ${JSON.stringify({ state, reveal, trouble, user: user() })}`);
  };

  /** Says it until it is heard; every refusal must be one that a person can read. */
  const insist = async (say: () => Promise<Answer>, isDone: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 5; tries += 1) {
      const answer = await say();
      await counter.settle();
      if (await isDone()) return;
      expect(answer).toMatchObject({ kind: 'show', tone: 'refusal' });
      expect(answerText(answer)).toMatch(/^[A-Z].{15,}[.!?]$/su);
      await counter.pass(STEP_MS);
      waited += STEP_MS;
    }
    throw new Error(`said in vain: ${answerText(await say())}`);
  };

  const attempt = ({ secret, isPass }: Shown) =>
    signIn(desk.entra.sandbox.world, { upn, ...(isPass ? { accessPass: secret } : { password: secret }) });

  const expectOpens = (shown: Shown): void => {
    const roles = accessOf(wish)
      .roles.map((role) => role.replace(' in a unit', ''))
      .toSorted();
    expect(attempt(shown)).toMatchObject({ ok: true, roles, groups: accessOf(wish).groups });
    if (shown.isPass && wish.credential === 'pass for one sign-in') {
      expect(attempt(shown)).toMatchObject({ ok: false, reason: 'access_pass_already_used' });
    }
  };

  const wantsPass = wish.credential !== 'password';
  const getsPass = wantsPass && wish.credential !== 'pass refused';
  const signsInAsBefore = isExisting(wish) && !getsPass;

  const look = async (): Promise<Shown> => {
    const answer = await counter.click('tess', 'reveal', id);
    await counter.settle();
    if (answer.kind !== 'show' || answer.view.kind !== 'credential') throw new Error(answerText(answer));
    const view: CredentialView = answer.view;
    expect(view.upn).toBe(upn);
    expect(view.label.startsWith('Access pass')).toBe(getsPass);
    const shown = { secret: view.secret.reveal(), isPass: getsPass };
    secrets.push(shown.secret);
    // Once, and to nobody else.
    expect((await counter.click('tess', 'reveal', id)).kind).toBe('show');
    expect(await counter.click('tess', 'reveal', id)).toMatchObject({ tone: 'refusal' });
    expect(await counter.click('dana', 'reveal', id)).toMatchObject({ tone: 'refusal' });
    return shown;
  };

  const expectAsAsked = (request: AccessRequest): void => {
    expect(user()).toMatchObject({ ...accessOf(wish), passes: getsPass ? 1 : 0 });
    for (const end of user()!.until) {
      expect(Math.abs((end?.getTime() ?? 0) - request.endsAt!.getTime())).toBeLessThanOrEqual(MINUTE);
    }
    if (isExisting(wish)) expect(user()!.passwordDigest).toBe(before.get(upn)!.passwordDigest);
    expectOthersUntouched();
  };

  const expectOthersUntouched = (users = usersNow(desk)): void => {
    const others = (all: ReadonlyMap<string, UserState>): readonly UserState[] =>
      [...all.values()].filter((each) => each.upn !== upn);
    expect(others(users)).toEqual(others(before));
  };

  const extendBy1h = async (): Promise<void> => {
    const { endsAt } = await now();
    await insist(
      () => counter.say('tess', `extend ${id} 1h`),
      async () => (await desk.stores.requests.load(requestId(`${id}-1`))) !== undefined,
    );
    await counter.click('dana', 'approve', `${id}-1`);
    await counter.settle();
    const request = await until('more time', ({ retryAt, extensions }) => extensions.length > 0 && !retryAt);
    expect(request.endsAt!.getTime()).toBe(endsAt!.getTime() + HOUR);
    expectAsAsked(request);
  };

  const renew = async (old: Shown): Promise<Shown> => {
    await insist(
      () => counter.say('tess', `reveal ${id} --again`),
      async () => (await now()).reveal !== 'taken',
    );
    expectAsAsked(await until('another credential', ({ reveal }) => reveal === 'offered'));
    const next = await look();
    expect(attempt(old)).toMatchObject({ ok: false });
    return next;
  };

  /** How the user must be once nobody needs it. */
  const expectGivenBack = (users: ReadonlyMap<string, UserState>, { readyAt, closingSince }: AccessRequest): void => {
    expectOthersUntouched(users);
    const left = users.get(upn);
    const was = before.get(upn);
    if (isExisting(wish)) {
      const { sessionsValidFrom, ...rest } = left!;
      const { sessionsValidFrom: _, ...asBefore } = was!;
      expect(rest).toEqual(asBefore);
      if (readyAt !== undefined) expect(Date.parse(sessionsValidFrom)).toBeGreaterThanOrEqual(closingSince!.getTime());
      return;
    }
    if (left === undefined) {
      expect(wish.atEnd === 'delete' || readyAt === undefined).toBe(true);
      return;
    }
    if (readyAt !== undefined) expect(wish.atEnd).not.toBe('delete');
    const isKept = wish.atEnd === 'keep' && readyAt !== undefined;
    expect(left).toMatchObject({ enabled: isKept, roles: [], scheduled: [], groups: [], passes: 0 });
    if (readyAt !== undefined) {
      expect(Date.parse(left.sessionsValidFrom)).toBeGreaterThanOrEqual(closingSince!.getTime());
    }
  };

  const expectLocked = ({ readyAt }: AccessRequest): void => {
    const isKept = wish.atEnd === 'keep' && readyAt !== undefined && !isExisting(wish) && !getsPass;
    const passwords = secrets.map((secret): Shown => ({ secret, isPass: false }));
    const passes = secrets.map((secret): Shown => ({ secret, isPass: true }));
    const open = [...passwords, ...passes].filter((each) => attempt(each).ok);
    // Whoever knows the password of a kept account may sign in; there is nothing there for them.
    expect(open.map(({ secret }) => secret)).toEqual(isKept ? secrets.slice(-1) : []);
    for (const each of open) expect(attempt(each)).toMatchObject({ roles: [], groups: [] });
  };

  const leftBy = (users: ReadonlyMap<string, UserState>, { readyAt }: AccessRequest): AccountLeft => {
    if (isExisting(wish)) return 'as-before';
    if (users.get(upn) === undefined) return readyAt === undefined ? 'disabled' : 'deleted';
    return wish.atEnd === 'keep' && readyAt !== undefined ? 'enabled' : 'disabled';
  };

  return {
    begin: async () => {
      await insist(
        () => counter.say('tess', wordsOf(wish)),
        async () => (id = await desk.newest()) !== 'none',
      );
      expect(usersNow(desk)).toEqual(before);
      await insist(
        () => counter.click('dana', 'approve', id),
        async () => (await now()).state !== 'pending',
      );
      const request = await until('access', ({ state }) => ['active', 'closing', 'closed'].includes(state));
      if (request.state === 'active') {
        expect(request.reveal).toBe(signsInAsBefore ? 'own' : 'offered');
        expectAsAsked(request);
        return true;
      }
      expect(request.closeCause ?? request.outcome).toBe('failed');
      expect(request.closedBy).toMatch(/^[A-Z][A-Za-z ]{10,}/u);
      return false;
    },
    use: async () => {
      if (signsInAsBefore) {
        expect(await counter.click('tess', 'reveal', id)).toMatchObject({ tone: 'refusal' });
        expectOpens({ secret: MEGAN.password, isPass: false });
        await extendBy1h();
        expect(await counter.say('tess', `reveal ${id} --again`)).toMatchObject({ tone: 'refusal' });
        expectOpens({ secret: MEGAN.password, isPass: false });
        return;
      }
      const first = await look();
      expectOpens(first);
      await extendBy1h();
      const { reveal } = await now();
      // A pass that would end before the access is issued anew, where that leaves no gap; a password stays.
      expect(reveal).toBe(getsPass && wish.way === 'by PIM' ? 'offered' : 'taken');
      const second = reveal === 'offered' ? await look() : first;
      const isUsedUp = second === first && wish.credential === 'pass for one sign-in';
      if (!isUsedUp) expectOpens(second);
      if (second !== first) expect(attempt(first)).toMatchObject({ ok: false });
      expectOpens(await renew(second));
    },
    end: async (how) => {
      if (how === 'is ended') await counter.say('tess', `end ${id}`);
      if (how === 'is revoked') await counter.say('olga', `revoke ${id}`);
      if (how === 'expires') {
        const { endsAt } = await now();
        await counter.pass(endsAt!.getTime() - desk.entra.clock.now().getTime() + SECOND);
      }
      await counter.settle();
      expect(['closing', 'closed']).toContain((await now()).state);
    },
    expectOver: async () => {
      const request = await until('the end', ({ state }) => state === 'closed');
      expect(request.confirmedAt).toBeDefined();
      const users = usersNow(desk);
      expect(closedIn.get(id)).toEqual(users);
      expectGivenBack(users, request);
      expectLocked(request);
      expect(request.accountLeft).toBe(leftBy(users, request));
      if (isExisting(wish)) expect(contosoOf(desk).deletedUsers.all()).toEqual([]);
      await expectCardsInLine(desk, id);
    },
    id: () => id,
    secrets,
    waitedMs: () => waited,
  };
};
