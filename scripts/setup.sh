#!/usr/bin/env bash
# Prepares a machine: Debian packages, Python tools, release build. Does only what is missing.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"

packages=(librdkafka-dev libcurl4-openssl-dev libssl-dev libyaml-dev libmicrohttpd-dev libmimalloc-dev pkg-config python3-venv)

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

install_packages() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "these Debian packages are missing and only root can install them: $*"
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@"
}

check_swift() {
    local version
    command -v swift >/dev/null || fail "there is no swift in PATH: install Swift 6.2 or newer from https://swift.org/install"
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" = 6.2 ] ||
        fail "Swift 6.2 or newer is needed, this is ${version:-unknown}"
}

build_release() { swift build --package-path "$root" -c release; }

case ${1:-} in
'') build=1 ;;
--no-build) build=0 ;;
-h | --help)
    cat <<'HELP'
usage: scripts/setup.sh [--no-build]

Prepares a Debian 12 machine that has Swift 6.2 or newer; does only what is missing:
  1. Debian packages: the C libraries, pkg-config, python3-venv
  2. .venv: the Python packages of Tests/EndToEnd/requirements.txt, pinned by hash
  3. the release build of the executables (--no-build leaves it out)
HELP
    exit 0
    ;;
*) fail "unknown option $1: see scripts/setup.sh --help" 64 ;;
esac

title "Set-up"
if command -v dpkg-query >/dev/null; then
    mapfile -t missing < <(missing_packages)
    if [ ${#missing[@]} -eq 0 ]; then
        done_step "Debian packages" "there"
    else
        step "Debian packages (${#missing[@]} missing)" "$root/.run/logs/packages.log" install_packages "${missing[@]}" || exit 1
    fi
else
    warn "no dpkg here: make sure that you have what these hold: ${packages[*]}"
fi
if venv_ready; then done_step "Python tools (.venv)" "there"; else venv_ensure; fi
if [ $build -eq 1 ]; then
    check_swift
    step "release build" "$root/.run/logs/build.log" build_release || exit 1
fi
exit 0
