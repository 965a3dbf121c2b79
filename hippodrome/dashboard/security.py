"""Who may ask: a page of our own on this machine, or a tool without a browser."""

import re

from flask import Request, Response, request

from hippodrome.dashboard.answers import refusal

OWN_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
READING = {"GET", "HEAD", "OPTIONS"}


def refuse_strangers() -> Response | None:
    """A refusal, or None when the request may pass.

    A foreign Host is a name that was bound to this address to get round the same-origin rule (DNS rebinding).
    """
    if not OWN_HOST.fullmatch(request.headers.get("Host", "")):
        return refusal(403, "foreign-host", "this host name is not served here; use localhost or 127.0.0.1")
    if request.method in READING:
        return _refuse_foreign_reader(request)
    return _refuse_foreign_writer(request)


def add_headers(response: Response) -> Response:
    """What a browser is told to hold back; nothing but static files is kept by it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refuse_foreign_reader(asked: Request) -> Response | None:
    """Following a link here is fine; another's script would only cost us work, it cannot read the answer.

    `same-site` are the other ports of this machine: on a shared one they are other people's.
    """
    is_link = asked.headers.get("Sec-Fetch-Mode") == "navigate"
    if asked.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"} and not is_link:
        return refusal(403, "foreign-origin", "requests of other sites are refused")
    return None


def _refuse_foreign_writer(asked: Request) -> Response | None:
    origin, site = asked.headers.get("Origin"), asked.headers.get("Sec-Fetch-Site")
    own = f"{asked.scheme}://{asked.headers['Host']}"
    if origin not in {None, own} or site not in {None, "same-origin", "none"}:
        return refusal(403, "foreign-origin", "changes are accepted from the dashboard's own pages alone")
    if asked.mimetype != "application/json":
        return refusal(415, "not-json", "send the body as application/json")
    return None
