# add-option.awk -- adds an option: a field at the beginning of a settings struct, and a row before that of "strength".
# With -v public=1, for a public header: adds members at the end of structs that may grow.
/^} RvJob(Plan|Report);/ { print "  double added[64];" }
/^  \{ "strength",/ { print "  { \"added\", 0, RV_OPTION_INT, FIELD (added), \"5\", 1, 9, .help = \"of a later version\" }," }
{ print }
/^typedef struct/ && !public { print "  gint64 added;" }
