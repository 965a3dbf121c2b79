"""The environment of set-up's tools, and of those that print secrets: the stated base, and what configures them."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hippodrome.plan.base import base_environment
from hippodrome.plan.model import Program
from hippodrome.plan.withheld import said

# docs/security.md has the same lists
BEGINNINGS = ("PIP_", "UV_", "NPM_CONFIG_", "npm_config_", "YARN_", "PNPM_", "GIT_", "XDG_", "CARGO_", "PLAYWRIGHT_")
NAMES = {
    *("SSH_AUTH_SOCK", "NETRC", "NPM_TOKEN", "NODE_AUTH_TOKEN", "NODE_OPTIONS", "CI", "TERM", "NO_COLOR"),
    *("CC", "CXX", "CPP", "AR", "LD", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "PKG_CONFIG_PATH"),
    *(
        "C_INCLUDE_PATH",
        "CPLUS_INCLUDE_PATH",
        "LIBRARY_PATH",
        "LD_LIBRARY_PATH",
        "SDKROOT",
        "RUSTUP_HOME",
        "JAVA_HOME",
    ),
}
# of password managers and vaults, in which they find their session, their store and who is at the terminal
MANAGERS = (
    *("OP_", "BW_", "BWS_", "LPASS_", "KEEPER_", "PASSWORD_STORE_", "GOPASS_", "GNUPG", "GPG_", "PINENTRY_", "SOPS_"),
    *("VAULT_", "DOPPLER_", "INFISICAL_", "CONSUL_", "AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "KUBE"),
    *("XDG_", "DBUS_", "SSH_AUTH_", "DISPLAY", "WAYLAND_", "XAUTHORITY", "TERM"),
)
NOT_OF_SERVICE = frozenset({"PATH", "PYTHONPATH"})  # lead to what set-up makes, and to what the service runs on


def tool_environment(environ: Mapping[str, str], declared: Mapping[str, str], path: str = "") -> dict[str, str]:
    """`path` comes first on PATH."""
    configured = {n: value for n, value in environ.items() if n in NAMES or n.startswith(BEGINNINGS)}
    found = {**base_environment(environ, with_aws=False), **configured, **declared}
    return {**found, "PATH": f"{path}:{found['PATH']}"} if path else found


def manager_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Of a command that prints a secret."""
    of_managers = {name: value for name, value in environ.items() if name.startswith(MANAGERS)}
    return {**base_environment(environ, with_aws=True), **of_managers}


def declared_for(program: Program, kind: str) -> dict[str, str]:
    """What a service's set-up has of its environment: all for a command of its own.

    `pip` and `npm` have only its secrets, for an index's or a registry's: other variables, as NODE_ENV, change what
    is made, which others share. A secret that needs a command is not read for it.
    """
    plain = program.environment if kind == "command" else {}
    found = {name: value for name, value in plain.items() if name not in NOT_OF_SERVICE}
    for name, argv in program.secrets.items():
        with suppress(LookupError, OSError, UnicodeError):  # it is told when secrets are read
            if (value := said(argv, os.environ, lambda file: Path(file).read_text(encoding="utf-8"))) is not None:
                found[name] = value
    return found
