/* film.c -- what the commands that make a film share: which part of one is read, how it is written, what is said of it
 * meanwhile. */
#include "film.h"
#include "base/text.h"
#include "io/atomic-file.h"
#include "io/film/film.h"
#include "preview.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define FIELD(f) offsetof (FilmOptions, f)

const RvOption film_options[] = {
  { "from", 0, RV_OPTION_TEXT, FIELD (from), .unit = "TIME", .help = "of a film: from here on, such as 0:12 or 12.5" },
  FILM_OPTION_ROWS (0),
  { "frame-iterations", 0, RV_OPTION_INT, FIELD (frame_iterations), "20", 1, 1e6, .unit = "COUNT",
    .help = "of a film: for each frame after the first of a shot, which has --iterations at each scale" },
  { NULL },
};

gboolean
film_is_wanted (const char *output, const char *content)
{
  g_autoptr (GError) error = NULL;
  RvImageInfo picture;
  RvFilmInfo film;
  if (output && !rv_film_check_target (output, NULL))
    return FALSE;
  gboolean ambiguous = !output || rv_image_check_target (output, 1, 1, &error) ||
                       !g_error_matches (error, RV_ERROR, RV_ERROR_SETTING); /* .webp is a picture's suffix too */
  return !ambiguous || (!rv_image_probe (content, &picture, NULL) && rv_film_probe (content, &film, NULL));
}

/* "1:02:03.5", "0:12", "12.5" in seconds; 0 for NULL. */
static gboolean
parse_time (const char *name, const char *text, double *seconds, GError **error)
{
  *seconds = 0;
  for (const char *part = text; part;) {
    char *end = NULL;
    double value = g_ascii_isdigit (*part) || *part == '.' ? g_ascii_strtod (part, &end) : -1;
    if (value < 0 || !isfinite (value) || end == part || (*end && *end != ':')) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s: '%s' is no time: 12.5, 0:12 or 1:02:03", name, text);
      return FALSE;
    }
    *seconds = 60 * *seconds + value;
    part = *end ? end + 1 : NULL;
  }
  return TRUE;
}

gboolean
film_refuse (const char *what, GError **error)
{
  if (what)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "%s: that cannot be had with a film", what);
  return !what;
}

/* ---- before it runs ---------------------------------------------------------------------------------------------- */

void
film_run_start (FilmRun *run, const FilmOptions *options, const PictureOptions *picture, const RvStateOptions *state,
                const char *content, int n_others)
{
  *run = (FilmRun){ .options = options,
                    .picture = *picture,
                    .state_options = state,
                    .content = content,
                    .began_us = g_get_monotonic_time () };
  run->picture.recipe = NULL;
  run->files = g_new0 (RecipeInput, n_others + 1);
  film_run_add_file (run, "content", content);
}

void
film_run_add_file (FilmRun *run, const char *role, const char *file)
{
  if (file)
    run->files[run->n_files++] = (RecipeInput){ role, file };
}

void
film_run_clear (FilmRun *run)
{
  rv_film_reader_free (run->reader);
  rv_film_writer_free (run->writer);
  picture_watch_free (run->watch);
  if (run->log)
    fclose (run->log);
  rv__frames_file_free (run->done);
  rv__state_file_free (run->state);
  g_free (run->files);
  g_free (run->inputs);
  g_free (run->recipe);
  g_free (run->picture.recipe);
  g_clear_error (&run->error);
}

gboolean
film_run_check_options (FilmRun *run, GError **error)
{
  const FilmOptions *film = run->options;
  const PictureOptions *picture = &run->picture;
  RvFilmPart *part = &run->part;
  part->every = (int) film->every;
  if (!parse_time ("from", film->from, &part->from_s, error) || !parse_time ("to", film->to, &part->to_s, error))
    return FALSE;
  const char *not_yet = picture->save_every > 0 ? "save-every"
                        : picture->plot         ? "plot"
                        : picture->timeline     ? "timeline"
                                                : NULL;
  if (not_yet)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s is of pictures, and this makes a film; see --log", not_yet);
  else if (film->to && part->to_s <= part->from_s)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--to %s is not after --from %s", film->to,
                 film->from ? film->from : "0");
  else
    return TRUE;
  return FALSE;
}

/* OUT.frames: what is done, beside the state of it. (transfer full) */
static char *
done_file (const FilmRun *run)
{
  return g_strconcat (run->picture.output, ".frames", NULL);
}

/* Where a run stopped that this one goes on with, its film, log and so on may be replaced; likewise where it stopped
 * before there was anything. */
static gboolean
check_state (FilmRun *run, GError **error)
{
  const char *output = run->picture.output;
  gboolean resume = run->state_options->resume;
  run->state = rv__state_file_new (&run->picture.made, output, run->state_options->every_s);
  if (!rv__state_file_check (run->state, resume, error))
    return FALSE;
  run->goes_on = resume && rv__state_file_exists (run->state);
  run->picture.force |= run->goes_on || (resume && !g_file_test (output, G_FILE_TEST_EXISTS));
  return TRUE;
}

/* A file that is written beside the film. (nullable) @file */
static gboolean
check_beside (const FilmRun *run, const char *file, const char *const *inputs, GError **error)
{
  PictureOptions beside = { .output = (char *) file, .force = run->picture.force, .dry_run = run->picture.dry_run };
  return !file || picture_check_free (&beside, inputs, error);
}

/* A link is nothing that a run has left. */
static gboolean
check_done_file (const FilmRun *run, const char *const *inputs, GError **error)
{
  g_autofree char *name = done_file (run);
  if (run->state_options->every_s <= 0 && !run->goes_on)
    return TRUE;
  if (!run->picture.force && !run->picture.dry_run && g_file_test (name, G_FILE_TEST_IS_SYMLINK)) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s exists; --force replaces it", name);
    return FALSE;
  }
  return check_beside (run, name, inputs, error);
}

static gboolean
check_files (FilmRun *run, GError **error)
{
  g_autofree const char **inputs = g_new0 (const char *, run->n_files + 1);
  for (int i = 0; i < run->n_files; i++)
    inputs[i] = run->files[i].file;
  if (!run->picture.output)
    return TRUE;
  g_autofree char *recipe = run->picture.keep_recipe ? recipe_file (run->picture.output) : NULL;
  if (run->picture.preview && !run->picture.dry_run && !preview_check (error))
    return FALSE;
  if (!check_state (run, error) || !picture_check_free (&run->picture, inputs, error) ||
      !check_beside (run, recipe, inputs, error) || !check_done_file (run, inputs, error) ||
      !picture_check_other (&run->picture, run->picture.live, 1, 1, inputs, error))
    return FALSE;
  picture_remove_halves (&run->picture);
  return TRUE;
}

gboolean
film_run_open (FilmRun *run, GError **error)
{
  RvFilmInfo info;
  RvFilmPart *part = &run->part;
  if (!check_files (run, error) || !rv_film_probe (run->content, &info, error))
    return FALSE;
  picture_target_size (&run->picture, info.width, info.height, &part->width, &part->height);
  run->reader = rv_film_reader_new (run->content, part, error);
  if (run->reader && info.variable_rate && !run->picture.quiet)
    fprintf (stderr, "reverie: %s: its frames are not equally far apart; they are read at %.4g a second\n",
             run->content, (double) info.rate_num / info.rate_den);
  return run->reader != NULL;
}

/* (transfer full) (nullable) */
static RvImage *
first_frame (FilmRun *run, GError **error)
{
  g_autoptr (GError) why = NULL;
  RvImage *frame = rv_film_reader_next (run->reader, &why);
  if (!frame && !why)
    g_set_error (&why, RV_ERROR, RV_ERROR_FORMAT, "%s is a film without a frame", run->content);
  if (why)
    g_propagate_error (error, g_steal_pointer (&why));
  return frame;
}

#define DISK_BITS_PER_PIXEL 0.5 /* about, of H.264 at crf 18: paint has much detail */
#define FRAME_BYTES 300         /* a pixel: frames, flows and what they need, beside what makes one frame */

static int
print_plan (FilmRun *run, const FilmMaker *maker, gpointer data)
{
  GError *error = NULL;
  FilmPlan plan;
  g_autoptr (RvImage) frame = first_frame (run, &error);
  if (!frame || !maker->plan (data, frame, &plan, &error))
    return run_error (error);
  const RvFilmInfo *info = rv_film_reader_info (run->reader);
  double pixels = (double) info->width * info->height, n = (double) MAX (info->n_frames, 1);
  g_autofree char *memory = rv__text_megabytes (plan.peak_bytes + (gsize) (FRAME_BYTES * pixels));
  g_autofree char *of_first = rv__text_seconds (plan.first_s), *of_next = rv__text_seconds (plan.next_s);
  g_autofree char *all = rv__text_seconds (plan.first_s + (n - 1) * plan.next_s);
  g_autofree char *disk = rv__text_megabytes ((gsize) (n * pixels * DISK_BITS_PER_PIXEL / 8));
  g_autofree char *meanwhile = rv__text_megabytes ((gsize) n * rv__film_frame_bytes (info));
  printf ("%d x %d px, %" G_GINT64_FORMAT
          " frames on %s: the first of a shot %s, the others %s each, in one shot about %s; "
          "peak %s; about %s on disk, and %s until it is done\n",
          info->width, info->height, info->n_frames, plan.backend, of_first, of_next, all, memory, disk, meanwhile);
  return EXIT_DONE;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void
write_number (FILE *log, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  fprintf (log, ", \"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

static void
write_log (FILE *log, const RvMadeFrame *p)
{
  fprintf (log, "{\"frame\": %" G_GINT64_FORMAT ", \"new shot\": %s", p->frame, p->begins ? "true" : "false");
  write_number (log, "loss", p->loss);
  for (int i = 0; i < p->n_losses; i++)
    write_number (log, p->names[i], p->losses[i]);
  write_number (log, "kept", p->kept_01);
  write_number (log, "trusted", p->trusted_01);
  write_number (log, "warping error", p->warping_error);
  write_number (log, "film's own", p->film_error);
  write_number (log, "motion seconds", p->motion_s);
  write_number (log, "making seconds", p->making_s);
  fprintf (log, "}\n");
}

/* There is one from the first frame on: what was killed goes on whenever that was. */
static gboolean
save_state (FilmRun *run, const RvFilm *film)
{
  if (!run->done || (rv__state_file_exists (run->state) && !rv__state_file_due (run->state)))
    return TRUE;
  g_autoptr (RvTensorMap) map = rv__film_state (film);
  g_autofree char *kernels = run->kernels ? rv_kernel_table_to_text (run->kernels) : g_strdup ("");
  rv_tensor_map_set_text (map, "recipe", run->recipe);
  rv_tensor_map_set_text (map, "kernels", kernels);
  return rv__frames_file_sync (run->done, &run->error) &&
         rv__state_file_save (run->state, map, run->inputs, &run->error);
}

/* A frame is done. */
static gboolean
take_frame (FilmRun *run, const RvFilmProgress *p)
{
  if (run->log)
    write_log (run->log, p->made);
  return picture_flush_log (&run->picture, run->log, &run->error) &&
         (!picture_watch_due (run->watch, p->done_01) ||
          picture_watch_show (run->watch, p->picture, p->done_01, p->frame, run->progress, &run->error)) &&
         save_state (run, p->film);
}

static gboolean
on_progress (const RvFilmProgress *p, gpointer data)
{
  FilmRun *run = data;
  progress_show_frames (run->progress, p->done_01, p->seconds, p->frame, p->n_frames, p->loss);
  return (!p->made || take_frame (run, p)) && !interrupt_wanted ();
}

static void
say_done (const FilmRun *run, const RvFilmResult *r)
{
  g_autofree char *time = rv__text_seconds ((double) (g_get_monotonic_time () - run->began_us) / G_USEC_PER_SEC);
  g_autofree char *output = rv__text_plain (run->picture.output, FALSE);
  if (run->picture.quiet)
    return;
  printf ("%s: %d x %d px, %" G_GINT64_FORMAT " frame%s in %s", output, run->part.width, run->part.height, r->n_frames,
          r->n_frames == 1 ? "" : "s", time);
  if (r->n_followed > 0)
    printf ("; warping error %.2g (the film's own %.2g)", r->warping_error, r->film_error);
  printf ("%s\n", r->stopped ? " (interrupted)" : "");
}

static RvImage *
next_frame (gpointer data, GError **error)
{
  return rv_film_reader_next (((FilmRun *) data)->reader, error);
}

static gboolean
add_frame (gpointer data, const RvImage *frame, GError **error)
{
  FilmRun *run = data;
  return (!run->done || rv__frames_file_add (run->done, frame, error)) &&
         rv_film_writer_add (run->writer, frame, error);
}

static gboolean
create (FilmRun *run, GError **error)
{
  RvFilmSettings settings = { .codec = run->options->codec,
                              .crf = (int) run->options->crf,
                              .sound_from = run->content,
                              .from_s = run->part.from_s,
                              .to_s = run->part.to_s,
                              .comment = run->picture.recipe };
  run->writer = rv_film_writer_new (run->picture.output, rv_film_reader_info (run->reader), &settings, error);
  return run->writer != NULL;
}

/* (transfer full): the rows of @table that decide how frames come out: not how they are coded, which may be another way
 * when a film goes on. */
static RvOption *
rows_of_frames (const RvOption *table)
{
  g_autoptr (GArray) rows = g_array_new (TRUE, TRUE, sizeof (RvOption));
  for (; table->name; table++)
    if (strcmp (table->name, "crf") != 0 && strcmp (table->name, "codec") != 0)
      g_array_append_val (rows, *table);
  return (RvOption *) (void *) g_array_free (g_steal_pointer (&rows), FALSE);
}

/* What the film is kept with: the command's part of it, and the film's. */
static void
keep_recipe (FilmRun *run, const Recipe *of_command)
{
  Recipe recipe = *of_command;
  recipe.inputs = run->files;
  recipe.n_inputs = run->n_files;
  recipe.width = run->part.width;
  recipe.height = run->part.height;
  if (rv_settings_get_bool (recipe.settings, "exact", NULL))
    recipe.kernels = NULL;
  recipe_keep (&recipe, &run->picture);
  if (run->inputs)
    return;
  run->kernels = (RvKernelTable *) recipe.kernels;
  run->inputs = rv__recipe_inputs (&recipe);
  g_autofree RvOption *rows = rows_of_frames (recipe.own_table);
  recipe.own_table = rows;
  recipe.kernels = NULL;
  run->recipe = rv__recipe_json (&recipe);
}

/* (transfer full) (nullable): where a run stopped that this one goes on with; *ok: FALSE where it cannot. */
static RvTensorMap *
load_state (FilmRun *run, gboolean *ok, GError **error)
{
  *ok = TRUE;
  if (!run->goes_on) {
    rv__state_file_begin (run->state, run->state_options->resume);
    return NULL;
  }
  g_autoptr (RvTensorMap) map = rv__state_file_load (run->state, run->inputs, error);
  *ok = map != NULL;
  if (!map)
    return NULL;
  const char *recipe = rv_tensor_map_get_text (map, "recipe"), *kernels = rv_tensor_map_get_text (map, "kernels");
  *ok = g_strcmp0 (recipe, run->recipe) == 0;
  if (!*ok)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "%s was being made with other settings; --resume goes on with the same, --force starts anew",
                 run->picture.output);
  if (*ok && run->kernels && kernels)
    rv_kernel_table_add_text (run->kernels, kernels);
  return *ok ? g_steal_pointer (&map) : NULL;
}

/* What is done goes to the coder once more, which has lost it. */
static gboolean
feed_done (FilmRun *run, gint64 n, GError **error)
{
  g_autofree char *name = done_file (run);
  if (!(run->state_options->every_s > 0) && n == 0)
    return TRUE;
  if (!(run->done = rv__frames_file_open (name, rv_film_reader_info (run->reader), n, error)))
    return FALSE;
  for (gint64 k = 0; k < n; k++) {
    g_autoptr (RvImage) frame = rv__frames_file_get (run->done, k, error);
    if (!frame || !rv_film_writer_add (run->writer, frame, error))
      return FALSE;
  }
  return TRUE;
}

/* Beside the film, for whoever has no ffprobe, and where the container keeps no comments. By now kernels are chosen. */
static gboolean
write_recipe (FilmRun *run, const Recipe *recipe, GError **error)
{
  if (!run->picture.recipe)
    return TRUE;
  keep_recipe (run, recipe);
  g_autofree char *name = recipe_file (run->picture.output);
  g_autoptr (GBytes) bytes = g_bytes_new (run->picture.recipe, strlen (run->picture.recipe));
  return rv__atomic_file_write (name, bytes, error);
}

/* @whole: nobody will go on with it. Without a state nobody can, either. */
static void
end_state (const FilmRun *run, gboolean whole)
{
  g_autofree char *name = done_file (run);
  if (whole)
    rv__state_file_remove (run->state);
  if (run->done && !rv__state_file_exists (run->state))
    g_unlink (name);
}

/* Everything that is written, and what was done before. *state (transfer full): NULL: nothing. */
static gboolean
open_files (FilmRun *run, RvTensorMap **state, GError **error)
{
  gboolean ok;
  *state = load_state (run, &ok, error);
  gint64 n_done = *state ? rv__film_state_frames (*state) : 0;
  return ok && picture_open_log (&run->picture, n_done, &run->log, error) && create (run, error) &&
         feed_done (run, n_done, error);
}

/* An error that says what can be done about the frames there are. */
static GError *
with_what_is_kept (const FilmRun *run, GError *error)
{
  if (!run->done || !rv__state_file_exists (run->state))
    return error;
  g_autofree char *alone = error->message;
  error->message = g_strdup_printf ("%s (what was done is kept: --resume goes on with it)", alone);
  return error;
}

/* What is there so far is a film, whatever ended it. */
int
film_run (FilmRun *run, const Recipe *recipe, const FilmMaker *maker, gpointer data)
{
  static const char *const no_losses[] = { NULL };
  GError *error = NULL;
  RvFilmResult result;
  g_autoptr (RvTensorMap) state = NULL;
  if (run->picture.dry_run)
    return print_plan (run, maker, data);
  keep_recipe (run, recipe);
  if (!open_files (run, &state, &error))
    return run_error (error);
  run->watch = picture_watch_new (&run->picture, no_losses);
  run->progress = progress_new (run->picture.quiet);
  RvFilmFrames frames = { rv_film_reader_info (run->reader)->n_frames, state, next_frame, add_frame, run };
  gboolean ok = maker->make (data, &frames, on_progress, run, &result, &error);
  progress_end (run->progress);
  kernel_file_save (&run->picture, recipe->kernels);
  if (!ok || result.stopped)
    rv_film_writer_cut (run->writer);
  if (result.n_frames > 0 && !rv_film_writer_finish (run->writer, ok ? &error : NULL))
    ok = FALSE;
  if (ok && run->error)
    ok = FALSE, error = g_steal_pointer (&run->error);
  ok = ok && (result.n_frames == 0 || write_recipe (run, recipe, &error));
  end_state (run, ok && !result.stopped);
  if (!ok)
    return run_error (with_what_is_kept (run, error));
  if (result.n_frames > 0)
    say_done (run, &result);
  return result.stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}
