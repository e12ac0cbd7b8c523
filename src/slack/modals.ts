import type { webApi } from '@slack/bolt';
import type { View } from '../chat/view.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { renderModal } from './render.js';

/** Slack's windows. Neither call is ever repeated by itself, and what a window shows is never logged. */
export interface Modals {
  /** The window's id; `undefined`: Slack did not open it. A trigger lasts three seconds and serves once. */
  open(trigger: string, view: View): Promise<string | undefined>;
  /** Whether the window now shows the view. */
  update(window: string, view: View): Promise<boolean>;
}

export const createModals = (client: webApi.WebClient, log: Log): Modals => ({
  open: async (trigger, view) => {
    try {
      const { view: opened } = await client.views.open({ trigger_id: trigger, view: renderModal(view) });
      return opened?.id;
    } catch (thrown) {
      log.warn({ view: view.kind, ...describeError(thrown) }, 'Slack did not open a window');
      return undefined;
    }
  },

  update: async (window, view) => {
    try {
      await client.views.update({ view_id: window, view: renderModal(view) });
      return true;
    } catch (thrown) {
      log.warn({ view: view.kind, ...describeError(thrown) }, 'Slack did not update a window');
      return false;
    }
  },
});
