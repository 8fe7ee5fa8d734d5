/* cmd-network.h -- reverie network and its subcommands, one function each. Layer 8 (cli). */
#pragma once

#include "cli/cli.h"
#include <json-glib/json-glib.h>

/* CommandFunc of "list": prints all known networks on standard output, with --json as JSON. Always EXIT_DONE. */
int network_list (const CommandLine *line, GError **error);
/* CommandFunc of "info": prints the network or the weights file args[0], with --json as JSON. May store a converted
 * copy in the folder of networks. A known network that is not installed is no error. RV_ERROR_SETTING: no such file,
 * but a network with a similar name. RV_ERROR_FILE for any other missing name; RV_ERROR_FORMAT, RV_ERROR_MEMORY. */
int network_info (const CommandLine *line, GError **error);
/* CommandFunc of "get": downloads the networks of args that are not installed, stores converted copies of all, and
 * prints their paths. Stops at the first error. RV_ERROR_SETTING: no such network, one without a source, or a wrong
 * --from; RV_ERROR_FILE: downloads are off or impossible; RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_CANCELLED
 * (Ctrl-C). */
int network_get (const CommandLine *line, GError **error);
/* CommandFunc of "verify": checks the networks or files of args, else all installed networks and the built-in one.
 * Prints the results. Prints errors itself and continues: @error stays unset. Returns EXIT_DONE, or the exit code of
 * the last error. */
int network_verify (const CommandLine *line, GError **error);
/* CommandFunc of "import": converts the weights file args[0], or a folder of MicroAST's files, to --output.
 * RV_ERROR_SETTING: no --output with .safetensors; errors of rv_file_check_free() and of import_file() or
 * import_folder() (import.c). */
int network_import (const CommandLine *line, GError **error);

/* (transfer full): @number, at least 0 (unchecked), with commas between thousands: 20024384 -> "20,024,384". */
char *network_number_text (gint64 number);
/* Prints the finished document of @json, indented on several lines, safe for a terminal. */
void network_print_json (JsonBuilder *json);
/* Adds the member @name to the open object, unless @text is NULL. Invalid UTF-8 is replaced. */
void network_json_text (JsonBuilder *json, const char *name, const char *text);
