"""Which services are part of the plan, and why the others are not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from hippodrome.config.model import RUNNING, Service
from hippodrome.errors import Place, Problem, nearest
from hippodrome.plan.draft import Draft, Selection
from hippodrome.plan.model import LeftOut

__all__ = ["Selection", "asked_in_vain", "choose_services", "in_profile"]


def choose_services(draft: Draft) -> Draft:
    """`services` and `left_out` are settled."""
    members = in_profile(draft)
    asked = _with_dependencies(draft, members) if draft.selection.only else members
    reasons = {name: _reason(draft, name, members, asked) for name in draft.known}
    problems = (*_unknown_choice(draft), *_misnamed(draft), *asked_in_vain(draft, reasons))
    return replace(
        draft,
        services={name: service for name, service in draft.known.items() if not reasons[name]},
        left_out={
            name: LeftOut(name, draft.known[name].description, reason) for name, reason in reasons.items() if reason
        },
    ).reported(problems)


def in_profile(draft: Draft) -> frozenset[str]:
    """Names of the services that the chosen profile has, by itself and by what it extends."""
    known = draft.config.settings.profiles
    profiles = _extended(draft)
    has_all = any(known[name].all_services for name in profiles & known.keys())
    return frozenset(
        name
        for name, service in draft.known.items()
        if has_all or not service.profiles or not profiles.isdisjoint(service.profiles)
    )


def _extended(draft: Draft) -> frozenset[str]:
    """The chosen profile and all that it extends."""
    found: set[str] = set()
    waiting = [draft.config.profile]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            profile = draft.config.settings.profiles.get(name)
            waiting += profile.extends if profile else ()
    return frozenset(found)


def _with_dependencies(draft: Draft, members: frozenset[str]) -> frozenset[str]:
    """What is asked for, what that needs however far down, and what it can use of the profile."""
    found: set[str] = set()
    waiting = [name for name in draft.selection.only if name in draft.known]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for needed, dependency in draft.known[name].depends_on.items():
            target = draft.meant(needed)
            if target and target in draft.known and (dependency.required or target in members):
                waiting.append(target)
    return frozenset(found)


def _reason(draft: Draft, name: str, members: frozenset[str], asked: frozenset[str]) -> str:
    """Why a service is left out; empty for one that is chosen."""
    service = draft.known[name]
    if not service.enabled:
        where = draft.written(f"services.{name}.enabled", -1)
        return "switched off by `enabled: false`" + (f" ({where})" if where else "")
    if service.cells and draft.config.cell not in service.cells:
        return f"only runs with cell {_either(service.cells)}, and this is `{draft.config.cell}`"
    if service.aws and draft.aws not in service.aws:
        return f"only runs with AWS {_either(service.aws)}, and this is `{draft.aws}`"
    if unmet := _unmet(draft, service):
        return unmet
    if name in draft.selection.without:
        return "left out by `--without`"
    if name in asked:
        return ""
    if name in members:
        return "not asked for"
    return f"not in profile `{draft.config.profile}`; it comes with {_either(service.profiles)}"


def _unmet(draft: Draft, service: Service) -> str:
    """The first of the variables that is not as the service wants it; empty when all are."""
    for variable, wanted in service.only_if.items():
        found = draft.surroundings.environ.get(variable, "")
        if found != wanted:
            return f"only runs with {variable} {f'`{wanted}`' if wanted else 'unset'}"
    return ""


def _either(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _misnamed(draft: Draft) -> Iterator[Problem]:
    chosen = draft.selection
    asked = (
        (None, chosen.only),
        ("--without", chosen.without),
        ("--source", tuple(chosen.sources)),
        ("--external", tuple(chosen.external)),
        ("--debug", tuple(chosen.debug)),
    )
    for flag, names in asked:
        for name in names:
            if name not in draft.known:
                place = Place(flag) if flag else None
                yield Problem("no-such-service", f"there is no service `{name}`", nearest(name, draft.known), place)


def asked_in_vain(draft: Draft, reasons: Mapping[str, str]) -> Iterator[Problem]:
    """Where a service is named by the caller, and left out for one of these reasons."""
    chosen = draft.selection
    for name in dict.fromkeys((*chosen.only, *chosen.external, *chosen.debug)):
        if reason := reasons.get(name):
            yield Problem("asked-but-left-out", f"`{name}` is asked for, and {reason}", "Ask for one or the other.")


def _unknown_choice(draft: Draft) -> Iterator[Problem]:
    """Names of profile and cell: unknown where any are known, for a project may do without both."""
    settings = draft.config.settings
    profiles = {*settings.profiles, *(name for service in draft.known.values() for name in service.profiles)}
    for kind, name, known in (
        ("profile", draft.config.profile, profiles),
        ("cell", draft.config.cell, settings.cells),
    ):
        if known and name and name not in known:
            place, hint = draft.place(kind), nearest(name, known)
            if place == RUNNING:
                hint += f" The running stack has it and no other was named: `--{kind} NAME` takes one."
            yield Problem(f"unknown-{kind}", f"there is no {kind} `{name}`", hint, place)
