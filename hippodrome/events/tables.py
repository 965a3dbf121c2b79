"""Whether the tables that a stack is about to use are in the account, asked before anything starts."""

from collections.abc import Mapping

from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.deployed import Missing, Unknown, account, look_at_tables


def check_tables(prefix: str, environ: Mapping[str, str]) -> str:
    """A line that says what could not be looked at; empty when all are there. Raises UserError when some are not."""
    answers = look_at_tables(account(environ), prefix)
    missing = {name: answer.region for name, answer in answers.items() if isinstance(answer, Missing)}
    if missing:
        names, region = " and ".join(missing), next(iter(missing.values()))
        what = f"the account has no table {names} in {region}"
        hint = (
            f"Deploy the ecom stack for `{prefix}`, say which one is meant (`--table-prefix`), or take `--aws moto`."
        )
        raise UserError(Problem("no-aws-tables", what, hint), exit_code=ExitCode.FAILED)
    unknown = [answer for answer in answers.values() if isinstance(answer, Unknown)]
    return f"AWS: whether the tables are there is not known: {unknown[0].why}. {unknown[0].mend}" if unknown else ""
