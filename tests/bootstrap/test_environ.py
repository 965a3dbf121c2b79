"""What set-up's tools have of the caller's environment."""

import pytest

from hippodrome.bootstrap.environ import declared_for, tool_environment
from tests.control.plans import program

CALLER = {
    "PATH": "/bin",
    "HOME": "/home/ada",
    "PIP_INDEX_URL": "http://index",
    "npm_config_registry": "http://registry",
    "SSH_AUTH_SOCK": "/run/agent",
    "PLANTED": "x",
    "OTHER_TOKEN": "x",
}


def test_a_tool_has_the_base_its_own_settings_and_what_is_declared() -> None:
    found = tool_environment(CALLER, {"REGISTRY_TOKEN": "hush"}, "/node/bin")
    assert found.keys() == {*CALLER, "REGISTRY_TOKEN"} - {"PLANTED", "OTHER_TOKEN"}
    assert (found["PATH"], found["REGISTRY_TOKEN"]) == ("/node/bin:/bin", "hush")


def test_a_command_has_what_its_service_declares_and_what_is_shared_only_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A_TOKEN", "hush")
    secrets = {"A_TOKEN": ("printenv", "A_TOKEN"), "GONE": ("printenv", "NO_SUCH_NAME"), "ASKED": ("pass", "x")}
    api = program("api", environment={"NODE_ENV": "production", "PATH": "/venv/bin"}, secrets=secrets)
    assert declared_for(api, "npm") == {"A_TOKEN": "hush"}
    assert declared_for(api, "command") == {"A_TOKEN": "hush", "NODE_ENV": "production"}
