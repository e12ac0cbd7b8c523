import { z } from 'zod';

import { newCertificate, newSecret } from './app-keys.js';
import { guid } from './guid.js';
import type { App, AppCertificate } from './model.js';
import { isPermission } from './permissions.js';
import { ControlRefusal } from './tenant-lookup.js';
import { userPropertiesFor } from './user-properties.js';
import { findTenant, type World } from './world.js';

/** What a test may do to app registrations: make them, and change their credentials and addresses. */

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const life = {
  displayName: z.string().optional(),
  startDateTime: moment.optional(),
  endDateTime: moment.optional(),
};

const settings = {
  displayName: z.string().min(1).optional(),
  isMultitenant: z.boolean().optional(),
  /** Compared letter for letter; `http://localhost` and `http://127.0.0.1` without a port take any. */
  redirectUris: z.array(z.url()).optional(),
  /** What a consent grants from now on. */
  permissions: z.array(z.string().refine(isPermission, 'not a permission the sandbox knows')).optional(),
  extensionAttributes: z.array(z.string().regex(/^\w+$/)).optional(),
  /** One secret in place of all others. */
  secret: z.string().min(1).optional(),
  secrets: z.array(z.strictObject({ ...life, value: z.string().min(1) })).optional(),
  /** Public certificates. */
  certificates: z.array(z.strictObject({ ...life, pem: z.string() })).optional(),
  federatedCredentials: z
    .array(
      z.strictObject({
        name: z.string().default('federated'),
        issuer: z.string(),
        subject: z.string(),
        audience: z.string().default('api://AzureADTokenExchange'),
        /** PEM of the key that the issuer signs with. */
        publicKey: z.string(),
      }),
    )
    .optional(),
};

const Change = z.strictObject(settings);
const Registration = z.strictObject({
  ...settings,
  appId: z.guid().toLowerCase().optional(),
  displayName: z.string().min(1),
  homeTenant: z.string(),
});

type Settings = z.output<typeof Change>;

const certificateOf = (world: World, entry: NonNullable<Settings['certificates']>[number]): AppCertificate => {
  const { pem, displayName, startDateTime, endDateTime } = entry;
  try {
    return newCertificate(guid(world.random), pem, { displayName, startsAt: startDateTime, endsAt: endDateTime });
  } catch {
    throw new ControlRefusal('the certificate is no PEM of a public certificate');
  }
};

/** What is not said stays; a list that is given replaces the whole list. */
const withSettings = (world: World, app: App, change: Settings): App => {
  const secrets = change.secret === undefined ? change.secrets : [{ value: change.secret }];
  return {
    ...app,
    displayName: change.displayName ?? app.displayName,
    isMultitenant: change.isMultitenant ?? app.isMultitenant,
    redirectUris: change.redirectUris ?? app.redirectUris,
    permissions: change.permissions ?? app.permissions,
    extensionAttributes: change.extensionAttributes ?? app.extensionAttributes,
    certificates: change.certificates?.map((each) => certificateOf(world, each)) ?? app.certificates,
    secrets:
      secrets?.map(({ value, displayName, startDateTime, endDateTime }) =>
        newSecret(guid(world.random), value, world.clock.now(), {
          displayName,
          startsAt: startDateTime,
          endsAt: endDateTime,
        }),
      ) ?? app.secrets,
    federatedCredentials:
      change.federatedCredentials?.map(({ publicKey, ...each }) => ({
        ...each,
        id: guid(world.random),
        publicKeyPem: publicKey,
      })) ?? app.federatedCredentials,
  };
};

const put = (world: World, app: App): unknown => {
  world.apps.set(app.appId, app);
  world.userProperties = userPropertiesFor([...world.apps.values()]);
  return { ok: true, appId: app.appId, objectId: app.objectId };
};

/** A new app in its home tenant, without consent anywhere yet. */
export const registerApp = (world: World, body: unknown): unknown => {
  const { homeTenant, appId = guid(world.random), ...change } = Registration.parse(body);
  const tenant = findTenant(world, homeTenant);
  if (tenant === undefined) throw new ControlRefusal(`no tenant ${homeTenant}`);
  if (world.apps.has(appId)) throw new ControlRefusal(`there is an app ${appId} already`);
  const bare: App = {
    appId,
    objectId: guid(world.random),
    displayName: change.displayName,
    homeTenantId: tenant.id,
    isMultitenant: false,
    redirectUris: [],
    secrets: [],
    certificates: [],
    federatedCredentials: [],
    extensionAttributes: [],
    permissions: [],
  };
  return put(world, withSettings(world, bare, change));
};

export const changeApp = (world: World, appId: string, body: unknown): unknown => {
  const app = world.apps.get(appId.toLowerCase());
  if (app === undefined) throw new ControlRefusal(`no app ${appId}`);
  return put(world, withSettings(world, app, Change.parse(body)));
};
