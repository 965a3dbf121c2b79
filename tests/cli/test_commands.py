"""The commands that read: what they print for people, what for scripts, and from where they may be called."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from hippodrome.errors import ExitCode
from tests.cli.conftest import HD, Project
from tests.stack import free_port


def test_plan_says_order_ports_sources_and_what_would_change(project: Project) -> None:
    api = project.server("api")
    project.server("web", depends_on=["api"])
    lines = project.hd("plan").stdout.splitlines()
    first = next(line for line in lines if " api " in f"{line} ")
    second = next(line for line in lines if " web " in f"{line} ")
    assert lines.index(first) < lines.index(second)
    assert str(api) in first
    assert "at once" in first
    assert "api is healthy" in second
    project.hd("up", "-d")
    assert "would change nothing" in project.hd("plan").stdout
    project.services["web"]["environment"] = {"GREETING": "salut"}
    project.server("more")
    told = json.loads(project.hd("plan", "--json").stdout)
    assert told["delta"]["add"] == ["more"]
    assert told["delta"]["change"] == ["web"]
    assert "restart web (environment.GREETING)" in project.hd("plan").stdout


def test_explain_names_every_layer_that_set_a_value(project: Project) -> None:
    project.server("api", environment={"A": "team"})
    (project.folder / "hippodrome.local.yaml").write_text("services:\n  api:\n    environment: {A: mine}\n")
    said = project.hd("explain", "api.environment.A").stdout
    assert "= mine" in said
    assert "hippodrome.local.yaml:3:22" in said
    assert "hippodrome.yaml:" in said
    told = json.loads(project.hd("explain", "api.environment.A", "--json", HIPPODROME__SERVICES__API="").stdout)
    assert [link["value"] for link in told["chain"]] == ["team", "mine"]
    assert project.hd("explain", "apo").returncode != 0
    assert "Did you mean `api`?" in project.hd("explain", "apo.port").stderr


def test_validate_reports_all_mistakes_with_places_and_as_json(project: Project) -> None:
    services = "  a: {comand: x}\n  b: {command: y, port: no}\n  c: {command: z, depends_on: [d]}\n"
    (project.folder / "hippodrome.yaml").write_text(f"packaged: false\nservices:\n{services}")
    done = project.hd("validate")
    assert done.returncode == ExitCode.CONFIGURATION
    said = done.stdout + done.stderr
    assert "hippodrome.yaml:3:7: " in said
    assert "Did you mean `command`?" in said
    assert "hippodrome.yaml:4:" in said
    assert "hippodrome.yaml:5:" in said
    told = json.loads(project.hd("validate", "--json").stdout)
    assert {problem["place"]["line"] for problem in told["problems"]} >= {3, 4, 5}


def test_a_mistake_in_one_service_hides_none_of_another_and_invents_none(project: Project) -> None:
    services = [
        "  a: {comand: x, port: 8000}",  # its command is missing because of that, which is not said as well
        "  b: {command: y, port: 8001, environment: {U: '${services.nope.url}'}}",
        "  c: {command: z, port: 8001}",
        "  d: {command: z, environment: {V: '${env.NEVER_SET_ANYWHERE}'}}",
    ]
    text = "\n".join(["packaged: false", "services:", *services])
    (project.folder / "hippodrome.yaml").write_text(text)
    told = json.loads(project.hd("validate", "--json").stdout)["problems"]
    assert [(each["place"]["line"], each["code"]) for each in told] == [
        (3, "unknown-key"),
        (4, "undefined-reference"),
        (5, "port-taken-twice"),
        (6, "unset-variable"),
    ]
    (project.folder / "hippodrome.yaml").write_text(text + "\n  e: [")
    told = json.loads(project.hd("validate", "--json").stdout)["problems"]
    assert [each["code"] for each in told] == ["syntax"]


def test_commands_work_from_any_folder_below_the_root(project: Project) -> None:
    project.server("api")
    below = project.folder / "deep" / "down"
    below.mkdir(parents=True)
    project.hd("up", "-d")
    done = subprocess.run(
        [*HD, "ps"],
        cwd=below,
        env={**os.environ, "XDG_STATE_HOME": str(project.state)},
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "api" in done.stdout


def test_doctor_says_what_to_mend(project: Project) -> None:
    project.server("api")
    told = json.loads(project.hd("doctor", "--json").stdout)
    subjects = {finding["subject"] for finding in told}
    assert {"Configuration", "Python", "Node", "npm", "git"} <= subjects
    assert all(finding["mend"] for finding in told if finding["severity"] != "ok")


def test_doctor_finds_a_taken_port_and_its_holder(project: Project) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        project.server("api")
        project.services["api"]["port"] = port
        project.write()
        done = project.hd("doctor")
    assert done.returncode == ExitCode.FAILED
    assert f"{port}" in done.stdout
    assert f"pid {os.getpid()}" in done.stdout


def test_logs_can_be_cut_by_count_age_and_pattern(project: Project) -> None:
    code = "import time; [print(f'line {n}', flush=True) for n in range(50)]; time.sleep(3600)"
    project.add("talker", command=[sys.executable, "-c", code], healthcheck={"log": "line 49"})
    assert project.hd("up", "-d").returncode == 0
    assert [line.split()[-1] for line in project.hd("logs", "-n", "3").stdout.splitlines()] == ["47", "48", "49"]
    assert len(project.hd("logs", "--grep", "line 1.$").stdout.splitlines()) == 10
    assert len(project.hd("logs", "--since", "1h").stdout.splitlines()) == 50
    later = (datetime.now() + timedelta(hours=1)).isoformat(timespec="seconds")
    assert project.hd("logs", "--since", later).stdout == ""
    assert project.hd("logs", "--grep", "(").returncode == ExitCode.USAGE
    assert project.hd("logs", "--since", "soon").returncode == ExitCode.USAGE
    wrong = project.hd("logs", "taker")
    assert wrong.returncode == ExitCode.USAGE
    assert "Did you mean `talker`?" in wrong.stderr


def test_logs_follow_what_comes(project: Project) -> None:
    code = "import time\nn = 0\nwhile True:\n    n += 1; print(f'tick {n}', flush=True); time.sleep(0.05)"
    project.add("clock", command=[sys.executable, "-c", code])
    project.hd("up", "-d")
    child = project.spawn("logs", "-f", "-n", "1", "clock")
    assert child.stdout is not None
    seen = [int(child.stdout.readline().split()[-1]) for _ in range(20)]
    assert seen == list(range(seen[0], seen[0] + 20))
    child.terminate()
    child.communicate(timeout=30)


def test_open_prints_the_address_where_no_browser_can_be_opened(project: Project) -> None:
    port = project.server("api")
    project.hd("up", "-d")
    assert f"http://localhost:{port}" in project.hd("open", "api", BROWSER="true").stdout


def test_compile_and_schema_write_what_they_say(project: Project) -> None:
    project.server("api")
    assert project.hd("compile", "--out", "out").returncode == 0
    made = (project.folder / "out" / "supervisord.conf").read_text()
    assert "[program:api]" in made
    assert "hippodrome.yaml:" in made
    assert json.loads((project.folder / "out" / "plan.json").read_text())
    assert json.loads(project.hd("schema").stdout)["properties"]["services"]


def test_setup_makes_what_is_missing_leaves_what_is_complete_and_again_makes_all_anew(project: Project) -> None:
    tools = project.folder / "tools"
    tools.mkdir()
    for name, line in (("node", "echo v24.1.0"), ("npm", "mkdir -p node_modules/vite && echo x >>$HOME/calls")):
        (tools / name).write_text(f"#!/bin/sh\n{line}\n")
        (tools / name).chmod(0o755)
    for name in ("one", "two"):
        folder = project.folder / name
        folder.mkdir()
        (folder / "package.json").write_text("{}")
        (folder / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {}}')
        project.add(name, sources=[{"path": name, "setup": [{"npm": "."}]}], command=["sleep", "3600"])
    home = project.folder / "home"
    home.mkdir()
    environ = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(home), "XDG_CACHE_HOME": ""}

    def said(*words: str) -> str:
        done = project.hd("setup", *words, **environ)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "one: npm packages: done" in said()
    assert [(project.folder / name / "node_modules" / "vite").is_dir() for name in ("one", "two")] == [True, True]
    assert (home / "calls").read_text() == "x\n", "one npm ci is for both"
    assert said() == "Everything is set up.\n"
    (project.folder / "one" / "node_modules" / "left").touch()
    assert "one: npm packages: done" in said("one", "--again")
    assert (home / "calls").read_text() == "x\nx\n"
    assert not (project.folder / "one" / "node_modules" / "left").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_for_their_shell(project: Project, shell: str) -> None:
    done = project.hd("completion", shell)
    assert done.returncode == 0
    assert "_HD_COMPLETE" in done.stdout


def test_tab_offers_commands_services_and_profiles(project: Project) -> None:
    project.server("api")
    project.server("apiary")

    def offered(*words: str) -> list[str]:
        said = project.hd(_HD_COMPLETE="bash_complete", COMP_WORDS=" ".join(words), COMP_CWORD=str(len(words) - 1))
        return [line.partition(",")[2] for line in said.stdout.splitlines() if line]

    assert offered("hd", "lo") == ["logs"]
    assert offered("hd", "logs", "api") == ["api", "apiary"]
    assert offered("hd", "logs", "api", "api") == ["apiary"]
    (project.folder / "hippodrome.yaml").write_text("services: [")
    assert offered("hd", "logs", "api") == []


def test_a_project_of_strangers_needs_no_packaged_service(project: Project) -> None:
    port = free_port()
    code = f"import http.server as h; h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    project.add("files", command=[sys.executable, "-c", code], port=port)
    assert project.hd("up", "-d").returncode == 0
    assert list(project.statuses()) == ["files"]
