# instructions.awk -v multiply=REGEX: of disassembled code (objdump -d --no-show-raw-insn), the innermost loop that
# multiplies most: its instructions for each multiplication of vectors.
function number(hex,  i, n) {
  for (i = 1; i <= length(hex); i++)
    n = 16 * n + index("0123456789abcdef", substr(hex, i, 1)) - 1
  return n
}
$1 ~ /^[0-9a-f]+:$/ {
  address[++n] = number(substr($1, 1, length($1) - 1))
  multiplies[n] = $2 ~ multiply
  for (k = 3; k < NF; k++)
    if ($2 ~ /^(j|b$|b\.|cb|tb)/ && $(k + 1) ~ /^</ && (to = number($k)) <= address[n]) { # a branch back
      count = 0
      for (i = n; i > 0 && address[i] >= to && !ends[i]; i--)
        count += multiplies[i]
      ends[n] = 1
      if (address[i] < to && count > most) { # no loop ends in it
        most = count
        each = (n - i) / count
      }
    }
}
END { printf "%.2f\n", each }
