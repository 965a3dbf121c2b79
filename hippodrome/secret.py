"""Text that must not be shown."""

MASK = "********"


class Secret(str):
    """A string that prints masked. `reveal()` is the only way to its value that reads as what it does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def reveal(self) -> str:
        """The value itself."""
        return str.__str__(self)
