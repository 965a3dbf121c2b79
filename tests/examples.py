"""How far property tests go."""

from hypothesis import settings


def examples(many: int) -> int:
    """As many where new ones are looked for (`tests/run --all`); a third where they are the same each time."""
    return max(1, many // 3) if settings().derandomize else many
