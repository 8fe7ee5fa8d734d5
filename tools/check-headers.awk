# check-headers.awk -- checks comments of public functions and types for tools/check-style.sh: prints what is missing. A
# comment counts for all declarations up to the next empty line.
#
#   function: its name, or "_int" for rv_settings_get_int() in a list after rv_settings_get(); Since; Errors, if it takes
#             a GError; owner of the pointer that it returns; @NAME of each number among its parameters
#   type:     its name; for an opaque type its threads, in the comment or in the head of the file
#
# A function that takes a struct made by callers has a size parameter and is called "_sized", because the struct may
# grow.

FNR == 1 { # the head of a file
  text = head = declaration = ""
  in_head = 1
}
in_head {
  head = head $0
  if (FILENAME ~ /reverie\.h$/)
    rules = head
  in_head = !/\*\//
  next
}

/^$/ && depth == 0 { text = "" }

/^\/\*\*/ { text = "" }
/^\/\*\*/ || in_comment {
  in_comment = !/\*\/$/
  sub(/^(\/\*\*| \*\/?)/, "")
  text = text " " $0
  next
}

/^(RV_API|typedef)/ && declaration == "" { begins = FILENAME ":" FNR }
begins != "" {
  line = $0
  sub(/\/\*.*/, "", line)
  declaration = declaration " " line
  depth += gsub(/\{/, "{", line) - gsub(/\}/, "}", line)
  if (depth == 0 && line ~ /;/) {
    if (declaration ~ /^ RV_API/)
      check_function(declaration)
    else
      check_type(declaration)
    begins = declaration = ""
  }
}

function missing(what) { print begins ": " name ": " what }

# Whether the comment names the function, in full, or by the end of the name in a list of similar names.
function is_named(   end) {
  for (end = name; end != ""; sub(/^_?[a-z0-9]+/, "", end))
    if (match(text, end == name ? name : "[ (]" end "[:, ]"))
      return 1
  return name ~ /_(free|unref|ref)$/ # needs no comment
}

# Adds all types of the library that @text has pointers to.
function remember(text, where) {
  for (; match(text, /Rv[A-Za-z]+ \*/); text = substr(text, RSTART + RLENGTH))
    where[substr(text, RSTART, RLENGTH - 2)] = begins
}

function check_function(declaration,   i, n, parts, returned, parameter) {
  match(declaration, /rv_[a-z0-9_]+ \(/)
  name = substr(declaration, RSTART, RLENGTH - 2)
  returned = substr(declaration, 1, RSTART - 1)
  remember(returned, ours)
  declaration = substr(declaration, RSTART + RLENGTH)
  if (name !~ /_sized$/)
    remember(declaration, taken)
  n = split(declaration, parts, ",")
  sub(/_(sized|of)$/, "", name)
  if (!is_named())
    missing("its name")
  if (text !~ /Since: /)
    missing("Since")
  if (declaration ~ /GError \*\*/ && text !~ /[Ee]rrors/)
    missing("Errors")
  if (returned ~ /\*$/ && returned ~ /const/ && text !~ /[Bb]orrowed|[Ss]tatic|transfer none/)
    missing("lifetime of the result: static, or borrowed")
  else if (returned ~ /\*$/ && returned !~ /const/ && name !~ /_ref$/ && text !~ /transfer full|[Bb]orrowed/)
    missing("owner of the result: (transfer full), or borrowed")
  for (i = 1; i <= n; i++) {
    parameter = parts[i]
    gsub(/^ +|\).*$/, "", parameter)
    if (parameter !~ /^(int|guint|gint64|guint64|gsize|gssize|double|float) [a-z]/ || parameter ~ /[ _]size$/)
      continue
    sub(/.* /, "", parameter)
    if (text !~ "@" parameter)
      missing("@" parameter)
  }
}

function check_type(declaration,   is_opaque) {
  is_opaque = declaration ~ /^ typedef struct _?[A-Za-z]+ [A-Za-z]+;/
  name = declaration
  sub(/; *$/, "", name)
  sub(name ~ /\(\*Rv[A-Za-z]+\) \(/ && name !~ /\}/ ? ".*\\(\\*" : ".* ", "", name)
  sub(/\).*/, "", name)
  if (declaration ~ /\{/)
    grows[name] = declaration !~ /enum/
  else if (!is_opaque)
    remember(declaration, ours) # filled by the library
  if (text !~ name)
    missing("what it is")
  if (is_opaque && text head !~ /[Tt]hread/)
    missing("which threads may use it")
}

END {
  for (name in taken)
    if (grows[name] && !(name in ours) && rules !~ name) {
      begins = taken[name]
      missing("its size, by a function called _sized")
    }
}
