# Read by `hd` and `tests/run`, which have set $here to the checkout.

# environment LOCK LINK: sets $python to that of an environment with what LOCK names. LINK is a symlink to it, which
# is only there once it is complete; the copy of the lock in it tells whether it still is the right one.
environment() {
    python=$2/bin/python
    if [ -x "$python" ] && cmp -s "$2/.made-from" "$1"; then
        return
    fi
    base=$(suitable_python) || exit 1
    python=$("$base" -I "$here/hippodrome/bootstrap/environment.py" "$1" "$2") || exit $?
}

suitable_python() {
    for candidate in "${HIPPODROME_PYTHON:-python3}" python3 python3.13 python3.12 python3.11 python; do
        if "$candidate" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    echo 'hd needs Python 3.11 or newer, and found none.' >&2
    echo '  hint: install it (Debian: apt install python3 python3-venv; macOS: brew install python),' >&2
    echo '        or set HIPPODROME_PYTHON to the path of one.' >&2
    return 1
}
