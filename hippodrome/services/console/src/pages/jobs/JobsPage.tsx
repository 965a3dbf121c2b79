// What the back office works on: how far each job is, and what went wrong.
import type { ApiError } from "../../api/error";
import { listJobs, stopJob } from "../../api/shop";
import type { Job, JobStatus } from "../../api/shopTypes";
import { Problem } from "../../parts/Problem";
import { Waiting } from "../../parts/Waiting";
import { isOver } from "../../state/jobs";
import { keys } from "../../state/keys";
import { links } from "../../state/links";
import { notify } from "../../state/notices";
import { renew, useResource } from "../../state/resource";
import { useTitle } from "../../state/title";
import { NoShop } from "../shop/NoShop";

const WATCH_MS = 1_000;
const LOOK_MS = 5_000;
const TONES: Record<JobStatus, string> = {
  queued: "busy",
  running: "busy",
  succeeded: "good",
  partial: "bad",
  failed: "bad",
  stopped: "off",
};

export function JobsPage() {
  useTitle("Jobs");
  return links.admin ? <Jobs /> : <NoShop what="jobs" />;
}

function Jobs() {
  const { value: seen } = useResource(keys.jobs, listJobs);
  const isWatching = seen?.some((job) => !isOver(job)) ?? false;
  const { value: jobs, error } = useResource(keys.jobs, listJobs, { everyMs: isWatching ? WATCH_MS : LOOK_MS });
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Jobs</h1>
          <p className="lede">Documents on their way, exports, imports and forks: the latest fifty.</p>
        </div>
      </div>
      {error && <Problem error={error} title="The jobs cannot be listed" />}
      {jobs === undefined && !error && <Waiting what="jobs" lines={5} />}
      {jobs?.length === 0 && (
        <div className="empty card small">
          <h2>No jobs yet</h2>
          <p>Each change of documents becomes one.</p>
        </div>
      )}
      {jobs && jobs.length > 0 && <JobTable jobs={jobs} />}
    </>
  );
}

function JobTable({ jobs }: { jobs: readonly Job[] }) {
  return (
    <table className="card plain-table">
      <caption className="unseen">Jobs</caption>
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">Index</th>
          <th scope="col">Status</th>
          <th scope="col">Done</th>
          <th scope="col">Begun</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.jobId} job={job} />
        ))}
      </tbody>
    </table>
  );
}

function JobRow({ job }: { job: Job }) {
  const { jobId, kind, index, status, total, done, failed, createdAt } = job;
  return (
    <tr>
      <th scope="row">
        {kind} <code title={jobId}>{jobId.slice(0, 8)}</code>
      </th>
      <td data-label="Index">{index}</td>
      <td data-label="Status">
        <span className={`status ${TONES[status]}`}>{status}</span>
        {kind === "import" && !isOver(job) && (
          <button type="button" className="link-button" onClick={() => void stop(jobId)}>
            Stop
          </button>
        )}
        <Errors job={job} />
      </td>
      <td data-label="Done">
        <progress aria-label={`${kind} ${jobId.slice(0, 8)}`} max={Math.max(total ?? 0, 1)} value={done + failed} />
        <small>
          {done.toLocaleString("en")} of {total?.toLocaleString("en") ?? "?"}
          {failed > 0 && <span className="bad-text">, {failed} failed</span>}
        </small>
      </td>
      <td data-label="Begun">
        <time dateTime={new Date(createdAt * 1000).toISOString()}>
          {new Date(createdAt * 1000).toLocaleTimeString("en", { hour12: false })}
        </time>
      </td>
    </tr>
  );
}

async function stop(id: string): Promise<void> {
  try {
    await stopJob(id);
  } catch (error) {
    notify("failed", (error as ApiError).message);
  }
  renew(keys.jobs);
}

function Errors({ job: { errors } }: { job: Job }) {
  if (errors.length === 0) return null;
  return (
    <details>
      <summary>{errors.length === 1 ? "1 error" : `${errors.length} errors`}</summary>
      <ul className="job-errors">
        {errors.map(({ _id, message }, at) => (
          <li key={at}>
            {_id && <code>{_id}</code>} {message}
          </li>
        ))}
      </ul>
    </details>
  );
}
