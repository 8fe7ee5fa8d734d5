#!/bin/sh
# measure-size.sh -- prints the size of the source: lines, files in the largest folders, includes among the files of
# src/job, exported functions.
set -eu
cd "$(dirname "$0")/.."
sources() { find src include \( -name '*.c' -o -name '*.h' \) -print; }
echo "$(sources | xargs cat | wc -l) lines in src and include"
sources | sed 's#/[^/]*$##' | sort | uniq -c | sort -rn | head -n 5 | awk '{ print $1 " files in " $2 }'
echo "$(grep -rh '#include "job/' src/job | wc -l) includes of job headers inside src/job"
echo "$(wc -l <tests/support/symbols.txt) exported functions"
sources | sed 's#/[^/]*$##' | sort -u | while read -r folder; do
  echo "$(cat "$folder"/*.[ch] | wc -l) lines in $folder"
done | sort -rn
