"""How events come to the services of the plan, and which of them go where."""

from dataclasses import replace

from hippodrome.errors import Problem
from hippodrome.plan.choose import asked_in_vain
from hippodrome.plan.draft import Draft
from hippodrome.plan.model import FROM_ACCOUNT, EventsVia, LeftOut, Route
from hippodrome.plan.surroundings import events_via


def settle_events(draft: Draft) -> Draft:
    """`events` and `routes` are settled; services that want events another way are left out."""
    routes = tuple(
        Route(name, route.pattern, route.service, route.path)
        for name, route in draft.config.settings.events.routes.items()
    )
    draft = replace(draft, routes=routes)
    via = _via(draft)
    unfit = {name for name, service in draft.services.items() if service.events and via not in service.events}
    reasons = {name: _reason(draft, name, via) for name in unfit}
    left = {name: LeftOut(name, draft.known[name].description, reason) for name, reason in reasons.items()}
    return replace(
        draft,
        events=via,
        services={name: service for name, service in draft.services.items() if name not in unfit},
        left_out={**draft.left_out, **left},
    ).reported((*_needs_account(draft, via), *asked_in_vain(draft, reasons)))


def _via(draft: Draft) -> EventsVia:
    if said := events_via(draft.config):
        return said
    has_receiver = any(route.service in draft.services for route in draft.routes)
    return "streams" if draft.aws == "moto" and has_receiver else "none"


def _reason(draft: Draft, name: str, via: EventsVia) -> str:
    wanted = " or ".join(f"`{each}`" for each in draft.known[name].events)
    return f"only runs with events by {wanted}, and here they come by `{via}`"


def _needs_account(draft: Draft, via: EventsVia) -> tuple[Problem, ...]:
    if via in FROM_ACCOUNT and draft.aws != "account":
        what = f"events by `{via}` come from an AWS account, and this stack uses moto"
        hint = "Leave `--aws moto` away, or events: moto's own come without a flag."
        return (Problem("events-need-account", what, hint, draft.place("aws") or draft.place("events.via")),)
    if via == "streams" and draft.aws != "moto":
        what = "events by `streams` are moto's, and this stack uses an AWS account"
        hint = "`--enable-events` brings those of the account."
        return (Problem("events-need-moto", what, hint, draft.place("events.via")),)
    return ()
