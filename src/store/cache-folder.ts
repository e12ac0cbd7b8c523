import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';

/**
 * Fills `folder` once: others see nothing or all of it. Programs that race each build their own, and the first one's
 * stays. Resolves to `folder`; whatever `fill` throws leaves nothing behind.
 */
export const publishOnce = async (folder: string, fill: (draft: string) => Promise<void>): Promise<string> => {
  if (existsSync(folder)) return folder;
  const draft = await mkdtemp(`${folder}.`);
  try {
    await fill(draft);
    await chmod(draft, 0o755);
    await rename(draft, folder);
  } catch (thrown) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw thrown;
  }
  return folder;
};
