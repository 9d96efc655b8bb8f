#!/usr/bin/env bash
# The steps of action.yml: installs kubectl-canary, writes the findings as SARIF and as annotations, and keeps the exit code for the last step.
set -euo pipefail
folder=${RUNNER_TEMP:?}/kubectl-canary
bash "$(dirname "$0")/install.sh" "$CANARY_VERSION" "$folder"
# Words, as a shell splits them; no globs.
set -f
# shellcheck disable=SC2206
words=(lint $CANARY_PATH $CANARY_ARGS)
set +f
code=0
"$folder/kubectl-canary" "${words[@]}" -o sarif > "$CANARY_SARIF" || code=$?
if [ "$code" != 0 ] && [ "$code" != 3 ]; then exit "$code"; fi
"$folder/kubectl-canary" "${words[@]}" -o github || true
{
  echo "sarif-file=$CANARY_SARIF"
  echo "exit-code=$code"
} >> "${GITHUB_OUTPUT:?}"
