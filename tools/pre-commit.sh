#!/bin/sh
# pre-commit.sh -- Git's hook before a commit (`make hooks`): format of the staged C files, and tools/check-style.sh.
set -u
cd "$(git rev-parse --show-toplevel)" || exit 1
wrong=$(git diff --cached --name-only --diff-filter=ACMR -- '*.c' '*.h' | while read -r file; do
  git show ":$file" | clang-format --assume-filename="$file" --dry-run -Werror >/dev/null 2>&1 || echo "$file"
done)
[ -z "$wrong" ] || { echo "Run 'make format', then 'git add', for:" $wrong >&2; exit 1; }
style=$(tools/check-style.sh | grep -A 20 '^not ok') || exit 0
echo "$style" >&2
exit 1
