// Something a person asked for: whether it runs, and how it failed.
import { useState } from "react";
import type { ApiError } from "../api/error";

export interface Action {
  readonly isRunning: boolean;
  readonly error: ApiError | undefined;
  /** Runs `work`; true when it ended well. */
  run(work: () => Promise<void>): Promise<boolean>;
  forget(): void;
}

export function useAction(): Action {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError>();
  return {
    isRunning,
    error,
    forget: () => setError(undefined),
    async run(work) {
      setRunning(true);
      setError(undefined);
      try {
        await work();
        return true;
      } catch (problem) {
        setError(problem as ApiError);
        return false;
      } finally {
        setRunning(false);
      }
    },
  };
}
