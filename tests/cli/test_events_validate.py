"""`hd events validate` beside a running stack: that one's prefix, and that one's moto."""

from tests.cli.conftest import Project
from tests.events.conftest import Caller


def test_the_running_stack_decides_and_not_what_the_configuration_says_meanwhile(project: Project) -> None:
    port = project.server("moto")  # one that knows nothing of AWS, so that nothing can be checked
    up = project.hd("up", "--detach", "--table-prefix", "dev-running-")
    assert up.returncode == 0, up.stdout + up.stderr
    (project.folder / "hippodrome.yaml").write_text('{"packaged": false, "table_prefix": "dev-later-"}')
    caller = Caller(project.folder, {"XDG_STATE_HOME": str(project.state)})
    done = caller.run()
    assert done.stdout.startswith(f"Checking dev-running- in moto at http://localhost:{port}\n"), done.stderr
    assert done.returncode == 2
    assert caller.run("--table-prefix", "dev-other-").stdout.startswith("Checking dev-other- in moto at")
