/* cli.h -- how a command is written: one file, cmd-NAME.c, that ends in a descriptor; and what commands share.
 * Layer 8 (cli). May include every public header. Only this folder prints, exits and knows signals. */
#ifndef RV_CLI_H
#define RV_CLI_H

#include <reverie/reverie.h>
#include <stdio.h>

typedef enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 } ExitCode;

/* An option of a command's own, and where its value goes. Tables of them end with a row without a name. */
typedef struct {
  const char *name;
  char letter;
  RvOptionType type;
  gsize offset; /* of the field: INT a gint64, REAL a double, BOOL a gboolean, CHOICE and TEXT a char *, owned by the
                   struct, NULL when empty */
  const char *def;
  double min, max;
  const char *unit, *help;
  const char *const *(*choices) (void);
} OwnOption;

/* Options: a command's own, or those of a kind of the library's settings from the row called @first on; NULL: all.
 * Lists of them end with one without either. */
typedef struct {
  const OwnOption *own;
  const char *kind, *first;
} OptionTable;

typedef struct {
  const char *name, *summary;
  const char *usage;              /* "CONTENT STYLE... -o OUT" */
  const char *about;              /* a paragraph or two for --help and the man page */
  gboolean hidden;                /* another command stands for it: not in the overview */
  const char *const *subcommands; /* the same of subcommands; NULL: none */
  const char *const *examples;    /* command and what it does, in turn, NULL-terminated */
  const OptionTable *options;
  /* Returns the exit code; EXIT_FAILED where @error says why, which is told to the user here and nowhere else. @given:
   * Given, in the order typed, settings file first. NULL: the command "NAME-WORD" does, of the first word. */
  int (*run) (int n_args, char **args, GPtrArray *given, GError **error);
  /* (transfer full) (nullable): the command line, its command first, that this one stands for. NULL: it is run. */
  char **(*rewrite) (int argc, char **argv, GError **error);
} Command;

extern const Command *const commands[]; /* NULL-terminated */

/* One option as typed. */
typedef struct {
  const RvOption *option;
  char *value;
} Given;

/* error.c */

/* error_text: (transfer full): what a user reads of an error, without new lines. */
char *error_text (const GError *error);
/* error_say: one line "reverie: ..." on standard error; returns the exit code that goes with it. @error is freed. For
 * main(), and for a command that goes on after it. */
int error_say (GError *error);

/* options.c */

/* options_of: (transfer container) (element-type RvOption): of a list of tables, in their order. */
GPtrArray *options_of (const OptionTable *tables);
/* options_find: of those the one called @name, the first; NULL: there is none. */
const RvOption *options_find (const OptionTable *tables, const char *name);

/* options_parse: splits the command line; *given gets a new array, *args what is no option. */
gboolean options_parse (const Command *command, int argc, char **argv, GPtrArray **given, GPtrArray **args,
                        GError **error);
/* own_defaults: every field of a zeroed struct becomes its default. own_apply: sets the fields of @settings that @table
 * describes, passing over options of other tables. own_clear: frees the texts. */
void own_defaults (const OwnOption *table, void *settings);
gboolean own_apply (const GPtrArray *given, const OwnOption *table, void *settings, GError **error);
void own_clear (const OwnOption *table, void *settings);
/* options_settings: (transfer full) (nullable): the library's settings of @kind: the preset given, or else @preset
 * (NULL: the default), and then what is given one by one. options_threads: that they are to compute with; 0: one for
 * each core. */
RvSettings *options_settings (const GPtrArray *given, const char *kind, const char *preset, GError **error);
int options_threads (const RvSettings *settings);
/* options_new: (transfer full) (element-type Given): none. options_add: one more, unless @tables have none of that
 * name.
 */
GPtrArray *options_new (void);
void options_add (GPtrArray *given, const OptionTable *tables, const char *name, const char *value);
/* options_last: the last value given for @name, or NULL. Borrowed. options_all: (transfer container): every one. */
const char *options_last (const GPtrArray *given, const char *name);
GPtrArray *options_all (const GPtrArray *given, const char *name);
/* options_as_typed: (transfer full): a help text of the library, which quotes options' names, as they are typed. */
char *options_as_typed (const char *text);
void options_print_help (const Command *command);
void options_print_man (const Command *command);

/* picture.c: what the commands that make a picture share. */
typedef struct {
  RvSettings *asked; /* of the kind "picture"; what follows is of them, or NULL where it is empty */
  const char *output, *network, *weights, *log, *plot, *timeline;
  gboolean force, keep_recipe;
  /* What the program alone wants to know: */
  char *settings, *kernels;
  gboolean dry_run, preview, quiet, offline;
  gboolean is_film;   /* OUT is a film, and no picture */
  char *weights_file; /* that was read; NULL: the built-in network */
} PictureOptions;

extern const OwnOption picture_options[]; /* beside those of the kind "picture" */

/* picture_options_read: @options from what was given. */
gboolean picture_options_read (const GPtrArray *given, PictureOptions *options, GError **error);
void picture_options_clear (PictureOptions *options);
/* picture_check_usage: what the command line alone shows to be wrong. */
gboolean picture_check_usage (const PictureOptions *options, GError **error);
/* say_left_out: one line on standard error for each of @faults (nullable), NULL-terminated; returns their number. */
int say_left_out (const char *const *faults);
/* picture_say_done: "out.png: 512 x 384 px in 13 s", unless --quiet or there is no result; returns the exit code.
 * @stopped: by Ctrl-C, before it was whole; one that comes when there is nothing left to stop changes nothing. */
int picture_say_done (const PictureOptions *options, int width, int height, gint64 began_us, gboolean stopped);
/* picture_tiles_text: (transfer full): " in 6 tiles (1.9 times the work)"; of the whole with some of it computed twice,
 * " (1.05 times the work, to save memory)"; or nothing. */
char *picture_tiles_text (int n_tiles, double work, gboolean compact);
/* picture_imply: the network of a preset, where neither option nor weights file says otherwise. Without a network after
 * it, the weights file decides. */
void picture_imply (PictureOptions *options, const char *network);
/* picture_load_net: the network and its weights: those named, or where networks are kept. */
RvNet *picture_load_net (PictureOptions *options, GError **error);
/* picture_load_within: (transfer full) (nullable): a picture shrunk to that longest side, or as it is if it is smaller.
 */
RvImage *picture_load_within (const char *file, double longest_px, GError **error);

/* text.c */

/* text_plain: (transfer full): @text of anybody's for a terminal, or for a log: whatever is no printable letter (an
 * escape, a new line unless @lines, what turns the direction of writing) as JSON escapes it, bytes that are no UTF-8 as
 * "\xff". JSON stays JSON. Can't fail. */
char *text_plain (const char *text, gboolean lines);
/* text_print: a line of it on @stream. For what names files: an escape in a name must not reach the terminal. */
void text_print (FILE *stream, const char *format, ...) G_GNUC_PRINTF (2, 3);

typedef struct _Progress Progress;

/* version.c: prints it, and with @verbose what a report of a fault needs. Returns the exit code. */
int version_print (gboolean verbose);

/* completion.c: prints what @shell, "bash", "zsh" or "fish", completes command lines with. Returns the exit code. */
int completion_print (const char *shell);

/* model/folder.c */

/* model_find_or_ask: (transfer full) (nullable): the weights file of @network, where networks are kept; where it is not
 * here, on a terminal, offers to download it. RV_ERROR_FILE, saying what to do. */
char *model_find_or_ask (const char *network, gboolean offline, gboolean quiet, GError **error);
/* model_is_offline: whether the network must not be used: --offline or REVERIE_OFFLINE. */
gboolean model_is_offline (gboolean asked);

/* model/get.c */

/* model_download: (transfer full) (nullable): into that folder, with a progress bar, and converted for the first run.
 */
char *model_download (const RvSource *source, gboolean quiet, GError **error);

/* subcommand.c */

/* subcommand_check: args[0] is a subcommand of @command, of which @texts are usage and summary in turn, and as many
 * arguments follow as its usage says. */
gboolean subcommand_check (const char *command, const char *const *texts, int n_args, char **args, GError **error);

/* progress.c: a bar on a terminal, lines in a pipe, nothing with --quiet. */
Progress *progress_new (gboolean quiet);
/* progress_show: @what is one short text, such as "scale 2/5 181 x 136  loss 0.42". */
void progress_show (Progress *progress, double done_01, double seconds, gint64 iteration, const char *what);
/* progress_show_frames: of a film: frame number @frame of about @n_frames is being made. */
void progress_show_frames (Progress *progress, double done_01, double seconds, gint64 frame, gint64 n_frames,
                           double loss);
/* progress_show_bytes: of a download: @done of @total bytes are here, @came of them in the last @seconds. */
void progress_show_bytes (Progress *progress, gint64 done, gint64 total, gint64 came, double seconds, const char *what);
/* progress_wipe: the bar goes from the screen until it is drawn again. */
void progress_wipe (Progress *progress);
void progress_end (Progress *progress);

/* interrupt.c */
void interrupt_watch (void);
gboolean interrupt_wanted (void);

/* recipe.c */

/* kernel_file_load: (transfer full) (nullable): the kernel choices of this processor, after those of the picture of
 * --kernels, the only thing that can fail. kernel_file_save: keeps what was measured; not with --kernels. */
RvKernelTable *kernel_file_load (const PictureOptions *options, GError **error);
void kernel_file_save (const PictureOptions *options, const RvKernelTable *kernels);

#endif
