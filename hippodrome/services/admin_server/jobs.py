"""Jobs: what was asked for, and how far it is. Parts are reported by the indexer, each once."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter

from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Admin, Everything, Reader
from hippodrome.services.common.errors import ApiError

router = APIRouter(prefix="/api/v1/jobs")
LISTED_MAX = 50
ERRORS_MAX = 100
FINAL = {"succeeded", "failed", "partial", "stopped"}
STOP = "STOP"  # the item that asks a job's own work to end; its own, so that no progress is written over it

Job = dict[str, Any]


class StoppedError(Exception):
    """A job's work is to end where it is."""


@router.get("")
def every(caller: Reader, context: Everything) -> dict[str, list[Job]]:
    """The account's latest."""
    pointers = context.items.query(context.names.jobs, f"ACCOUNT#{caller.account}", "JOB#", is_newest_first=True)
    found = (told(context, pointer["jobId"]) for pointer, _ in zip(pointers, range(LISTED_MAX), strict=False))
    return {"jobs": [job for job in found if job]}


@router.get("/{job_id}")
def get(job_id: str, caller: Reader, context: Everything) -> Job:
    """How far it is."""
    job = told(context, job_id, account=caller.account)
    if job is None:
        raise ApiError(404, "job_not_found", f"There is no job `{job_id}`.")
    return job


@router.post("/{job_id}/stop")
def stop(job_id: str, caller: Admin, context: Everything) -> Job:
    """Asks an import to end where it is, as far as is sent; `POST …/import?jobId=` goes on with it."""
    job = get(job_id, caller, context)
    if job["kind"] != "import":
        raise ApiError(409, "job_cannot_stop", f"A job of kind {job['kind']} cannot be stopped; an import can.")
    if job["status"] in FINAL:
        raise ApiError(409, "job_is_over", f"The job has {job['status']} already.")
    context.items.put(context.names.jobs, {"pk": f"JOB#{job_id}", "sk": STOP})
    return job


def check_stop(context: Context, job_id: str) -> None:
    """Raises StoppedError when somebody has asked for it."""
    if context.items.get(context.names.jobs, f"JOB#{job_id}", STOP) is not None:
        raise StoppedError


def go_on(context: Context, job: Job) -> Job:
    """A job that was stopped, or whose service has ended, as it runs again."""
    context.items.delete(context.names.jobs, job["pk"], STOP)
    return update(context, job, state="running")


def begin(context: Context, account: str, index: str, kind: str, **more: Any) -> Job:
    """A new job's item. `total` is how many documents it is about, once that is known."""
    now = time.time()
    job_id = uuid.uuid4().hex
    item = {"account": account, "index": index, "kind": kind, "createdAt": now, **more}
    item |= {"pk": f"JOB#{job_id}", "sk": "JOB", "jobId": job_id}
    pointer = {"pk": f"ACCOUNT#{account}", "sk": f"JOB#{now:020.6f}#{job_id}", "jobId": job_id}
    context.items.put(context.names.jobs, item)
    context.items.put(context.names.jobs, pointer)
    return item


def update(context: Context, job: Job, **changed: Any) -> Job:
    """The job with these attributes, which are on record then."""
    new = {**job, **changed}
    context.items.put(context.names.jobs, new)
    return new


def drop(context: Context, job: Job) -> None:
    """One that never began."""
    context.items.delete(context.names.jobs, job["pk"], job["sk"])
    context.items.delete(
        context.names.jobs, f"ACCOUNT#{job['account']}", f"JOB#{job['createdAt']:020.6f}#{job['jobId']}"
    )


def unfinished(context: Context) -> Iterator[Job]:
    """Jobs whose own work was under way when a service ended."""
    return context.items.scan(context.names.jobs, sk="JOB", state="running")


def told(context: Context, job_id: str, *, account: str | None = None) -> Job | None:
    """As the API tells it; None for one that is not there, or of another account."""
    parts = list(context.items.query(context.names.jobs, f"JOB#{job_id}"))
    job = next((part for part in parts if part["sk"] == "JOB"), None)
    if job is None or account not in (None, job["account"]):
        return None
    chunks = [part for part in parts if part["sk"] not in ("JOB", STOP)]
    own = job.get("errors", [])
    done, failed = sum(each["done"] for each in chunks), sum(each["failed"] for each in chunks) + len(own)
    total = job.get("total")
    return {
        "jobId": job_id,
        "kind": job["kind"],
        "index": job["index"],
        "status": _status(job, done, failed),
        "total": total,
        "done": done if total is None else min(done, total),
        "failed": failed,
        "errors": [*own, *(error for each in chunks for error in each["errors"])][:ERRORS_MAX],
        "createdAt": job["createdAt"],
        "result": job.get("result"),
    }


def _status(job: Job, done: int, failed: int) -> str:
    """What the job's own work says comes first: `state` is running, stopped, failed, or done."""
    state, total = job.get("state", "done"), job.get("total") or 0
    if state == "preparing":
        return "queued"
    if state != "done":
        return str(state)
    if done + failed < total:
        return "running" if done + failed else "queued"
    return "succeeded" if not failed else "partial" if done else "failed"
