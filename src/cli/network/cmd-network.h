/* cmd-network.h -- reverie network and its subcommands, one function each.
 * Layer 8 (cli). */
#ifndef RV_CMD_NETWORK_H
#define RV_CMD_NETWORK_H

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

/* Subcommands. Each returns the exit code. */
int model_list (ModelJob *job, GError **error);
int model_info (ModelJob *job, GError **error);
int model_get (ModelJob *job, GError **error);
int model_verify (ModelJob *job, GError **error);
int model_import (ModelJob *job, GError **error);
/* Imports a folder with MicroAST's files. The caller has checked the output. */
gboolean model_import_any (const ModelJob *job, GError **error);

/* Fails with RV_ERROR_SETTING, and the nearest name, if @name is no network. */
gboolean model_check_name (const char *name, GError **error);
/* (transfer full): 20024384 -> "20,024,384". */
char *model_commas (gint64 number);
void model_print_json (JsonBuilder *json);
/* Adds a member, unless @text is NULL. */
void model_json_text (JsonBuilder *json, const char *name, const char *text);

#endif
