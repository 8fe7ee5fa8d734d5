/* cmd-model.h -- reverie model and its subcommands, one function each.
 * Layer 8 (cli). */
#ifndef RV_CMD_MODEL_H
#define RV_CMD_MODEL_H

#include "cli/cli.h"
#include <json-glib/json-glib.h>

typedef struct {
  char *output, *network, *preprocessing, *from;
  gint64 threads;
  gboolean json, all, f16, force, quiet, offline;
} ModelOptions;

typedef struct {
  ModelOptions own;
  int n_args; /* after the subcommand's name */
  char **args;
} ModelJob;

/* Each returns the exit code; EXIT_FAILED where @error says why. model_verify says of each network itself what is
 * wrong with it. */
int model_list (ModelJob *job, GError **error);
int model_info (ModelJob *job, GError **error);
int model_get (ModelJob *job, GError **error);
int model_verify (ModelJob *job, GError **error);
int model_import (ModelJob *job, GError **error);
/* model_import_any: of a folder, with MicroAST's files in it. Its output is looked at. */
gboolean model_import_any (const ModelJob *job, GError **error);

/* model_check_name: @name is a network's. RV_ERROR_SETTING, with the nearest. */
gboolean model_check_name (const char *name, GError **error);
/* model_commas: (transfer full): 20024384 -> "20,024,384". */
char *model_commas (gint64 number);
/* model_print_json: what the builder has built, on standard output. */
void model_print_json (JsonBuilder *json);
/* model_json_text: a member; nothing for a NULL text. */
void model_json_text (JsonBuilder *json, const char *name, const char *text);

#endif
