"""A shop's back office and its customers, as a running stack sees them: by HTTP alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import requests

from hippodrome.shop.patience import Patience
from hippodrome.wait import Deadline, until

Json = dict[str, Any]

BATCH = 500  # documents in one request; the back office takes a thousand
PATIENCE_S = 120.0
PAUSE_S = 0.05
REQUEST_S = 30.0
UNDER_WAY = {"queued", "running"}


class AnswerError(Exception):
    """An answer that is no success. `status` and `code` are the service's."""

    def __init__(self, method: str, url: str, response: requests.Response) -> None:
        told = _told(response)
        self.status, self.code = response.status_code, str(told.get("code", ""))
        said = told.get("message") or response.text[:300]
        super().__init__(f"{method} {url} answered {response.status_code}: {said}")


class RealDataError(Exception):
    """What was about to be sent would have changed real data; it was not sent."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"{method} {path} is not sent to a shop whose data is real")


class JobError(Exception):
    """A job that did not end in time, or ended badly. `job` is what is known of it."""

    def __init__(self, job: Json, why: str) -> None:
        self.job = job
        first: Json = next(iter(job.get("errors") or ()), {})
        detail = f"; the first: {first.get('_id')}: {first.get('message')}" if first else ""
        super().__init__(f"job {job.get('jobId')} ({job.get('kind')}) {why}{detail}")


@dataclass(frozen=True)
class Shop:
    """One account of a running stack. `admin_url` takes what changes things, `search_url` what shoppers ask."""

    admin_url: str
    search_url: str
    key: str
    is_data_real: bool = False  # then nothing but reading is done
    patience: Patience = field(default_factory=Patience)  # while a service is away
    session: requests.Session = field(default_factory=requests.Session, compare=False, repr=False)

    def admin(self, method: str, path: str, **more: Any) -> Any:
        """The JSON of a good answer of the back office, below `/api/v1`.

        Raises AnswerError, requests' errors, LostError, and RealDataError for what would change real data.
        """
        if self.is_data_real and method != "GET":
            raise RealDataError(method, path)
        return self._ask(method, f"{self.admin_url}/api/v1{path}", **more)

    def control(self, url: str, method: str, path: str, **more: Any) -> Any:
        """The JSON of a good answer of the control plane at `url`, below `/api/v2`. Raises as `admin`."""
        if self.is_data_real and method != "GET":
            raise RealDataError(method, path)
        return self._ask(method, f"{url}/api/v2{path}", headers={"x-api-key": self.key}, **more)

    def shopper(self, index: str, what: str, body: Json) -> Json:
        """The JSON of a good answer to `search`, `collections` or another read. Raises as `admin`."""
        answer: Json = self._ask("POST", f"{self.search_url}/api/v1/indexes/{index}/{what}", json=body)
        return answer

    def search(self, index: str, q: str, **more: Any) -> Json:
        """What a shopper finds. `more` are fields of the body: limit, offset, filter, facets, sortBy."""
        return self.shopper(index, "search", {"q": q, **more})

    def found(self, index: str, q: str, **more: Any) -> list[str]:
        """Ids of the hits, in order."""
        return [hit["_id"] for hit in self.search(index, q, **more)["hits"]]

    def add(self, index: str, documents: Iterable[Json]) -> int:
        """Adds or replaces documents and waits until all can be searched. Returns their number.

        Raises JobError where one could not be added.
        """
        count, jobs, rest = 0, list[str](), iter(documents)
        while batch := list(islice(rest, BATCH)):
            jobs.append(self._accepted("POST", f"/indexes/{index}/documents", json={"documents": batch}))
            count += len(batch)
        for job in jobs:
            self.finished(job)
        return count

    def delete(self, index: str, ids: Sequence[str]) -> None:
        """Deletes documents and waits until none is found any more."""
        for start in range(0, len(ids), BATCH):
            body = {"ids": list(ids[start : start + BATCH])}
            self.finished(self._accepted("DELETE", f"/indexes/{index}/documents", json=body))

    def finished(self, job_id: str, *, patience_s: float = PATIENCE_S) -> Json:
        """The job, ended well. Raises JobError."""
        job = until(lambda: self._ended(job_id), Deadline(patience_s), pause_s=PAUSE_S)
        if not job:
            raise JobError(self.admin("GET", f"/jobs/{job_id}"), f"is not done after {patience_s:g} s")
        if job["status"] != "succeeded":
            raise JobError(job, f"has {job['status']}: {job['failed']} of {job['total']} went wrong")
        return job

    def _ended(self, job_id: str) -> Json | None:
        job: Json = self.admin("GET", f"/jobs/{job_id}")
        return None if job["status"] in UNDER_WAY else job

    def _accepted(self, method: str, path: str, **more: Any) -> str:
        """The id of the job. Waits as long as the service says that its buffer is full. Raises JobError."""
        deadline = Deadline(PATIENCE_S)
        answer = until(lambda: self._unless_full(method, path, **more), deadline, pause_s=PAUSE_S)
        if not answer:
            raise JobError({"kind": path}, f"was not taken in {PATIENCE_S:g} s: the buffer stayed full")
        if answer["errors"]:
            raise JobError({**answer, "kind": path}, f"refused {len(answer['errors'])} documents")
        return str(answer["jobId"])

    def _unless_full(self, method: str, path: str, **more: Any) -> Json | None:
        try:
            taken: Json = self.admin(method, path, **more)
        except AnswerError as refused:
            if refused.status != requests.codes.too_many_requests:
                raise
            return None
        return taken

    def _ask(self, method: str, url: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        response = self.patience.answer(
            method, url, lambda: self.session.request(method, url, timeout=REQUEST_S, headers=headers, **more)
        )
        if response is not None and not response.ok:
            raise AnswerError(method, url, response)
        return response.json() if response is not None and response.content else None


def pages(shop: Shop, index: str, q: str, *, size: int, **more: Any) -> Iterator[list[str]]:
    """Ids of the hits, a page at a time, until one is not full."""
    offset = 0
    while True:
        page = shop.found(index, q, limit=size, offset=offset, **more)
        yield page
        if len(page) < size:
            return
        offset += size


def _told(response: requests.Response) -> Json:
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
