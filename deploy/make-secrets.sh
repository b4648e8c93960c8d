#!/usr/bin/env bash
# Creates deploy/secrets/ with one file per secret that compose.yaml mounts. Keeps what exists.
set -euo pipefail

if [ "${1:-}" = "--help" ]; then
    echo "usage: deploy/make-secrets.sh    creates placeholder files in deploy/secrets/, keeps those that exist"
    exit 0
fi

folder="$(cd "$(dirname "$0")" && pwd)/secrets"
mkdir -p "$folder"
# The containers run as user 10001 and read their secret through the mount: the folder is private, the files are not.
chmod 700 "$folder"

create() { # NAME VALUE
    if [ -e "$folder/$1" ]; then
        echo "kept    deploy/secrets/$1"
    else
        printf '%s' "$2" >"$folder/$1"
        chmod 644 "$folder/$1"
        echo "created deploy/secrets/$1"
    fi
}

create smtp_password "change-me"
create twilio_auth_token "change-me"
create orders_webhook_secret "whsec_$(head -c 32 /dev/urandom | base64 -w 0)"
create slack_webhook_url "https://hooks.slack.com/services/T000/B000/change-me"
