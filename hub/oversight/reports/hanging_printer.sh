#!/bin/sh
# A printer that never ends, for tests: it reads and says nothing.
exec cat > /dev/null < /dev/zero
