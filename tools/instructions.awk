# instructions.awk -v multiply=REGEX: finds the innermost loop with the most multiplications in disassembled code
# (objdump -d --no-show-raw-insn). Prints its instructions per vector multiplication.
function number(hex,  i, n) {
  for (i = 1; i <= length(hex); i++)
    n = 16 * n + index("0123456789abcdef", substr(hex, i, 1)) - 1
  return n
}
$1 ~ /^[0-9a-f]+:$/ {
  address[++n] = number(substr($1, 1, length($1) - 1))
  multiplies[n] = $2 ~ multiply
  for (k = 3; k < NF; k++)
    if ($2 ~ /^(j|b$|b\.|cb|tb)/ && $(k + 1) ~ /^</ && (to = number($k)) <= address[n]) { # backward branch
      count = 0
      for (i = n; i > 0 && address[i] >= to && !ends[i]; i--)
        count += multiplies[i]
      ends[n] = 1
      if (address[i] < to && count > most) { # innermost loop
        most = count
        each = (n - i) / count
      }
    }
}
END { printf "%.2f\n", each }
