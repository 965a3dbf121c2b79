# shellcheck shell=sh
# Read by `hd`, `tests/run` and `.ci/run`.

# environment CHECKOUT LOCK LINK: sets $python to that of an environment with what LOCK names. LINK is a symlink to
# it, which is only there once it is complete; the copy of the lock in it tells whether it still is the right one.
environment() {
    python=$1/$3/bin/python
    if [ -x "$python" ] && cmp -s "$1/$3/.made-from" "$1/$2"; then
        return
    fi
    base=$(suitable_python) || exit 6 # as hippodrome.errors.ExitCode has it: set-up failed
    python=$("$base" -I "$1/hippodrome/bootstrap/environment.py" "$1/$2" "$1/$3") || exit $?
}

suitable_python() {
    if [ -n "${HIPPODROME_PYTHON:-}" ]; then
        is_suitable "$HIPPODROME_PYTHON" && echo "$HIPPODROME_PYTHON" && return
        echo "HIPPODROME_PYTHON is $HIPPODROME_PYTHON, which is no Python 3.11 or newer with venv." >&2
        echo '  hint: give the path of one, or unset it and let hd look for one.' >&2
        return 1
    fi
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        is_suitable "$candidate" && echo "$candidate" && return
    done
    echo 'hd needs Python 3.11 or newer with venv, and found none.' >&2
    echo '  hint: install it (Debian: apt install python3 python3-venv; macOS: brew install python),' >&2
    echo '        or set HIPPODROME_PYTHON to the path of one.' >&2
    return 1
}

# Debian has ensurepip, which venv cannot do without, in a package of its own.
is_suitable() {
    "$1" -I -c 'import sys; assert sys.version_info >= (3, 11); import ensurepip, venv' >/dev/null 2>&1
}
