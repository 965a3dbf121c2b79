// Waiting for a job of the back office.
import { ApiError } from "../api/error";
import { readJob } from "../api/shop";
import type { Job } from "../api/shopTypes";

const PAUSE_MS = 150;
const PATIENCE_MS = 30_000;

export function isOver({ status }: Job): boolean {
  return status !== "queued" && status !== "running";
}

/** Returns when all that the job is about can be found. Throws ApiError when it went wrong, or takes too long. */
export async function finished(jobId: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let job = await readJob(jobId);
  while (!isOver(job) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    job = await readJob(jobId);
  }
  if (job.status === "succeeded") return;
  const message = job.errors[0]?.message ?? `The job is ${job.status} after ${PATIENCE_MS / 1000} s.`;
  throw new ApiError({ message, code: `job_${job.status}`, status: 0, requestId: jobId, service: "admin_server" });
}
