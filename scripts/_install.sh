# shellcheck shell=bash
# Sourced by the scripts beside it:
#   campus_install EXTRA...          puts the project and the named extras into .venv in the project's root
#   campus_package PROGRAM PACKAGE   makes sure that a program of Debian's is there
#   campus_use VERSION               has campus_install take that Python, such as 3.12, and .venv-3.12
#   campus_pythons                   prints the versions campus_use can take here
# The first two do nothing when there is nothing to do. $CAMPUS_ROOT is the project's root afterwards, and $CAMPUS_VENV
# the virtual environment.

CAMPUS_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
CAMPUS_VENV="$CAMPUS_ROOT/.venv"
CAMPUS_VERSION=""
CAMPUS_CONSTRAINTS="$CAMPUS_ROOT/scripts/constraints.txt"

campus_say() { printf '%s\n' "$*" >&2; }

# Installs Debian packages: as root at once, for anybody else by saying what to run.
campus_apt() {
    if ! command -v apt-get >/dev/null 2>&1; then
        campus_say "Install $* with this system's package manager, then run this again."
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        campus_say "Missing: $*. Install it, then run this again:"
        campus_say "    sudo apt-get install -y $*"
        return 1
    fi
    campus_say "Installing $* with apt-get ..."
    local log
    log="$(mktemp)"
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
        >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        tail -n 20 "$log" >&2
        rm -f "$log"
        campus_say "apt-get could not install $*."
        return 1
    fi
}

# campus_package PROGRAM PACKAGE...: the program may be in /usr/sbin, which is not on everybody's PATH.
campus_package() {
    local program="$1"
    shift
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null 2>&1 || campus_apt "$@"
}

# Prints the first Python >= 3.10, preferring one that can make virtual environments; fails when there is none.
# An activated environment is left aside: ours must not depend on it.
campus_python() {
    local path="$PATH" name found spare=""
    if [ -n "${VIRTUAL_ENV:-}" ]; then
        path="$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$VIRTUAL_ENV/bin" | tr '\n' ':')"
    fi
    for name in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        found="$(PATH="$path" command -v "$name" 2>/dev/null)" || continue
        "$found" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 || continue
        if "$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            printf '%s\n' "$found"
            return 0
        fi
        spare="${spare:-$found}"
    done
    if [ -n "$spare" ]; then
        printf '%s\n' "$spare"
        return 0
    fi
    campus_say "Python 3.10 or newer is needed, and no python3 here is one${found:+ ($found is too old)}."
    campus_say "Debian 12, Ubuntu 22.04 and later have it:  sudo apt-get install -y python3 python3-venv"
    return 1
}

# campus_python_of VERSION: prints the Python of exactly that version, as PATH or pyenv has it; fails when there is none.
campus_python_of() {
    local found
    for found in "python$1" "$(pyenv prefix "$1" 2>/dev/null || true)/bin/python"; do
        # a shim of pyenv's may be on PATH and not work
        if "$found" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" >/dev/null 2>&1; then
            command -v "$found"
            return 0
        fi
    done
    return 1
}

campus_pythons() {
    local version versions
    versions="$(sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' "$CAMPUS_ROOT/setup.py")"
    for version in $versions; do
        if campus_python_of "$version" >/dev/null; then
            printf '%s\n' "$version"
        else
            campus_say "Python $version is not here."
        fi
    done
}

campus_use() {
    CAMPUS_VERSION="$1" CAMPUS_VENV="$CAMPUS_ROOT/.venv-$1"
    if ! campus_python_of "$1" >/dev/null; then
        campus_say "Python $1 is not here, or cannot make virtual environments."
        return 1
    fi
}

# What an installation depends on; bin/python of an environment belongs to one place, so the place is part of it.
campus_fingerprint() {
    {
        cat "$CAMPUS_ROOT/setup.py" "$CAMPUS_ROOT/pyproject.toml" "$CAMPUS_CONSTRAINTS"
        printf '%s\n' "$CAMPUS_VENV"
        "$CAMPUS_VENV/bin/python" -c 'import sys; print(sys.version)'
    } | sha256sum | cut -d' ' -f1
}

campus_venv() {
    local venv="$CAMPUS_VENV" python
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
        >/dev/null 2>&1 && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        return 0
    fi
    if [ -n "$CAMPUS_VERSION" ]; then
        python="$(campus_python_of "$CAMPUS_VERSION")" || return 1
    else
        python="$(campus_python)" || return 1
    fi
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        # Debian keeps these two out of its python3.
        campus_apt python3-venv || return 1
        python="$(campus_python)" || return 1
    fi
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >&2; then
        rm -rf "$venv"
        campus_say "$python could not make the virtual environment $venv."
        return 1
    fi
}

campus_install() {
    local venv="$CAMPUS_VENV" installed="$CAMPUS_VENV/campus-installed" log="$CAMPUS_VENV/install.log"
    local fingerprint extra have="" wanted="" start
    campus_venv || return 1

    # The file has the fingerprint on its first line and the extras on its second. Extras add up, so that a script
    # asking for some of them does not undo what another one installed.
    fingerprint="$(campus_fingerprint)"
    if [ -f "$installed" ] && [ "$(sed -n 1p "$installed")" = "$fingerprint" ]; then
        have="$(sed -n 2p "$installed")"
        local missing=""
        for extra in "$@"; do
            case " $have " in *" $extra "*) ;; *) missing="$missing $extra" ;; esac
        done
        [ -n "$missing" ] || return 0
    elif [ -f "$installed" ]; then
        have="$(sed -n 2p "$installed")"
    fi
    # shellcheck disable=SC2086  # $have is a list of words
    wanted="$(printf '%s\n' $have "$@" | sed '/^$/d' | sort -u | tr '\n' ' ')"
    wanted="${wanted% }"

    start="$(date +%s)"
    campus_say "Installing campus-catalog${wanted:+ [${wanted// /, }]} into ${venv##*/}; the first time takes a minute or two ..."
    rm -f "$installed"
    if ! PIP_USER=0 "$venv/bin/python" -m pip install --no-input --disable-pip-version-check --quiet \
        --constraint "$CAMPUS_CONSTRAINTS" --editable "$CAMPUS_ROOT${wanted:+[${wanted// /,}]}" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        campus_say "The installation failed; all of pip's output is in $log."
        campus_say "Where setup.py and scripts/constraints.txt contradict each other, run ./scripts/refresh_constraints."
        return 1
    fi
    printf '%s\n%s\n' "$fingerprint" "$wanted" >"$installed"
    campus_say "Installed in $(($(date +%s) - start)) s."
}
