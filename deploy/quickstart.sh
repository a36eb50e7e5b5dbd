#!/usr/bin/env bash
# Installs, builds, starts one hub and three connectors on real data, performs an exchange and proves it.
#
#   --once    exit after the story; otherwise everything stays up until Ctrl-C
#   --json    print the summary as one JSON object on standard output, everything else on standard error
#   --fresh   start from nothing: removes build/demo first
#   --sample  with --fresh: begin with the generated year 2018 (样例), for zq progress and the pages of the office
#
# State lies in build/demo. While it is up: . build/demo/env, then zq and curl work against it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
demo=$root/build/demo
data=$root/deploy/demo/data
build=$root/build/release
once=false json=false fresh=false sample=false

usage() { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
for option in "$@"; do
  case $option in
    --once) once=true ;;
    --json) json=true ;;
    --fresh) fresh=true ;;
    --sample) sample=true ;;
    -h | --help) usage; exit 0 ;;
    *) echo "quickstart: unknown option $option" >&2; usage >&2; exit 2 ;;
  esac
done

# Standard output is kept for the story or the object; 3 is where it goes.
exec 3>&1 1>&2
say() { echo "quickstart: $*" >&2; }
fail() { say "$*"; exit 1; }

pids=()
stop() {
  local pid
  # The connectors first, the hub (started first) last: each drains what it holds.
  for ((at = ${#pids[@]} - 1; at >= 0; at--)); do
    pid=${pids[at]}
    kill -TERM "$pid" 2>/dev/null || continue
    wait "$pid" 2>/dev/null || true
  done
  pids=()
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Starts `program arguments…` in the background with its output in a log file.
start() {
  local name=$1
  shift
  "$@" < /dev/null >> "$demo/log/$name.log" 2>&1 3>&- 9>&- &
  pids+=($!)
}

# Polls until the file is there or the process is gone.
await_file() {
  local file=$1 pid=$2 name=$3 tries=0
  until [ -s "$file" ]; do
    kill -0 "$pid" 2>/dev/null || { tail -n 5 "$demo/log/$name.log" >&2; fail "$name has ended; see $demo/log/$name.log"; }
    [ $((tries += 1)) -lt 1200 ] || fail "$name does not come up; see $demo/log/$name.log"
    sleep 0.05
  done
}

# False when the hub ended because somebody else holds its port; who waits long is told by await_file.
await_port_file() {
  local tries=0
  until [ -s "$demo/ports.json" ] || [ $((tries += 1)) -gt 1200 ]; do
    if ! kill -0 "${pids[0]}" 2>/dev/null; then
      ! tail -n 6 "$demo/log/hub.log" | grep -q ADDRESS_NOT_BOUND
      return
    fi
    sleep 0.05
  done
}

await_health() {
  local url=$1 tries=0
  until curl -fsS -m 5 --noproxy '*' --cacert "$demo/ca.crt" --cert "$demo/ids/auditor.crt" --key "$demo/ids/auditor.key" \
      -o /dev/null "$url/healthz" 2>/dev/null; do
    [ $((tries += 1)) -lt 600 ] || fail "the hub does not answer at $url/healthz; see $demo/log/hub.log"
    sleep 0.05
  done
}

"$root/deploy/install-packages.sh"
export CCACHE_DIR=${CCACHE_DIR:-$root/build/ccache}
if [ ! -f "$build/build.ninja" ] || ! grep -q '^ZHANQIAO_TESTS:BOOL=ON' "$build/CMakeCache.txt"; then
  # Tests need more packages; a build tree that has them is left as it is.
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DZHANQIAO_TESTS=OFF > /dev/null
fi
say "building (minutes the first time, seconds after)"
ninja -C "$build" --quiet zhanqiao_hub zhanqiao_connector zq zhanqiao_console
zq=$build/bin/zq
unset ZQ_HUB ZQ_CA ZQ_CERT ZQ_KEY ZQ_STORE ZQ_VKEY

if $fresh; then rm -rf "$demo"; fi
mkdir -p "$demo"
exec 9> "$demo/lock"
flock -n 9 || fail "another quickstart is running on $demo"
zq_demo() { "$zq" "${json_option[@]}" demo "$1" --dir "$demo" --data "$data" --programs "$build/bin"; }
json_option=()
if $json; then json_option=(--json); fi

# Another program may take a port between the moment it was found free and the hub's start: then once more.
for try in 1 2; do
  zq_demo prepare
  if $sample && [ "$try" = 1 ]; then "$zq" sample load --year 2018 --config "$demo/hub.toml" --data "$data" >&2; fi
  start hub "$build/bin/zhanqiao-hub" --config "$demo/hub.toml"
  if [ "$try" = 1 ] && ! await_port_file; then
    stop
    say "a port was taken in the meantime; choosing again"
    continue
  fi
  await_file "$demo/ports.json" "${pids[0]}" hub
  break
done
zq_demo connect
https=$(. "$demo/env" && echo "$ZQ_HTTPS")
await_health "$https"
if $json; then zq_demo load; else zq_demo load >&3; fi
for connector in fgw-main gaj-main zfbgt-main; do
  start "$connector" "$build/bin/zhanqiao-connector" --config "$demo/$connector.toml"
done
zq_demo story >&3

if $once; then exit 0; fi
say "up at $https; in another shell: . $demo/env"
say "控制台 console: $https/console/   开放平台 open-data portal: $https/"
say "  (browsers trust the demonstration after importing $demo/ca.crt, or past their warning)"
say "  演示账号 accounts of the demonstration, on this machine only:"
# Columns: account, password, who.
while IFS=$'\t' read -r person password who; do printf '  %-30s %-22s %s\n' "$person" "$password" "$who" >&2; done < "$demo/accounts.tsv"
say "Ctrl-C stops it; the state stays in $demo"
wait -n "${pids[@]}" || true
fail "a process has ended; see $demo/log"
