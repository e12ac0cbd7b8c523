import type { FreshUser } from './access.js';
import type { Fault } from './faults.js';
import { userNameFor } from './naming.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';

/** Whom to make, as somebody says it. */
export interface FreshNames {
  readonly firstName: string;
  readonly lastName: string;
  /** Absent: it is made of the names. */
  readonly userName?: string;
  readonly domain: string;
}

const LONGEST_NAME = 64;
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 48;
const LONGEST_UPN = 113;
const SAFE = /^[A-Za-z0-9'._!#^~-]+$/u;
const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu;

/** A user to be made, where the names can be a user's: https://learn.microsoft.com/azure/active-directory/hybrid/plan-connect-userprincipalname */
export const freshUser = ({ firstName, lastName, userName, domain }: FreshNames): Result<FreshUser, Fault> => {
  for (const [field, name] of [
    ['first name', firstName],
    ['last name', lastName],
  ] as const) {
    if (name === '') return err({ code: 'admin.invalid', field, problem: 'say it, since a new user needs one' });
    if (name.length > LONGEST_NAME)
      return err({ code: 'text.too-long', field, length: name.length, most: LONGEST_NAME });
  }
  const local = userName ?? userNameFor(`${firstName} ${lastName}`);
  if (local === '') {
    return err({
      code: 'admin.invalid',
      field: 'user name',
      problem: 'say one, since these names have no Latin letters',
    });
  }
  const problem = whyNoUserName(local) ?? whyNoDomain(domain);
  if (problem !== undefined) return err(problem);
  const upn = `${local}@${domain}`.toLowerCase();
  if (upn.length > LONGEST_UPN) {
    return err({ code: 'text.too-long', field: 'user name with its domain', length: upn.length, most: LONGEST_UPN });
  }
  return ok({ firstName, lastName, upn });
};

const whyNoUserName = (name: string): Fault | undefined => {
  const field = 'user name';
  if (name.length > LONGEST_LOCAL_PART)
    return { code: 'text.too-long', field, length: name.length, most: LONGEST_LOCAL_PART };
  if (!SAFE.test(name)) {
    return {
      code: 'admin.invalid',
      field,
      problem: "use letters, digits and ' . - _ ! # ^ ~, without the part from the @ on",
    };
  }
  return name.startsWith('.') || name.endsWith('.') || name.includes('..')
    ? { code: 'admin.invalid', field, problem: 'a dot stands neither first nor last, nor beside another' }
    : undefined;
};

const whyNoDomain = (domain: string): Fault | undefined => {
  if (domain.length > LONGEST_DOMAIN) {
    return { code: 'text.too-long', field: 'domain', length: domain.length, most: LONGEST_DOMAIN };
  }
  return DOMAIN.test(domain)
    ? undefined
    : { code: 'admin.invalid', field: 'domain', problem: 'name a verified domain of the tenant' };
};
