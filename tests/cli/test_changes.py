"""Applying only what changed: what is shown, what is left alone, and going back."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hippodrome.errors import ExitCode
from tests.cli.conftest import HD, Eventually, Project, is_open
from tests.cli.terminal import read_all

SLOWLY = "import time; time.sleep(1.5); import sys; sys.argv[:] = ['server.py', sys.argv[1]]; "
SLOWLY += "exec(open('server.py').read())"


def pids(project: Project) -> dict[str, int]:
    return {name: status["pid"] for name, status in project.statuses().items()}


def greet(project: Project, name: str, greeting: str) -> None:
    """Changes what a service is started with."""
    project.services[name]["environment"] = {"GREETING": greeting}
    project.write()


def break_it(project: Project, name: str) -> None:
    """A change that is valid, and lets the service fail."""
    project.services[name] |= {"command": [sys.executable, "-c", "raise SystemExit('broken')"], "restart": "no"}
    project.write()


def history(project: Project) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(project.hd("history", "--json").stdout)
    return told


def test_up_shows_what_is_added_changed_removed_and_kept_and_touches_nothing_else(project: Project) -> None:
    for name in ("kept", "changed", "gone"):
        project.server(name)
    project.hd("up", "-d")
    before = pids(project)
    greet(project, "changed", "bonjour")
    del project.services["gone"]
    project.server("new")
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "added    new",
        "changed  changed (environment.GREETING)",
        "removed  gone",
        "kept     1 service",
    ):
        assert f"  {line}" in done.stdout
    after = pids(project)
    assert set(after) == {"kept", "changed", "new"}
    assert after["kept"] == before["kept"]
    assert after["changed"] != before["changed"]


def test_what_needs_no_new_process_is_shown_and_gets_none(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    before = pids(project)
    project.services["api"]["healthcheck"] = {"http": "/", "interval": "1s"}
    project.write()
    done = project.hd("up", "-d")
    assert "kept     api (probe.interval_s; its process goes on)" in done.stdout
    assert pids(project) == before
    assert "Nothing to change; 1 service as configured." in project.hd("up", "-d").stdout


def test_plan_only_shows_the_change_tells_by_its_exit_status_and_makes_none(project: Project) -> None:
    project.server("api")
    project.server("web")
    first = project.hd("up", "--plan-only")
    assert first.returncode == ExitCode.FAILED
    assert "added    api" in first.stdout
    assert project.hd("ps").returncode == ExitCode.NOT_RUNNING
    project.hd("up", "-d")
    before = pids(project)
    assert project.hd("up", "--plan-only").returncode == ExitCode.OK
    greet(project, "web", "bonjour")
    done = project.hd("up", "--plan-only", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == ExitCode.FAILED
    assert told["is_running"]
    assert told["changed"] == {"web": {"fields": ["environment.GREETING"], "follows": None}}
    assert told["kept"] == ["api"]
    assert pids(project) == before
    assert len(history(project)) == 1


def test_dependents_run_on_but_for_those_that_waited_for_a_task_that_is_run_again(project: Project) -> None:
    project.add("migrate", command=[sys.executable, "-c", "print('migrated')"], restart="no")
    project.server("api", depends_on={"migrate": {"condition": "service_completed_successfully"}})
    project.server("web", depends_on=["api"])
    project.hd("up", "-d")
    before = pids(project)
    project.services["migrate"]["environment"] = {"STEP": "2"}
    project.write()
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout
    assert "changed  api (migrate is run again before it)" in done.stdout
    after = project.statuses()
    assert after["api"]["pid"] != before["api"]
    assert after["api"]["started_at"] >= after["migrate"]["last_exit"]["at"]
    assert after["web"]["pid"] == before["web"]
    assert "Nothing to change" in project.hd("up", "-d").stdout


def test_a_change_that_is_a_mistake_changes_nothing(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    before, kept = pids(project), history(project)
    project.add("web", command="x", depends_on=["nobody"])
    greet(project, "api", "bonjour")
    done = project.hd("up", "-d")
    assert done.returncode == ExitCode.CONFIGURATION
    assert "hippodrome.yaml:" in done.stderr
    assert pids(project) == before
    assert history(project) == kept


def test_what_was_stopped_by_hand_or_given_up_is_started(project: Project) -> None:
    project.server("api")
    project.server("web")
    project.hd("up", "-d")
    before = pids(project)
    project.hd("stop", "web")
    assert project.hd("drift").returncode == ExitCode.FAILED
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout
    assert "started  web" in done.stdout
    after = project.statuses()
    assert after["web"]["state"] == "healthy"
    assert after["api"]["pid"] == before["api"]


@pytest.mark.parametrize(("typed", "is_there"), [("n\n", True), ("y\n", False)])
def test_on_a_terminal_it_asks_before_a_service_is_ended_for_good(
    project: Project, typed: str, is_there: bool, eventually: Eventually
) -> None:
    project.server("api")
    port = project.server("gone")
    project.hd("up", "-d")
    del project.services["gone"]
    project.write()
    child, screen = on_terminal(project, "up", typed)
    if is_there:
        assert "gone will be stopped. Go on?" in read_all(screen)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == ExitCode.INTERRUPTED
        assert is_open(port)
    else:
        eventually(lambda: not is_open(port))
        os.kill(child, signal.SIGINT)
        read_all(screen)
        os.waitpid(child, 0)


def on_terminal(project: Project, command: str, typed: str) -> tuple[int, int]:
    """`hd` on a terminal: its pid, and the terminal's other end."""
    child, screen = pty.fork()
    if not child:
        os.chdir(project.folder)
        environ = {**os.environ, "XDG_STATE_HOME": str(project.state), "TERM": "xterm"}
        environ.pop("CI", None)
        os.execve(HD[0], [*HD, command], environ)
    os.write(screen, typed.encode())
    return child, screen


def test_a_service_that_fails_after_a_change_is_put_back_and_the_others_are_not_touched(project: Project) -> None:
    api = project.server("api")
    project.server("web")
    project.hd("up", "-d")
    before = pids(project)
    break_it(project, "api")
    done = project.hd("up", "-d", "--timeout", "30")
    assert done.returncode == ExitCode.FAILED
    assert "`hd rollback` goes back to plan 1, which was healthy." in done.stdout
    assert [entry["verdict"] for entry in history(project)] == ["healthy", "failed"]
    back = project.hd("rollback")
    assert back.returncode == 0, back.stdout + back.stderr
    assert "The next `hd up` applies the configuration again." in back.stdout
    assert is_open(api)
    assert pids(project)["web"] == before["web"]
    first, broken, again = history(project)
    assert (first["verdict"], first["change"]["added"]) == ("healthy", ["api", "web"])
    assert (broken["verdict"], broken["failed"]) == ("failed", ["api"])
    assert set(broken["change"]["changed"]["api"]["fields"]) == {"argv", "restart.mode"}
    assert (again["verdict"], again["back_to"], again["command"]) == ("healthy", 1, "hd rollback")
    drift = project.hd("drift")
    assert drift.returncode == ExitCode.FAILED
    assert "put back to plan 1" in drift.stdout
    assert project.hd("up", "-d", "--timeout", "30").returncode == ExitCode.FAILED


def test_after_down_the_last_healthy_plan_is_started_and_not_the_broken_configuration(project: Project) -> None:
    assert project.hd("rollback").returncode == ExitCode.NOT_RUNNING
    api = project.server("api")
    project.hd("up", "-d")
    break_it(project, "api")
    assert project.hd("up", "-d", "--timeout", "30").returncode == ExitCode.FAILED
    project.hd("down")
    back = project.hd("rollback")
    assert back.returncode == 0, back.stdout + back.stderr
    assert "Nothing runs here. Starting plan 1, by `hd up -d`." in back.stdout
    assert "The configuration differs from it in this, which is not applied:" in back.stdout
    assert "changed  api (argv, restart.mode)" in back.stdout
    assert is_open(api)
    assert [entry["back_to"] for entry in history(project)] == [None, None, 1]

    project.hd("down")
    (project.folder / "hippodrome.yaml").write_text("services: [")
    again = project.hd("rollback")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "The configuration of now has mistakes" in again.stdout
    assert is_open(api)


def test_one_goes_back_by_number_and_only_to_what_is_kept(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    assert project.hd("rollback").returncode == ExitCode.FAILED
    for word in ("one", "two"):
        greet(project, "api", word)
        assert project.hd("up", "-d").returncode == 0
    assert project.hd("rollback", "1").returncode == 0
    assert [entry["number"] for entry in history(project)] == [1, 2, 3, 4]
    none = project.hd("rollback", "9")
    assert none.returncode == ExitCode.FAILED
    assert "plan 9 is not kept" in none.stderr
    said = project.hd("history").stdout
    assert "healthy after" in said
    assert "~api" in said


def test_a_plan_gets_its_verdict_when_the_command_that_waited_was_killed(
    project: Project, eventually: Eventually
) -> None:
    port = project.server("slow", command=[sys.executable, "-c", SLOWLY, "${port}"])
    child = project.spawn("up", "-d")
    eventually(lambda: history(project))
    child.kill()
    child.communicate(timeout=30)
    eventually(lambda: is_open(port) and history(project)[-1]["verdict"] == "healthy")
    (entry,) = history(project)
    assert entry["after_s"] >= 1.0
    assert entry["command"] == "hd up -d"


def test_the_same_plan_started_anew_is_no_other(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    project.hd("down")
    project.hd("up", "-d")
    (entry,) = history(project)
    assert entry["verdict"] == "healthy"
    assert entry["again_at"] > entry["at"]


def test_kept_plans_are_for_their_owner_alone_and_hold_no_secret(project: Project) -> None:
    project.server("api", secrets={"TOKEN": "printf hu%s sh"})
    project.hd("up", "-d")
    files = list(project.state.rglob("plans/*"))
    assert files
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
        assert b"hush" not in path.read_bytes()


def test_drift_names_each_field_with_the_layer_and_place_of_its_new_value(project: Project) -> None:
    (project.folder / "api.env").write_text("A=1\n# more\nB=1\n")
    project.server("api", env_file=["api.env"])
    project.server("web")
    project.server("gone")
    project.hd("up", "-d")
    none = project.hd("drift")
    assert (none.returncode, none.stdout) == (0, "What runs is what the configuration says.\n")
    (project.folder / "api.env").write_text("A=1\n# more\nB=2\n")
    personal = "services:\n  web:\n    environment:\n      GREETING: bonjour\n"
    (project.folder / "hippodrome.local.yaml").write_text(personal)
    del project.services["gone"]
    project.server("new")
    done = project.hd("drift", "--json")
    assert done.returncode == ExitCode.FAILED
    found = {(each["kind"], each["program"], each["field"]): each for each in json.loads(done.stdout)["differences"]}
    assert found["changed", "web", "environment.GREETING"]["place"].startswith("hippodrome.local.yaml:4:")
    assert found["changed", "api", "environment.B"]["place"] == "api.env:3"
    assert found["missing", "new", ""]["place"].startswith("hippodrome.yaml:")
    assert ("unwanted", "gone", "") in found
    assert len(found) == 4
    said = project.hd("drift").stdout
    assert "bonjour" not in said
    assert "hippodrome.local.yaml:4:" in said


def test_drift_knows_what_is_stopped_unknown_and_of_another_version(project: Project) -> None:
    project.server("api")
    project.server("web")
    project.hd("up", "-d")
    project.hd("stop", "web")
    conf = Path(project.hd("ctl", "--config-path").stdout.strip())
    text = conf.read_text()
    conf.write_text(
        text.replace("[supervisord]", "[supervisord]\nminfds=1024", 1) + "\n[program:mine]\ncommand=sleep 99\n"
    )
    project.hd("ctl", "update")
    record = conf.parent / "instance.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"version": "0.0.1"}))
    done = project.hd("drift", "--json")
    assert done.returncode == ExitCode.FAILED
    found = {(each["kind"], each["program"]): each["why"] for each in json.loads(done.stdout)["differences"]}
    assert "stopped by hand" in found["not-running", "web"]
    assert ("stray", "mine") in found
    assert "its own settings have changed" in found["supervisord", ""]
    assert "started by hd 0.0.1" in found["version", ""]


def test_drift_and_watch_mean_the_choice_that_the_stack_was_brought_up_with(project: Project) -> None:
    project.server("api")
    project.server("web")
    project.hd("up", "-d", "--without", "web")
    assert project.hd("drift").returncode == ExitCode.OK
    project.hd("up", "-d")
    project.hd("up", "-d", "api")
    project.server("more")
    told = json.loads(project.hd("drift", "--json").stdout)
    assert [each["program"] for each in told["differences"]] == ["more"]


class Watch:
    """`hd watch` in the background, its output read line by line."""

    def __init__(self, project: Project, *more: str, **environ: str) -> None:
        self.child = project.spawn("watch", *more, **environ)
        self.said: list[str] = []
        self.until("Watching")

    def until(self, text: str) -> str:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.said.append(line)
            if text in line:
                return line
        raise AssertionError(f"`{text}` was never said: {self.said}")

    def end(self) -> int:
        self.child.send_signal(signal.SIGINT)
        self.said.append(self.child.communicate(timeout=60)[0])
        return self.child.returncode


def test_watch_applies_each_change_of_a_layer_and_shows_mistakes_with_their_place(project: Project) -> None:
    (project.folder / "web.env").write_text("GREETING=hello\n")
    api = project.server("api")
    project.server("web", env_file=["web.env"])
    assert project.hd("watch").returncode == ExitCode.NOT_RUNNING
    project.hd("up", "-d")
    before = pids(project)
    watch = Watch(project)
    (project.folder / "web.env").write_text("GREETING=salut\n")
    watch.until("changed  web (environment.GREETING)")
    watch.until("is healthy after")
    after = pids(project)
    assert after["web"] != before["web"]
    assert after["api"] == before["api"]
    (project.folder / "hippodrome.local.yaml").write_text("services:\n  api: {comand: x}\n")
    assert "hippodrome.local.yaml:2:" in watch.until("[unknown-key]")
    assert pids(project) == after
    (project.folder / "hippodrome.local.yaml").write_text("services:\n  api: {description: mine}\n")
    watch.until("kept     api (description")
    watch.until("is healthy after")
    project.write()
    watch.until("Nothing to change")
    assert pids(project) == after
    assert watch.end() == ExitCode.INTERRUPTED
    assert "the stack goes on" in watch.said[-1]
    assert is_open(api)
    assert [entry["command"] for entry in history(project)] == ["hd up -d", "hd watch", "hd watch"]
    assert [entry["files"] for entry in history(project)] == [[], ["web.env"], ["hippodrome.local.yaml"]]
    said = project.hd("history").stdout
    assert "hd watch: web.env" in said
    assert time.strftime("%H:%M", time.localtime(history(project)[1]["at"])) in said


def test_watch_takes_up_a_user_s_file_whose_folder_is_made_later(project: Project, tmp_path: Path) -> None:
    project.server("api")
    xdg = {"XDG_CONFIG_HOME": str(tmp_path / "not" / "there")}
    assert project.hd("up", "-d", **xdg).returncode == 0
    watch = Watch(project, **xdg)
    file = tmp_path / "not" / "there" / "hippodrome" / "hippodrome.yaml"
    for level in ("debug", "info"):  # made with its folders, then changed
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"services: {{api: {{environment: {{LEVEL: {level}}}}}}}\n")
        watch.until(f"{file} changed.")
        watch.until("changed  api (environment.LEVEL)")
        watch.until("is healthy after")
    shutil.rmtree(tmp_path / "not")
    watch.until("changed  api (environment.LEVEL)")
    watch.until("is healthy after")
    assert watch.end() == ExitCode.INTERRUPTED


def test_watch_takes_up_a_mend_while_it_waits_for_what_fails_and_ends_with_the_stack(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    watch = Watch(project, "--json")
    project.services["api"]["environment"] = {"A": "1"}
    project.services["api"]["command"] = ["sleep", "3600"]
    project.write()
    watch.until('"state": "starting"')
    project.server("api")
    watch.until('"event": "ready"')
    project.hd("down")
    assert watch.child.wait(timeout=60) == 0
    for line in watch.said:
        json.loads(line)


def test_watch_never_turns_to_real_data_by_itself(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    before = pids(project)
    watch = Watch(project)
    text = json.loads((project.folder / "hippodrome.yaml").read_text())
    text["cells"] = {
        "local": {
            "confirm": True,
            "url": "https://cell.example.com",
            "services": {"api": {"environment": {"A": "1"}}},
        }
    }
    (project.folder / "hippodrome.yaml").write_text(json.dumps(text))
    watch.until("[not-confirmed]")
    assert watch.end() == ExitCode.INTERRUPTED
    assert pids(project) == before


@pytest.mark.slow
def test_more_than_twenty_plans_are_not_kept(project: Project) -> None:
    project.add("job", command=["sleep", "3600"])
    project.hd("up", "-d")
    layout = next(project.state.rglob("plans"))
    for number in range(2, 25):
        (layout / f"{number:06}.json").write_text((layout / "000001.json").read_text().replace("1,", f"{number},", 1))
        (layout / f"{number:06}.plan.json").write_text((layout / "000001.plan.json").read_text())
    project.services["job"]["environment"] = {"A": "1"}
    project.write()
    assert project.hd("up", "-d").returncode == 0
    assert [entry["number"] for entry in history(project)] == list(range(6, 26))
    assert len(list(layout.iterdir())) == 40


def test_the_question_is_never_asked_of_a_script(project: Project) -> None:
    project.server("api")
    project.server("gone")
    project.hd("up", "-d")
    del project.services["gone"]
    project.write()
    child = subprocess.Popen(
        [*HD, "up"],
        cwd=project.folder,
        env={**os.environ, "XDG_STATE_HOME": str(project.state)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert any("Ctrl+C detaches" in line for line in child.stdout)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert set(pids(project)) == {"api"}
