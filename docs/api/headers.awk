# headers.awk -v root=FOLDER HEADER -- prints a public header for Doxygen. A comment above several declarations is
# repeated for each. `@name: text` becomes a parameter; `Errors:`, `Returns:` and `Since:` become sections; a comment
# after a member describes that member. A line of use is the first statement in the sources of FOLDER that calls the
# function: code that is compiled and tested stays correct.

BEGIN {
  list = "cd " root " && ls examples/*.c src/cli/*.c src/cli/*/*.c src/studio/*.c bench/*.c tests/*/*.c src/*/*.c src/*/*/*.c"
  while ((list | getline file) > 0)
    find_uses(file)
}

# Stores the first statement of a file that calls or names each function, and the first g_autoptr variable of each type.
function find_uses(file,   line, statement) {
  statement = ""
  while ((getline line < (root "/" file)) > 0) {
    if (line ~ /^rv_|^#|^ *\/?\*/) # a definition, a directive or a comment
      continue
    sub(/^ +/, "", line)
    statement = statement (statement == "" ? "" : " ") line
    if (line == "" || line ~ /[;{}]$/) {
      remember(statement, file)
      statement = ""
    }
  }
  close(root "/" file)
}

function remember(statement, file,   rest, name, called) {
  sub(/ *\/\*.*/, "", statement)
  for (rest = statement; match(rest, /(rv_[a-z0-9_]+|g_autoptr \(Rv[A-Za-z]+)/); rest = substr(rest, RSTART + RLENGTH)) {
    name = substr(rest, RSTART, RLENGTH)
    called = substr(rest, RSTART + RLENGTH) ~ /^ \(|^\)/
    if (name in use && (is_call[name] || !called))
      continue
    use[name] = length(statement) > 100 && called && name ~ /^rv/ ? call(substr(rest, RSTART)) ";" : statement
    used_in[name] = file
    is_call[name] = called
  }
}

# Returns the call, "name (...)", at the beginning of @text.
function call(text,   i, depth, character) {
  for (i = 1; i <= length(text); i++) {
    character = substr(text, i, 1)
    depth += (character == "(") - (character == ")")
    if (character == ")" && depth == 0)
      break
  }
  return substr(text, 1, i)
}

# Returns the line of use of the function that @declaration declares; "" for a type. For a function "_sized" or "_of",
# uses of the inline function or macro without this suffix count.
function line_of_use(declaration,   name, type) {
  if (!match(declaration, /rv_[a-z0-9_]+ \(/))
    return ""
  name = substr(declaration, RSTART, RLENGTH - 2)
  type = declaration
  if (name ~ /_(free|unref)$/ && match(type, /\(Rv[A-Za-z]+/) && !is_call[name])
    name = "g_autoptr " substr(type, RSTART, RLENGTH)
  if (!is_call[name])
    sub(/_(sized|of)$/, "", name)
  if (!(name in use)) {
    print FILENAME ": nothing uses " name > "/dev/stderr"
    return ""
  }
  return "\n@par Use\n" used_in[name] "\n@code{.c}\n" use[name] "\n@endcode\n"
}

function escape(text) {
  gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
  gsub(/\\/, "\\\\", text)
  return text
}

# Returns @text with words such as @mask in italics.
function words(text,   out) {
  out = ""
  while (match(text, /@[a-z_][a-z0-9_]*/)) {
    out = out substr(text, 1, RSTART - 1) "<em>" substr(text, RSTART + 1, RLENGTH - 1) "</em>"
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

function sections(text) {
  gsub(/#G/, "G", text) # no links: types of GLib have no page here
  gsub(/(^| )Errors: /, "\n@par Errors\n", text)
  gsub(/(^| )Returns: /, "\n@par Returns\n", text)
  gsub(/(^| )Since: 0\.1/, "\n@since 0.1", text)
  return text
}

# Returns the comment of a declaration for Doxygen, from lines[1..n_lines].
function comment(declaration,   i, line, text, name, in_param) {
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
  return "/** " sections(text) line_of_use(declaration) " */"
}

# The head of the file, "/* name.h -- description", until the comment ends.
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

# The first line of a declaration.
/^(RV_API|typedef|static inline)/ && depth == 0 && !in_declaration {
  if (n_lines > 0)
    print comment($0)
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
