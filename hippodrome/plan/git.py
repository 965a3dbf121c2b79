"""The checked-out git branch, read from git's own files: a process would cost more than the whole compilation."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Head:
    """What is checked out: a branch, or, detached, the short id of a commit."""

    name: str
    is_detached: bool = False


def read_head(folder: Path) -> Head | None:
    """Of the checkout that `folder` lies in, worktrees and submodules included; None where there is none."""
    for candidate in (folder, *folder.parents):
        if text := _head_text(candidate / ".git"):
            return _parse(text)
    return None


def branch_of(project_root: str) -> str:
    """The label of an instance, as it is now; empty where there is none, or one may not look."""
    try:
        head = read_head(Path(project_root))
    except OSError:
        return ""
    return head.name if head else ""


def _head_text(git: Path) -> str:
    try:
        if git.is_file():  # worktrees and submodules: `gitdir: PATH`
            pointer = git.read_text(encoding="utf-8").partition("gitdir:")[2].strip()
            git = git.parent / pointer
        return (git / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _parse(text: str) -> Head | None:
    if text.startswith("ref:"):
        name = text.removeprefix("ref:").strip().removeprefix("refs/heads/")
        return None if name.startswith(".") else Head(name)  # `.invalid`: a format that keeps its HEAD elsewhere
    return Head(text[:7], is_detached=True)
