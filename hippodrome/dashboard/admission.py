"""Who is let in: the holder of the instance's token. Without it there are only health and the events' way in."""

import hashlib
import hmac
import secrets
from ipaddress import ip_address
from time import monotonic
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, redirect, request

from hippodrome.control.access import token_of
from hippodrome.dashboard.answers import answer, refusal
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.security import READING

OPEN = {
    "static",
    "status.icon",
    "status.health",
    "status.offers",
    "status.openapi",
    "status.status",
}  # the last tells less
PAGE, WEBHOOK = "status.show", "webhook.eventbridge"
# A browser does not send the cookie where another site's link led here; from a page of our own it does.
TICKET_S = 60.0
AGAIN = (
    '<!doctype html><meta http-equiv="refresh" content="0"><title>Hippodrome</title>'
    '<link rel="icon" type="image/svg+xml" href="/favicon.svg">'
)


class Admission:
    """The token in a cookie that the link sets, or as a bearer's."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._token = token_of(board.layout).encode()
        self._tickets: dict[str, float] = {}  # until when each is good
        # browsers share cookies among the ports of a host, on which other instances are
        self._cookie = f"hippodrome-{hashlib.sha256(self._token).hexdigest()[:8]}"

    def refuse(self) -> Response | None:
        """A refusal, or None when the request may pass; `sees_all` tells then how much it may see."""
        if request.endpoint == PAGE and "token" in request.args:
            said = request.args["token"]
            return self._let_in() if self._is_token(said) or self._takes_ticket(said) else _door()
        g.sees_all = self._holds_token() or (request.method in READING and self._is_readable)
        if g.sees_all or request.endpoint in OPEN | {None} or _is_event_from_here():
            return None
        if request.endpoint == PAGE:
            return _page_again() if request.headers.get("Sec-Fetch-Site") == "cross-site" else _door()
        return _challenge(refusal(401, "no-token", "this needs the instance's token: `hd open` opens the dashboard"))

    def api(self) -> Blueprint:
        """`/api/ticket`: what `hd open` hands to the browser, for all can read the words of a command line."""
        pages = Blueprint("admission", __name__)

        @pages.post("/api/ticket")
        def ticket() -> Response:
            now = monotonic()
            self._tickets = {each: until for each, until in self._tickets.items() if until > now}
            made = secrets.token_urlsafe(16)
            self._tickets[made] = now + TICKET_S
            return answer({"ticket": made, "seconds": TICKET_S}, 201)

        return pages

    @property
    def _is_readable(self) -> bool:
        plan = self._board.feed.known.plan
        return plan is not None and plan.public == "read"

    def _holds_token(self) -> bool:
        kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._is_token(bearer.strip())
        return self._is_token(request.cookies.get(self._cookie, ""))

    def _is_token(self, said: str) -> bool:
        return hmac.compare_digest(said.encode("utf-8", "replace"), self._token)

    def _takes_ticket(self, said: str) -> bool:
        """Good once."""
        return self._tickets.pop(said, 0.0) > monotonic()

    def _let_in(self) -> Response:
        """Sets the cookie and goes on to the address without the token."""
        others = [(name, value) for name, value in request.args.items(multi=True) if name != "token"]
        query = f"?{urlencode(others)}" if others else ""
        response: Response = redirect(request.path + query, 303, Response)  # type: ignore[assignment]
        response.set_cookie(self._cookie, self._token.decode(), httponly=True, samesite="Strict")
        return response


def _is_event_from_here() -> bool:
    """What sends events has no token; that it is on this machine must do."""
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return request.endpoint == WEBHOOK and (mapped or address).is_loopback


def _door() -> Response:
    """A page that says how to get in."""
    page = current_app.send_static_file("door.html")
    page.status_code = 401
    page.headers["Cache-Control"] = "no-store"
    return _challenge(page)


def _page_again() -> Response:
    return Response(AGAIN, mimetype="text/html")


def _challenge(response: Response) -> Response:
    response.headers["WWW-Authenticate"] = 'Bearer realm="hippodrome"'
    return response
