#!/bin/sh
# check-style.sh -- layers and banned functions, as tests. Prints TAP. Run from the repository's root.
#
# A file includes only headers of lower rows (docs/TOUR.md). Only programs (src/cli, src/hdf5) print, exit and handle
# signals.
set -u
count=0
report() { # report NAME FINDINGS
  count=$((count + 1))
  if [ -z "$2" ]; then echo "ok $count $1"; else
    echo "not ok $count $1"
    echo "$2" | sed 's/^/# /'
  fi
}

layer_of() { # layer_of FOLDER-OR-PUBLIC-HEADER: its row
  case $1 in
  base | error | version | json | settings | text) echo 0 ;;
  tensor) echo 1 ;;
  op | io | image | weights | dataset | fetch | flow-file | video) echo 2 ;;
  backend | kernels) echo 3 ;;
  graph) echo 4 ;;
  net | loss | optim | flow | cluster) echo 5 ;;
  method | mask | features | learn | scorer | vae | verify) echo 6 ;;
  job | app | networks | kernel-cache | process) echo 7 ;;
  cli | hdf5 | reverie | studio) echo 8 ;; # the programs
  *) echo "?" ;;
  esac
}

wrong=
for file in $(find src -name '*.[ch]'); do
  folder=$(echo "$file" | cut -d/ -f2)
  row=$(layer_of "$folder")
  for header in $(sed -n 's/^#include [<"]\(reverie\/\)\{0,1\}\([a-z0-9-]*\/\)\{0,1\}[a-z0-9/-]*\.h[">].*/\1\2&/p' "$file" |
    sed -n 's/.*#include <reverie\/\([a-z-]*\)\.h>.*/\1/p; s/.*#include "\([a-z]*\)\/.*/\1/p'); do
    other=$(layer_of "$header")
    [ "$other" = "?" ] && continue
    if [ "$other" -gt "$row" ]; then wrong="$wrong$file ($row) includes $header ($other)
"; fi
    # Siblings of rows 2 and 5 must not include each other.
    if [ "$other" -eq "$row" ] && [ "$folder" != "$header" ]; then
      case "$folder $header" in
      'io image' | 'io weights' | 'io dataset' | 'io fetch' | 'io flow-file' | 'io video' | 'backend kernels' | 'method vae' | 'job networks' | 'app job' | 'app networks' | 'app kernel-cache' | 'app process' | 'method style-net' | 'method mask' | 'method scorer' | 'method features' | 'method verify' | 'cli reverie' | 'cli studio' | 'base error' | 'base json' | 'base settings' | 'base text' | 'base version') ;;
      *) wrong="$wrong$file includes its sibling $header
" ;;
      esac
    fi
  done
done
report 'a file includes only lower layers' "$wrong"

# The program uses the library like any other client.
report 'the program includes public headers only' "$(grep -nE '^#include "(\.\.|[a-z0-9-]+)/' $(find src/cli -name '*.[ch]') |
  grep -vE '#include "(cli|studio)/')"

# The library quotes option names, as other clients have forms and keyword arguments. Only the program adds dashes.
report 'only the command line writes dashes before the name of an option' "$(grep -nE '"[^"]*([^-]|"|`)--[a-z%]|"[^"]*[ (`]-[a-z][^a-z0-9_]' \
  $(find src -name '*.[ch]' -not -path 'src/cli/*' -not -path 'src/studio/*') | grep -vE ':[0-9]+: *(/?\*|//)|--.*\*/')"

part_row() { # rows within method: shared, losses and training, runs, methods, code over methods
  case $1 in
  method) echo 0 ;;
  faces | objective | patches | train) echo 1 ;;
  masks | run) echo 2 ;;
  style | dream | vae | style-net) echo 3 ;;
  scorer | video) echo 4 ;;
  *) echo 9 ;; # a new folder needs a row here
  esac
}
wrong=
for file in $(find src/method -name '*.[ch]'); do
  part=$(echo "${file#src/method/}" | sed 's,^[^/]*$,method,; s,/.*,,')
  for other in $(sed -n 's@^#include "method/[a-z0-9-]*\.h".*@method@p
    s@^#include "method/\([a-z0-9-]*\)/.*@\1@p
    s@^#include "\.\./.*@..@p
    s@^#include <reverie/\(vae\|style-net\)\.h>.*@\1@p' "$file"); do
    [ "$other" = "$part" ] || [ "$(part_row "$other")" -lt "$(part_row "$part")" ] || wrong="$wrong$file ($part) includes $other
"
  done
done
report 'style, dream, vae and style-net do not include each other, and shared code includes none of them' "$wrong"

report 'code that all jobs share includes no kind of job' "$(grep -nE '^#include "job/[a-z]+/' src/job/core/*.[ch] | grep -v '"job/core/')"

find_in() { grep -nE "$1" $(find "$2" -name '*.[ch]' | grep -vE '^src/(cli|hdf5)/') /dev/null | grep -vE '^[^:]+:[0-9]+: *(\*|/\*|//)'; }
report 'no exit, abort, printing or assert in the library' "$(find_in '\b(exit|abort|printf|fprintf|puts|perror|g_print|g_printerr|g_error|assert|g_assert[a-z_]*) *\(' src | grep -v fprintf_s)"
report 'no signals, no change of folder in the library' "$(find_in '\b(signal|sigaction|chdir|setenv|g_setenv|setlocale) *\(' src)"
report 'no banned functions' "$(grep -nE '\b(atoi|atof|sprintf|vsprintf|strcpy|strcat|strtok|gets|rand|srand|strtod|scanf) *\(|time *\(NULL\)' $(find src examples -name '*.[ch]'))"
report 'oneDNN in its own files only' "$(grep -lE 'dnnl' $(find src -name '*.[ch]') | grep -v '^src/backend/onednn')"
report 'Vulkan in its own folder only' "$(grep -lE 'vulkan/vulkan.h' $(find src -name '*.[ch]') | grep -v '^src/backend/vulkan/')"
report 'libvips in its own folder only' "$(grep -lE 'vips/vips.h' $(find src -name '*.[ch]') | grep -v '^src/io/image/')"
report 'libcurl in its own file only' "$(grep -lE '<curl/' $(find src -name '*.[ch]') | grep -v '^src/io/fetch/transfer.c')"
report 'the studio includes public headers only' "$(grep -nE '^#include "(\.\.|[a-z0-9-]+)/' $(find src/studio -name '*.[ch]') /dev/null)"
report 'the plug-in includes public headers only' "$(grep -nE '^#include "' $(find bindings/gimp -name '*.[ch]') | grep -vE '#include "[a-z]+\.h"')"
report 'only front-*.c of the plug-in include GIMP, and have at most 300 lines' "$(grep -lE '<libgimp' bindings/gimp/*.[ch] | grep -v '^bindings/gimp/front-'
  awk 'FNR > 300 {print FILENAME; nextfile}' bindings/gimp/front-*.c)"
report 'MPI in its own file only' "$(grep -lE '<mpi\.h>' $(find src -name '*.[ch]') | grep -v '^src/cluster/mpi.c')"
report 'libmicrohttpd in its own file only' "$(grep -lE '<microhttpd' $(find src -name '*.[ch]') | grep -v '^src/studio/http.h')"
report 'no script or style within the page' "$(grep -nE '<style|style=|<script>| on[a-z]+=|javascript:' src/studio/page/index.html)"
report 'libhdf5 in its own folder only' "$(grep -lE '<hdf5\.h>' $(find src -name '*.[ch]') | grep -v '^src/hdf5/')"
report 'JSON from outside is read in one place' "$(grep -nE 'json_parser_|json_from_string|json_gobject_from|json_gvariant_des' $(find src -name '*.[ch]') | grep -v '^src/base/json.c')"
report 'every public header is installed' "$(for f in include/reverie/*.h; do
  grep -q "'$(basename "$f")'" include/reverie/meson.build || echo "$f"; done)"
report 'the nightly jobs are the rows of tools/check.sh' "$(rows=$(sed -n "/^checks=/,/^'/p" tools/check.sh | awk 'NF > 2 {printf "%s%s", (n++ ? ", " : ""), $1}')
  grep -qF "row: [$rows]" .github/workflows/ci.yml || echo "expected in .github/workflows/ci.yml: row: [$rows]")"
report 'one version' "$(version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
  grep -qx "__version__ = \"$version\"" bindings/python/reverie/__init__.py || echo "bindings/python/reverie/__init__.py is not $version"
  head -1 debian/changelog | grep -qF "($version" || echo "debian/changelog is not $version"
  grep -noE 'reverie-[0-9]+\.[0-9.]*[0-9]' README.md README.zh.md docs/install.md | grep -vF "reverie-$version")"
report 'comments of public headers name owners, errors, threads and numbers' "$(awk -f tools/check-headers.awk include/reverie/*.h)"
report 'the first line of every file describes it' "$(for f in $(git ls-files 'src/*.[ch]' 'include/*.h' 'bindings/*.[ch]' 'tests/*.[ch]' 'examples/*.[ch]' 2>/dev/null); do
  head -1 "$f" | grep -q "^/\* $(basename "$f") -- " || echo "$f"; done)"
report 'lines of at most 120 characters' "$(awk 'length ($0) > 120 {print FILENAME ":" FNR}' $(find src include bindings tests -name '*.[ch]') $(find bindings tests/python -name '*.py') | head -5)"
report 'no comment begins with Of, What, Where, Those, That, As, Likewise, It, And or So' "$(grep -rnE --include='*.[ch]' \
  '(/\*\*?|^ *//) (Of|What|Where|Those|That|As|Likewise|It|And|So)\b' src include tests bench bindings)"
report 'a comment of a header describes one declaration' "$(awk 'FNR == 1 {n = 0}
  /\/\*/ {n = 0} {line = $0; while (match (line, /(^|[^a-zA-Z0-9_])(rv_)?_[a-z_]+:( |$)/)) {n++; line = substr (line, RSTART + RLENGTH)}}
  /\*\// {if (n > 1) print FILENAME ":" FNR; n = 0}' $(find src -name '*.h'))"
report 'options have US spelling and are unique within their table' "$(awk '/RvOption [a-z_]+\[\]/ {table = FILENAME; delete seen}
  match ($0, /^ *\{ "[a-z0-9-]+", /) && table == FILENAME {name = $2
    if (seen[name]++ || name ~ /colour|optimis|normalis|maximis|neighbour|grey|centre|licence/) print FILENAME ":" FNR ": " name}
  /^};/ {table = ""}' $(find src -name '*.c'))"
report 'header names are unique' "$(find src -name '*.h' | sed 's@.*/@@' | sort | uniq -d)"
# Files that docs/extending.md invents as examples are left out.
report 'paths in docs and comments exist' "$({ grep -noP '(?<![\w/.-])(src|tests|tools|docs)/[\w/.-]*\w' README.md CONTRIBUTING.md docs/*.md
  grep -rnoP '(?<![\w/.-])(src|tests|tools|docs)/[\w/.-]*\.(c|h|sh|py|md)\b' --include='*.[ch]' src include tests bench bindings; } |
  grep -vE 'docs/extending.md:.*/(squeezenet|style-swd|rmsprop|gguf|cmd-morph|thin|cuda)\.c' |
  while IFS=: read -r file line path; do [ -e "$path" ] || echo "$file:$line: $path"; done)"
# Includes files that only an option uses.
report 'files named in meson.build exist' "$(grep -rnoP --include=meson.build "files\('[^)+]*\)" src tests | tr -d ')' | sed "s/files('//; s/'[^']*'/ /g; s/'//" |
  while IFS=: read -r file line names; do for name in $names; do
    [ -e "$(dirname "$file")/$name" ] || echo "$file:$line: $name"; done; done)"
echo "1..$count"
