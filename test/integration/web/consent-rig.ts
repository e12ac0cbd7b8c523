import { openServiceDesk, PEOPLE, answerText } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';
import { textOf } from '../../fakes/chat-room.js';
import { connectedWords } from '../../../src/chat/connected-card.js';
import type { Bot } from '../../../src/bot.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { createConsentCallback } from '../../../src/web/consent-callback.js';
import { createPages } from '../../../src/web/pages.js';
import type { PageListener } from '../../../src/web/pages.js';
import { createWeb } from '../../../src/web/server.js';
import { tenantAppPage } from '../../../src/web/tenant-app-page.js';

/** A page or redirection, as a browser meets it. */
export interface Visit {
  readonly status: number;
  readonly location: string;
  readonly refresh: string;
  readonly text: string;
}

/** A browser that keeps our cookie, and follows nothing by itself. */
export interface Visitor {
  visit(url: string, init?: RequestInit): Promise<Visit>;
}

/** The whole bot behind a real HTTP server, with the local Entra beside it, and browsers that go between the two. */
export interface ConsentRig {
  readonly desk: ServiceDesk;
  readonly origin: string;
  browser(): Visitor;
  linkFor(who: Who, command: string): Promise<string>;
  /** What an administrator of that tenant who agrees is sent back to us with. */
  agree(link: string, tenant: string): Promise<string>;
  /** What somebody who signs in is sent back to us with. */
  signIn(url: string, user: string): Promise<string>;
  /** The cards in Olga's own chat. */
  chat(): readonly string[];
  tenants(): Promise<readonly string[]>;
  control(tenant: string, action: string, body: unknown): void;
  /** No tenant is connected, and none lets the app in. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export const openConsentRig = async (): Promise<ConsentRig> => {
  let pages: PageListener | undefined;
  let bot: Bot | undefined;
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };
  const arrive: Bot['arrive'] = (brought) => {
    if (bot === undefined) throw new Error('not open yet');
    return bot.arrive(brought);
  };
  const listener: { consent?: ReturnType<typeof createConsentCallback> } = {};
  const web = createWeb({
    pages: async (...visit) => pages?.(...visit),
    consent: (request, response) => void listener.consent?.(request, response),
    ready: async () => true,
    log: silent,
  });
  const origin = `http://localhost:${await web.listen(0, '127.0.0.1')}`;
  const settings = { owners: [PEOPLE.olga.key, PEOPLE.luis.key], approvalChannels: [], publicUrl: origin };
  const desk = await openServiceDesk({ settings });
  const { clock, log } = desk.parts;
  bot = desk.bot;
  listener.consent = createConsentCallback({ arrive, words: connectedWords, publicUrl: origin, clock, log });
  pages = createPages({ pages: [tenantAppPage(desk.parts)], publicUrl: origin, clock, log });
  const { world } = desk.entra.sandbox;
  for (const who of ['olga', 'luis', 'tess'] as const) await desk.say(who, 'help');

  const locationOf = async (url: URL): Promise<string> => {
    const response = await fetch(url, { redirect: 'manual' });
    return response.headers.get('location') ?? (await response.text());
  };

  return {
    desk,
    origin,
    browser: () => {
      let cookie = '';
      return {
        visit: async (url, init = {}) => {
          const headers = { ...(cookie === '' ? {} : { cookie }), ...(init.headers as Record<string, string>) };
          const response = await fetch(url, { ...init, headers, redirect: 'manual' });
          cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
          const { status } = response;
          const location = response.headers.get('location') ?? '';
          return { status, location, refresh: response.headers.get('refresh') ?? '', text: await response.text() };
        },
      };
    },
    linkFor: async (who, command) => {
      const answer = await desk.say(who, command);
      const buttons = answer.kind === 'show' && answer.view.kind === 'card' ? answer.view.buttons : [];
      const link = buttons.flatMap((button) => ('href' in button ? [button.href] : []))[0];
      if (link === undefined) throw new Error(answerText(answer));
      return link;
    },
    agree: (link, tenant) => {
      const url = new URL(link);
      url.pathname = `/${tenant}/v2.0/adminconsent`;
      url.searchParams.set('decision', 'accept');
      return locationOf(url);
    },
    signIn: (link, user) => {
      const url = new URL(link);
      url.searchParams.set('user', user);
      return locationOf(url);
    },
    chat: () => desk.room.cardsIn(PEOPLE.olga.address?.conversation ?? '').map(textOf),
    tenants: async () => (await desk.stores.config.tenants.all()).map(({ id }) => id),
    control: (tenant, action, body) => void changeTenant(world, tenant, action, body),
    reset: async () => {
      const { config, tenantApps } = desk.stores;
      for (const { id, directoryId } of await config.tenants.all()) {
        await config.tenants.remove(id);
        await tenantApps.remove(directoryId);
      }
      for (const tenant of world.tenants.keys()) void changeTenant(world, tenant, 'consent', { granted: false });
    },
    close: async () => {
      await web.close();
      await desk.close();
    },
  };
};
