/* cli.h -- commands of the program and the functions that they share. A command is a file cmd-NAME.c that ends with its
 * Command.
 * Layer 8 (cli). May include every public header. Only this folder and src/hdf5 print, exit and handle signals. */
#pragma once

#include <reverie/reverie.h>
#include <stdio.h>

typedef enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 } ExitCode;
/* Section of man pages, in roff. */
#define MAN_EXIT_STATUS                                                                                                \
  ".SH EXIT STATUS\n0 done; 1 failed: a file, the memory or the run; 2 wrong usage; 130 interrupted.\n"

/* Either options of a command, `own`, which end with a row without a name, or the settings of `kind` in the library.
 * Lists end with a row without both. @first: first row of the kind to use; NULL: all rows. */
typedef struct {
  const RvOptionRow *own;
  const char *kind, *first;
} OptionTable;

typedef struct _Command Command;
typedef struct _Subcommand Subcommand;

/* A command line, split and checked. All members are borrowed. */
typedef struct {
  int n_args; /* without the subcommand's name */
  char **args;
  const Command *command;
  const GPtrArray *given;       /* ParsedOption in typed order, settings file first */
  const RvSettings *settings;   /* settings of the kind Command.settings; NULL without one */
  const Subcommand *subcommand; /* NULL: none */
  const char *name;             /* name of the subcommand; NULL: none */
} CommandLine;

/* Runs a command. Returns the exit code. With EXIT_FAILED, @error may be set: only main() prints its message.
 * EXIT_INTERRUPTED, after Ctrl-C, has no @error. */
typedef int (*CommandFunc) (const CommandLine *line, GError **error);

/* Tables of subcommands end with a row without a usage. */
struct _Subcommand {
  const char *usage, *summary; /* "info NAME|FILE [--json]"; the arguments before options are counted */
  CommandFunc run;             /* called by Command.run */
};

/* Descriptor of a command. */
struct _Command {
  const char *name, *summary;
  const char *old_name; /* (nullable): former name: run, never shown */
  const char *usage;    /* "CONTENT STYLE... -o OUT" */
  const char *about;    /* one or two paragraphs for --help and the man page */
  gboolean hidden;      /* not in the overview: another command runs it */
  const Subcommand *subcommands;
  const char *const *examples; /* a command line, then its effect, and so on, NULL-terminated; NULL: none */
  OptionTable options[10];
  const char *settings;   /* a kind in @options, which run() gets as settings; NULL: none */
  const char *wrong_args; /* error for fewer arguments than @min_args or more than @max_args; NULL: not checked */
  int min_args, max_args;
  CommandFunc run; /* NULL without @rewrite: the command "NAME-WORD" runs instead, WORD being the first argument */
  /* (nullable): returns the command line to run instead, its command first (transfer full), or NULL with @error. The
   * command then has no @run. */
  char **(*rewrite) (int argc, char **argv, GError **error);
};

extern const Command *const commands[]; /* NULL-terminated */
/* Prints the version, and with @verbose what a bug report needs, on standard output. Returns EXIT_DONE. */
int version_print (gboolean verbose);
/* (nullable): the command, static, that is or was called @name. NULL: there is none. */
const Command *command_find (const char *name);
/* (nullable): the command "NAME-WORD", static, that runs instead of @command, "NAME". NULL: there is none, or @command
 * runs itself. */
const Command *command_find_sub (const Command *command, const char *word);

/* (transfer full): name of @subcommand, the first word of its usage. */
char *subcommand_name (const Subcommand *subcommand);

/* An option as given on the command line or in a settings file. */
typedef struct {
  const RvOption *option; /* borrowed */
  char *value;            /* owned; not yet checked */
  gboolean is_from_file;  /* in the settings file */
} ParsedOption;

/* error.c */

/* Sets an error of RV_ERROR. Always FALSE: return error_set (...). */
gboolean error_set (GError **error, RvError code, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* error_set() for functions that return a pointer. Always NULL. */
#define error_null(...) ((gpointer) (error_set (__VA_ARGS__), NULL))
/* error_set() for functions that return an exit code. Always EXIT_FAILED. */
#define error_fail(...) (error_set (__VA_ARGS__), EXIT_FAILED)
/* (transfer full): an error message for users, on one line, with --names of options. Does not free @error. */
char *error_text (const GError *error);
/* Appends a copy of @hint to the message of @error. */
void error_append (GError *error, const char *hint);
/* Prints one line "reverie: ..." on standard error and frees @error. Returns its exit code: EXIT_USAGE for
 * RV_ERROR_SETTING, EXIT_INTERRUPTED for RV_ERROR_CANCELLED, else EXIT_FAILED. For main(), and for a command that
 * continues after an error. */
int error_print (GError *error);

/* options.c */

/* (transfer container) (element-type RvOption): all options of the tables, in order. */
GPtrArray *options_of (const OptionTable *tables);
/* The first option called @name, without former names. Borrowed. NULL: there is none. */
const RvOption *options_find (const OptionTable *tables, const char *name);

/* The option that @name with @value (nullable) means in a file, where former names count. The value decides if a former
 * name is now the name of another option. Ignores OptionTable.first: all rows of a kind count. Borrowed. NULL: there is
 * none. */
const RvOption *options_find_saved (const OptionTable *tables, const char *name, const char *value);

/* Splits the arguments @argv, which follow the command's name. *given: a new array of ParsedOption, unchecked; options
 * of the file of --settings come first. *args: a new array of the other arguments, borrowed from @argv. Both are set
 * also after an error. RV_ERROR_SETTING: an unknown option, an option without its value, an empty argument or file
 * name. RV_ERROR_FILE, RV_ERROR_FORMAT: the settings file. */
gboolean options_parse (const Command *command, int argc, char **argv, GPtrArray **given, GPtrArray **args,
                        GError **error);
/* Checks the values of all options that belong to no kind. RV_ERROR_SETTING. */
gboolean options_check_own (const OptionTable *tables, const GPtrArray *given, GError **error);
/* (transfer full) (nullable): settings of @kind: first the preset in @given or else @preset (NULL: the default), then
 * each of @given that is an option of @kind, not one of the same name of another kind. RV_ERROR_SETTING. */
RvSettings *options_settings (const GPtrArray *given, const char *kind, const char *preset, GError **error);
/* Runs @command: checks arguments, subcommand and own options, and makes its settings. Returns the exit code.
 * @args: after the command's name. @given: ParsedOption. RV_ERROR_SETTING for these checks, errors of Command.run. */
int command_run (const Command *command, int n_args, char **args, const GPtrArray *given, GError **error);
/* Number of threads, the setting `threads` of @settings; 0: one for each physical core. */
int options_threads (const RvSettings *settings);
/* (transfer full) (element-type ParsedOption): an empty array that owns its elements. */
GPtrArray *options_new (void);
/* Appends the option called @name with a copy of @value. Does nothing if @tables have no such option. */
void options_add (GPtrArray *given, const OptionTable *tables, const char *name, const char *value);
/* The last value given for @name, or NULL. Borrowed. */
const char *options_last (const GPtrArray *given, const char *name);
/* (transfer container) (element-type utf8): all values given for @name, in order; empty if there is none. */
GPtrArray *options_all (const GPtrArray *given, const char *name);
/* (transfer full): a help text of the library with option names as users type them: 'name' becomes --name. */
char *options_as_typed (const char *text);
/* Text of the option @name of the command, which exists: the last one given, else the default. NULL if empty.
 * Borrowed. */
const char *line_text (const CommandLine *line, const char *name);
/* line_text() as a number, or 1 for a switch that is on; 0 if empty. */
double line_number (const CommandLine *line, const char *name);
/* Whether the switch @name is on. */
gboolean line_is_on (const CommandLine *line, const char *name);
/* Prints --help: usage, about, subcommands, examples, options. */
void options_print_help (const Command *command);
/* Prints the man page in roff. */
void options_print_man (const Command *command);

/* Options of all commands that make a picture (picture.c). */
typedef struct {
  RvSettings *asked;                      /* kind "picture"; the texts below are borrowed from it, NULL where empty */
  const char *output, *network, *weights; /* a file of --network is in `weights` */
  const char *preprocessing, *labels;
  gboolean force;
  /* options of the program only: */
  const char *kernels;
  gboolean dry_run, preview, quiet, offline;
  gboolean is_video;  /* OUT is a video; set by the command */
  char *weights_file; /* owned: file read, or tried after an error; NULL: built-in network, or none loaded yet */
} PictureOptions;

extern const RvOptionRow picture_options[]; /* in addition to those of the kind "picture" */
/* Options of `reverie style` and `reverie dream` that are no settings; `reverie explore` has them as well. */
extern const RvOptionRow style_own_options[], dream_own_options[];

/* Clears the fields of @options without freeing them, and fills them from @line, which must outlive them. Clear with
 * picture_options_clear(), even after an error. RV_ERROR_SETTING. */
gboolean picture_options_read (const CommandLine *line, PictureOptions *options, GError **error);
/* Frees the owned members. */
void picture_options_clear (PictureOptions *options);
/* Checks the options without reading files: an output is given unless --dry-run, its suffix is known unless
 * options->is_video, and the settings fit together. RV_ERROR_SETTING. */
gboolean picture_check_usage (const PictureOptions *options, GError **error);
/* Writes @image to @filename; replaces a file only with --force. */
gboolean line_save_image (const CommandLine *line, const RvImage *image, const char *filename, GError **error);
/* Prints "left out: FILE: REASON" on standard error for each of @faults (nullable). Returns their number. */
int print_left_out_files (const char *const *faults);
/* Sets options->network to @network (nullable, borrowed), unless --network or --weights is given. If options->network
 * stays NULL, the weights file decides. */
void picture_set_default_network (PictureOptions *options, const char *network);
/* (nullable): name of the network of --network or --weights, else @otherwise. Borrowed from @options, @otherwise or
 * *net. *net: (inout) (transfer full): NULL before the call; set to the network of --weights if only that file
 * identifies it. NULL: RV_ERROR_SETTING if the settings do not fit together. The name is valid as long as @options and
 * *net. */
const char *picture_network_name (PictureOptions *options, const char *otherwise, RvNet **net, GError **error);
/* Prints on standard output which preprocessing the network of --weights gets: its file may not state it. Does nothing
 * without --weights. */
void picture_print_input (const PictureOptions *options, const RvNet *net);
/* (transfer full) (nullable): the network with its weights, from --weights, or from the folders of networks. Needs
 * options->network or ->weights, see picture_set_default_network(). On a terminal, may ask the user whether to download
 * them. Replaces options->weights_file, which is freed before; after an error it may name the file that was tried.
 * Errors of network_find_or_download() (RV_ERROR_CANCELLED: Ctrl-C) and rv_network_load(). */
RvNet *picture_load_net (PictureOptions *options, GError **error);

/* file-key.c */

/* (transfer full): text that is the same for all names of one file, also by links of files and folders. The file may be
 * missing. Cannot fail. */
char *file_key (const char *path);
/* Whether @a and @b are names of one file, by file_key(). FALSE if one is NULL. */
gboolean file_is_same (const char *a, const char *b);
/* Checks that two outputs, both nullable, are not one file. RV_ERROR_SETTING. */
gboolean file_check_apart (const char *output, const char *other, GError **error);

/* text.c */

/* (transfer full): untrusted @text made safe for a terminal or a log. Characters that are not printable are escaped as
 * in JSON (escape, bidirectional control, new line unless @lines). Invalid UTF-8 becomes "\xff". JSON stays JSON.
 * Cannot fail. */
char *text_plain (const char *text, gboolean lines);
/* Prints one line made safe by text_plain() on @stream: file names must not send escapes to the terminal. */
void text_print (FILE *stream, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* completion.c */

/* Prints the completion script of @shell, "bash", "zsh" or "fish". Returns the exit code; EXIT_USAGE, with a message on
 * standard error, for another @shell or NULL. */
int completion_print (const char *shell);
/* Prints the completions of the last of @words, which follow the program's name: one on a line, with a tab and help if
 * there is any. Prints nothing where a file name or any text is valid. */
void completion_offer (int n_words, char **words);

/* network/get.c */

/* (transfer full) (nullable): the weights file of @network in the folders of networks. If it is missing and a source is
 * known, asks on a terminal whether to download it, unless @offline or REVERIE_OFFLINE. RV_ERROR_FILE if it stays
 * missing; the message says what to do. RV_ERROR_FORMAT: a damaged table of sources. For a download calls
 * interrupt_watch(); then also RV_ERROR_FORMAT, RV_ERROR_MEMORY and RV_ERROR_CANCELLED (Ctrl-C). */
char *network_find_or_download (const char *network, gboolean offline, gboolean quiet, GError **error);

/* progress.c */

typedef struct _Progress Progress;
/* (transfer full): a bar on a terminal, lines in a pipe, nothing with @quiet. */
Progress *progress_new (gboolean quiet);
/* Draws the bar, at most every 0.1 s, or prints a line for each 5 %. @what: one short text, such as "scale 2/5 181 x
 * 136 loss 0.42". @iteration: number done, for the speed; 0: none. Speed and time left are measured from the first
 * call on, so that they are right for a resumed run, too. */
void progress_show (Progress *progress, double done_01, gint64 iteration, const char *what);
/* progress_show() for a download: @done of @total bytes exist, @received of them arrived within @seconds. */
void progress_show_bytes (Progress *progress, gint64 done, gint64 total, gint64 received, double seconds,
                          const char *what);
/* Removes the bar from the screen until it is drawn again. */
void progress_clear (Progress *progress);
/* Removes the bar from the screen and frees @progress, which may not be NULL. */
void progress_free (Progress *progress);

/* Catches SIGINT and SIGTERM from now on. On rank 0 a second SIGINT, or a second SIGTERM, kills the process; another
 * call starts the count again. */
void interrupt_watch (void);
/* Whether SIGINT or SIGTERM was received since the first interrupt_watch(). */
gboolean interrupt_requested (void);

/* saved-recipe.c */

/* (transfer full) (nullable): the kernel choices of this processor from the cache. Choices in the picture of --kernels
 * take precedence; only reading that picture can fail. */
RvKernelTable *kernels_load (const PictureOptions *options, GError **error);
/* Writes measured kernel choices to the cache. Not with --kernels, whose choices are untrusted, and not on ranks above
 * 0, whose choices are the same. Errors are ignored. */
void kernels_save (const PictureOptions *options, const RvKernelTable *kernels);
