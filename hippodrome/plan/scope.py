"""What a reference in a service's values can name."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from urllib.parse import urlsplit

from hippodrome.errors import Problem, nearest
from hippodrome.plan.draft import Address, Draft
from hippodrome.plan.references import Missing, expand
from hippodrome.plan.withheld import filled, names_in, withheld
from hippodrome.secret import has_password, is_secret_name


class Scope:
    """The names that one service sees. Keeps the problems of all that is resolved through it."""

    def __init__(self, draft: Draft, name: str) -> None:
        self._draft = draft
        self._name = name
        self.problems: list[Problem] = []
        self.names_deployed_cell = False

    @property
    def environ(self) -> Mapping[str, str]:
        """The caller's."""
        return self._draft.surroundings.environ

    def text(self, value: str, path: str) -> str:
        """`value` with its references replaced; `path` is where it is configured, for places."""
        return filled(self.template(value, path), self.environ.__getitem__)

    def public(self, value: str, path: str) -> str:
        """The same of what everything may read that reads the plan, so that a secret in it is a mistake."""
        text = self.template(value, path)
        for name in dict.fromkeys(names_in(text)):
            what = f"`{path}` would put the value of `{name}`, a secret, into the plan"
            hint = f"Give it to the service, `environment: {{{name}: }}`; a check by CMD-SHELL has `${name}`."
            self._report(Missing("secret-in-plan", what, hint), path)
        return "" if names_in(text) else text

    def template(self, value: str, path: str, *, is_secret: bool = False) -> str:
        """The same with names in place of the caller's secrets; of all that is the caller's where it `is_secret`."""

        def find(name: str) -> str | Missing:
            found, own = self._find(name), name.removeprefix("env.")
            is_withheld = is_secret or is_secret_name(own) or (isinstance(found, str) and has_password(found))
            return withheld(own) if own != name and is_withheld and found and isinstance(found, str) else found

        text = expand(value, find, lambda missing: self._report(missing, path))
        whole = filled(text, self.environ.__getitem__)
        if "\0" in value or "\0" in whole or any("\ud800" <= character <= "\udfff" for character in whole):
            what = f"`{path}` has a character that no program can be given"
            self._report(Missing("unusable-character", what, "A NUL, or bytes that are not UTF-8."), path)
        return text

    def templates(self, values: Iterable[str], path: str) -> tuple[str, ...]:
        """Each value of a list."""
        return tuple(self.template(value, path) for value in values)

    def _report(self, missing: Missing, path: str) -> None:
        self.problems.append(Problem(missing.code, missing.what, missing.hint, self._draft.place(path)))

    def _find(self, name: str) -> str | Missing:
        if (own := self._own.get(name)) is not None:
            return own
        head, _, rest = name.partition(".")
        if rest and (finder := self._finders.get(head)):
            return finder(rest)
        return self._unknown(name, may_be=False)

    @cached_property
    def _own(self) -> Mapping[str, str]:
        draft, address, here = self._draft, self._draft.addresses[self._name], self._draft.surroundings
        has_port = {"port": str(address.port), "url": address.url} if address.port else {}
        return {
            **has_port,
            "name": self._name,
            "host": address.host,
            "project_root": here.project_root,
            "run_dir": here.run_dir,
            "data_dir": f"{here.run_dir}/data/{self._name}",
            "source": draft.sourced[self._name].origin.folder,
            "python": here.python,
            "package": f"{here.package_root}/hippodrome",
            "table_prefix": draft.table_prefix,
            "profile": draft.config.profile,
            "cell": draft.config.cell,
            "aws": draft.aws,
            "events": draft.events,
        }

    @cached_property
    def _finders(self) -> Mapping[str, Callable[[str], str | Missing]]:
        return {"env": self._env, "ports": self._own_port, "services": self._service, "cell": self._cell}

    def _env(self, name: str) -> str | Missing:
        found = self.environ.get(name)
        what = f"`{name}` is not set in your environment"
        return (
            found if found is not None else Missing("unset-variable", what, f"Set it, or write `${{env.{name}:-…}}`.")
        )

    def _own_port(self, name: str) -> str | Missing:
        return self._port_of(self._name, name)

    def _port_of(self, service: str, name: str) -> str | Missing:
        ports = self._draft.addresses[service].ports
        what = f"`{service}` has no port called `{name}`"
        return str(ports[name]) if name in ports else Missing("undefined-reference", what, nearest(name, ports))

    def _cell(self, key: str) -> str | Missing:
        return self._service(f"cell.{key}") if key == "url" else self._unknown(f"cell.{key}")

    def _service(self, rest: str) -> str | Missing:
        name, _, key = rest.partition(".")
        target = self._draft.meant(name)
        if target is None:
            return self._deployed(key)
        if target not in self._draft.services:
            return self._absent(name, target, key)
        if key.startswith("ports."):
            return self._port_of(target, key.removeprefix("ports."))
        known = _keys_of(self._draft.addresses[target])
        if key in known and not known[key]:
            hint = f"Give `services.{target}` a `port`, or write `${{services.{rest}:-…}}`."
            return Missing("undefined-reference", f"`{target}` has no port", hint)
        hint = nearest(key, (*known, "ports"))
        return known[key] if key in known else Missing("undefined-reference", f"`{target}` has no `{key}`", hint)

    def _deployed(self, key: str) -> str | Missing:
        self.names_deployed_cell = True
        cell = self._draft.cell
        if cell is None or not cell.url:
            return "" if key in ("url", "host", "port") else self._unknown(f"services.cell.{key}")
        parts = urlsplit(cell.url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
        known = {"url": cell.url.rstrip("/"), "host": parts.hostname or "", "port": str(port)}
        return known[key] if key in known else self._unknown(f"services.cell.{key}")

    def _absent(self, name: str, target: str, key: str) -> Missing:
        if left := self._draft.left_out.get(target):
            hint = f"Give a default, perhaps none: `${{services.{name}.{key}:-}}`."
            return Missing("undefined-reference", f"`{target}` is not in the plan: {left.reason}", hint)
        return Missing("undefined-reference", f"there is no service `{target}`", nearest(target, self._draft.known))

    def _unknown(self, name: str, *, may_be: bool = True) -> Missing:
        if name in ("port", "url"):
            hint = f"Give `services.{self._name}` a `port`."
            return Missing("undefined-reference", f"`{self._name}` has no port", hint)
        if name in self._draft.surroundings.environ or name.isupper():  # as compose spells it
            hint = f"For your environment's write `${{env.{name}}}`."
        else:
            known = {*self._own, "port", "url", "cell.url", "ports.…", "env.…", "services.…"}
            hint = nearest(name, known)
        return Missing("undefined-reference", f"`${{{name}}}` names nothing", hint, may_be)


def _keys_of(address: Address) -> dict[str, str]:
    return {
        "url": address.url,
        "port": str(address.port) if address.port else "",
        "host": address.reachable_host,
    }
