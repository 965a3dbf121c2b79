"""Export and import: a whole index as lines of JSON."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from hippodrome.services.admin_server import documents, jobs, rules, settings
from hippodrome.services.admin_server.aliases import Name
from hippodrome.services.admin_server.background import started
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Admin, Everything, Reader
from hippodrome.services.admin_server.jobs import Job
from hippodrome.services.admin_server.rules import Rule
from hippodrome.services.admin_server.settings import Settings
from hippodrome.services.common import aws
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import passed

router = APIRouter(prefix="/api/v1")
FORMAT = 1
PAGE, WINDOW = 1000, 8000  # documents; the data plane shows no more than 10,000 of one search
SENT_AT_ONCE = 500
UPLOAD_MAX = 256 * 2**20
FULL_S = 0.3  # between tries while the ingest buffer is full
ERRORS_MAX = 1000

Json = dict[str, Any]


@router.post("/indexes/{name}/export", status_code=202)
def export(name: Name, caller: Admin, context: Everything, request: Request) -> Json:
    """A job whose result says where the lines are."""
    settings.item_of(context, caller.account, name)
    return started(request, jobs.begin(context, caller.account, name, "export", state="running"))


@router.get("/exports/{job_id}")
def download(job_id: str, caller: Reader, context: Everything) -> StreamingResponse:
    """The lines of an export that is done."""
    body = aws.client("s3").get_object(**_export_of(context, caller.account, job_id))["Body"]
    return StreamingResponse(body.iter_chunks(1 << 16), media_type="application/x-ndjson")


@router.post("/indexes/{name}/import", status_code=202)
async def import_(
    name: Name,
    caller: Admin,
    context: Everything,
    request: Request,
    jobId: str | None = None,  # noqa: N803
) -> Json:
    """Of lines in the body, or of an export: `{"exportJobId": …}`. With `jobId` an import that stopped goes on."""
    from starlette.concurrency import run_in_threadpool

    raw = await _body(request)
    job = await run_in_threadpool(_begun, context, caller.account, name, raw, jobId)
    return started(request, job)


async def _body(request: Request) -> bytes:
    parts, size = list[bytes](), 0
    async for part in request.stream():
        size += len(part)
        if size > UPLOAD_MAX:
            raise ApiError(413, "payload_too_large", f"An import has at most {UPLOAD_MAX} bytes.")
        parts.append(part)
    return b"".join(parts)


def _begun(context: Context, account: str, name: str, raw: bytes, resumed: str | None) -> Job:
    settings.item_of(context, account, name)
    if resumed:
        job = context.items.get(context.names.jobs, f"JOB#{resumed}", "JOB")
        if job is None or (job["account"], job["index"], job["kind"]) != (account, name, "import"):
            raise ApiError(404, "job_not_found", f"There is no import `{resumed}` of this index.")
        return jobs.go_on(context, job)
    if not raw.strip():
        raise ApiError(422, "unprocessable_entity", "The body has no lines.")
    job = jobs.begin(context, account, name, "import", state="preparing", firstVersion=time.time_ns())
    source = {"Bucket": context.names.bucket, "Key": f"imports/{job['jobId']}.jsonl"}
    if export_id := _named_export(raw):
        source = _export_of(context, account, export_id)
    else:
        aws.client("s3").put_object(**source, Body=raw)
    return jobs.update(context, job, state="running", source=source)


def _named_export(raw: bytes) -> str:
    try:
        said = json.loads(raw)
    except ValueError:
        return ""
    return str(said["exportJobId"]) if isinstance(said, dict) and said.keys() == {"exportJobId"} else ""


def _export_of(context: Context, account: str, job_id: str) -> Json:
    job = jobs.told(context, job_id, account=account)
    if job is None or job["kind"] != "export" or not job["result"]:
        raise ApiError(404, "export_not_found", f"There is no finished export `{job_id}`.")
    return {"Bucket": job["result"]["bucket"], "Key": job["result"]["key"]}


def run_export(context: Context, job: Job) -> None:
    """The work of an export."""
    item = settings.item_of(context, job["account"], job["index"])
    count, lines = 0, [_line({"manifest": manifest(context, item)})]
    lines += [_line({"rule": each["rule"]}) for each in rules.items_of(context, item["indexId"])]
    for document in every_document(context, item["indexId"]):
        count += 1
        lines.append(_line({"document": document}))
    key = f"exports/{job['jobId']}.jsonl"
    aws.client("s3").put_object(Bucket=context.names.bucket, Key=key, Body=b"".join(lines))
    result = {
        "bucket": context.names.bucket,
        "key": key,
        "url": f"/api/v1/exports/{job['jobId']}",
        "documents": count,
    }
    jobs.update(context, job, state="done", result=result)


def manifest(context: Context, item: Json) -> Json:
    """What an index is, but for its documents and rules."""
    return {"format": FORMAT, "index": item["sk"].removeprefix("INDEX#"), "settings": item["settings"]}


def every_document(context: Context, index: str) -> Iterator[Json]:
    """All of an index, in the order of nothing in particular, a thousand at a time."""
    stats = passed(context.cell.ask("GET", f"/indexes/{index}/stats"))
    parts = max(1, -(-int(stats["numberOfDocuments"]) * 2 // WINDOW))  # twice: buckets are not all equally full
    step = max(1, documents.BUCKETS // parts)
    for low in range(0, documents.BUCKETS, step):
        yield from _documents_within(context, index, low, low + step - 1)


def _documents_within(context: Context, index: str, low: int, high: int) -> Iterator[Json]:
    asked = {"q": "*", "searchMethod": "LEXICAL", "limit": PAGE, "showHighlights": False}
    asked["filter"] = f"{documents.BUCKET}:[{low} TO {high}]"
    offset = 0
    while True:
        told = passed(context.cell.ask("POST", f"/indexes/{index}/search", json={**asked, "offset": offset}))
        for hit in told["hits"]:
            yield {name: value for name, value in documents.without_internal(hit).items() if name != "_score"}
        offset += PAGE
        if len(told["hits"]) < PAGE:
            return


@dataclass(frozen=True)
class Line:
    """One of an import: what it holds, or what is wrong with it. `number` counts from 1."""

    number: int
    kind: str = ""
    value: Json | None = None
    wrong: str = ""


def read_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """Each line with its number; empty ones are passed over."""
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            yield _read(number, raw)


def _read(number: int, raw: bytes) -> Line:
    try:
        said = json.loads(raw, parse_constant=_no_constant)
    except ValueError as error:
        return Line(number, wrong=f"is not JSON: {error}")
    if not isinstance(said, dict) or len(said) != 1 or not isinstance(value := next(iter(said.values())), dict):
        return Line(number, wrong="must be an object with a manifest, a rule or a document")
    kind = next(iter(said))
    try:
        wrong = _complaint(kind, value)
    except ValidationError as error:
        first = error.errors()[0]
        wrong = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return Line(number, kind, value, wrong)


def _complaint(kind: str, value: Json) -> str:
    if kind == "document":
        return documents.complaint(value)
    if kind == "rule":
        Rule.model_validate({name: each for name, each in value.items() if name != "id"})
        return "" if value.get("id") else "a rule needs an id"
    if kind == "manifest":
        Settings.model_validate(value.get("settings", {}))
        return "" if value.get("format") == FORMAT else f"format {value.get('format')} is not known"
    return f"`{kind}` is not known; manifest, rule and document are"


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number")


def run_import(context: Context, job: Job) -> None:
    """The work of an import. Versions come from the lines' numbers, so that what is sent twice counts once."""
    item = settings.item_of(context, job["account"], job["index"])
    raw = aws.client("s3").get_object(**job["source"])["Body"].read()
    found = list(read_lines(raw.split(b"\n")))
    good = [line for line in found if line.kind == "document" and not line.wrong]
    errors = [_error(line) for line in found if line.wrong]
    job = jobs.update(context, job, total=len(good) + len(errors), errors=errors[:ERRORS_MAX])
    for line in found:
        if not line.wrong and line.value is not None and line.kind != "document":
            _take_over(context, item, line.kind, line.value)
    fields = settings.item_of(context, job["account"], job["index"])["settings"]["tensorFields"]
    rest = iter(good)
    while batch := list(islice(rest, SENT_AT_ONCE)):
        numbers = iter([job["firstVersion"] + line.number for line in batch])
        sent = documents.operations("upsert", (line.value for line in batch if line.value), lambda: next(numbers))  # noqa: B023
        send_patiently(context, item["indexId"], job["jobId"], fields, sent)
    jobs.update(context, job, state="done")


def _error(line: Line) -> Json:
    name = (line.value or {}).get("_id")
    return {"line": line.number, "_id": name, "message": f"line {line.number} {line.wrong}", "code": "bad_line"}


def _take_over(context: Context, item: Json, kind: str, value: Json) -> None:
    if kind == "manifest":
        said = Settings.model_validate(value["settings"]).model_dump(by_alias=True, mode="json")
        known = settings.item_of(context, item["pk"], item["sk"].removeprefix("INDEX#"))
        new = {**known, "settings": said, "version": known["version"] + 1, "updatedAt": time.time()}
        context.items.put(context.names.settings, new, version=known["version"])
    else:
        pk, sk = f"INDEX#{item['indexId']}", f"RULE#{value['id']}"
        version = (context.items.get(context.names.merchandising, pk, sk) or {"version": 0})["version"]
        rule = Rule.model_validate({name: each for name, each in value.items() if name != "id"})
        rules.store(context, item["indexId"], value["id"], rules.plain(rule), version)


def send_patiently(context: Context, index: str, job: str, fields: list[str], sent: list[Json]) -> None:
    """As `documents.send`, waiting while the buffer is full or the service away. Raises StoppedError."""
    while True:
        jobs.check_stop(context, job)
        try:
            return documents.send(context, index, job, fields, sent)
        except ApiError as error:
            if error.status not in (429, 503, 504):
                raise
            time.sleep(FULL_S)


def _line(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode() + b"\n"
