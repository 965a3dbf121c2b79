"""A stack for one run of the suites: beside whatever runs already, on ports that the system hands out."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.listeners import reserve
from hippodrome.plan.model import Plan
from hippodrome.resources import PACKAGE_ROOT
from hippodrome.rundir import locate, read_plan

HD = (sys.executable, "-I", str(PACKAGE_ROOT / "hippodrome" / "cli" / "__main__.py"))


@dataclass(frozen=True)
class OwnStack:
    """Its files are below `folder`; `environ` is what commands need to find it."""

    folder: Path
    project_root: Path
    environ: Mapping[str, str]

    @property
    def logs(self) -> Path:
        return locate(self.project_root, self.environ).layout.logs

    @property
    def plan(self) -> Plan:
        """Raises UserError when the stack did not come so far."""
        plan = read_plan(locate(self.project_root, self.environ).layout)
        if plan is None:
            raise UserError(_failed("has no plan"), exit_code=ExitCode.FAILED)
        return plan

    def hd(self, *arguments: str) -> int:
        """The exit status of a command on this stack; its output goes where ours does."""
        return subprocess.run([*HD, *arguments], cwd=self.project_root, env=self.environ, check=False).returncode


@contextmanager
def own_stack(project_root: Path, profile: str, services: Iterable[str]) -> Iterator[OwnStack]:
    """Healthy inside; stopped afterwards. Its folder goes, unless what is inside raises: then the logs are kept.

    `services`: those that get a port of their own. Raises UserError when it does not become healthy.
    """
    folder = Path(tempfile.mkdtemp(prefix="hd-e2e-"))
    with kept_ports(services) as ports:
        variables = {f"HIPPODROME_SERVICES__{_spelled(name)}__PORT": str(port) for name, port in ports.items()}
        places = {"XDG_STATE_HOME": str(folder), "HIPPODROME_REGISTRY": str(folder / "registry")}
        made = OwnStack(folder, project_root, {**os.environ, **variables, **places})
        try:
            if made.hd("up", "-d", "--profile", profile):
                raise UserError(
                    _failed(f"did not become healthy; its logs are in {made.logs}"), exit_code=ExitCode.FAILED
                )
            yield made
        finally:
            made.hd("down")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept_ports(names: Iterable[str]) -> Iterator[dict[str, int]]:
    """A port for each, which inside nobody else is given."""
    with ExitStack() as held:
        sockets = {name: held.enter_context(reserve()) for name in names}
        yield {name: each.getsockname()[1] for name, each in sockets.items()}


def _spelled(name: str) -> str:
    return name.upper().replace("-", "_")


def _failed(what: str) -> Problem:
    return Problem(
        "no-own-stack", f"the stack for the suites {what}", "`hd up --profile ecom` shows it as it starts."
    )
