#!/usr/bin/env bash
# Every source is as the pinned clang-format writes it, and one that is not is named.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Names the files among the arguments that clang-format would change.
badly_formatted() { clang-format-14 --dry-run "$@" 2>&1 | sed -n 's/^\([^:]*\):[0-9].*warning.*/\1/p' | sort -u; }

bad=$(mktemp --suffix .cpp)
trap 'rm -f "$bad"' EXIT
echo 'int  f( ){return 1 ;}' >"$bad"
[ "$(badly_formatted "$bad")" = "$bad" ] || { echo "FAILED: clang-format-14 accepts anything" >&2; exit 1; }

mapfile -t sources < <(find src tests -name '*.h' -o -name '*.cpp')
found=$(badly_formatted "${sources[@]}")
[ -z "$found" ] || { printf '%s\ntry: clang-format-14 -i on these\n' "$found"; exit 1; }
