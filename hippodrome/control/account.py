"""The AWS account that a stack is about to use: whose it is, asked before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hippodrome.errors import ExitCode, Problem, UserError

if TYPE_CHECKING:  # boto3 takes 0.2 s, which only stacks on an account should pay
    from hippodrome.plan.model import Plan

ANSWER_S = 5.0
MEND = "Log in (`aws sso login`, or set AWS_PROFILE), or take `--aws moto`."


@dataclass(frozen=True)
class Caller:
    """Who the credentials belong to. `region` is empty where none is configured."""

    account: str
    arn: str
    region: str


def check_account(plan: "Plan", environ: Mapping[str, str]) -> str:
    """A line that says who the stack will be to AWS, or why nobody; empty for moto.

    Raises UserError when a service of the plan uses AWS and there are no valid credentials, or no region.
    """
    if plan.aws != "account":
        return ""
    try:
        caller = identify(environ)
    except UserError as error:
        if any(_is_of_aws(name) for program in plan.programs for name in program.environment):
            raise
        return f"AWS: {error.problems[0].what}; no service of this stack is declared to use it."
    if not caller.region and any("TABLE_PREFIX" in program.environment for program in plan.programs):
        problem = Problem(
            "no-aws-region", "no AWS region is configured, and services need one", "AWS_DEFAULT_REGION=…"
        )
        raise UserError(problem, exit_code=ExitCode.FAILED)
    where = f"region {caller.region or 'none'}, tables {plan.table_prefix}…"
    return f"AWS: account {caller.account} as {caller.arn}, {where}"


def _is_of_aws(variable: str) -> bool:
    """Whether a service that is given it talks to AWS: what is AWS's own, and where its tables are."""
    return variable.startswith("AWS_") or variable == "TABLE_PREFIX"


def identify(environ: Mapping[str, str]) -> Caller:
    """What STS says of the caller's credentials, found as boto3 finds them. Raises UserError."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.Session()
    region = session.region_name or ""
    config = Config(connect_timeout=ANSWER_S, read_timeout=ANSWER_S, retries={"total_max_attempts": 1})
    try:
        # STS answers in every region; without one boto3 would refuse to ask
        told = session.client("sts", region_name=region or "us-east-1", config=config).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        profile = f" (profile {environ['AWS_PROFILE']})" if environ.get("AWS_PROFILE") else ""
        problem = Problem("no-aws-account", f"AWS does not know who is calling{profile}: {error}", MEND)
        raise UserError(problem, exit_code=ExitCode.FAILED) from error
    return Caller(told["Account"], told["Arn"], region)
