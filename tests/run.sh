#!/usr/bin/env bash
# Installs what tests need, builds, runs every suite, and prints one closing line of ctest per suite.
#   tests/run.sh           everything: release suites, then the same under ASan+UBSan
#   tests/run.sh --fast    release only, without the suites labelled long
# Environment: JOBS (default: cores).
set -euo pipefail
cd "$(dirname "$0")/.."

fast=no
for argument in "$@"; do
  case "$argument" in
    --fast) fast=yes ;;
    *) echo "tests/run.sh: unknown option $argument; known: --fast" >&2; exit 2 ;;
  esac
done
jobs=${JOBS:-$(nproc)}

deploy/install-packages.sh --tests

export CCACHE_DIR=${CCACHE_DIR:-$PWD/build/ccache}

# suite NAME PRESET CTEST-ARGUMENTS...: configure, build and run one suite.
suite() {
  local name=$1 preset=$2
  shift 2
  echo "== suite $name ($preset)"
  cmake --preset "$preset" >"build/$name-configure.log" 2>&1 || { tail -30 "build/$name-configure.log"; return 1; }
  cmake --build "build/$preset" -j "$jobs" >"build/$name-build.log" 2>&1 || { grep -E "error|FAILED" -A5 "build/$name-build.log" | head -80; return 1; }
  ctest --test-dir "build/$preset" --output-on-failure -j "$jobs" "$@"
}

mkdir -p build
failed=0
if [ "$fast" = yes ]; then
  suite release release -LE long || failed=1
else
  suite release release || failed=1
  # The sanitized suites leave out what only measures (bench) or drives the release binaries end to end.
  suite asan asan -LE 'bench|e2e|long' || failed=1
fi
exit $failed
