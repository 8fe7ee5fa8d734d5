/* cmd-network.h -- reverie network and its subcommands, one function each. Layer 8 (cli). */
#pragma once

#include "cli/cli.h"
#include <json-glib/json-glib.h>

/* CommandFunc of "list": prints all known networks. */
int network_list (const CommandLine *line, GError **error);
/* CommandFunc of "info": prints the network or the weights file args[0]. RV_ERROR_SETTING: no such network. */
int network_info (const CommandLine *line, GError **error);
/* CommandFunc of "get": downloads the networks of args that are not installed, and stores converted copies of all.
 * RV_ERROR_SETTING: no such network, or a wrong --from. RV_ERROR_FILE: downloads are off. */
int network_get (const CommandLine *line, GError **error);
/* CommandFunc of "verify": checks the networks or files of args, else all installed networks. Prints errors itself and
 * continues. */
int network_verify (const CommandLine *line, GError **error);
/* CommandFunc of "import": converts the weights file args[0], or a folder of MicroAST's files, to --output. */
int network_import (const CommandLine *line, GError **error);

/* TRUE if @name is a network. Else RV_ERROR_SETTING with the nearest name. */
gboolean network_check_name (const char *name, GError **error);
/* (transfer full): @number, at least 0 (unchecked), with commas between thousands: 20024384 -> "20,024,384". */
char *network_number_text (gint64 number);
/* Prints the finished document of @json, indented on several lines, safe for a terminal. */
void network_print_json (JsonBuilder *json);
/* Adds the member @name to the open object, unless @text is NULL. Invalid UTF-8 is replaced. */
void network_json_text (JsonBuilder *json, const char *name, const char *text);
