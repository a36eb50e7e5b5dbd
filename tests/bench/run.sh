#!/usr/bin/env bash
# Compares, in one run with the same provider and load generators: direct calls, nginx grpc_pass, HAProxy, and
# Zhanqiao with every check and the durable log on. Prints a table; --json FILE writes every figure.
#   tests/bench/run.sh [--quick] --json FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/install-packages.sh --bench >&2
if [ ! -f build/release/build.ninja ]; then cmake --preset release >&2; fi
cmake --build build/release --target zhanqiao_hub zq bench_provider bench_client >&2
exec /usr/bin/python3 tests/bench/bench.py --bin build/release/bin "$@"
