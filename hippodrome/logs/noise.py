"""Lines that our own health checks make services write, which nobody wants to read."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from hippodrome.logs.read import Keep
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan, Program


def without_probes(programs: Iterable[Program]) -> Keep:
    """Keeps all but an access log's line of a health check that passed."""
    patterns = {program.name: _pattern(program.probe.target) for program in programs if program.probe.kind == "http"}

    def keep(program: str, text: str) -> bool:
        pattern = patterns.get(program)
        return pattern is None or pattern.search(text) is None

    return keep


def quiet(layout: Layout) -> Keep:
    """The same for the plan that was written last; keeps all when there is none that can be read."""
    try:
        return without_probes(Plan.read(layout.plan).programs)
    except (OSError, ValueError, TypeError, KeyError):
        return without_probes(())


def _pattern(url: str) -> re.Pattern[str]:
    path = re.escape(urlsplit(url).path or "/")
    return re.compile(rf'\b(?:GET|HEAD) {path}(?:\?\S*)?(?: HTTP/[\d.]+)?"? +[23]\d\d\b')
