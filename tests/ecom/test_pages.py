"""Each service has a page whose curl session works as it stands, but for the ports."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.core.conftest import ROOT, Core, listening

PAGES = sorted((ROOT / "docs" / "services").glob("*.md"))
NOT_RUNNING = {"postgres", "account_events"}  # in the plain e-commerce profile
ANSWER_S = 60


def usual_ports() -> dict[int, str]:
    """Name of the service on each port that it has when nobody says otherwise."""
    found = {}
    for file in (ROOT / "conf" / "services").glob("*.yaml"):
        for name, service in yaml.safe_load(file.read_text())["services"].items():
            if service.get("port"):
                found[service["port"]] = name
    return found


def session(page: Path, ecom: Core) -> list[str]:
    """The commands of the page's shell blocks, on the ports of this stack."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    text = re.sub(r"\\\n\s*", " ", "\n".join(blocks))
    commands = [line for line in text.splitlines() if line.lstrip().startswith("curl")]
    names = usual_ports()
    moved = re.compile(r"(?<=localhost:)(\d{4,5})")
    return [moved.sub(lambda found: str(ecom.ports[names[int(found[1])]]), line) for line in commands]


def test_every_service_has_a_page() -> None:
    assert set(listening()) - {"dashboard"} <= {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.stem)
def test_the_session_of_a_page_works(page: Path, ecom: Core) -> None:
    if page.stem not in ecom.ports:
        pytest.fail(f"{page.name} is about no service")
    commands = session(page, ecom)
    assert commands or page.stem in NOT_RUNNING
    run(commands, ecom)


def test_the_relay_s_session_works(ecom: Core) -> None:
    commands = session(ROOT / "docs" / "events.md", ecom)
    assert commands
    run(commands, ecom)


def run(commands: list[str], ecom: Core) -> None:
    """Each does what its comment says."""
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            cwd=ecom.folder,
        )
        assert done.returncode == 0, (command, done.stderr)
        is_refused = '"type":"invalid_request"' in done.stdout.replace(" ", "")
        assert is_refused == ("# refused" in command), (command, done.stdout)
