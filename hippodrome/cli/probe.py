"""`hd probe`."""

import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from hippodrome.cli.confirm import refuse_real_data
from hippodrome.cli.options import json_option, root_option
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.running import Running, open_running
from hippodrome.cli.shops import seed_of_environment, shop_of, told_plainly
from hippodrome.errors import ExitCode
from hippodrome.hippothesis.finding import Finding
from hippodrome.hippothesis.probes import probe, searches
from hippodrome.shop.products import SEED


@click.command("probe")
@click.option("--full", is_flag=True, help="Also hold searches to their properties, with made-up catalogues.")
@click.option("--seed", type=int, help="Of what is made up; else HIPPODROME_RANDOM_SEED.")
@click.option("--examples", type=click.IntRange(1), default=10, show_default=True, help="For each property.")
@json_option
@root_option
def command(full: bool, seed: int | None, examples: int, as_json: bool, project_root: Path | None) -> int:
    """Probe every service of the running stack: health, the form of errors, request ids. Reads only.

    With --full, Hypothesis tries properties of search in an account of its own, which changes data: what fails is
    shrunk to a minimal catalogue, and printed as a script that shows it again.

    Exits with 0 when all is well, 1 when something is not.
    """
    running = open_running(project_root)
    findings = list[Finding]()
    with told_plainly():
        for finding in _found(running, is_full=full, seed=seed, examples=examples):
            findings.append(finding)
            if not as_json:
                _tell(finding)
    if as_json:
        print_json([{**asdict(finding), "is_well": finding.is_well} for finding in findings])
    failed = sum(not finding.is_well for finding in findings)
    if not as_json:
        echo(f"{len(findings) - failed} of {len(findings)} are well.")
    return ExitCode.FAILED if failed else ExitCode.OK


def _found(running: Running, *, is_full: bool, seed: int | None, examples: int) -> Iterator[Finding]:
    yield from probe(running.plan, running.instance.layout.log)
    if is_full:
        refuse_real_data(running.plan, "`hd probe --full`")
        chosen = seed_of_environment(SEED) if seed is None else seed
        needed = searches(running.plan)
        yield needed
        if needed.is_well:
            yield from _properties(running, seed=chosen, examples=examples)


def _properties(running: Running, *, seed: int, examples: int) -> Iterator[Finding]:
    from hippodrome.hippothesis.properties import PROPERTIES, Bench, hold  # Hypothesis takes 0.2 s to load
    from hippodrome.hippothesis.recording import RecordedShop

    local = shop_of(running, None)
    account = "h" + uuid.uuid4().hex[:8]
    key = local.admin("POST", "/accounts/init", json={"accountId": account})["apiKey"]
    bench = Bench(RecordedShop(local.admin_url, local.search_url, key))
    for each in PROPERTIES:
        yield hold(bench, each, seed=seed, examples=examples)


def _tell(finding: Finding) -> None:
    mark = click.style("✓", fg="green") if finding.is_well else click.style("✗", fg="red", bold=True)
    echo(f"{mark} {finding.service}: {finding.what}")
    for line in filter(None, [finding.wrong, *finding.script.splitlines()]):
        echo(f"    {line}")
