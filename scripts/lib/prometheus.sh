#!/usr/bin/env bash
# Prints the folder that has Debian's prometheus and promtool: the system's, or one under .run, into which Debian's package
# is unpacked without being installed (it would start a service). Exit code 1 with one sentence where it cannot be had.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools="$root/.run/tools/prometheus"

if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
    dirname "$(command -v promtool)"
    exit 0
fi
if [ ! -x "$tools/usr/bin/promtool" ]; then
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "no Debian here to take prometheus from" >&2; exit 1; }
    # Beside its place first, so that an interrupted download leaves nothing half.
    work="$tools.$$"
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/unpacked" && cd "$work" || exit 1
    if ! apt-get download -qq prometheus 2>download.log; then
        # A fresh machine may not know its packages yet; only root can ask for them.
        apt-get update -qq >>download.log 2>&1
        apt-get download -qq prometheus 2>>download.log
    fi
    dpkg-deb -x prometheus_*.deb unpacked 2>>download.log || { echo "cannot download prometheus: $(tail -n 1 download.log)" >&2; exit 1; }
    rm -rf "$tools" && mv unpacked "$tools"
fi
echo "$tools/usr/bin"
