"""What a service's keys come to."""

from dataclasses import replace
from typing import Any

import pytest

from hippodrome.config.model import Dependency, EnvFile, HealthCheck, Logging, Source, Span
from hippodrome.plan.model import LogLimits, Probe, Program, Restart
from tests.plan.building import HOME, ROOT, RUN, compiled, config, service


def program(**keys: Any) -> Program:
    return compiled(config({"api": service(**keys)})).program("api")


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("port", "8000"),
        ("ports.admin", "8001"),
        ("ports.main", "8000"),
        ("host", "0.0.0.0"),
        ("url", "http://127.0.0.1:8000"),
        ("name", "api"),
        ("project_root", ROOT),
        ("run_dir", RUN),
        ("data_dir", f"{RUN}/data/api"),
        ("source", ROOT),
        ("python", HOME.python),
        ("package", "/opt/hippodrome/hippodrome"),
        ("table_prefix", "dev-main-"),
        ("profile", "core"),
        ("cell", ""),
        ("aws", "moto"),
        ("services.other.url", "http://[::1]:9000"),
        ("services.other.host", "::1"),
        ("services.other.port", "9000"),
        ("services.other.ports.main", "9000"),
        ("env.HOME", "/home/ada"),
        ("env.NONE:-none", "none"),
    ],
)
def test_each_reference_has_its_value(reference: str, value: str) -> None:
    api = service(port=8000, ports={"admin": 8001}, host="0.0.0.0", environment={"A": f"${{{reference}}}"})
    made = config({"api": api, "other": service(port=9000, host="::")})
    assert compiled(made).program("api").environment == {"A": value}


@pytest.mark.parametrize(
    ("check", "probe"),
    [
        (HealthCheck(http="/health"), Probe("http", "http://127.0.0.1:80/health")),
        (HealthCheck(http="health?x=${name}"), Probe("http", "http://127.0.0.1:80/health?x=api")),
        (HealthCheck(http="https://x.example.com/"), Probe("http", "https://x.example.com/")),
        (HealthCheck(tcp="${port}"), Probe("tcp", "127.0.0.1:80")),
        (HealthCheck(tcp="db:5432"), Probe("tcp", "db:5432")),
        (HealthCheck(log="ready in"), Probe("log", "ready in")),  # type: ignore[arg-type]
        (HealthCheck(test=("CMD", "pg_isready", "-p", "${port}")), Probe("exec", argv=("pg_isready", "-p", "80"))),
        (HealthCheck(test=("CMD-SHELL", "curl -f x")), Probe("exec", argv=("/bin/sh", "-c", "curl -f x"))),
        (HealthCheck(test=("check", "it")), Probe("exec", argv=("check", "it"))),
        (HealthCheck(test=("NONE",)), Probe("none")),
        (HealthCheck(disable=True), Probe("none")),
        (HealthCheck(retries=9), Probe("listen", "127.0.0.1:80", retries=9)),
        (HealthCheck(tcp="1", start_interval=Span(0.5)), Probe("tcp", "127.0.0.1:1", start_interval_s=0.5)),
        (None, Probe("listen", "127.0.0.1:80")),
    ],
)
def test_each_health_check_becomes_a_probe(check: HealthCheck | None, probe: Probe) -> None:
    assert program(port=80, healthcheck=check).probe == probe


def test_without_port_and_check_there_is_nothing_to_probe() -> None:
    assert program().probe == Probe("none")


@pytest.mark.parametrize(
    ("declared", "restart"),
    [
        ("always", Restart("always")),
        ("unless-stopped", Restart("always")),
        ("on-failure", Restart("on-failure")),
        ("on-failure:3", Restart("on-failure", 3)),
        ("no", Restart("no")),
    ],
)
def test_each_restart_policy_is_understood(declared: str, restart: Restart) -> None:
    assert program(restart=declared).restart == restart


def test_a_service_whose_end_is_awaited_is_not_started_again() -> None:
    awaited = Dependency(condition="service_completed_successfully")
    plan = compiled(config({"web": service(depends_on={"migrate": awaited}), "migrate": service()}))
    assert plan.program("migrate").restart == Restart("no")
    assert plan.program("migrate").is_task
    assert plan.program("web").depends_on[0].condition == "completed"


def test_what_is_not_said_means_healthy_where_that_can_be_found_out_else_started() -> None:
    needs = {"checked": Dependency(), "listening": Dependency(), "plain": Dependency()}
    services = {
        "web": service(depends_on=needs),
        "checked": service(healthcheck=HealthCheck(log="x")),  # type: ignore[arg-type]
        "listening": service(port=80),
        "plain": service(),
    }
    found = {each.program: each.condition for each in compiled(config(services)).program("web").depends_on}
    assert found == {"checked": "healthy", "listening": "healthy", "plain": "started"}


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ({}, LogLimits(20 << 20, 4)),
        ({"max-size": "512k", "max-file": "1", "tag": "{{.Name}}"}, LogLimits(512 << 10, 1)),
        ({"max-size": "1G"}, LogLimits(1 << 30, 4)),
        ({"max-size": "10mb", "max-file": "20"}, LogLimits(10 << 20, 20)),
        ({"max-size": "65536"}, LogLimits(1 << 16, 4)),
    ],
)
def test_a_log_is_bounded_as_compose_spells_it(options: dict[str, str], limits: LogLimits) -> None:
    assert program(logging=Logging(options=options)).log == limits


@pytest.mark.parametrize("declared", ["SIGINT", "INT", "int", "sigint"])
def test_a_signal_may_be_written_in_any_way(declared: str) -> None:
    assert program(stop_signal=declared).stop_signal == "SIGINT"


def test_a_shell_is_used_when_asked_for() -> None:
    assert program(command=("echo $PATH | wc",), shell=True).argv == ("/bin/sh", "-c", "echo $PATH | wc")
    assert program(command=("echo", "a b"), shell=True).argv == ("/bin/sh", "-c", "echo 'a b'")


def test_a_source_that_says_what_to_run_is_run_without_the_shell_of_the_service() -> None:
    sources = (Source(reference="controller", command=("serve", "a b")),)
    assert program(command=("echo $PATH",), shell=True, sources=sources).argv == ("serve", "a b")


def test_environment_is_layered_and_a_name_without_value_is_the_callers() -> None:
    here = replace(
        HOME, environ={**HOME.environ, "SET": "caller ${x}"}, env_files={f"{ROOT}/.env": "A=file\nB=file\n"}
    )
    api = service(env_file=(EnvFile(path=".env"),), environment={"B": "declared", "SET": None, "UNSET": None})
    found = compiled(config({"api": api}), here=here).program("api").environment
    assert found == {"A": "file", "B": "declared", "SET": "caller ${x}"}


def test_a_working_folder_is_relative_to_the_project_root() -> None:
    assert program(working_dir="sub/${name}").directory == f"{ROOT}/sub/api"


def test_the_fingerprint_is_of_what_a_running_process_was_started_with() -> None:
    before = program(environment={"A": "1"})
    assert (
        program(environment={"A": "1"}, description="new", links={"x": "http://x"}).fingerprint == before.fingerprint
    )
    assert program(environment={"A": "2"}).fingerprint != before.fingerprint


def test_a_module_of_ours_is_found_in_a_checkout_and_nothing_else_is_told_of_it() -> None:
    here = replace(HOME, package_root="/src", is_installed=False)
    services = {
        "watcher": service(command=("${python}", "-m", "hippodrome.control.watch")),
        "mine": service(command=("${python}", "mine.py")),
    }
    plan = compiled(config(services), here=here)
    assert plan.program("watcher").environment == {"PYTHONPATH": "/src"}
    assert plan.program("mine").environment == {}
