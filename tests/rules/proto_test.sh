#!/bin/sh
# The contract keeps the rules of proto/buf.yaml. Installs the pinned linter when it is absent.
set -eu
cd "$(dirname "$0")"
[ -x node_modules/.bin/buf ] || npm ci --no-audit --no-fund --loglevel=error
cd ../../proto
exec ../tests/rules/node_modules/.bin/buf lint
