"""Where each service's code comes from: the first candidate that is there, or the one that is named."""

from collections.abc import Iterator
from dataclasses import replace

from hippodrome.config.model import Service, Source
from hippodrome.errors import Place, Problem
from hippodrome.plan import external
from hippodrome.plan.draft import Draft, Sourced
from hippodrome.plan.model import Origin

FLAG = Place("--source")
OWN = -1  # in place of a candidate's index: the service's own keys


def resolve_sources(draft: Draft) -> Draft:
    """`sourced` is settled for every service that has a source and a command."""
    sourced: dict[str, Sourced] = {}
    problems: list[Problem] = []
    notices: list[str] = []
    for name, service in draft.services.items():
        found = _sourced(draft, name, service)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        sourced[name] = found
        notices += _passed_over(draft, name, service, found)
    draft = replace(draft, sourced=sourced, notices=(*draft.notices, *notices))
    return draft.reported(problems, draft.services.keys() - sourced.keys())


def _sourced(draft: Draft, name: str, service: Service) -> Sourced | Problem:
    if name in draft.selection.external:
        return external.sourced(draft, name)
    if (chosen := draft.selection.sources.get(name)) is not None:
        found = _reference(draft, name, service) if chosen == "reference" else _named(draft, name, service, chosen)
    elif service.sources:
        found = _first_there(draft, name, service)
    else:
        found = _plain(draft, name, service)
    if isinstance(found, Sourced) and not found.command:
        return _nothing_to_run(draft, name, chosen)
    return found


def _nothing_to_run(draft: Draft, name: str, chosen: str | None) -> Problem:
    """`chosen`: the folder that the command line names, which may be all that is wrong."""
    if chosen is None:
        hint = f"Give `services.{name}` a `command`, or a `source` that has one."
        return Problem("no-command", f"`{name}` has nothing to run", hint, draft.place(f"services.{name}"))
    hint = f"Give it one below `services: {{{name}: {{sources: [{{path: {chosen}, command: […]}}]}}}}`."
    what = f"`{name}` cannot run from `{chosen}`: it has no command for a folder"
    return Problem("no-such-source", what, hint, FLAG)


def _plain(draft: Draft, name: str, service: Service) -> Sourced:
    """A service that is declared with a command alone."""
    return Sourced(
        origin=Origin("command", draft.surroundings.project_root, "command"),
        command=service.command or (),
        at=f"services.{name}",
        working_dir=service.working_dir,
        setup=service.setup,
        watch=service.develop.watch,
    )


def _reference(draft: Draft, name: str, service: Service) -> Sourced | Problem:
    for index, source in enumerate(service.sources):
        if source.reference:
            return _from(draft, name, index)
    hint = f"Name a folder: `--source {name}=PATH`."
    return Problem("no-such-source", f"`{name}` has no reference implementation", hint, FLAG)


def _named(draft: Draft, name: str, service: Service, path: str) -> Sourced | Problem:
    """The folder that the command line names, run as the candidate that fits it is."""
    folder = draft.surroundings.absolute(path)
    candidates = [index for index, source in enumerate(service.sources) if source.path is not None] or [OWN]
    lacks = {index: _missing(draft, folder, _candidate(service, index)) for index in candidates}
    fitting = next((index for index, lack in lacks.items() if lack == ""), None)
    if fitting is not None:
        return _from(draft, name, fitting, folder)
    why = next(filter(None, lacks.values()), "is not a folder")
    hint = "Name the folder of its checkout, relative to the project root or absolute."
    return Problem("no-such-source", f"`{name}` cannot run from `{path}`: it {why}", hint, FLAG)


def _candidate(service: Service, index: int) -> Source:
    return Source() if index == OWN else service.sources[index]


def _missing(draft: Draft, folder: str, source: Source) -> str | None:
    """Empty when `folder` can be this source, else what it lacks; None when it is no folder."""
    found = draft.surroundings.folders.get(folder)
    if found is None or not found.is_folder:
        return None
    return f"has no `{source.marker}`" if source.marker and source.marker not in found.files else ""


def _first_there(draft: Draft, name: str, service: Service) -> Sourced | Problem:
    for index, source in enumerate(service.sources):
        if _missing(draft, _folder(draft, source), source) == "":
            return _from(draft, name, index)
    looked = " and ".join(f"`{source.path or source.reference}`" for source in service.sources)
    hint = (
        f"Check it out there, name another folder with `--source {name}=PATH`, or leave it out: `--without {name}`."
    )
    place = draft.place(f"services.{name}.sources")
    return Problem("no-source", f"no source of `{name}` is there: looked for {looked}", hint, place)


def _folder(draft: Draft, source: Source) -> str:
    if source.reference:
        return draft.surroundings.references.get(source.reference, "")
    return draft.surroundings.absolute(source.path or "")


def _from(draft: Draft, name: str, index: int, folder: str | None = None) -> Sourced:
    """The candidate, in its own folder or the one named."""
    service = draft.services[name]
    source = _candidate(service, index)
    folder = folder or _folder(draft, source)
    shown = "reference" if source.reference else draft.surroundings.shown(folder)
    below = None if source.working_dir is None else draft.surroundings.absolute(source.working_dir, folder)
    return Sourced(
        origin=Origin("reference" if source.reference else "path", folder, shown),
        command=source.command or service.command or (),
        at=f"services.{name}" if index == OWN else f"services.{name}.sources.{index}",
        working_dir=below or service.working_dir,
        environment=source.environment,
        setup=source.setup or service.setup,
        watch=(source.develop or service.develop).watch,
    )


def _passed_over(draft: Draft, name: str, service: Service, taken: Sourced) -> Iterator[str]:
    """What a person would wonder about: a checkout that is there and was not run, and why."""
    if name in draft.selection.sources:
        return
    for source in service.sources:
        folder = _folder(draft, source)
        if folder == taken.origin.folder:
            return
        if lack := _missing(draft, folder, source):
            yield f"{name}: {draft.surroundings.shown(folder)} is there but {lack}, so {taken.origin.shown} runs"
        elif (found := draft.surroundings.folders.get(folder)) and found.is_there and not found.is_folder:
            yield f"{name}: {draft.surroundings.shown(folder)} is no folder, so {taken.origin.shown} runs"
