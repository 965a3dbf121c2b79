"""Answers made smaller for whoever takes gzip: pages are many files, and events have much in common."""

import gzip

from flask import Response, request

SMALLEST_BYTES = 1000  # below it the header costs what the body saves
LEVEL = 3  # higher ones take longer than a browser on this machine gains
KINDS = {"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"}


def compress(response: Response) -> Response:
    """Streams stay as they are."""
    is_meant = request.method == "GET" and response.status_code == 200 and response.mimetype in KINDS
    if not is_meant or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) >= SMALLEST_BYTES:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # of the same content in other bytes
    return response
