"""The AWS account that a stack is about to use: whose it is, asked before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hippodrome.errors import ExitCode, Problem, UserError

if TYPE_CHECKING:  # boto3 takes 0.2 s, which only stacks on an account should pay
    from hippodrome.plan.model import Plan, Program

ANSWER_S = 5.0
ENDPOINT = "AWS_ENDPOINT_URL"
STAND_IN = "moto"  # the service, and what `--aws` calls it
MEND = "Log in (`aws sso login`, or set AWS_PROFILE), or take `--aws moto`."


@dataclass(frozen=True)
class Caller:
    """Who the credentials belong to. `region` is empty where none is configured."""

    account: str
    arn: str
    region: str


def check_account(plan: "Plan", environ: Mapping[str, str]) -> str:
    """A line that says who the stack will be to AWS, or why nobody; empty for moto.

    Raises UserError when a service of the plan uses AWS and there are no valid credentials, or no region, and when
    moto is to stand in and is left out.
    """
    if plan.aws != "account":
        return _check_stand_in(plan)
    try:
        caller = identify(environ)
    except UserError as error:
        if any(_uses_aws(plan, each) for each in plan.programs):
            raise
        return f"AWS: {error.problems[0].what}; no service of this stack is declared to use it."
    if not caller.region and any(_has_tables(plan, each) for each in plan.programs):
        problem = Problem(
            "no-aws-region", "no AWS region is configured, and services need one", "AWS_DEFAULT_REGION=…"
        )
        raise UserError(problem, exit_code=ExitCode.FAILED)
    where = f"region {caller.region or 'none'}, tables {plan.table_prefix}…"
    return f"AWS: account {caller.account} as {caller.arn}, {where}"


def wants_tables(plan: "Plan", environ: Mapping[str, str]) -> bool:
    """Whether a service is to find the stack's tables in the account, rather than at an endpoint of its own."""
    return plan.aws == "account" and any(
        _has_tables(plan, each) and each.environment.get(ENDPOINT, "") in ("", environ.get(ENDPOINT, ""))
        for each in plan.programs
    )


def _check_stand_in(plan: "Plan") -> str:
    """Empty where nobody would look for an account. Raises UserError: boto3 would find the caller's own."""
    if STAND_IN not in (left.name for left in plan.left_out):
        return ""
    adrift = [each.name for each in plan.programs if _has_tables(plan, each) and ENDPOINT not in each.environment]
    if adrift:
        what = f"{', '.join(adrift)} would reach for your AWS account: `{STAND_IN}` is left out"
        hint = f"Leave `{STAND_IN}` in, leave these out too, give them {ENDPOINT}, or say `--aws account`."
        raise UserError(Problem("aws-left-out", what, hint), exit_code=ExitCode.CONFIGURATION)
    return ""


def _has_tables(plan: "Plan", program: "Program") -> bool:
    """Whether the service is told what the stack's tables are called."""
    return program.environment.get("TABLE_PREFIX") == plan.table_prefix


def _uses_aws(plan: "Plan", program: "Program") -> bool:
    return _has_tables(plan, program) or any(name.startswith("AWS_") for name in program.environment)


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
