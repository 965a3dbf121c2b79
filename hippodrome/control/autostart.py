"""Installing what starts an instance at boot: one file, and its being enabled."""

import getpass
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.files import write_atomically
from hippodrome.targets import autostart
from hippodrome.targets.autostart import Autostart

LINGER = Path("/var/lib/systemd/linger")
ANSWER_S = 20.0
PUBLIC = 0o644  # the modes of units; they hold no secrets


@dataclass(frozen=True)
class Service:
    """Where an instance's file is, or would be. `manager` is what reads it."""

    manager: str  # `systemd` or `launchd`
    name: str
    path: Path

    @property
    def link(self) -> Path:
        """What `systemctl enable` makes."""
        return self.path.parent / "default.target.wants" / self.name

    @property
    def is_installed(self) -> bool:
        """Whether there is one that hd wrote."""
        return self.path.is_file() and autostart.is_ours(self.path.read_bytes())

    @property
    def files(self) -> tuple[Path, ...]:
        """All that is there of it."""
        return tuple(path for path in (self.link, self.path) if path.is_symlink() or path.exists())

    @property
    def is_enabled(self) -> bool:
        return self.is_installed and (self.manager == "launchd" or self.link.is_symlink())


def service_of(identity: str, environ: Mapping[str, str]) -> Service:
    """Of an instance, on this system."""
    home = Path(environ.get("HOME") or Path.home())
    named = Autostart(identity=identity, directory="", start=(), stop=(), environment={})
    if sys.platform == "darwin":
        return Service("launchd", named.label, home / "Library" / "LaunchAgents" / f"{named.label}.plist")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    return Service("systemd", named.unit, config / "systemd" / "user" / named.unit)


def rendered(service: Service, wanted: Autostart) -> bytes:
    """The file's content. Raises UserError for a path that a plist cannot hold."""
    try:
        return autostart.plist(wanted) if service.manager == "launchd" else autostart.unit(wanted).encode()
    except ValueError as error:
        problem = Problem(
            "unnameable-path", f"a plist cannot hold {wanted.directory!r}: {error}", "Move the project."
        )
        raise UserError(problem, exit_code=ExitCode.FAILED) from error


def install(service: Service, content: bytes) -> tuple[str, ...]:
    """Writes it and has it enabled. Returns what a person should know. Raises UserError (CONFLICT): not ours."""
    refuse_foreign(service)
    service.path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(service.path, content.decode(), PUBLIC)
    if service.manager == "launchd":
        return ("It starts with your next login.",)
    told = _ask("daemon-reload") or _ask("enable", service.name)
    if told:
        return (
            f"systemd cannot be asked here ({told}), so it is not enabled yet.",
            f"Where it runs: systemctl --user daemon-reload && systemctl --user enable {service.name}",
            *_lingering(),
        )
    return (f"Enabled. `systemctl --user start {service.name}` starts it now.", *_lingering())


def uninstall(service: Service) -> tuple[Path, ...]:
    """Removes what was installed, and nothing else. Returns that. Raises UserError (CONFLICT): not ours."""
    refuse_foreign(service)
    if not (before := service.files):
        return ()
    if service.manager == "systemd":
        _ask("disable", service.name)
        if service.link.is_symlink():  # where systemd could not be asked
            service.link.unlink()
    service.path.unlink(missing_ok=True)
    if service.manager == "systemd":
        _ask("daemon-reload")
    return before


def refuse_foreign(service: Service) -> None:
    """Raises UserError (CONFLICT) where something else has the file's name."""
    if service.path.is_symlink() or (service.path.exists() and not service.is_installed):
        what = f"{service.path} was not written by hd"
        problem = Problem("foreign-unit", what, "Look at it, and remove or rename it.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT)


def _ask(*words: str) -> str:
    """Why systemd could not do it; empty when it has."""
    try:
        done = subprocess.run(
            ["systemctl", "--user", *words],
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        return "there is no systemctl"
    except (OSError, subprocess.SubprocessError) as error:
        return f"systemctl: {error}"
    said = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (said[-1] if said else f"systemctl exited with {done.returncode}")


def _lingering() -> tuple[str, ...]:
    """What is missing for a start at boot, and not first at login."""
    user = getpass.getuser()
    if (LINGER / user).exists():
        return ()
    return (f"It starts at your login. For a start at boot, before anybody logs in: loginctl enable-linger {user}",)


def installed(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """All files of this user that hd wrote, of any instance."""
    any_one = service_of("*", environ)
    found = (
        Service(any_one.manager, path.name, path) for path in sorted(any_one.path.parent.glob(any_one.path.name))
    )
    return tuple(each.path for each in found if each.is_installed)


def own_command() -> tuple[str, ...]:
    """How this `hd` is called from anywhere, by absolute paths."""
    from hippodrome.resources import PACKAGE_ROOT, is_checkout

    script = PACKAGE_ROOT / "hd" if is_checkout() else Path(sys.executable).parent / "hd"
    if os.access(script, os.X_OK):
        return (str(script),)
    return (sys.executable, "-I", "-m", "hippodrome.cli")
