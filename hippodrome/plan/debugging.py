"""Services that run under a debugger: debugpy for Python, the inspector for Node."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePath

from hippodrome.errors import Place, Problem
from hippodrome.plan.debugger import debugger_of
from hippodrome.plan.draft import Draft
from hippodrome.plan.model import Program, SetupStep

FLAG = Place("--debug")
HOST = "127.0.0.1"
DEBUGPY = "debugpy==1.8.22"  # as in bootstrap/debugpy.txt, from which it is made
WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})  # options of Python that take the next word


def attach_debuggers(draft: Draft) -> Draft:
    """`programs` that are to be debugged listen for a debugger, each with a line for the editor among `notices`."""
    programs, problems, notices = dict(draft.programs), [], []
    for name, port in draft.selection.debug.items():
        if (program := programs.get(name)) is None:
            continue
        found = _debugged(draft, program, port)
        if found is None:
            problems.append(_cannot(program))
            continue
        programs[name] = found
        notices.append(f"{name} is debugged: {editor_line(found)}")
    return replace(draft, programs=programs, notices=(*draft.notices, *notices)).reported(problems)


def editor_line(program: Program) -> str:
    """What to give VS Code; a browser finds Node's by itself."""
    address = debugger_of(program)
    host, _, port = address.rpartition(":")
    about: dict[str, object] = {"name": program.name, "request": "attach"}
    if "--listen" in program.argv:
        line = json.dumps({**about, "type": "debugpy", "connect": {"host": host, "port": int(port)}})
        return f"debugpy listens on {address}; launch.json: {line}"
    line = json.dumps({**about, "type": "node", "address": host, "port": int(port)})
    return f"its inspector listens on {address}; chrome://inspect, or launch.json: {line}"


def _debugged(draft: Draft, program: Program, port: int) -> Program | None:
    """None where it is not known how."""
    name = PurePath(program.argv[0]).name
    if program.is_external:
        return None
    if name == "node":
        return replace(program, argv=(program.argv[0], f"--inspect={HOST}:{port}", *program.argv[1:]))
    if name.startswith("python"):
        return _under_debugpy(draft, program, program.argv, port)
    kinds = {step.kind: step.product for step in program.setup}
    if (venv := kinds.get("venv")) and program.argv[0] in (name, f"{venv}/bin/{name}"):  # a script of Python's
        return _under_debugpy(draft, program, (f"{venv}/bin/python", f"{venv}/bin/{name}", *program.argv[1:]), port)
    if "npm" in kinds and name not in ("npm", "npx"):  # these would take the port themselves
        return replace(program, environment=_inspected(program.environment, port))
    return None


def _under_debugpy(draft: Draft, program: Program, argv: tuple[str, ...], port: int) -> Program | None:
    options, target = _parted(argv[1:])
    if not target or target[0] == "-":
        return None
    step = _set_up(draft)
    version = draft.surroundings.python_tag.split("-")[1]  # of the Python that makes the venv
    package = f"{step.product}/lib/python{version[0]}.{version[1:]}/site-packages/debugpy"
    listen = ("-Xfrozen_modules=off", package, "--listen", f"{HOST}:{port}")
    return replace(program, argv=(argv[0], *options, *listen, *target), setup=(*program.setup, step))


def _parted(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options of the interpreter, and what it is to run: `-m MODULE …`, `-c CODE …` or a script."""
    options: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if found := re.fullmatch(r"-([a-zA-Z]*?)([mc])(.*)", word, re.DOTALL):
            flags, kind, attached = found.groups()
            options += [f"-{flags}"] if flags else []
            return tuple(options), (f"-{kind}", *([attached] if attached else []), *rest)
        options.append(word)
        if word in WITH_VALUE and rest:
            options.append(rest.pop(0))
    return tuple(options), tuple(rest)


def _set_up(draft: Draft) -> SetupStep:
    here = draft.surroundings
    key = sha256(f"{DEBUGPY}\0{here.python_tag}".encode()).hexdigest()[:16]
    folder = f"{here.package_root}/hippodrome/bootstrap"
    return SetupStep("venv", folder, ("debugpy.txt",), key, str(here.cache.venv(key)), is_shared=True)


def _inspected(environment: Mapping[str, str], port: int) -> dict[str, str]:
    given = environment.get("NODE_OPTIONS", "")
    return dict(sorted({**environment, "NODE_OPTIONS": f"{given} --inspect={HOST}:{port}".strip()}.items()))


def _cannot(program: Program) -> Problem:
    what = f"it is not known how `{program.name}` is debugged: it runs `{program.argv[0]}`"
    if program.is_external:
        what = f"`{program.name}` runs elsewhere, and is debugged there"
    hint = "Python and Node can be: let its `command` begin with `python` or `node`, without a shell."
    return Problem("cannot-debug", what, hint, FLAG)
