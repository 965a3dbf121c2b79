"""Work that takes longer than a request: in a few threads, and taken up again by the next life of the service."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fastapi import Request

from hippodrome.services.admin_server import jobs
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.jobs import Job, StoppedError
from hippodrome.services.common.errors import ApiError

log = logging.getLogger("admin_server")
THREADS = 2
RESUME_S = 1.0

Work = Callable[[Context, Job], None]


class Background:
    """`works`: by the kind of a job. Each is safe to begin again from the start of what it has put on record."""

    def __init__(self, context: Context, works: dict[str, Work]) -> None:
        self._context, self._works = context, works
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="background")

    def start(self, job: Job) -> None:
        """Begins the work of a job, or goes on with it."""
        self._pool.submit(self._run, job)

    def resume(self) -> None:
        """What was under way when the service last ended."""
        self._pool.submit(self._resume)

    def stop(self) -> None:
        """Waits for nothing."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _resume(self) -> None:
        while True:
            try:
                for job in jobs.unfinished(self._context):
                    if job["kind"] in self._works:
                        log.info("goes on job=%s kind=%s", job["jobId"], job["kind"])
                        self._pool.submit(self._run, job)
                return
            except Exception as error:  # AWS may not be there yet
                log.warning("unfinished jobs not known yet error=%s", error)
                time.sleep(RESUME_S)

    def _run(self, job: Job) -> None:
        try:
            self._works[job["kind"]](self._context, job)
        except StoppedError:
            log.info("stopped job=%s kind=%s", job["jobId"], job["kind"])
            self._end(job, state="stopped")
        except Exception as error:
            log.exception("failed job=%s kind=%s", job["jobId"], job["kind"])
            code = error.code if isinstance(error, ApiError) else "internal"
            said = {"message": str(error) or type(error).__name__, "code": code}
            self._end(job, state="failed", said=said)

    def _end(self, job: Job, *, state: str, said: dict[str, str] | None = None) -> None:
        known = self._context.items.get(self._context.names.jobs, job["pk"], "JOB") or job
        errors = [*known.get("errors", []), *([said] if said else [])]
        jobs.update(self._context, known, state=state, errors=errors)


def started(request: Request, job: Job) -> dict[str, str]:
    """The answer to a request that has begun a job, which is on its way now."""
    background: Background = request.app.state.background
    background.start(job)
    return {"jobId": job["jobId"]}
