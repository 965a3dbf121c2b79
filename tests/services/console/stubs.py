"""A controller and a cell that keep indexes in memory and answer as the documented API does."""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "local-admin-key"
Json = dict[str, object]
Document = dict[str, object]


class RefusedError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "code": code, "type": "invalid_request", "link": None}


@dataclass
class Index:
    settings: Json
    documents: dict[str, Document] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: object


@dataclass
class Stack:
    """What both services know, and every request that they saw."""

    indexes: dict[str, Index] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)
    cell_url: str = ""
    controller_url: str = ""

    def index(self, name: str) -> Index:
        if name not in self.indexes:
            raise RefusedError(404, "index_not_found", f"Index {name} not found")
        return self.indexes[name]


Answer = Callable[[Stack, list[str], object], object]


def list_indexes(stack: Stack, parts: list[str], body: object) -> object:
    return {
        "results": [
            {"indexName": name, "indexStatus": "READY", "marqoEndpoint": stack.cell_url, **index.settings}
            for name, index in stack.indexes.items()
        ]
    }


def create_index(stack: Stack, parts: list[str], body: object) -> object:
    [name] = parts
    if not re.fullmatch(r"[a-zA-Z_-][a-zA-Z0-9_-]*", name):
        raise RefusedError(400, "invalid_argument", f"{name} is not a valid index name")
    if name in stack.indexes:
        raise RefusedError(409, "index_already_exists", f"Index {name} already exists")
    assert isinstance(body, dict)
    stack.indexes[name] = Index(body)
    return {"acknowledged": True, "index": name}


def delete_index(stack: Stack, parts: list[str], body: object) -> object:
    stack.index(parts[0])
    del stack.indexes[parts[0]]
    return {"acknowledged": True}


def settings(stack: Stack, parts: list[str], body: object) -> object:
    return stack.index(parts[0]).settings


def stats(stack: Stack, parts: list[str], body: object) -> object:
    count = len(stack.index(parts[0]).documents)
    backend = {"memoryUsedPercentage": 0.7, "storageUsedPercentage": 37.0}
    return {"numberOfDocuments": count, "numberOfVectors": count, "backend": backend}


def add_documents(stack: Stack, parts: list[str], body: object) -> object:
    index = stack.index(parts[0])
    assert isinstance(body, dict)
    items = [add_document(index, document) for document in body["documents"]]
    errors = any(item["status"] != 200 for item in items)
    return {"errors": errors, "processingTimeMs": 1.5, "index_name": parts[0], "items": items}


def add_document(index: Index, document: Document) -> Json:
    bad = next((name for name in document if name != "_id" and not re.fullmatch(r"\w+", name)), None)
    if bad is not None:
        message = f"{bad}: Field name must match [a-zA-Z_][a-zA-Z0-9_]*"
        return {"status": 400, "_id": document.get("_id", ""), "message": message, "code": "invalid_field_name"}
    identifier = str(document.get("_id", f"made-{len(index.documents)}"))
    index.documents[identifier] = {**document, "_id": identifier}
    return {"status": 200, "_id": identifier}


def get_document(stack: Stack, parts: list[str], body: object) -> object:
    name, identifier = parts
    documents = stack.index(name).documents
    if identifier not in documents:
        raise RefusedError(404, "document_not_found", f"Document {identifier} not found")
    return documents[identifier]


def delete_documents(stack: Stack, parts: list[str], body: object) -> object:
    assert isinstance(body, list)
    for identifier in body:
        stack.index(parts[0]).documents.pop(identifier, None)
    return {"status": "succeeded", "items": []}


def search(stack: Stack, parts: list[str], body: object) -> object:
    assert isinstance(body, dict)
    words = set(re.findall(r"\w+", str(body["q"]).lower()))
    is_tensor = body.get("searchMethod") != "LEXICAL"
    hits = [hit(document, words, is_tensor) for document in stack.index(parts[0]).documents.values()]
    found = sorted((h for h in hits if is_tensor or h["_score"]), key=lambda h: str(h["_score"]), reverse=True)
    return {"hits": found[: body["limit"]], "query": body["q"], "processingTimeMs": 3}


def hit(document: Document, words: set[str], is_tensor: bool) -> Json:
    texts = {name: text for name, text in document.items() if isinstance(text, str) and name != "_id"}
    matches = {name: len(words & set(re.findall(r"\w+", text.lower()))) for name, text in texts.items()}
    best = max(matches, key=lambda name: matches[name], default=None)
    highlights = [{best: texts[best]}] if is_tensor and best is not None else []
    share = sum(matches.values()) / (len(words) or 1)
    return {**document, "_score": (0.5 + share / 10) if is_tensor else share, "_highlights": highlights}


CONTROLLER: dict[tuple[str, str], Answer] = {
    ("GET", r"/api/v2/indexes"): list_indexes,
    ("POST", r"/api/v2/indexes/([^/]+)"): create_index,
    ("DELETE", r"/api/v2/indexes/([^/]+)"): delete_index,
}
CELL: dict[tuple[str, str], Answer] = {
    ("GET", r"/indexes/([^/]+)/settings"): settings,
    ("GET", r"/indexes/([^/]+)/stats"): stats,
    ("POST", r"/indexes/([^/]+)/documents"): add_documents,
    ("GET", r"/indexes/([^/]+)/documents/([^/]+)"): get_document,
    ("POST", r"/indexes/([^/]+)/documents/delete-batch"): delete_documents,
    ("POST", r"/indexes/([^/]+)/search"): search,
}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, stack: Stack, routes: dict[tuple[str, str], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stack = stack
        self.routes = routes

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of a page that gave its request up, as a search does when the next letter is typed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_DELETE(self) -> None:
        self.answer()

    def answer(self) -> None:
        try:
            status, body = 200, self.result()
        except RefusedError as refusal:
            status, body = refusal.status, refusal.body
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def result(self) -> object:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, json.loads(text) if text else None)
        self.server.stack.seen.append(request)
        if request.headers.get("x-api-key") != KEY:
            raise RefusedError(401, "unauthorized", "The API key is missing or wrong")
        for (method, pattern), answer in self.server.routes.items():
            if method == self.command and (match := re.fullmatch(pattern, request.path)):
                return answer(self.server.stack, list(match.groups()), request.body)
        raise RefusedError(404, "not_found", f"{self.command} {request.path} is not here")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the parent's name)
        pass


@contextmanager
def serving(server: Server) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running_stack() -> Iterator[Stack]:
    """A stack whose two services listen on ports of their own."""
    stack = Stack()
    controller, cell = Server(stack, CONTROLLER), Server(stack, CELL)
    stack.controller_url, stack.cell_url = controller.url, cell.url
    with serving(controller), serving(cell):
        yield stack
