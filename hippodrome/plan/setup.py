"""What must be made before a service can start, and what of it comes first on the service's PATH."""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePath

from hippodrome.config.model import Setup
from hippodrome.errors import Problem
from hippodrome.plan.draft import Draft, Sourced
from hippodrome.plan.model import SetupStep
from hippodrome.plan.node import FETCHED_VERSION

SCRIPT_PATH = re.compile(r"[\w@%+=:,./-]{1,100}")  # what the first line of a script can have as it is


def settle_setup(draft: Draft) -> Draft:
    """`setup` is settled; a checkout without the files that its set-up is made from is broken."""
    problems: dict[str, list[Problem]] = {}
    setup: dict[str, tuple[SetupStep, ...]] = {}
    for name, sourced in draft.sourced.items():
        if lacking := list(_lacking(draft, name, sourced)):
            problems[name] = lacking
        else:
            setup[name] = tuple(_steps(draft, name, sourced))
    return replace(draft, setup=setup).reported((each for found in problems.values() for each in found), problems)


def folders_first_on_path(steps: tuple[SetupStep, ...]) -> tuple[str, ...]:
    """`bin` folders of what was made, the most particular first."""
    rank = {"venv": 0, "npm": 1, "node": 2}
    folders = {"venv": "bin", "npm": ".bin", "node": "bin"}
    made = sorted((step for step in steps if step.kind in rank), key=lambda step: rank[step.kind])
    return tuple(f"{step.product}/{folders[step.kind]}" for step in made)


def _lacking(draft: Draft, name: str, sourced: Sourced) -> Iterator[Problem]:
    for index, step in enumerate(sourced.setup):
        inputs = draft.surroundings.inputs.get((sourced.origin.folder, step))
        for missing in inputs.missing if inputs else ():
            where = draft.surroundings.shown(sourced.origin.folder)
            what = f"`{name}` is set up from `{missing}`, which {where} does not have"
            hint = "Is the checkout complete, and on the right branch? `--source` names another one."
            yield Problem("broken-source", what, hint, draft.place(f"{sourced.at}.setup.{index}"))


def _steps(draft: Draft, name: str, sourced: Sourced) -> Iterator[SetupStep]:
    folder, is_shared = sourced.origin.folder, sourced.origin.kind == "reference"
    looked = [(index, step, draft.surroundings.inputs[folder, step]) for index, step in enumerate(sourced.setup)]
    needed = [(index, step, inputs) for index, step, inputs in looked if not inputs.is_needless]
    if any(step.npm is not None for _, step, _ in needed) and draft.surroundings.node is None:
        product = str(draft.surroundings.cache.node(FETCHED_VERSION))
        yield SetupStep("node", folder, (), FETCHED_VERSION, product, is_shared=True)
    for index, step, inputs in needed:
        kind, made = _kind(step), SetupStep("command", folder, inputs.files, "", "", is_shared, step.run or ())
        is_cloned = inputs.is_portable and not is_shared
        key = _key(draft, kind, inputs.digest, step)
        if kind == "venv":
            product = str(draft.surroundings.cache.venv(key)) if is_shared else f"{folder}/.venv"
            is_cloned &= SCRIPT_PATH.fullmatch(product) is not None
            yield replace(made, kind="venv", key=key, product=product, is_cloned=is_cloned)
        elif kind == "npm":
            product = str(PurePath(folder, step.npm or ".", "node_modules"))
            yield replace(made, kind="npm", key=key, product=product, is_cloned=is_cloned or is_shared)
        else:
            product = f"{draft.surroundings.run_dir}/setup/{name}-{index}"
            yield replace(made, key=key, product=product, is_shared=False)


def _kind(step: Setup) -> str:
    return "venv" if step.venv is not None else "npm" if step.npm is not None else "command"


def _key(draft: Draft, kind: str, digest: str, step: Setup) -> str:
    """Hash of all that the product depends on; checkouts with equal keys may share it."""
    node = draft.surroundings.node.major if draft.surroundings.node else FETCHED_VERSION.split(".")[0]
    bound_to = {"venv": draft.surroundings.python_tag, "npm": f"node{node}-{draft.surroundings.python_tag}"}
    told = "\0".join((kind, digest, bound_to.get(kind, ""), *(step.run or ())))
    return sha256(told.encode()).hexdigest()[:16]
