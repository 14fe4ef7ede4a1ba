#!/bin/sh
# Make or refresh the virtual environment: tools/setup.sh DIRECTORY EXTRA
#
# PYTHON names the interpreter to use; otherwise the first one of at least 3.11 is taken.
set -eu
venv=$1
extra=$2

fresh_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python python3.14 python3.13 python3.12 python3.11}; do
        if fresh_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "No Python of at least 3.11 was found (looked for: ${PYTHON:-python3 and python, python3.11 to 3.14})." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3" >&2
    exit 1
}

make_venv() {
    if "$1" -c 'import ensurepip' 2>/dev/null; then
        "$1" -m venv --clear "$venv"
    elif "$1" -m virtualenv --version >/dev/null 2>&1; then
        "$1" -m virtualenv --quiet --clear "$venv"
    else
        echo "$1 cannot make virtual environments: its ensurepip module is missing, as on a plain Debian or Ubuntu." >&2
        echo "Install it (apt-get install python3-venv), or use another Python: make PYTHON=/path/to/python3" >&2
        exit 1
    fi
}

if ! fresh_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making $venv with $("$python" --version)"
    make_venv "$python"
fi
echo "Installing into $venv: this project and what its extra '$extra' names"
"$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --editable ".[$extra]"
