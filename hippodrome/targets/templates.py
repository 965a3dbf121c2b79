"""Filling the Jinja2 templates of the targets."""

import math
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hippodrome.resources import templates
from hippodrome.targets import quoting


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "quoted_command": quoting.quoted_command,
        "quoted_environment": quoting.quoted_environment,
        "commented": quoting.commented,
        "shell_word": lambda text: quoting.shell_words([text]),
        "shell_words": quoting.shell_words,
        "whole_seconds": math.ceil,
    }
    return environment


def fill(name: str, **values: object) -> str:
    """The template called `name`, below `templates/`. Raises UndefinedError for a value that is not given."""
    return _environment().get_template(name).render(values)
