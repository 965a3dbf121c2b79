"""Forks: an index copied with its settings and rules; from then on both go their own ways."""

import time
from itertools import islice
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from hippodrome.services.admin_server import documents, indexes, jobs, rules, settings
from hippodrome.services.admin_server.aliases import NAME, Name
from hippodrome.services.admin_server.background import started
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Admin, Everything
from hippodrome.services.admin_server.jobs import Job
from hippodrome.services.admin_server.portable import SENT_AT_ONCE, every_document, send_patiently
from hippodrome.services.common.api import Body

router = APIRouter(prefix="/api/v1/indexes/{name}/fork")


class NewName(Body):
    name: str = Field(pattern=NAME)


@router.post("", status_code=202)
def fork(name: Name, body: NewName, caller: Admin, context: Everything, request: Request) -> dict[str, Any]:
    """The copy has its settings and rules at once; a job brings the documents."""
    origin = settings.item_of(context, caller.account, name)
    made = settings.fresh_item(caller.account, body.name, origin["settings"], origin["model"])
    indexes.make(context, caller, made)
    for item in rules.items_of(context, origin["indexId"]):
        rule_id = item["sk"].removeprefix("RULE#")
        rules.store(context, made["indexId"], rule_id, item["rule"])
    more = {"state": "running", "origin": origin["indexId"], "firstVersion": time.time_ns()}
    job = jobs.begin(context, caller.account, body.name, "fork", **more)
    return {**started(request, job), "indexId": made["indexId"]}


def run_fork(context: Context, job: Job) -> None:
    """The work of a fork. Every document has the job's one version: what is sent twice counts once."""
    item = settings.item_of(context, job["account"], job["index"])
    rest, total = every_document(context, job["origin"]), 0
    while batch := list(islice(rest, SENT_AT_ONCE)):
        total += len(batch)
        sent = documents.operations("upsert", batch, lambda: int(job["firstVersion"]))
        send_patiently(context, item["indexId"], job["jobId"], item["settings"]["tensorFields"], sent)
    jobs.update(context, job, state="done", total=total)
