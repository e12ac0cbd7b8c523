/** Everything that speaks to Microsoft Graph, over one way to it: with it go tokens, connections and Microsoft's limits. */
import type { Directory } from '../flows/ports.js';
import type { DirectorySearch } from '../flows/ports/directory-search.js';
import type { Inspector } from '../flows/ports/inspection.js';
import type { LoginAuthority } from '../flows/ports/sign-in.js';
import type { DirectorySurvey } from '../flows/ports/survey.js';
import type { AppTrial } from '../flows/ports/tenant-apps.js';
import { createDirectory } from './directory.js';
import { createEntraRoster } from './group-members.js';
import type { EntraRoster } from './group-members.js';
import { createInspector } from './inspect.js';
import { createLogin } from './login.js';
import { createPassPolicies } from './pass-policy.js';
import { createReach } from './reach.js';
import type { DirectoryOptions } from './reach.js';
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
}

/** `speakers`: directories whose people may speak in Teams; none named: any. Absent: nobody speaks in Teams. */
export const createEntra = (options: DirectoryOptions & { readonly speakers?: readonly string[] }): Entra => {
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
  };
};
