# Sourced by the scripts: the virtual environment with the Python tools, and where it is. Needs `root` and ui.sh.

venv="$root/.venv"
python="$venv/bin/python"
requirements="$root/Tests/EndToEnd/requirements.txt"

requirements_digest() { sha256sum "$requirements" | cut -d' ' -f1; }

# True when the environment holds exactly what the requirements file says.
venv_ready() {
    [ -x "$python" ] && [ "$(cat "$venv/.requirements" 2>/dev/null)" = "$(requirements_digest)" ]
}

venv_make() {
    venv_ready && return 0
    command -v python3 >/dev/null || fail "python3 is not installed: run ./scripts/setup.sh"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer is needed, this is $(python3 --version 2>&1)"
    [ -x "$python" ] || python3 -m venv "$venv" || fail "python3 -m venv failed: run ./scripts/setup.sh, which installs python3-venv"
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements" ||
        fail "the Python packages could not be installed; the reason is above"
    requirements_digest >"$venv/.requirements"
}

# Makes the environment where it is missing or old, and says so.
venv_ensure() {
    venv_ready || step "Python tools (.venv)" "$root/.run/logs/venv.log" venv_make || exit 1
}
