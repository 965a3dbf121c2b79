"""What a service's command becomes under a debugger, and what an external one's program is."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hippodrome.config.model import Dependency, HealthCheck, Regex, Setup
from hippodrome.plan import debugging
from hippodrome.plan.choose import Selection
from hippodrome.plan.debugger import debugger_of
from hippodrome.plan.look import Inputs
from hippodrome.plan.model import Plan, Program
from tests.plan.building import HOME, ROOT, compiled, config, problems, service

KEY = sha256(f"{debugging.DEBUGPY}\0{HOME.python_tag}".encode()).hexdigest()[:16]
DEBUGPY = f"/home/ada/.cache/hippodrome/venvs/{KEY}/lib/python3.11/site-packages/debugpy"
UNDER = ("-Xfrozen_modules=off", DEBUGPY, "--listen", "127.0.0.1:5678")
SETUPS = {"venv": Setup(venv="requirements.txt"), "npm": Setup(npm=".")}


def debugged(*words: str, setup: str = "", **keys: Any) -> Program:
    steps = (SETUPS[setup],) if setup else ()
    here = replace(HOME, inputs={(ROOT, step): Inputs(("requirements.txt",), "abc") for step in steps})
    made = config({"api": service(command=words, setup=steps, **keys)})
    return compiled(made, Selection(debug={"api": 5678}), here).program("api")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("python -m app --port 1", ("python", *UNDER, "-m", "app", "--port", "1")),
        ("python serve.py -m x", ("python", *UNDER, "serve.py", "-m", "x")),
        ("/usr/bin/python3.12 -u -W error -m app", ("/usr/bin/python3.12", "-u", "-W", "error", *UNDER, "-m", "app")),
        ("python -X dev -Ium app", ("python", "-X", "dev", "-Iu", *UNDER, "-m", "app")),
        ("python -mapp x", ("python", *UNDER, "-m", "app", "x")),
        ("python -c pass", ("python", *UNDER, "-c", "pass")),
        ("node --watch server.js", ("node", "--inspect=127.0.0.1:5678", "--watch", "server.js")),
    ],
)
def test_a_command_is_run_by_the_debugger_of_its_language(words: str, found: tuple[str, ...]) -> None:
    program = debugged(*words.split())
    assert program.argv == found
    assert debugger_of(program) == "127.0.0.1:5678"


def test_a_script_of_a_venv_is_run_by_the_python_of_that() -> None:
    program = debugged("uvicorn", "app:api", setup="venv")
    venv = f"{ROOT}/.venv/bin"
    assert program.argv == (f"{venv}/python", *UNDER, f"{venv}/uvicorn", "app:api")
    assert [step.inputs for step in program.setup] == [("requirements.txt",), ("debugpy.txt",)]
    assert program.environment["PATH"].startswith(f"{venv}:"), "debugpy's own venv is not on it"


def test_what_npm_brought_is_told_by_the_environment() -> None:
    program = debugged("vite", setup="npm", environment={"NODE_OPTIONS": "--no-warnings"})
    assert program.environment["NODE_OPTIONS"] == "--no-warnings --inspect=127.0.0.1:5678"
    assert debugger_of(program) == "127.0.0.1:5678"


@pytest.mark.parametrize("words", [("serve",), ("npm", "start"), ("python",), ("python", "-u"), ("python", "-")])
def test_what_cannot_be_debugged_is_said(words: tuple[str, ...]) -> None:
    found = problems(config({"api": service(command=words)}), Selection(debug={"api": 1}))
    assert [problem.code for problem in found] == ["cannot-debug"]


def test_names_of_services_that_are_not_there_are_mistakes() -> None:
    made = config({"api": service(), "off": service(enabled=False)})
    chosen = Selection(debug={"apj": 1, "off": 2}, external={"apk": "http://localhost:1"})
    assert sorted(problem.code for problem in problems(made, chosen)) == [
        "asked-but-left-out",
        "no-such-service",
        "no-such-service",
    ]


def test_the_line_for_the_editor_is_a_notice() -> None:
    plan = compiled(config({"api": service(command=("python", "a.py"))}), Selection(debug={"api": 5678}))
    assert plan.notices == (
        "api is debugged: debugpy listens on 127.0.0.1:5678; launch.json: "
        '{"name": "api", "request": "attach", "type": "debugpy", "connect": {"host": "127.0.0.1", "port": 5678}}',
    )


def test_debugpy_is_made_from_what_the_key_of_its_folder_says() -> None:
    folder = Path(debugging.__file__).parents[1] / "bootstrap"
    assert (folder / "debugpy.txt").read_text(encoding="utf-8").strip() == debugging.DEBUGPY


# elsewhere

API = service(
    port=8000,
    command=("serve", "${env.NOT_SET:-}"),
    environment={"A": "b"},
    secrets={"TOKEN": ("pass",)},
    depends_on={"db": Dependency()},
    healthcheck=HealthCheck(http="/health"),
    setup=(),
)
WEB = service(
    environment={"API": "${services.api.url} ${services.api.host} ${services.api.port}"},
    depends_on={"api": Dependency()},
)
ALL = config({"db": service(port=5432), "api": API, "web": WEB})


def external(url: str) -> Plan:
    return compiled(ALL, Selection(external={"api": url}))


def test_everything_uses_the_address_of_a_service_that_runs_elsewhere() -> None:
    plan = external("http://10.0.0.7:9999/")
    assert plan.program("web").environment["API"] == "http://10.0.0.7:9999 10.0.0.7 9999"
    api = plan.program("api")
    assert (api.origin.kind, api.origin.shown, api.url) == ("external", "external", "http://10.0.0.7:9999")
    assert (api.argv[0], api.environment, api.secrets, api.depends_on) == ("sleep", {}, {}, ())
    assert api.probe.target == "http://10.0.0.7:9999/health"
    assert [(each.program, each.condition) for each in plan.program("web").depends_on] == [("api", "healthy")]


def test_a_password_in_such_an_address_is_for_those_that_ask_it_alone() -> None:
    plan = external("http://ann:hush@10.0.0.7:9999")
    api = plan.program("api")
    assert plan.program("web").environment["API"].startswith("http://ann:hush@10.0.0.7:9999 ")
    assert (api.url, api.probe.target) == ("http://10.0.0.7:9999", "http://10.0.0.7:9999/health")


@pytest.mark.parametrize(
    ("check", "url", "probe"),
    [
        (HealthCheck(http="/health"), "https://api.example", ("tcp", "api.example:443")),
        (HealthCheck(http="/health"), "http://api.example/v1", ("http", "http://api.example/v1/health")),
        (HealthCheck(test=("CMD", "pg_isready")), "http://localhost:1", ("tcp", "localhost:1")),
        (HealthCheck(log=Regex("ready")), "http://[::1]:1", ("tcp", "[::1]:1")),
        (HealthCheck(disable=True), "http://localhost:1", ("tcp", "localhost:1")),
        (None, "http://localhost:1", ("tcp", "localhost:1")),
    ],
)
def test_its_health_is_found_over_the_network(check: HealthCheck | None, url: str, probe: tuple[str, str]) -> None:
    made = config({"api": replace(API, depends_on={}, healthcheck=check)})
    found = compiled(made, Selection(external={"api": url})).program("api").probe
    assert (found.kind, found.target, found.argv) == (*probe, ())


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", "http://", "http://x:y", "http://x:99999", ""])
def test_what_is_no_address_is_said(url: str) -> None:
    assert [problem.code for problem in problems(ALL, Selection(external={"api": url}))] == ["bad-external"]


def test_it_may_have_the_port_that_the_service_has_here() -> None:
    assert external("http://localhost:8000").program("api").ports == {"main": 8000}
