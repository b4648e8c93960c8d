# Sourced by the scripts: what they print. Colours only on a terminal; every line fits a narrow one.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' yellow=$'\e[33m' plain=$'\e[0m'
else
    bold='' dim='' green='' red='' yellow='' plain=''
fi

title() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
note() { printf '  %s%s%s\n' "$dim" "$1" "$plain"; }
warn() { printf '  %s!%s %s\n' "$yellow" "$plain" "$1"; }

# Ends the script with one sentence that says what is wrong and what to do.
fail() {
    printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
    exit "${2:-1}"
}

now_ms() { date +%s%3N; }

# seconds SINCE_MS: the time passed since then, such as "3.2 s".
seconds() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

done_step() { printf '  %s✓%s %-44s %s%8s%s\n' "$green" "$plain" "$1" "$dim" "$2" "$plain"; }
failed_step() { printf '  %s✗%s %-44s %s%8s%s\n' "$red" "$plain" "$1" "$dim" "$2" "$plain"; }

# step TEXT LOG COMMAND...: runs the command in a subshell with its output in LOG, shows the result and the time; on a
# failure also the end of the log.
step() {
    local text=$1 log=$2 began status=0
    shift 2
    began=$(now_ms)
    mkdir -p "$(dirname "$log")"
    [ -t 1 ] && printf '  … %s\r' "$text"
    ("$@") >"$log" 2>&1 || status=$?
    if [ $status -eq 0 ]; then
        done_step "$text" "$(seconds "$began")"
    else
        failed_step "$text" "$(seconds "$began")"
        tail -n 25 "$log" | sed 's/^/    /' >&2
        printf '    %s(all of it: %s)%s\n' "$dim" "$log" "$plain" >&2
    fi
    return $status
}
