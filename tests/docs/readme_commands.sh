#!/usr/bin/env bash
# Runs the commands of README.md as they are printed there, after launch/quickstart.sh --short: its run folder takes the
# place of the full one's. The two commands at the top are left out, since they are how one comes here.
set -euo pipefail
cd "$(dirname "$0")/../.."

commands=$(sed -n '/^```sh$/,/^```$/p' README.md | grep -v -e '^```' -e '^launch/quickstart.sh' -e '^launch/test.sh' |
  sed 's#runs/quickstart#runs/quickstart-short#g')
[ "$(grep -c '^build/espalier' <<<"$commands")" -ge 5 ] || { echo "FAILED: README.md has hardly any commands" >&2; exit 1; }
rm -rf runs/quickstart-short/other runs/quickstart-short/fitted
while IFS= read -r command; do
  echo "+ $command"
  bash -euo pipefail -c "$command" </dev/null || { echo "FAILED: $command" >&2; exit 1; }
done < <(sed -e ':join' -e '/\\$/{N; s/\\\n *//; b join' -e '}' <<<"$commands")
echo "readme: every command ran"
