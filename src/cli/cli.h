/* cli.h -- a command is one file, cmd-NAME.c, that ends in a descriptor; and what all commands share.
 * Layer 8 (cli). May include every public header. Only this folder prints, exits and handles signals. */
#ifndef RV_CLI_H
#define RV_CLI_H

#include <reverie/reverie.h>
#include <stdio.h>

typedef enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 } ExitCode;

/* An option of one command, and the field that its value goes to. Tables end with a row without a name. */
typedef struct {
  const char *name;
  char letter;
  RvOptionType type;
  gsize offset; /* field: gint64, double, gboolean, or for CHOICE and TEXT an owned char *, NULL when empty */
  const char *def;
  double min, max;
  const char *unit, *help;
  const char *const *(*choices) (void);
  const char *old_name; /* (nullable): former name: read, never written or shown */
} OwnOption;

/* Options of a command, or settings of a kind of the library. Lists end with a row without either. @first: first row of
 * the kind to use; NULL: all rows. */
typedef struct {
  const OwnOption *own;
  const char *kind, *first;
} OptionTable;

typedef struct {
  const char *name, *summary;
  const char *usage;              /* "CONTENT STYLE... -o OUT" */
  const char *about;              /* one or two paragraphs for --help and the man page */
  gboolean hidden;                /* not in the overview, as another command calls it */
  const char *const *subcommands; /* usage and summary in turn; NULL: none */
  const char *const *examples;    /* command and its effect in turn, NULL-terminated */
  const OptionTable *options;
  /* Returns the exit code; with EXIT_FAILED and @error, only main() prints the message. @given: array of Given in typed
   * order, settings file first. NULL: the command "NAME-WORD" runs instead, WORD being the first argument. */
  int (*run) (int n_args, char **args, GPtrArray *given, GError **error);
  /* (transfer full) (nullable): the command line that replaces this one, its command first. NULL: the command runs
   * itself. */
  char **(*rewrite) (int argc, char **argv, GError **error);
} Command;

extern const Command *const commands[]; /* NULL-terminated */

typedef struct {
  const RvOption *option;
  char *value;
} ParsedOption;

/* error.c */

/* (transfer full): an error message for users, on one line. */
char *error_text (const GError *error);
/* Prints one line "reverie: ..." on standard error and frees @error. Returns its exit code. For main(), and for a
 * command that continues after an error. */
int error_print (GError *error);

/* options.c */

/* (transfer container) (element-type RvOption): all options of the tables, in order. */
GPtrArray *options_of (const OptionTable *tables);
/* The first option called @name. NULL: there is none. */
const RvOption *options_find (const OptionTable *tables, const char *name);

/* The option that @name with @value means in a file, where former names count. The value decides if a former name
 * is now the name of another option. NULL: there is none. */
const RvOption *options_find_saved (const OptionTable *tables, const char *name, const char *value);

/* Splits the command line: *given is a new array of the options, *args of all other arguments. */
gboolean options_parse (const Command *command, int argc, char **argv, GPtrArray **given, GPtrArray **args,
                        GError **error);
/* Sets every field of a zeroed struct to its default. */
void own_defaults (const OwnOption *table, void *settings);
/* Sets the fields of @settings that @table describes. Options of other tables are ignored. */
gboolean own_apply (const GPtrArray *given, const OwnOption *table, void *settings, GError **error);
void own_clear (const OwnOption *table, void *settings);
/* (transfer full) (nullable): settings of @kind: first the preset typed or else @preset (NULL: the default), then each
 * option. */
RvSettings *options_settings (const GPtrArray *given, const char *kind, const char *preset, GError **error);
/* Number of threads of @settings. 0: one for each core. */
int options_threads (const RvSettings *settings);
/* (transfer full) (element-type Given): an empty array. */
GPtrArray *options_new (void);
/* Appends an option, unless @tables have none called @name. */
void options_add (GPtrArray *given, const OptionTable *tables, const char *name, const char *value);
/* The last value given for @name, or NULL. Borrowed. */
const char *options_last (const GPtrArray *given, const char *name);
/* (transfer container): every value given for @name. */
GPtrArray *options_all (const GPtrArray *given, const char *name);
/* (transfer full): a help text of the library with option names as users type them: 'name' becomes --name. */
char *options_as_typed (const char *text);
void options_print_help (const Command *command);
void options_print_man (const Command *command);

/* picture.c: options that all commands share which make a picture. */
typedef struct {
  RvSettings *asked; /* kind "picture"; the texts below are borrowed from it, NULL where empty */
  const char *output, *network, *weights, *log, *plot, *timeline;
  gboolean force, keep_recipe;
  /* only for the program: */
  char *settings, *kernels;
  gboolean dry_run, preview, quiet, offline;
  gboolean is_video;
  char *weights_file; /* file read; NULL: the built-in network */
} PictureOptions;

extern const OwnOption picture_options[]; /* in addition to those of the kind "picture" */

/* Fills @options from the given options. Clear it with picture_options_clear(), even after an error.
 * RV_ERROR_SETTING. */
gboolean picture_options_read (const GPtrArray *given, PictureOptions *options, GError **error);
void picture_options_clear (PictureOptions *options);
/* Checks all that the command line alone can show to be wrong. */
gboolean picture_check_usage (const PictureOptions *options, GError **error);
/* Prints one line on standard error for each file left out, with its reason. @faults (nullable): NULL-terminated.
 * Returns their number. */
int say_left_out (const char *const *faults);
/* Prints "out.png: 512 x 384 px in 13 s", unless --quiet or there is no result. Returns the exit code. @stopped: Ctrl-C
 * ended the run early; it has no effect once nothing is left to stop. */
int picture_print_done (const PictureOptions *options, int width, int height, gint64 began_us, gboolean stopped);
/* (transfer full): " in 6 tiles (1.9 times the work)"; without tiles but with recomputation " (1.05 times the work, to
 * save memory)"; or "". */
char *picture_tiles_text (int n_tiles, double work, gboolean compact);
/* Sets the network of a preset, unless an option or a weights file names one. If there is still none, the weights file
 * decides. */
void picture_imply (PictureOptions *options, const char *network);
/* Loads the network and its weights: from --weights, or from the folder of networks. */
RvNet *picture_load_net (PictureOptions *options, GError **error);
/* (transfer full) (nullable): a picture shrunk to that longest side. Smaller pictures keep their size. */
RvImage *picture_load_within (const char *file, double longest_px, GError **error);

/* text.c */

/* (transfer full): untrusted @text made safe for a terminal or a log. Characters that are not printable are escaped as
 * in JSON (escape, bidirectional control, new line unless @lines). Invalid UTF-8 becomes "\xff". JSON stays JSON.
 * Cannot fail. */
char *text_plain (const char *text, gboolean lines);
/* Prints one line made safe by text_plain() on @stream: file names must not send escapes to the terminal. */
void text_print (FILE *stream, const char *format, ...) G_GNUC_PRINTF (2, 3);

typedef struct _Progress Progress;

/* version.c: prints the version, and with @verbose what a bug report needs. Returns the exit code. */
int version_print (gboolean verbose);

/* completion.c: prints the completion script of @shell, "bash", "zsh" or "fish". Returns the exit code. */
int completion_print (const char *shell);

/* network/folder.c */

/* (transfer full) (nullable): the weights file of @network in the folder of networks. If missing, offers the download
 * on a terminal. RV_ERROR_FILE says what to do. */
char *model_find_or_ask (const char *network, gboolean offline, gboolean quiet, GError **error);
/* Whether the internet must not be used: --offline or REVERIE_OFFLINE. */
gboolean model_is_offline (gboolean asked);

/* network/get.c */

/* (transfer full) (nullable): downloads into the folder of networks with a progress bar, and converts for the first
 * run. */
char *model_download (const RvSource *source, gboolean quiet, GError **error);

/* subcommand.c */

/* Checks that args[0] is a subcommand of @command with as many arguments as its usage says. @texts: usage and summary
 * of each subcommand in turn. */
gboolean subcommand_check (const char *command, const char *const *texts, int n_args, char **args, GError **error);

/* progress.c: a bar on a terminal, lines in a pipe, nothing with --quiet. */
Progress *progress_new (gboolean quiet);
/* @what: one short text, such as "scale 2/5 181 x 136  loss 0.42". */
void progress_show (Progress *progress, double done_01, double seconds, gint64 iteration, const char *what);
/* For a video: frame number @frame of about @n_frames is being made. */
void progress_show_frames (Progress *progress, double done_01, double seconds, gint64 frame, gint64 n_frames,
                           double loss);
/* For a download: @done of @total bytes are here, of which @came in the last @seconds. @what: what is downloaded. */
void progress_show_bytes (Progress *progress, gint64 done, gint64 total, gint64 came, double seconds, const char *what);
/* Removes the bar from the screen until it is drawn again. */
void progress_wipe (Progress *progress);
void progress_end (Progress *progress);

/* Catches SIGINT and SIGTERM from now on. */
void interrupt_watch (void);
/* Whether one of them has come since. */
gboolean interrupt_wanted (void);

/* recipe.c */

/* (transfer full) (nullable): the kernel choices of this processor. Those of the picture of --kernels take precedence;
 * only reading them can fail. */
RvKernelTable *kernel_file_load (const PictureOptions *options, GError **error);
/* Writes measured kernel choices to the cache; not with --kernels. */
void kernel_file_save (const PictureOptions *options, const RvKernelTable *kernels);

#endif
