# Our headers as Doxygen reads them: the comment above several declarations is said of each; `@name: text` is a
# parameter, `Errors:`, `Returns:` and `Since:` are sections, the comment behind a member is its own.

function escape(text) {
  gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
  gsub(/\\/, "\\\\", text)
  return text
}

# Words such as @mask within a sentence.
function words(text,   out) {
  out = ""
  while (match(text, /@[a-z_]+/)) {
    out = out substr(text, 1, RSTART - 1) "<em>" substr(text, RSTART + 1, RLENGTH - 1) "</em>"
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

function sections(text) {
  gsub(/#G/, "G", text) # GLib's are elsewhere
  gsub(/(^| )Errors: /, "\n@par Errors\n", text)
  gsub(/(^| )Returns: /, "\n@par Returns\n", text)
  gsub(/(^| )Since: 0\.1/, "\n@since 0.1", text)
  return text
}

# The comment as Doxygen has it, from lines[1..n_lines].
function comment(   i, line, text, name, in_param) {
  text = ""
  in_param = 0
  for (i = 1; i <= n_lines; i++) {
    line = escape(lines[i])
    if (match(line, /^@[a-z_]+: */)) {
      name = substr(line, 2, index(line, ":") - 2)
      text = text "\n- **" name "**: " words(substr(line, RLENGTH + 1))
      in_param = 1
    } else if (match(line, /^@[a-z_]+, @[a-z_]+: */)) {
      name = substr(line, 1, index(line, ":") - 1)
      gsub(/@/, "", name)
      text = text "\n- **" name "**: " words(substr(line, RLENGTH + 1))
      in_param = 1
    } else if (line == "") {
      text = text "\n\n"
      in_param = 0
    } else if (line ~ /^(rv_[a-z0-9_]+|Rv[A-Za-z]+):$/)
      continue
    else
      text = text " " words(line)
  }
  return "/** " sections(text) " */"
}

# "/* name.h -- what it is", until the comment ends.
NR == 1 && /^\/\* / {
  page = /^\/\* reverie\.h/ ? "@mainpage libreverie\n" : "@file\n@brief "
  sub(/^\/\* [a-z-]+\.h -- /, "")
  heading = 1
  print "/** " page escape($0) "\n@verbatim"
  next
}
heading {
  done = sub(/ *\*\/$/, "")
  sub(/^ \* ?/, "")
  print
  if (done) {
    print "@endverbatim */"
    heading = 0
  }
  next
}

/^\/\*\*/ || in_block {
  if (/^\/\*\*/)
    n_lines = 0
  in_block = !/\*\/$/
  sub(/^\/\*\* ?/, ""); sub(/^ \* ?/, ""); sub(/ *\*\/$/, ""); sub(/^ *$/, "")
  lines[++n_lines] = $0
  next
}

/^$/ && depth == 0 { n_lines = 0 }

# A declaration begins.
/^(RV_API|typedef|static inline)/ && depth == 0 && !in_declaration {
  if (n_lines > 0)
    print comment()
  else if (/^RV_API/)
    print FILENAME ": without a comment: " $0 > "/dev/stderr"
}
{
  in_declaration = depth == 0 && /^(RV_API|typedef)/ ? 1 : in_declaration
  line = $0
  depth += gsub(/\{/, "{", line) - gsub(/\}/, "}", line)
  if (depth == 0 && /;/)
    in_declaration = 0
  if (depth > 0)
    gsub(/\/\* /, "/**< ")
  print (depth > 0 ? words($0) : $0)
}
