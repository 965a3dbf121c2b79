// Files that are being saved: editors empty a file first, and write it then.
import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Plugin } from "vite";

const LOOK_AGAIN_MS = 10;
const PATIENCE_MS = 1_000;

/**
 * Has an update wait until its file has a content.
 *
 * Vite would serve the empty file, and its watcher passes over the event of the writing, as it does within 50 ms of
 * the one before: the edit would be lost until the next.
 */
export function savedFiles(): Plugin {
  return {
    name: "console-saved-files",
    hotUpdate: {
      order: "pre",
      async handler({ type, file }) {
        if (type === "update") await written(file);
      },
    },
  };
}

async function written(file: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end && (await isEmpty(file))) await pause(LOOK_AGAIN_MS);
}

async function isEmpty(file: string): Promise<boolean> {
  try {
    return (await stat(file)).size === 0;
  } catch {
    return false;
  }
}
