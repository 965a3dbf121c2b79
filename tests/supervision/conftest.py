"""Fixtures of this folder."""

from tests.stack import stack

__all__ = ["stack"]
