#!/bin/bash
# What HEALTHCHECK runs: asks the service whether it works. Bash speaks enough HTTP to need no client in the image.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/$FOVEA_HEALTH_PORT"
printf 'GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
answer=$(cat <&3)
printf '%s\n' "${answer##*$'\n'}"
[[ $answer == "HTTP/1."?" 200 "* ]]
