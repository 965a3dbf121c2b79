"""A plug-in for supervisord that tells what its process has loaded."""

import sys


class Interface:
    def modules(self) -> list[str]:
        return sorted(sys.modules)


def make(supervisord: object) -> Interface:
    return Interface()
