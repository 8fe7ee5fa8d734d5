#!/bin/sh
# embed.sh TEMPLATE FILE NAME -- prints the assembler lines that embed FILE in the library. They contain the checksum of
# FILE: compiler caches compare the text of a source, but not the file that .incbin names.
set -eu
sed "s|@NAME@|$3|g; s|@FILE@|$2|; s|@SUM@|$(cksum <"$2" | tr ' ' _)|" "$1"
