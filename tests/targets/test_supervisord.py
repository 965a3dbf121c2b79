"""Plans as supervisor reads them, and as it runs them."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xmlrpc.client import ServerProxy

import pytest
from hypothesis import given, settings
from supervisor.xmlrpc import SupervisorTransport

from hippodrome.config.load import Request, load
from hippodrome.plan.layout import Layout
from hippodrome.plan.look import Inputs
from hippodrome.plan.model import Plan, Program
from hippodrome.secret import MASK, Secret
from hippodrome.targets.registry import TARGETS
from hippodrome.targets.supervisord import render
from hippodrome.wait import Deadline, until
from tests.golden import Golden
from tests.plan.building import HOME as ANY
from tests.plan.building import ROOT, RUN, compiled, home_stack
from tests.targets.hostile import FRAGMENTS, argvs, environments, plan_of, program
from tests.targets.parsing import processes, realized, written

HOME = Layout(Path(RUN), Path("/run/user/1000"))
ECHO = """
import json, os, sys
path = sys.argv[1]
told = {"argv": sys.argv[2:], "environment": dict(os.environ), "directory": os.getcwd()}
with open(path + ".new", "w") as file:
    json.dump(told, file)
os.rename(path + ".new", path)
"""


def conf_of(plan: Plan, layout: Layout = HOME) -> str:
    return next(file.text for file in render(plan, layout=layout) if file.path == "supervisord.conf")


def test_a_plan_renders_to_the_files_last_reviewed(golden: Golden) -> None:
    golden.check("home", render(compiled(home_stack()), layout=HOME))


@pytest.mark.parametrize("cell", ["local", "staging"])
def test_the_core_profile_renders_to_the_configuration_last_reviewed(
    cell: str, golden: Golden, tmp_path: Path
) -> None:
    overrides = {"cells.staging.url": "https://cell.staging.example.com"}
    made = replace(load(Request(tmp_path, {}, profile="core", cell=cell, overrides=overrides)), project_root=ROOT)
    steps = {
        step for service in made.settings.services.values() for source in service.sources for step in source.setup
    }
    inputs = {(folder, step): Inputs(("inputs",), "digest") for folder in ANY.folders for step in steps}
    plan = compiled(made, here=replace(ANY, inputs=inputs))
    golden.check(f"core-{cell}", [file for file in render(plan, layout=HOME) if file.path != "plan.json"])


def test_supervisor_reads_all_of_a_plan(tmp_path: Path) -> None:
    plan = compiled(home_stack())
    conf = written(render(plan, layout=Layout(tmp_path, tmp_path)), tmp_path)
    found = processes(conf)
    assert set(found) == set(plan.names)
    migrate = found["migrate"]
    assert shlex.split(migrate.command) == ["/home/ada/shop/migrate", "--once"]
    assert (migrate.directory, migrate.autostart, migrate.autorestart) == (plan.project_root, False, False)
    assert (migrate.startsecs, migrate.stopwaitsecs, migrate.killasgroup) == (0, 5, True)
    assert migrate.stdout_logfile == str(tmp_path / "logs" / "migrate.log")
    assert migrate.stdout_events_enabled
    assert realized(conf).server_configs[0]["file"] == str(tmp_path / "hd.sock")


@pytest.mark.parametrize(
    "name", ["plain", "with space", "per%cent", "%(here)s", "semi ;colon", "ha #sh", "it's", 'q"q', "日本"]
)
def test_a_run_directory_may_have_any_name(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    plan = plan_of(program(argv=("serve", "two\nlines")))
    conf = written(render(plan, layout=Layout(folder, folder)), folder)
    api = processes(conf)["api"]
    assert api.stdout_logfile == str(folder / "logs" / "api.log")
    assert api.directory == str(folder)
    assert (folder / shlex.split(api.command)[1]).is_file()


def test_the_text_does_not_depend_on_where_the_run_directory_is() -> None:
    plan = compiled(home_stack())
    elsewhere = Layout(Path("/elsewhere"), Path("/run"))
    assert conf_of(plan) == conf_of(plan, elsewhere)


def test_a_socket_that_is_too_long_for_the_run_directory_goes_to_the_socket_folder() -> None:
    deep = Layout(Path("/" + "deep/" * 30), Path("/run/user/1000"))
    assert f"file={deep.socket}\n" in conf_of(compiled(home_stack()), deep)
    assert str(deep.socket).startswith("/run/user/1000/")


@given(argvs, environments)
@settings(max_examples=60)
def test_a_plan_is_read_back_or_launched(argv: list[str], environment: dict[str, str]) -> None:
    import tempfile

    one = program(argv=("serve", *argv), environment=environment)
    with tempfile.TemporaryDirectory() as folder:
        conf = written(render(plan_of(one), layout=Layout(Path(folder), Path(folder))), Path(folder))
        api = processes(conf)["api"]
    if api.command.startswith("/bin/sh launch/"):
        assert not api.environment
    else:
        assert (shlex.split(api.command), api.environment) == ([*one.argv], environment)


def test_only_what_needs_a_launcher_gets_one() -> None:
    plain = program(argv=("serve", "a ;b", "100%"), environment={"A": "it's"})
    assert [file.path for file in render(plan_of(plain), layout=HOME)] == ["plan.json", "supervisord.conf"]


def test_a_launcher_that_changes_changes_the_configuration() -> None:
    one, other = (conf_of(plan_of(program(environment={"A": f"{value}\n"}))) for value in "ab")
    assert one != other


def test_secrets_are_masked_unless_they_are_given() -> None:
    plan = plan_of(program(secrets={"TOKEN": ("op", "read", "x")}))
    assert f'TOKEN="{MASK}"' in conf_of(plan)
    for value in ("s3cret", Secret("s3cret")):
        files = render(plan, layout=HOME, secrets={"api": {"TOKEN": value}})
        conf = next(file for file in files if file.path == "supervisord.conf")
        assert 'TOKEN="s3cret"' in conf.text
        assert conf.mode == 0o600
        assert "s3cret" not in next(file.text for file in files if file.path == "plan.json")


def test_each_program_is_headed_by_the_yaml_that_made_it() -> None:
    assert "; fake_cell: hippodrome.yaml:3\n[program:fake_cell]" in conf_of(compiled(home_stack()))


def test_a_grace_below_a_second_still_is_one_for_supervisord() -> None:
    assert "stopwaitsecs=1\n" in conf_of(plan_of(program(stop_grace_s=0.25)))


def test_the_registry_knows_the_target() -> None:
    assert TARGETS["supervisord"].render(plan_of(program()), layout=HOME) == render(plan_of(program()), layout=HOME)


def test_the_same_inputs_give_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    script = (
        "from tests.plan.building import *; from hippodrome.targets.supervisord import render\n"
        "from hippodrome.plan.layout import Layout; from pathlib import Path\n"
        "print([(f.path, f.text) for f in render(compiled(home_stack()), layout=Layout(Path(RUN), Path('/r')))])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "1234"
    }
    assert len(told) == 1


@contextmanager
def supervisord(conf: Path) -> Iterator[ServerProxy]:
    """A real one, ended with all of its programs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(conf), "-n"],
        cwd=conf.parent,
        env={"PATH": os.environ["PATH"], "INHERITED": "yes"},
        stdout=subprocess.DEVNULL,
    )
    socket = conf.parent / "hd.sock"
    proxy = ServerProxy("http://127.0.0.1", transport=SupervisorTransport(None, None, f"unix://{socket}"))
    try:
        assert until(socket.exists, Deadline(30)), "supervisord did not come up"
        yield proxy
    finally:
        proxy("close")()
        process.terminate()
        process.wait(30)


def echoing(name: str, folder: Path, words: list[str], environment: dict[str, str]) -> Program:
    where = folder / "some ;where #é"
    where.mkdir(exist_ok=True)
    return program(
        name=name,
        argv=(sys.executable, str(folder / "echo.py"), str(folder / f"{name}.json"), *words),
        environment=environment,
        directory=str(where if environment else folder),
    )


def test_a_started_process_gets_exactly_what_the_plan_says(tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text(ECHO, encoding="utf-8")
    hostile = {f"V{index}": f"{fragment}x{fragment}" for index, fragment in enumerate(FRAGMENTS)}
    programs = [
        echoing("words", tmp_path, [word for word in FRAGMENTS if word.isascii()], {}),
        echoing(
            "everything",
            tmp_path,
            [*FRAGMENTS, *(2 * each for each in FRAGMENTS), ""],
            {**hostile, "discovery.type": "a b'"},
        ),
        *(
            echoing(f"one{index}", tmp_path, [each], {"V": each, "W": f"{each} "})
            for index, each in enumerate(FRAGMENTS[:12])
        ),
    ]
    conf = written(render(plan_of(*programs), layout=Layout(tmp_path, tmp_path)), tmp_path)
    with supervisord(conf) as proxy:
        proxy.supervisor.startAllProcesses(False)
        for each in programs:
            told_in = tmp_path / f"{each.name}.json"
            assert until(told_in.exists, Deadline(60)), (tmp_path / "logs" / f"{each.name}.log").read_text()
            told = json.loads(told_in.read_text(encoding="utf-8"))
            assert told["argv"] == [*each.argv[3:]]
            assert told["directory"] == each.directory
            assert {name: told["environment"].get(name) for name in each.environment} == each.environment
            others = {
                name for name in told["environment"].keys() - each.environment.keys() if "SUPERVISOR" not in name
            }
            assert others <= {"PATH", "INHERITED", "LC_CTYPE", "_"}
