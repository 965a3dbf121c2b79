"""EventBridge's event patterns: what is wrong with one, before any event is held against it.

The language: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hippodrome.errors import nearest

Mistake = tuple[tuple[str, ...], str, str]  # keys down to it, what is wrong, how it is right

COMPARISONS = ("<", "<=", "=", ">", ">=")
OR = "$or"
DOCS = "An event pattern is as EventBridge has it: `{detail-type: [{prefix: Merchandising.}]}`."


def misspelt(pattern: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[Mistake]:
    """All that EventBridge would refuse; nothing for a pattern that is right."""
    if not pattern:
        yield above, "an empty pattern matches nothing" if above else "it has no pattern", DOCS
    for key, value in pattern.items():
        here = (*above, key)
        if key == OR:
            yield from _alternatives(value, here)
        elif isinstance(value, Mapping):
            yield from misspelt(value, here)
        elif not isinstance(value, Sequence) or isinstance(value, str):
            yield here, f"`{key}` must be a list of values, or a mapping", f"Write `{key}: [{value}]`."
        elif not value:
            yield here, f"`{key}` is an empty list, which matches nothing", "Name a value, or leave it out."
        else:
            for each in value:
                yield from _value(each, here)


def _alternatives(value: Any, here: tuple[str, ...]) -> Iterator[Mistake]:
    if not isinstance(value, Sequence) or len(value) < 2 or not all(isinstance(each, Mapping) for each in value):
        yield here, "`$or` must be a list of two patterns or more", "Write `$or: [{source: [a]}, {region: [b]}]`."
        return
    for each in value:
        yield from misspelt(each, here)


def _value(value: Any, here: tuple[str, ...]) -> Iterator[Mistake]:
    if isinstance(value, Mapping):
        if len(value) != 1:
            yield here, f"a comparison of `{here[-1]}` must have one word", "Write each as an item of its own."
            return
        (word, said), *_ = value.items()
        if word not in WORDS:
            yield here, f"`{word}` is no comparison that event patterns have", nearest(word, WORDS)
        elif not WORDS[word][0](said):
            yield here, f"`{word}` cannot be `{said}`", f"Such as `{WORDS[word][1]}`."
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield here, f"a value of `{here[-1]}` cannot be a list", "Name its values one by one."


def _is_text(said: Any) -> bool:
    return isinstance(said, str)


def _is_text_or_case(said: Any) -> bool:
    return _is_text(said) or (isinstance(said, Mapping) and [*said] == [IGNORE_CASE] and _is_text(said[IGNORE_CASE]))


def _is_wildcard(said: Any) -> bool:
    return isinstance(said, str) and "**" not in said


def _is_range(said: Any) -> bool:
    if not isinstance(said, list) or len(said) not in (2, 4):
        return False
    return all(word in COMPARISONS for word in said[::2]) and all(map(_is_number, said[1::2]))


def _is_number(said: Any) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool)


def _is_block(said: Any) -> bool:
    try:
        ipaddress.ip_network(said, strict=False)
    except ValueError:
        return False
    return isinstance(said, str)


def _is_what_it_is_not(said: Any) -> bool:
    if isinstance(said, Mapping):
        return len(said) == 1 and all(word in NEGATED and _is_texts(value) for word, value in said.items())
    values = said if isinstance(said, list) else [said]
    return bool(values) and all(isinstance(each, str | int | float) for each in values)


def _is_texts(said: Any) -> bool:
    return all(map(_is_text, said)) and bool(said) if isinstance(said, list) else _is_text(said)


IGNORE_CASE = "equals-ignore-case"
NEGATED = ("prefix", "suffix", IGNORE_CASE, "wildcard")
WORDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "prefix": (_is_text_or_case, "prefix: Merchandising."),
    "suffix": (_is_text_or_case, "suffix: .png"),
    IGNORE_CASE: (_is_text, "equals-ignore-case: alice"),
    "wildcard": (_is_wildcard, "wildcard: 'dev-*-Table'"),
    "anything-but": (_is_what_it_is_not, "anything-but: [REMOVE]"),
    "numeric": (_is_range, "numeric: ['>', 0, '<=', 5]"),
    "cidr": (_is_block, "cidr: 10.0.0.0/24"),
    "exists": (lambda said: isinstance(said, bool), "exists: true"),
}
