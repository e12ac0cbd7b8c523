import { z } from 'zod';

import { digest } from './secrets.js';
import { ControlRefusal } from './tenant-control.js';
import type { World } from './world.js';

/** What a test may do to an app registration. */

const AppChange = z.strictObject({ secret: z.string().min(1) });

export const changeApp = (world: World, appId: string, body: unknown): unknown => {
  const app = world.apps.get(appId.toLowerCase());
  if (app === undefined) throw new ControlRefusal(`no app ${appId}`);
  world.apps.set(app.appId, { ...app, secretDigest: digest(AppChange.parse(body).secret) });
  return { ok: true };
};
