"""A checkout of a worker of one's own in the place of the reference, run by wrangler."""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.supervision import family
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, plan_in, services_in

REFERENCE = Path(__file__).parents[3] / "hippodrome" / "services" / "global_worker"
WORKER = """
interface Env { CELL_URL: string; FULL_ENV: string }
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return Response.json({ cell: env.CELL_URL, env: env.FULL_ENV });
  },
};
"""
OWN_CONFIG = """# of the team's own
name = "local-global-worker"
main = "src/index.ts"
compatibility_date = "2024-09-23"

[vars]
FULL_ENV = "dev-somebody"
CELL_URL = "http://localhost:9001"

[dev]
port = 9012 # where it always was
"""


def checkout_at(folder: Path) -> Path:
    """A worker in TypeScript that brings no packages."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "index.ts").write_text(WORKER)
    package = {"name": "global-worker", "version": "1.0.0"}
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package}}
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return checkout_at(tmp_path / "global-worker")


@pytest.fixture
def service(tmp_path: Path, checkout: Path) -> Iterator[Service]:
    """Of the checkout beside the project; set up, not started."""
    with services_in(tmp_path / "project", "global_worker") as found:
        yield found["global_worker"]


def test_a_checkout_runs_by_wrangler_with_the_configuration_it_lacked(service: Service, checkout: Path) -> None:
    service.start()
    cell = service.environment["CELL_URL"]
    assert service.ask("GET", "/").json() == {"cell": cell, "env": "dev-local"}
    made = (checkout / "wrangler.local.toml").read_text()
    assert f'CELL_URL = "{cell}"' in made
    assert f"port = {service.program.port}\n" in made
    assert "made wrangler.local.toml" in service.log


def test_a_configuration_of_its_own_is_left_as_it_is_and_gives_way(service: Service, checkout: Path) -> None:
    config = checkout / "wrangler.local.toml"
    config.write_text(OWN_CONFIG)
    service.start()
    cell, port = service.environment["CELL_URL"], service.program.port
    assert service.ask("GET", "/").json() == {"cell": cell, "env": "dev-somebody"}
    assert config.read_text() == OWN_CONFIG
    assert f"says port 9012; --port makes it {port} in this stack" in service.log
    assert f"says CELL_URL http://localhost:9001; --var makes it {cell} in this stack" in service.log


def test_it_ends_with_all_that_wrangler_has_started(service: Service) -> None:
    service.start()
    assert service.process
    leader = service.process.pid
    processes = set(family.members(leader))
    assert {os.getpgid(each) for each in processes} == {leader}
    service.process.terminate()
    assert until(lambda: not any(map(family.is_alive, processes)), Deadline(PATIENCE_S))


@pytest.mark.parametrize("place", ["../global-worker", "home/dev/global-worker"])
def test_it_is_found_beside_the_project_and_below_dev(tmp_path: Path, place: str) -> None:
    project, home = tmp_path / "project", tmp_path / "project" / "home"
    home.mkdir(parents=True)
    folder = checkout_at((project / place).resolve())
    plan = plan_in(project, profile="ecom", HOME=str(home))
    program = next(each for each in plan.programs if each.name == "global_worker")
    assert program.origin.folder == str(folder)
    assert program.argv[0] == "node"
    assert program.argv[1].endswith("/global_worker/wrangler/run.mjs")


def test_its_own_wrangler_is_the_one_that_runs(service: Service, checkout: Path) -> None:
    own = checkout / "node_modules" / "wrangler" / "bin" / "wrangler.js"
    own.parent.mkdir(parents=True)
    own.write_text("console.log(process.env.CLOUDFLARE_CF_FETCH_ENABLED, process.argv.slice(2).join(' '))")
    service.launch()
    assert service.process
    assert service.process.wait(PATIENCE_S) == 0
    for said in (
        f"false dev --config wrangler.local.toml --local --ip 127.0.0.1 --port {service.program.port}",
        f"--inspector-port 0 --var CELL_URL:{service.environment['CELL_URL']}",
        f"--persist-to {service.data_dir}/wrangler",
    ):
        assert said in service.log


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The reference's files as they are shipped: nothing is installed yet."""
    return Path(shutil.copytree(REFERENCE, tmp_path / "ours", ignore=shutil.ignore_patterns("node_modules")))


def test_where_a_checkout_has_no_wrangler_the_one_of_our_lock_is_installed(
    tmp_path: Path, checkout: Path, bare: Path
) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text('#!/bin/sh\necho "$PWD $*" >> "$NPM_LOG"\n')
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    log = tmp_path / "npm.log"
    environ = {**os.environ, "PATH": f"{npm.parent}:{os.environ['PATH']}", "NPM_LOG": str(log)}
    setup = ["node", str(bare / "wrangler" / "setup.mjs")]
    subprocess.run(setup, cwd=checkout, env=environ, check=True, timeout=PATIENCE_S)
    assert log.read_text().startswith(f"{bare} ci ")
    (checkout / "node_modules" / "wrangler" / "bin").mkdir(parents=True)
    (checkout / "node_modules" / "wrangler" / "bin" / "wrangler.js").touch()
    subprocess.run(setup, cwd=checkout, env=environ, check=True, timeout=PATIENCE_S)
    assert len(log.read_text().splitlines()) == 1


def test_without_any_wrangler_it_says_what_makes_one(checkout: Path, bare: Path) -> None:
    done = subprocess.run(
        ["node", str(bare / "wrangler" / "run.mjs")], cwd=checkout, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 1
    assert "`hd setup global_worker` makes one" in done.stderr
