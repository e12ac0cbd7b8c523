/** Everything that speaks to Microsoft Graph, over one way to it: with it go tokens, connections and Microsoft's limits. */
import type { Directory } from '../flows/ports.js';
import type { BreakGlassDirectory } from '../flows/ports/break-glass.js';
import type { DirectorySearch } from '../flows/ports/directory-search.js';
import type { Inspector } from '../flows/ports/inspection.js';
import type { LoginAuthority } from '../flows/ports/sign-in.js';
import type { DirectorySurvey } from '../flows/ports/survey.js';
import type { AppTrial } from '../flows/ports/tenant-apps.js';
import { createBreakGlassDirectory } from './break-glass.js';
import { createDirectory } from './directory.js';
import { createEntraRoster } from './group-members.js';
import type { EntraRoster } from './group-members.js';
import { createInspector } from './inspect.js';
import { createLogin } from './login.js';
import { createPassPolicies } from './pass-policy.js';
import type { PassPolicies } from './pass-policy.js';
import { createReach } from './reach.js';
import type { DirectoryOptions, EntraConfig, Reach } from './reach.js';
import { createDirectorySearch } from './search.js';
import { createDirectorySurvey } from './survey.js';
import { createAppTrial } from './trial.js';

export interface Entra {
  readonly directory: Directory;
  readonly search: DirectorySearch;
  readonly survey: DirectorySurvey;
  readonly inspector: Inspector;
  readonly roster: EntraRoster;
  readonly login: LoginAuthority;
  readonly appTrial: AppTrial;
  readonly breakGlassDirectory: BreakGlassDirectory;
}

export interface EntraOptions extends DirectoryOptions {
  /** Directories whose people may speak in Teams; none named: any. Absent: nobody speaks in Teams. */
  readonly speakers?: readonly string[];
  /**
   * The app for break-glass accounts. It alone reaches them, in every tenant, also where a tenant has an app of its own
   * for the rest. Absent: whatever app does the rest there.
   */
  readonly breakGlass?: EntraConfig;
}

export const createEntra = (options: EntraOptions): Entra => {
  const { clock } = options;
  const reach = createReach(options);
  const passPolicies = createPassPolicies(reach, clock);
  return {
    directory: createDirectory(reach, { clock, passPolicies }),
    search: createDirectorySearch(reach),
    survey: createDirectorySurvey(reach, { clock }),
    inspector: createInspector(reach, { clock, passPolicies }),
    roster: createEntraRoster(reach, options),
    login: createLogin(options),
    appTrial: createAppTrial(options),
    breakGlassDirectory: createBreakGlass(options, { reach, passPolicies }),
  };
};

const createBreakGlass = (
  { breakGlass, appOf: _everyday, ...options }: EntraOptions,
  everyday: { readonly reach: Reach; readonly passPolicies: PassPolicies },
): BreakGlassDirectory => {
  const { clock } = options;
  if (breakGlass === undefined) return createBreakGlassDirectory(everyday.reach, { ...everyday, clock });
  const reach = createReach({ ...options, config: breakGlass });
  return createBreakGlassDirectory(reach, { clock, passPolicies: createPassPolicies(reach, clock) });
};
