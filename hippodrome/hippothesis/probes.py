"""Probes of every service of a running plan: health, the form of errors, the request's id from hand to hand."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from hippodrome.hippothesis.finding import Finding
from hippodrome.plan.model import Plan, Program
from hippodrome.wait import Deadline, until

ANSWER_S = 10.0
LOGGED_S = 5.0
FORM = ("message", "code", "type", "link")


@dataclass(frozen=True)
class Mistake:
    """A request that a service must refuse, with a 4xx in the common form."""

    method: str
    path: str
    json: Any = None


# what each reference service is asked wrongly; AWS has a form of errors of its own
MISTAKES = {
    "fake_cell": Mistake("GET", "/indexes/no-such-index/settings"),
    "controller": Mistake("GET", "/api/v2/indexes"),
    "admin_server": Mistake("GET", "/api/v1/indexes"),
    "search_proxy": Mistake("POST", "/api/v1/indexes/none/search", {"q": "x"}),
    "global_worker": Mistake("GET", "/no-such-path"),
    "dashboard": Mistake("GET", "/no-such-path"),
    "console": Mistake("GET", "/api/controller/no-such-path"),
    "fake_cognito": Mistake("GET", "/no-such-path"),
    "ecom_indexer_service": Mistake("GET", "/no-such-path"),
    "ecom_settings_exporter": Mistake("POST", "/events", {"nothing": "of use"}),
    "merchandising_exporter": Mistake("POST", "/events", {"nothing": "of use"}),
    "ecom_ingest": Mistake("POST", "/ingest/none", {"operations": "none"}),
}
# a request to the first must be told in the log of the second with the id it came with
HANDED_ON = (
    ("admin_server", "controller", Mistake("GET", "/api/v1/indexes")),
    ("search_proxy", "admin_server", Mistake("POST", "/api/v1/indexes/none/search", {"q": "x"})),
    ("global_worker", "fake_cell", Mistake("POST", "/indexes/no-such-index/search", {"q": "x"})),
    ("console", "controller", Mistake("GET", "/api/controller/api/v2/indexes")),
)
# what a product passes until it is found, and what a rule does until it acts
SEARCHES_NEED = (
    "admin_server",
    "ecom_ingest",
    "ecom_indexer_service",
    "search_proxy",
    "global_worker",
    "dashboard",
    "ecom_settings_exporter",
    "merchandising_exporter",
)
ON_MOTO = ("moto", "moto_events")  # what stands for the account's tables and its pipes

OUR_OWN = "dashboard"  # has no other source than Hippodrome itself

LogOf = Callable[[str], Path]


def probe(plan: Plan, log_of: LogOf) -> Iterator[Finding]:
    """A finding for each thing that is tried. `log_of` a service is where its output goes."""
    for program in plan.programs:
        if program.probe.kind == "http":
            yield Finding(program.name, "answers its health check", _unhealthy(program))
        if program.name in MISTAKES and (program.name == OUR_OWN or program.origin.kind == "reference"):
            yield Finding(program.name, "words its errors as all do", _ill_formed(program))
            yield Finding(program.name, "returns the request's id", _forgets(program))
    for first, second, request in HANDED_ON:
        if first in plan and second in plan and plan.program(second).origin.kind == "reference":
            wrong = _loses(plan.program(first).url, request, log_of(second))
            yield Finding(first, f"hands the request's id on to {second}", wrong)


def searches(plan: Plan) -> Finding:
    """Whether all is there without which no property of search can hold; else what is not, and how to get it."""
    left = {each.name: each.reason for each in plan.left_out}
    needed = (*SEARCHES_NEED, *(ON_MOTO if plan.aws == "moto" else ()))
    absent = [name for name in needed if name not in plan]
    silent = [name for name in needed if name in plan and _unhealthy(plan.program(name))]
    told = [f"{name}, which this stack does not have ({left.get(name, 'nobody defines it')})" for name in absent]
    told += [f"{name}, which is not healthy" for name in silent]
    if not told:
        return Finding("search", "has all that it needs")
    adding = " ".join(absent) if "admin_server" in plan else "--profile ecom"
    mends = [f"`hd up {adding}` adds what is missing"] if absent else []
    mends += [f"`hd ps {' '.join(silent)}` says why"] if silent else []
    wrong = f"searches need {' and '.join(told)}; {', '.join(mends)}. Their properties were not tried."
    return Finding("search", "has all that it needs", wrong)


def _unhealthy(program: Program) -> str:
    """Why; empty also for one that has no check over HTTP."""
    if program.probe.kind != "http":
        return ""
    answer = _ask("GET", program.probe.target)
    if isinstance(answer, str):
        return answer
    return "" if answer.ok else f"{program.probe.target} answered {answer.status_code}: {answer.text[:200]}"


def _ill_formed(program: Program) -> str:
    mistake = MISTAKES[program.name]
    answer = _ask(mistake.method, program.url + mistake.path, json=mistake.json)
    if isinstance(answer, str):
        return answer
    asked = f"{mistake.method} {mistake.path}"
    if not 400 <= answer.status_code < 500:
        return f"{asked} answered {answer.status_code}, not 4xx"
    try:
        told = answer.json()
    except ValueError:
        return f"{asked} answered {answer.status_code} with what is not JSON: {answer.text[:100]}"
    missing = [name for name in FORM if not isinstance(told, dict) or name not in told]
    return f"{asked} answered without {', '.join(missing)}" if missing else ""


def _forgets(program: Program) -> str:
    sent = f"probe-{uuid.uuid4().hex}"
    mistake = MISTAKES[program.name]
    answer = _ask(mistake.method, program.url + mistake.path, json=mistake.json, headers={"X-Request-Id": sent})
    if isinstance(answer, str):
        return answer
    came = answer.headers.get("X-Request-Id", "none")
    return "" if came == sent else f"sent X-Request-Id {sent}, {came} came back"


def _loses(url: str, request: Mistake, log: Path) -> str:
    sent = f"probe-{uuid.uuid4().hex}"
    headers = {"X-Request-Id": sent, "X-Api-Key": sent}  # a key that nobody knows, so that the other must be asked
    answer = _ask(request.method, url + request.path, json=request.json, headers=headers)
    if isinstance(answer, str):
        return answer
    seen = until(lambda: sent in log.read_text(errors="replace"), Deadline(LOGGED_S), pause_s=0.05)
    return "" if seen else f"X-Request-Id {sent} is not in {log.name} after {LOGGED_S:g} s"


def _ask(method: str, url: str, **more: Any) -> "requests.Response | str":
    """The answer, or why there is none."""
    try:
        return requests.request(method, url, timeout=ANSWER_S, **more)
    except requests.RequestException as error:
        return f"{url} does not answer: {error}"
