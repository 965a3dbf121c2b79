"""The environment that every service gets: what of the caller's a program needs anywhere, and nothing else."""

from collections.abc import Mapping

_PERSON = {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR"}
_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"}
_AUTHORITIES = {  # of certificates: OpenSSL, requests, curl, Node, git
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
}
_NAMES = _PERSON | _AUTHORITIES | _PROXIES | {name.lower() for name in _PROXIES}
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def base_environment(environ: Mapping[str, str], *, with_aws: bool) -> dict[str, str]:
    """Sorted by name. `AWS_*` is passed on only to a stack that uses the account."""
    base = {
        name: value
        for name, value in environ.items()
        if (name in _NAMES or name.startswith("LC_") or (with_aws and name.startswith("AWS_"))) and _is_text(value)
    }
    return dict(sorted({"PATH": _DEFAULT_PATH, **base}.items()))


def _is_text(value: str) -> bool:
    """Whether it can be written to a file: bytes that are not UTF-8 arrive here as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in value)
