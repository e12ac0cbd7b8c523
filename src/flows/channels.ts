import type { Address } from '../engine/person.js';
import type { FlowDeps } from './deps.js';

/** Where approval cards also go: the channels that the environment names, and those that an admin set. */
export const approvalChannels = async (deps: Pick<FlowDeps, 'config' | 'settings'>): Promise<readonly Address[]> => {
  const { approvalChannels: set } = await deps.config.settings.read();
  const isNew = (channel: Address): boolean =>
    !deps.settings.approvalChannels.some(
      ({ platform, conversation }) => platform === channel.platform && conversation === channel.conversation,
    );
  return [...deps.settings.approvalChannels, ...set.filter(isNew)];
};
