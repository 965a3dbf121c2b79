"""The spellings that compose allows for one thing, brought to one form before layers are merged."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from hippodrome.config.reader import Tagged

Report = Callable[[str, str, str], None]  # path of the value, what is wrong, hint
PORT = re.compile(r"[0-9]{1,5}\Z")
TEST_KINDS = ("NONE", "CMD", "CMD-SHELL")

# Keys of compose that mean nothing without containers. They are read over, with a warning.
CONTAINER_KEYS = {
    "Settings": frozenset({"version", "name", "networks", "volumes", "configs", "secrets"}),
    "Service": frozenset(
        """
        annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent configs container_name cpu_count
        cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec deploy
        device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint expose external_links extra_hosts
        gpus group_add hostname image init ipc isolation label_file labels mac_address mem_limit
        mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid
        pids_limit platform post_start pre_stop privileged provider pull_policy read_only runtime scale security_opt
        shm_size stdin_open storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes
        volumes_from
        """.split()
    ),
    "Dependency": frozenset({"restart"}),
    "EnvFile": frozenset({"format"}),
    "Watch": frozenset({"target", "include", "initial_sync", "exec"}),
}


def environment(value: Any, path: str, report: Report) -> Any:
    """A list of `NAME=value` or `NAME` as a mapping; a name alone takes the caller's value."""
    if isinstance(value, list):
        items = [_variable_item(each, f"{path}.{index}", report) for index, each in enumerate(value)]
        pairs = (item.partition("=") for item in items if item)
        value = {name: text if equals else None for name, equals, text in pairs}
    if not isinstance(value, dict):
        report(path, "must be a mapping of variables", "Write `NAME: value`, or a list of `NAME=value`.")
        return {}
    return {str(name): variable(text, f"{path}.{name}", report) for name, text in value.items()}


def _variable_item(value: Any, path: str, report: Report) -> str:
    """Empty for what is no variable."""
    if isinstance(value, str) and value and not value.startswith("="):
        return value
    report(path, "must be `NAME=value` or `NAME`", "Write `- NAME=value`; with a colon it is a mapping: no `- `.")
    return ""


def variable(value: Any, path: str, report: Report) -> Any:
    """The text of one variable, or the mark that takes it away."""
    if value is None or isinstance(value, str | Tagged):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    secret = "; a secret of a service is `{secret: {command: …}}`" if isinstance(value, dict) else ""
    report(path, "must be text", f"Quote it, or write it as JSON in quotes{secret}.")
    return ""


def depends_on(value: Any, path: str, report: Report) -> Any:
    """A list of names as a mapping without conditions."""
    if isinstance(value, list):
        hint = "Conditions need a mapping: `{api: {condition: service_healthy}}`."
        for index in (index for index, name in enumerate(value) if not isinstance(name, str)):
            report(f"{path}.{index}", "must be the name of a service", hint)
        return {name: {} for name in value if isinstance(name, str)}
    if not isinstance(value, dict):
        report(path, "must name services", "Write `[api]`, or `{api: {condition: service_healthy}}`.")
        return {}
    return {name: {} if each is None else each for name, each in value.items()}


def ports(value: Any, path: str, report: Report) -> Any:
    """compose's list as a mapping: nothing is mapped without a container, so its own side counts."""
    if isinstance(value, list):
        numbers = (_port(each, f"{path}.{index}", report) for index, each in enumerate(value))
        return {f"p{number}": number for number in numbers if number}
    if isinstance(value, dict):
        return value
    report(path, "must be a list of ports, or a mapping of names to ports", "Write `[8000]`, or `{admin: 8001}`.")
    return {}


def port_number(value: Any) -> int | None:
    """From 1 to 65535, also where it is quoted; None for anything else."""
    number = int(value) if isinstance(value, str) and PORT.match(value) else value
    return number if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 65535 else None


def _port(value: Any, path: str, report: Report) -> int | None:
    if isinstance(value, dict):
        value = value.get("target")
    own = value.partition("/")[0].rpartition(":")[2] if isinstance(value, str) else value
    if (number := port_number(own)) is None:
        said = f", and is `{value}`" if isinstance(value, str | int) and not isinstance(value, bool) else ""
        report(path, f"must be a port{said}", 'Write `8000` or `"8080:8000"`; ranges cannot be had here.')
    return number


def test(value: Any, path: str, report: Report) -> Any:
    """A string is a line of shell, as in compose."""
    if isinstance(value, str):
        return ["CMD-SHELL", value]
    hint = 'Write `["CMD", "pg_isready"]`, or one string for a shell.'
    if not isinstance(value, list) or not value or value[0] not in TEST_KINDS:
        report(path, "must begin with CMD, CMD-SHELL or NONE", hint)
        return ["CMD", "true"]
    if value[0] != "NONE" and len(value) == 1:
        report(path, f"has nothing after {value[0]}", hint)
        return ["CMD", "true"]
    return value


def env_file(value: Any, path: str, report: Report) -> Any:
    """One name, a list of names, or compose's `{path: …}` entries."""
    items = value if isinstance(value, list) else [value]
    return [{"path": item} if isinstance(item, str) else item for item in items]


def secrets(value: Any, path: str, report: Report) -> Any:
    """Each in the form of `secret`."""
    if not isinstance(value, dict):
        return value
    return {name: secret(each, f"{path}.{name}", report) for name, each in value.items()}


def secrets_among(environment: Any) -> dict[str, Any]:
    """Variables of `environment` that are `{secret: …}`: what is said of them, in the form of `secret`."""
    pairs = environment.items() if isinstance(environment, dict) else ()
    return {str(n): each["secret"] for n, each in pairs if isinstance(each, dict) and each.keys() == {"secret"}}


def secret(value: Any, path: str, report: Report) -> Any:
    """`{command: …}`, `{env: NAME}` and `{file: PATH}` as the command that prints it."""
    if not isinstance(value, dict):
        return value
    (how, said), *more = value.items() or [("", None)]
    if how == "command" and not more:
        return said
    if how == "env" and isinstance(said, str) and said and not more:
        return ["printenv", said]
    if how == "file" and isinstance(said, str) and said and not more:
        return ["cat", "--", f"${{env.HOME}}{said[1:]}" if said.startswith("~/") else said]
    report(path, "must say in one way where its value is", "Write `command: …`, `env: NAME`, or `file: PATH`.")
    return ["false"]


FORMS: Mapping[tuple[str, str], Callable[[Any, str, Report], Any]] = {
    ("Service", "environment"): environment,
    ("Source", "environment"): environment,
    ("Service", "gives"): environment,
    ("Service", "only_if"): environment,
    ("Service", "secrets"): secrets,
    ("Cell", "api_key"): secret,
    ("Service", "depends_on"): depends_on,
    ("Service", "ports"): ports,
    ("Service", "env_file"): env_file,
    ("HealthCheck", "test"): test,
}
