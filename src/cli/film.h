/* film.h -- what the commands that make a film share: which part of one is read, how it is written.
 * Layer 8 (cli). */
#ifndef RV_CLI_FILM_H
#define RV_CLI_FILM_H

#include "cli.h"
#include "io/film/frames-file.h"
#include "job/film.h"
#include "job/state-file.h"
#include "recipe.h"

typedef struct {
  char *from, *to; /* "0:12", "12.5" */
  gint64 every, crf, frame_iterations;
  char *codec;
} FilmOptions;

extern const RvOption film_options[];

/* Those rows that mean the same wherever films are made; @at: where a FilmOptions lies in what they set. */
#define FILM_OPTION_ROWS(at)                                                                                           \
  { "to", 0, RV_OPTION_TEXT, (at) + offsetof (FilmOptions, to), .unit = "TIME", .help = "of a film: up to here" },     \
    { "every",                                                                                                         \
      0,                                                                                                               \
      RV_OPTION_INT,                                                                                                   \
      (at) + offsetof (FilmOptions, every),                                                                            \
      "1",                                                                                                             \
      1,                                                                                                               \
      1000,                                                                                                            \
      .unit = "COUNT",                                                                                                 \
      .help = "of a film: each so-many-th frame, at a rate as much lower" },                                           \
    { "crf",                                                                                                           \
      0,                                                                                                               \
      RV_OPTION_INT,                                                                                                   \
      (at) + offsetof (FilmOptions, crf),                                                                              \
      NULL,                                                                                                            \
      0,                                                                                                               \
      63,                                                                                                              \
      .unit = "1..63",                                                                                                 \
      .help = "of a film: lower is better and larger [18 for .mp4, .mov and .mkv, 28 for .webm]" },                    \
  {                                                                                                                    \
    "codec", 0, RV_OPTION_TEXT, (at) + offsetof (FilmOptions, codec),                                                  \
      .unit = "NAME", .help = "of a film: as ffmpeg names it [libx264; libvpx-vp9 for .webm]"                          \
  }

/* film_is_wanted: OUT is to be a film: by its suffix; where that could be a picture's too, or there is no OUT, as
 * @content is. Looks at files. */
gboolean film_is_wanted (const char *output, const char *content);
/* film_refuse: @what, if it is not NULL, cannot be had with a film: RV_ERROR_SETTING. */
gboolean film_refuse (const char *what, GError **error);

/* One film on its way. */
typedef struct {
  const FilmOptions *options;
  PictureOptions picture; /* the command's; recipe its own */
  const RvStateOptions *state_options;
  const char *content;
  RecipeInput *files; /* every one that is read */
  int n_files;
  RvFilmPart part;
  RvFilmReader *reader;
  RvFilmWriter *writer;

  gboolean goes_on; /* with a run that was stopped */
  RvStateFile *state;
  RvFramesFile *done;    /* what the state is of, in a file beside OUT; NULL: there will be no state */
  char *inputs, *recipe; /* what is to be the same when it goes on */
  RvKernelTable *kernels;

  gint64 began_us;
  Progress *progress;
  FILE *log;
  PictureWatch *watch;
  GError *error; /* of what is written while the film goes on */
} FilmRun;

/* What a film will take: seconds of a frame that begins a shot, and of each other. */
typedef struct {
  const char *backend; /* static */
  gsize peak_bytes;
  double first_s, next_s;
} FilmPlan;

/* What makes the frames: as rv__film_run(); and what that will take, from the first of them. */
typedef struct {
  gboolean (*make) (gpointer data, const RvFilmFrames *frames, RvFilmFunc progress, gpointer user_data,
                    RvFilmResult *result, GError **error);
  gboolean (*plan) (gpointer data, RvImage *frame, FilmPlan *plan, GError **error);
} FilmMaker;

/* film_run_start: borrows what it is given; @n_others: how many files besides may be added. film_run_add_file: NULL is
 * none. */
void film_run_start (FilmRun *run, const FilmOptions *options, const PictureOptions *picture,
                     const RvStateOptions *state, const char *content, int n_others);
void film_run_add_file (FilmRun *run, const char *role, const char *file);
void film_run_clear (FilmRun *run);
/* film_run_check_options: what the command line alone shows to be wrong. film_run_open: the files are checked, and the
 * film is open, as large as the result is to be. */
gboolean film_run_check_options (FilmRun *run, GError **error);
gboolean film_run_open (FilmRun *run, GError **error);
/* film_run: OUT, with all that is shown of it meanwhile, or in a dry run what it will take; returns the exit code.
 * @recipe: the command's part of one, and the kernels. */
int film_run (FilmRun *run, const Recipe *recipe, const FilmMaker *maker, gpointer data);

#endif
