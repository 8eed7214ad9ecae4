# shellcheck shell=bash
# What the scripts of bench/ share. Source it after set -euo pipefail.

export LC_ALL=C # decimal points, for awk and EPOCHREALTIME
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
top=$(dirname "$here")
PATH=$PATH:/usr/sbin:/sbin # nginx

# A database named in the caller's environment is not ours to fill.
unset "${!LABEL_STUDIO_@}" "${!POSTGRE_@}" "${!DJANGO_DB@}"

# 1,000 clients take 1,000 descriptors of wrk and 2,000 of nginx.
ulimit -n 16384 2>/dev/null || ulimit -n "$(ulimit -Hn)"

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

misuse() {
    echo "${0##*/}: $*" >&2
    exit 2
}

# need COMMAND=PACKAGE…: names everything that is missing at once.
need() {
    local pair missing=()
    for pair; do
        command -v "${pair%%=*}" >/dev/null || missing+=("${pair%%=*} (package ${pair#*=})")
    done
    ((${#missing[@]} == 0)) || misuse "missing: $(printf '%s, ' "${missing[@]}" | sed 's/, $//')"
}

started=()
scratch=

# Makes the directory $scratch for this run; it and what was started go when the script ends.
prepare() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/label-studio-bench.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

clean_up() {
    local index
    for ((index = ${#started[@]} - 1; index >= 0; index--)); do
        stop "${started[index]}"
    done
    rm -rf "$scratch"
}

# start LOG COMMAND…: runs it in a process group of its own; its process id is in $!.
start() {
    local log=$1
    shift
    setsid "$@" >"$log" 2>&1 </dev/null &
    started+=("$!")
}

# Any process of the group that has not ended; one that init has yet to reap counts as ended.
alive() {
    local state
    state=$(ps -o pgid=,stat= -A | awk -v group="$1" '$1 == group && $2 !~ /^Z/ { print "yes"; exit }')
    [[ $state ]]
}

stop() {
    local tick index
    kill -TERM "$1" 2>/dev/null || true
    for ((tick = 0; tick < 250; tick++)); do
        alive "$1" || break
        sleep 0.02
    done
    if alive "$1"; then
        echo "${0##*/}: process group $1 did not end within 5 s of SIGTERM: killed" >&2
        kill -KILL -- "-$1" 2>/dev/null || true
    fi
    wait "$1" 2>/dev/null || true
    for index in "${!started[@]}"; do
        [[ ${started[index]} != "$1" ]] || unset "started[index]"
    done
    started=("${started[@]}")
}

# Prints a port of the loopback nobody listens on, below the ports of outgoing connections.
free_port() {
    local port attempt
    for ((attempt = 0; attempt < 100; attempt++)); do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    fail "no free port found"
}

# Sets $executable: the one given, or a release build of the product.
resolve_executable() {
    if [[ $executable ]]; then
        executable=$(realpath "$executable")
    else
        command -v swift >/dev/null || misuse "missing: swift (the Swift toolchain), or --executable PATH"
        local build=(swift build --package-path "$top" -c release --static-swift-stdlib)
        "${build[@]}" --product label-studio >&2
        executable=$("${build[@]}" --show-bin-path)/label-studio
    fi
    [[ -x $executable ]] || misuse "not executable: $executable"
}

wait_for_socket() { # PATH LOG PID
    local tick
    for ((tick = 0; tick < 500; tick++)); do
        [[ ! -S $1 ]] || return 0
        kill -0 "$3" 2>/dev/null || break
        sleep 0.02
    done
    cat "$2" >&2
    fail "no socket at $1"
}

# start_nginx NAME [FILE]: in front of $scratch/NAME.socket, with the FastCGI parameters of the file $parameters and
# the configuration that is made of FILE (nginx.conf.in); puts the address of the log-in page there into NAME_url.
start_nginx() {
    local directory=$scratch/$1-nginx file=${2:-nginx.conf.in} user='' port attempt tick
    mkdir "$directory"
    ((EUID != 0)) || user='user root;'
    for ((attempt = 0; attempt < 5; attempt++)); do
        port=$(free_port)
        # shellcheck disable=SC2154 # each script that starts one has it
        sed -e "s|@user@|$user|" -e "s|@directory@|$directory|g" -e "s|@socket@|$scratch/$1.socket|" \
            -e "s|@port@|$port|" -e "s|@parameters@|$parameters|" -e "s|@nginx@|$top/nginx|" \
            -e "s|@scratch@|$scratch|" "$here/$file" >"$directory/nginx.conf"
        start "$directory/output" nginx -p "$directory" -e "$directory/error.log" -c "$directory/nginx.conf"
        for ((tick = 0; tick < 250; tick++)); do
            kill -0 "$!" 2>/dev/null || break # the port may have been taken meanwhile
            if [[ -s $directory/nginx.pid ]] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
                declare -g "$1_url=http://127.0.0.1:$port/user/login/"
                return
            fi
            sleep 0.02
        done
    done
    cat "$directory/output" "$directory/error.log" >&2
    fail "nginx does not start"
}

# fetch URL FILE: the head into FILE.head, the body into FILE.body; prints status, header and body bytes.
fetch() {
    # shellcheck disable=SC2154 # each script that fetches has one
    curl -sS --noproxy '*' --max-time 10 -H "$cookie" -D "$2.head" -o "$2.body" \
        -w '%{http_code} %{size_header} %{size_download}\n' "$1" || true
}

# What a responder wrote, from the head that nginx made of it.
response() { # FILE
    awk -v RS='\r\n' -v ORS='\r\n' '
        NR == 1 { sub(/^[^ ]+ /, "Status: ") }
        tolower($0) !~ /^(server|date|connection|keep-alive|transfer-encoding):/' "$1.head"
    cat "$1.body"
}

processor_ms() { # PID
    awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / hertz }' "/proc/$1/stat"
}

# log_in URL: prints the session that a browser gets, with the password in $secret.
log_in() {
    local session
    # shellcheck disable=SC2154 # each script that logs in has one
    curl -sS --noproxy '*' --max-time 10 -D "$scratch/log-in" -o /dev/null -H 'Sec-Fetch-Site: same-origin' \
        --data-urlencode email=bench@example.com --data-urlencode "password=$secret" "$1"
    session=$(sed -n 's/^Set-Cookie: sessionid=\([^;]*\);.*/\1/p' "$scratch/log-in")
    [[ $session ]] || fail "cannot log in: $(head -n 1 "$scratch/log-in")"
    echo "$session"
}

# Prints 32 random bytes as label-studio writes a token.
random_token() {
    head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'
}

# median NUMBER…
median() {
    printf '%s\n' "$@" | sort -g | awk '
        { value[NR] = $1 }
        END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}

# holds EXPRESSION: a comparison of decimal numbers, as awk reads it.
holds() {
    awk "BEGIN { exit !($1) }"
}

# Runs wrk with wrk.lua and puts each field of its result into the array $result.
declare -A result
run_wrk() {
    local output field fields
    output=$(wrk -s "$here/wrk.lua" "$@") || fail "wrk failed: $output"
    result=()
    read -r -a fields <<<"$(sed -n 's/^result //p' <<<"$output")"
    for field in "${fields[@]}"; do
        result[${field%%=*}]=${field#*=}
    done
    [[ ${result[rate]:-} ]] || fail "wrk gave no result: $output"
}

# Prints what went wrong in the last run of wrk; nothing when all was well.
faults() {
    local name
    for name in refused connect read write timeout unanswered; do
        ((result[$name] == 0)) || printf '%s %s, ' "${result[$name]}" "$name"
    done | sed 's/, $//'
}

# verdict EXPRESSION TEXT: prints whether a bound is kept; $status is 1 once one is missed.
status=0
verdict() {
    if holds "$1"; then
        echo "kept:   $2"
    else
        echo "MISSED: $2"
        # shellcheck disable=SC2034 # the scripts end with it
        status=1
    fi
}
