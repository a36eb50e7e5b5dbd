#!/bin/sh
# A printer that prints which descriptors it was given, for tests.
cat > /dev/null
echo "%PDF- $(ls /proc/$$/fd | tr '\n' ' ')"
