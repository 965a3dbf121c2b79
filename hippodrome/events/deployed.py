"""What AWS has of each feed: found, missing, or not to be known, and why."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from hippodrome.events.names import Feed, feeds

CONNECT_S, ANSWER_S = 3.0, 5.0
ATTEMPTS = 2  # a busy AWS refuses now and then
SHOWN_CHARACTERS = 300

LOG_IN = "Log in (`aws sso login`), or set AWS_PROFILE."
REACH = "Look at the network, the region, and AWS_ENDPOINT_URL if it is set."
REACH_MOTO = "`hd up --profile ecom` starts moto; `--aws account` asks your AWS account."

MISSING = {"ResourceNotFoundException", "NotFoundException"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
NOBODY = {  # credentials that AWS does not know, or no longer
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


@dataclass(frozen=True)
class Aws:
    """Which AWS is asked, as people know it. `session`: makes one of boto3; `moto_url` is empty for an account."""

    session: Callable[[], Any]
    shown: str
    moto_url: str = ""


def moto_at(url: str) -> Aws:
    """The stack's own, whatever profile and credentials the caller has."""

    def session() -> Any:
        import boto3  # takes 0.2 s, which only those who ask AWS should pay
        from botocore.session import Session

        # a profile that does not exist stops boto3 even where its credentials are not wanted
        plain = Session(session_vars={"profile": (None, None, None, None)})
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.Session(botocore_session=plain, region_name="us-east-1", **keys)

    return Aws(session, f"moto at {url}", url)


def account(environ: Mapping[str, str]) -> Aws:
    """What boto3 finds in the caller's environment, which is `environ`, and files."""

    def session() -> Any:
        import boto3

        return boto3.Session()

    url = environ.get("AWS_ENDPOINT_URL")
    return Aws(session, f"AWS at {url} (AWS_ENDPOINT_URL)" if url else "your AWS account")


@dataclass(frozen=True)
class Found:
    """`facts` as AWS words them."""

    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Missing:
    """AWS has nothing of that name in `region`."""

    region: str


@dataclass(frozen=True)
class Unknown:
    """Nobody can say: which call, and why not. `said`: what AWS or boto3 said."""

    why: str
    mend: str
    said: str = ""


Answer = Found | Missing | Unknown


@dataclass(frozen=True)
class Deployed:
    """One feed, and what there is of it."""

    feed: Feed
    table: Answer
    pipe: Answer
    bus: Answer


@dataclass(frozen=True)
class Question:
    """A call that describes one thing by its name. `holds`: where its answer has the thing; `arn`: its key there."""

    permission: str  # also how people know the call
    service: str
    method: str
    argument: str
    holds: str
    arn: str


TABLE = Question("dynamodb:DescribeTable", "dynamodb", "describe_table", "TableName", "Table", "TableArn")
PIPE = Question("pipes:DescribePipe", "pipes", "describe_pipe", "Name", "", "Arn")
BUS = Question("events:DescribeEventBus", "events", "describe_event_bus", "Name", "", "Arn")


def look(aws: Aws, prefix: str) -> tuple[Deployed, ...]:
    """Every feed under the prefix. All is asked at once: who does not answer costs its seconds only once."""
    asked = [
        (question, name)
        for feed in feeds(prefix)
        for question, name in ((TABLE, feed.table), (PIPE, feed.pipe), (BUS, feed.bus))
    ]
    answers = iter(_answers(aws, asked))
    return tuple(Deployed(feed, next(answers), next(answers), next(answers)) for feed in feeds(prefix))


def look_at_tables(aws: Aws, prefix: str) -> dict[str, Answer]:
    """By the table's name, under the prefix."""
    asked = [(TABLE, feed.table) for feed in feeds(prefix)]
    return dict(zip((name for _, name in asked), _answers(aws, asked), strict=True))


def _answers(aws: Aws, asked: list[tuple[Question, str]]) -> list[Answer]:
    from botocore.exceptions import BotoCoreError

    try:
        clients = make_clients(aws, {question.service for question, _ in asked})
    except (BotoCoreError, ValueError) as error:  # ValueError: an AWS_ENDPOINT_URL that is no URL
        return [_unasked(question, error, aws) for question, _ in asked]
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda each: _ask(aws, clients[each[0].service], *each), asked))


def make_clients(aws: Aws, services: set[str]) -> dict[str, Any]:
    """By service, each with little patience. Raises BotoCoreError, or ValueError for an endpoint that is no URL.

    Made one after the other: boto3's clients may be shared by threads, its sessions not.
    """
    from botocore.config import Config
    from botocore.exceptions import NoCredentialsError, NoRegionError

    session = aws.session()
    if not session.region_name:  # of an empty one boto3 makes a host that is not there
        raise NoRegionError
    if session.get_credentials() is None:
        raise NoCredentialsError
    more: dict[str, Any] = {"proxies": {}} if aws.moto_url else {}  # this machine is never behind the company's proxy
    retries = {"total_max_attempts": ATTEMPTS, "mode": "standard"}
    config = Config(connect_timeout=CONNECT_S, read_timeout=ANSWER_S, retries=retries, **more)
    url = aws.moto_url or None
    return {service: session.client(service, endpoint_url=url, config=config) for service in sorted(services)}


def _ask(aws: Aws, client: Any, question: Question, name: str) -> Answer:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        told = getattr(client, question.method)(**{question.argument: name})
    except ClientError as error:
        return _refusal(question, error, client.meta.region_name)
    except BotoCoreError as error:
        return _unasked(question, error, aws)
    except (ResponseParserError, AttributeError, TypeError) as error:  # botocore stumbles over what is not AWS's
        return _not_aws(question, client, str(error))
    facts = told.get(question.holds) if question.holds else told
    if not facts or not facts.get(question.arn):
        return _not_aws(question, client, "")
    return Found(facts)


def _refusal(question: Question, error: Any, region: str) -> Answer:
    """Of a ClientError."""
    told = error.response.get("Error", {})
    code, said = str(told.get("Code", "")), _line(told.get("Message", ""))
    if code in MISSING:
        return Missing(region)
    if code in DENIED:
        return Unknown(
            f"{question.permission} is denied", f"Have the permission `{question.permission}` given to you.", said
        )
    if code in NOBODY:
        return Unknown(f"{question.permission}: AWS does not accept the credentials ({code})", LOG_IN, said)
    return Unknown(f"{question.permission}: AWS answered {code}", "Try again; `--verbose` shows what it said.", said)


def _unasked(question: Question, error: Exception, aws: Aws) -> Unknown:
    from botocore import exceptions

    said = _line(error)
    if isinstance(error, exceptions.NoRegionError | exceptions.InvalidRegionError):
        mend = "Set AWS_DEFAULT_REGION, or `region` in the profile."
    elif isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError | ValueError):
        mend = REACH_MOTO if aws.moto_url else REACH
    else:  # no credentials, half of them, an unknown profile, a login that is over
        mend = LOG_IN
    return Unknown(f"{question.permission} could not be called: {said}", mend, said)


def _not_aws(question: Question, client: Any, said: str) -> Unknown:
    why = f"{question.permission}: {client.meta.endpoint_url} does not answer as AWS does"
    return Unknown(why, REACH, _line(said))


def _line(text: object) -> str:
    """On one line, and not a whole page."""
    line = " ".join(str(text).split())
    return line if len(line) <= SHOWN_CHARACTERS else line[:SHOWN_CHARACTERS] + "…"
