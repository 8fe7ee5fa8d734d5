/* cmd-vae.h -- reverie vae and its subcommands, one function each. Layer 8 (cli). */
#pragma once

#include "cli/cli.h"

/* CommandFunc of "train": trains a model on args[0] and writes --output; with --kind patches a model of
 * rv_patches_train(). RV_ERROR_SETTING: no output, or a wrong value. EXIT_INTERRUPTED (Ctrl-C) has no @error. */
int vae_train (const CommandLine *line, GError **error);
/* CommandFunc of "evaluate": prints the scores of the model args[0] on the data args[1] on standard output.
 * EXIT_INTERRUPTED, after Ctrl-C, has no @error. */
int vae_evaluate (const CommandLine *line, GError **error);
/* CommandFunc of all subcommands that make a picture: runs the job "vae-picture" and prints the result unless --quiet.
 * RV_ERROR_SETTING: no output, a wrong value, or too many files. EXIT_INTERRUPTED, after Ctrl-C, has no @error. */
int vae_picture (const CommandLine *line, GError **error);
/* CommandFunc of "encode": writes latent means and log variances of the data args[1], by the model args[0], to
 * --output, .csv or .safetensors, and prints a line unless --quiet. RV_ERROR_SETTING: another suffix or no output. */
int vae_encode (const CommandLine *line, GError **error);
/* CommandFunc of "info": prints sizes, settings and history of the model args[0] on standard output. */
int vae_info (const CommandLine *line, GError **error);
/* CommandFunc of "export": writes a page with the decoder of the model args[0] to --output, .html. RV_ERROR_SETTING:
 * another suffix or no output. */
int vae_export (const CommandLine *line, GError **error);

/* CommandFunc of "score": scores how unusual the pictures args[1] ... are, by the model args[0], a VAE or a patch
 * model. Leaves out unreadable files with a message on standard error. Writes a CSV to --output or standard output,
 * also --map and --sheet. EXIT_FAILED has @error, such as RV_ERROR_SETTING for a wrong option. EXIT_INTERRUPTED, after
 * Ctrl-C, has none. In both cases deletes the maps that it has written. */
int vae_score (const CommandLine *line, GError **error);

/* (transfer full) (nullable) (element-type filename): @source, or, if it is a folder, the paths of its entries in order
 * of name. Leaves out hidden ones; subfolders are entries. The array owns the paths and does not end with NULL.
 * RV_ERROR_FILE if the folder cannot be read. */
GPtrArray *vae_list_files (const char *source, GError **error);
/* The integer setting @name that the model was trained with. */
gint64 vae_int_setting (const RvVae *vae, const char *name);
/* Checks that -o is given, is not an input, its folder is writable, and the file does not exist, unless --force. With
 * --force also deletes unfinished temporary files beside it. RV_ERROR_SETTING: no -o; RV_ERROR_FILE. */
gboolean vae_check_output (const CommandLine *line, GError **error);
/* (transfer full): @output with @suffix instead of its own suffix: "model.safetensors", "-loss.svg" ->
 * "model-loss.svg". */
char *vae_sibling_path (const char *output, const char *suffix);
/* Warns on standard error if fewer latent dimensions than the model has are active, unless --quiet. */
void vae_warn_collapse (const CommandLine *line, const RvVae *vae, int active_units);
/* Prints --output, which must be given, and @what as "OUTPUT: WHAT" on standard output, unless --quiet. Returns
 * EXIT_DONE. */
int vae_print_done (const CommandLine *line, const char *what);
