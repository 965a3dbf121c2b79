"""The shop of the running stack, for the commands that fill and try it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from hippodrome.cli.running import Running
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.shop.client import AnswerError, JobError, Shop

NEEDED = ("admin_server", "search_proxy")
KEY = "local-admin-key"  # of the seeded account
SEED = "HIPPODROME_RANDOM_SEED"


def shop_of(running: Running, key: str | None) -> Shop:
    """Of the account that the key belongs to. Raises UserError where the stack has no shop."""
    if missing := [name for name in NEEDED if name not in running.plan]:
        problem = Problem(
            "no-shop", f"the running stack has no {' and no '.join(missing)}", "`hd up --profile ecom`."
        )
        raise UserError(problem, exit_code=ExitCode.NOT_RUNNING)
    admin, search = (running.plan.program(name).url for name in NEEDED)
    return Shop(admin, search, key or KEY, is_data_real=running.plan.is_data_real)


def seed_of_environment(default: int) -> int:
    """HIPPODROME_RANDOM_SEED, else the default. Raises UserError (USAGE) when it is no number."""
    said = os.environ.get(SEED, "")
    if said and not said.lstrip("-").isdigit():
        problem = Problem("bad-seed", f"{SEED} is `{said}`, which is no whole number", f"Such as {SEED}=42.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    return int(said or default)


@contextmanager
def told_plainly() -> Iterator[None]:
    """What a service refuses, or that none answers, becomes a UserError."""
    try:
        yield
    except (AnswerError, JobError) as error:
        problem = Problem("shop-refused", str(error), "`hd logs admin_server` tells more.")
        raise UserError(problem, exit_code=ExitCode.FAILED) from error
    except requests.RequestException as error:
        problem = Problem("shop-silent", f"the shop does not answer: {error}", "`hd ps` tells what is not healthy.")
        raise UserError(problem, exit_code=ExitCode.FAILED) from error
