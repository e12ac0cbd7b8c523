import { z } from 'zod';

import { MINUTE } from '../lib/clock.js';
import type { PimPolicy, Span } from './model.js';
import { GraphRefusal } from './refusal.js';

/** What a tenant demands of an active assignment before Privileged Identity Management makes or changes it. */

/** What is not said is as in a new tenant: say why, and last as long as you like. */
export const PimPolicyBody = z.strictObject({
  justificationRequired: z.boolean().default(true),
  ticketRequired: z.boolean().default(false),
  maximumMinutes: z.int().positive().nullable().default(null),
});

export const DEFAULT_PIM_POLICY: PimPolicy = PimPolicyBody.parse({});

export interface Motive {
  readonly justification: string;
  readonly hasTicket: boolean;
}

const isTooLong = ({ maximumMinutes }: PimPolicy, { from, until }: Span): boolean =>
  maximumMinutes !== null && (until === null || until.getTime() - from.getTime() > maximumMinutes * MINUTE);

/** Refuses with the names of all rules that are broken, as one answer. */
export const checkPimPolicy = (policy: PimPolicy, span: Span, { justification, hasTicket }: Motive): void => {
  const broken = [
    ...(policy.justificationRequired && justification.trim() === '' ? ['JustificationRule'] : []),
    ...(policy.ticketRequired && !hasTicket ? ['TicketingRule'] : []),
    ...(isTooLong(policy, span) ? ['ExpirationRule'] : []),
  ];
  if (broken.length > 0)
    throw new GraphRefusal(
      400,
      'RoleAssignmentRequestPolicyValidationFailed',
      `The following policy rules failed: ${JSON.stringify(broken)}`,
    );
};
