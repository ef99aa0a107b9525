#!/bin/bash
# Every check and every test, on a fresh Debian 12 machine with Node.js 20, as root; installs the rest.
# The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"

test/lab/setup.sh
npm ci --no-audit --no-fund
exec npm test
