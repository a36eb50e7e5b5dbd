#!/bin/sh
# The console's own tests, which need no hub.
set -eu
cd "$(dirname "$0")/.."
[ -d node_modules/vitest ] || npm ci --no-audit --no-fund --loglevel=error
[ -f generated/contract.ts ] || node scripts/generate.mjs
exec npm run --silent test
