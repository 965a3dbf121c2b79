"""`hd timings`: where a real start's time went."""

import json
import sys

from tests.cli.conftest import Project

SLOW = "import time; time.sleep({}); exec(open('server.py').read())"


def chain(project: Project, seconds: float) -> None:
    """`api` needs `cell`, which takes `seconds` to answer; `aside` needs nothing and takes no time."""
    project.server("cell")
    project.services["cell"]["command"] = [sys.executable, "-c", SLOW.format(seconds), "${port}"]
    project.server("api", depends_on={"cell": {"condition": "service_healthy"}})
    project.server("aside")


def test_a_start_is_kept_with_its_steps_and_the_longest_way(project: Project) -> None:
    chain(project, 1.0)
    none = project.hd("timings")
    assert none.returncode == 1
    assert "[no-timings]" in none.stderr
    assert project.hd("up", "-d").returncode == 0
    done = project.hd("timings")
    assert done.returncode == 0
    assert all(len(line) <= 80 for line in done.stdout.splitlines()[:-1])
    run = json.loads(project.hd("timings", "--json").stdout)["run"]
    steps = {step["name"]: step for step in run["steps"]}
    assert 1.0 < steps["cell: until healthy"]["ends_s"] - steps["cell: until healthy"]["begins_s"] < run["seconds"]
    critical = {name for name, step in steps.items() if step["is_critical"]}
    assert {"compile", "supervisord", "cell: until healthy", "api: spawn", "api: until healthy"} <= critical
    assert not critical & {"aside: until healthy", "api: waiting"}
    assert steps["api: spawn"]["begins_s"] >= steps["cell: until healthy"]["ends_s"] - 0.01
    assert "cell: until healthy*" in done.stdout


def test_what_became_slower_is_said_and_a_start_that_starts_nothing_is_no_run(project: Project) -> None:
    chain(project, 0.0)
    assert project.hd("up", "-d").returncode == 0
    assert project.hd("timings", "--compare").returncode == 1
    assert project.hd("up", "-d").returncode == 0
    assert len(json.loads(project.hd("timings", "--json").stdout)["kept"]) == 1
    assert project.hd("down").returncode == 0
    chain(project, 2.0)
    assert project.hd("up", "-d").returncode == 0
    done = project.hd("timings", "--compare")
    assert done.returncode == 0
    slower = next(line for line in done.stdout.splitlines() if line.endswith(": cell: until healthy"))
    assert slower.strip().startswith(("+1.", "+2.", "+3.")), done.stdout
    told = json.loads(project.hd("timings", "--compare", "1", "--json").stdout)
    assert told["differences"][0]["name"] == "cell: until healthy"
    assert "none 7 before" in project.hd("timings", "--compare", "7").stderr


def test_set_up_is_a_step_of_the_first_start_alone(project: Project) -> None:
    project.add("job", command=["sleep", "60"], setup=[{"run": ["sleep", "0.5"]}])
    assert project.hd("up", "-d").returncode == 0
    steps = {step["name"]: step for step in json.loads(project.hd("timings", "--json").stdout)["run"]["steps"]}
    made = steps["sleep 0.5 (job)"]
    assert made["kind"] == "set-up"
    assert made["is_critical"]
    assert made["ends_s"] - made["begins_s"] >= 0.5
