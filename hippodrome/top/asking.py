"""The question that is asked back before other services stop too."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static


class Asking(ModalScreen[bool]):
    """True when it was answered with y or Enter."""

    DEFAULT_CSS = """
    Asking { align: center middle; }
    Asking Vertical { width: 60; max-width: 90%; height: auto; padding: 1 2; border: round $primary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "Yes"),
        Binding("n,escape,q", "answer(False)", "No"),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield Vertical(Static(self._text, markup=False), Static("\ny: yes   n: no", markup=False))

    def action_answer(self, is_yes: bool) -> None:
        self.dismiss(is_yes)
