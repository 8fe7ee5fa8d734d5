# add-option.awk -- an option more: a field where a struct of settings begins, a row before that of "strength". In a
# public header: more members of the structs that grow.
/^} RvJob(Plan|Report);/ { print "  double added[64];" }
/^  \{ "strength",/ { print "  { \"added\", 0, RV_OPTION_INT, FIELD (added), \"5\", 1, 9, .help = \"of a later version\" }," }
{ print }
/^typedef struct/ && !public { print "  gint64 added;" }
