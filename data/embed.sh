#!/bin/sh
# embed.sh TEMPLATE FILE NAME -- the assembler lines that make FILE a part of the library. Its checksum is in them because
# compiler caches look at a source's text, not at what .incbin names.
set -eu
sed "s|@NAME@|$3|g; s|@FILE@|$2|; s|@SUM@|$(cksum <"$2" | tr ' ' _)|" "$1"
