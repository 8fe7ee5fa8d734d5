/* cmd-dream.c -- reverie dream: a photograph in, what a network sees in it out. */
#include "cmd-dream.h"
#include "backend/backend.h"
#include "base/text.h"
#include "io/image/program.h"
#include "method/dream/where.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEST_PATTERN_PX 400
#define NOISE_PX 320 /* the sides, unless another size is asked for */
#define COMPARE_GAP_PX 8
#define FILM_BLEND 0.85 /* of a film, unless --blend says otherwise */

/* What else decides how a picture comes out: its recipe holds it. */
const RvOption dream_run_options[] = {
  { "style-weight", 0, RV_OPTION_REAL, offsetof (DreamOptions, style_weight), "0.7", 0, 1e3, .unit = "WEIGHT",
    .help = "how much of a step is the style's, to 1 of the dream's" },
  { "blend", 0, RV_OPTION_REAL, offsetof (DreamOptions, blend), NULL, 0, 1, .unit = "0..1",
    .help = "of frames: how much of the last dreamt one goes into the next; 0.85 keeps a dream alive. Of films: how "
            "much of what was dreamt [0.85]" },
  { "count", 0, RV_OPTION_INT, offsetof (DreamOptions, count), NULL, 0, 999999, .unit = "COUNT",
    .help = "dream so many frames into one picture, each from the last" },
  { "zoom", 0, RV_OPTION_REAL, offsetof (DreamOptions, zoom), "1", 0.1, 10, .unit = "FACTOR",
    .help = "of --count: enlarge from frame to frame" },
  { "rotate", 0, RV_OPTION_REAL, offsetof (DreamOptions, rotate), "0", -180, 180, .unit = "DEGREES",
    .help = "of --count: turn clockwise from frame to frame" },
  { "diversity", 0, RV_OPTION_INT, offsetof (DreamOptions, diversity), "1", 1, 64, .unit = "COUNT",
    .help = "of --from noise: so many pictures of the same thing on a sheet, each unlike those before it" },
  { "diversity-weight", 0, RV_OPTION_REAL, offsetof (DreamOptions, diversity_weight), "0.5", 0, 1e3, .unit = "WEIGHT",
    .help = "how much of a step is that, to 1 of what is climbed" },
  { "atlas", 0, RV_OPTION_TEXT, offsetof (DreamOptions, atlas), .unit = "LAYER",
    .help = "instead of a picture: what each channel of a layer likes, on one sheet" },
  { "test-pattern", 0, RV_OPTION_BOOL, offsetof (DreamOptions, test_pattern),
    .help = "dream on a colour gradient of 400 x 400 px instead of a picture" },
  { NULL },
};

#define FILM_ROWS                                                                                                      \
  FILM_OPTION_ROWS (offsetof (DreamOptions, film)),                                                                    \
  {                                                                                                                    \
    "frame-iterations", 0, RV_OPTION_INT, offsetof (DreamOptions, film.frame_iterations), "3", 1, 1e6,                 \
      .unit = "COUNT",                                                                                                 \
      .help = "of a film: at each octave of each frame after the first of a shot, which has --iterations"              \
  }

const RvOption dream_film_options[] = { FILM_ROWS, { NULL } };

const RvOption dream_film_recipe_options[] = {
  { "style-weight", 0, RV_OPTION_REAL, offsetof (DreamOptions, style_weight) },
  { "blend", 0, RV_OPTION_REAL, offsetof (DreamOptions, blend) },
  { "from", 0, RV_OPTION_TEXT, offsetof (DreamOptions, film.from) },
  FILM_ROWS,
  { NULL },
};

static const RvOption own_options[] = {
  { "compare", 0, RV_OPTION_TEXT, offsetof (DreamOptions, compare), .unit = "FILE",
    .help = "also write before and after, side by side" },
  { "mask", 0, RV_OPTION_TEXT, offsetof (DreamOptions, mask), .unit = "PICTURE",
    .help = "dream where it is white, not where it is black" },
  { "where", 0, RV_OPTION_TEXT, offsetof (DreamOptions, where), .unit = "PICTURE",
    .help = "a picture that --toward names without its folder; once for each" },
  { "guide", 0, RV_OPTION_TEXT, offsetof (DreamOptions, guide), .unit = "PICTURE",
    .help = "grow toward what the network sees in this picture" },
  { "style", 0, RV_OPTION_TEXT, offsetof (DreamOptions, style), .unit = "PICTURE",
    .help = "also pull toward the style of this painting" },
  { "what", 0, RV_OPTION_BOOL, offsetof (DreamOptions, what), .help = "only say what the network sees in the picture" },
  { "list-words", 0, RV_OPTION_BOOL, offsetof (DreamOptions, list_words),
    .help = "show the words of the network, for --toward" },
  RV_STATE_OPTION_ROWS (DreamOptions),
  { "list-layers", 0, RV_OPTION_BOOL, offsetof (DreamOptions, list_layers), .help = "show the network's layers" },
  { "list-looks", 0, RV_OPTION_BOOL, offsetof (DreamOptions, list_looks), .help = "show the looks and presets" },
  { NULL },
};

static void
job_clear (DreamJob *job)
{
  picture_options_clear (&job->picture);
  rv__option_clear (dream_run_options, &job->own);
  rv__option_clear (own_options, &job->own);
  rv__option_clear (dream_film_options, &job->own);
  g_free (job->own.film.from);
  rv_settings_free (job->settings);
  rv_net_unref (job->net);
  rv_image_unref (job->image);
  rv_image_unref (job->mask);
  rv_image_unref (job->guide);
  rv_image_unref (job->style);
  g_clear_pointer (&job->places, g_ptr_array_unref);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
  if (job->log)
    fclose (job->log);
  picture_watch_free (job->watch);
  rv__state_file_free (job->state);
  g_free (job->inputs);
  g_free (job->inputs_text);
  g_clear_error (&job->error);
}

/* ---- what the command line says ---------------------------------------------------------------------------------- */

static int
list_things (const DreamOptions *own, const char *network)
{
  const char *const *presets = rv_settings_presets ("dream"), *const *looks = rv_dream_looks ();
  const char *const *layers = rv_net_layers (network);
  for (int i = 0; own->list_looks && presets[i]; i++)
    printf ("--preset %-16s %s\n", presets[i], rv_settings_preset_summary ("dream", presets[i]));
  for (int i = 0; own->list_looks && looks[i]; i++)
    printf ("--look %-18s %s\n", looks[i], rv_dream_look_layers (looks[i], network));
  for (int i = 0; own->list_layers && layers[i]; i++)
    printf ("%s\n", layers[i]);
  return EXIT_DONE;
}

/* What is wrong with the pictures and options together; NULL when nothing is. */
static const char *
usage_fault (const DreamJob *job)
{
  const DreamOptions *own = &job->own;
  gboolean noise = strcmp (rv_settings_get_text (job->settings, "from", NULL), "noise") == 0;
  gboolean drawn = own->test_pattern || own->atlas || noise, in_pattern = rv__frame_is_pattern (job->picture.output);
  gboolean frames = job->n_files > 1 || own->count > 0, toward = *rv_settings_get_text (job->settings, "toward", NULL);
  if (drawn && job->n_files > 0)
    return own->atlas ? "--atlas takes no picture"
           : noise    ? "--from noise takes no picture"
                      : "--test-pattern takes no picture";
  if (!drawn && job->n_files == 0)
    return "which picture? reverie dream PICTURE -o OUT";
  if (noise && (own->test_pattern || own->atlas || own->count > 0 || own->compare || own->what))
    return "--from noise goes without a picture's options: --test-pattern, --atlas, --count, --compare, --what";
  if (own->diversity > 1 && (!noise || own->style || own->state.resume))
    return "--diversity goes with --from noise, and without --style and --resume";
  if (own->count > 0 && job->n_files > 1)
    return "--count dreams into one picture; several pictures are frames already";
  if ((own->zoom != 1 || own->rotate != 0) && own->count == 0)
    return "--zoom and --rotate go from frame to frame: how many? --count N";
  if (own->film.from && !job->is_film)
    return "--from with a time is of films; of a picture it says 'picture' or 'noise'";
  if (job->is_film)
    return NULL; /* its own run will say */
  if (own->blend > 0 && job->n_files < 2)
    return "--blend goes from picture to picture: name several";
  if (frames && job->picture.output && !in_pattern)
    return "several frames go to numbered files: -o 'OUT_%04d.png'";
  const PictureOptions *picture = &job->picture;
  if ((frames || in_pattern || own->diversity > 1) &&
      (own->compare || own->what || picture->save_every > 0 || picture->live || picture->plot || picture->timeline ||
       picture->preview))
    return "--compare, --what, --save-every, --live, --preview, --plot and --timeline go with one picture, not with "
           "frames and --diversity";
  if (own->atlas && (own->compare || own->mask || own->guide || own->style || own->test_pattern || frames || toward ||
                     job->picture.dry_run || job->picture.log))
    return "--atlas goes without the options of a picture: --compare, --mask, --guide, --style, --toward, --log, "
           "--dry-run";
  if (own->guide && toward)
    return "--guide and --toward do not go together";
  return NULL;
}

/* The file that --toward calls @place: of --where, or it is one itself. */
static const char *
place_file (const GPtrArray *where, const char *place)
{
  for (guint i = 0; i < where->len; i++) {
    g_autofree char *name = g_path_get_basename (where->pdata[i]);
    if (strcmp (name, place) == 0)
      return where->pdata[i];
  }
  return place;
}

/* One more picture that --toward names; two files of one name could not be told apart. */
static gboolean
add_place (DreamJob *job, const char *file, const char *name, GError **error)
{
  for (guint i = 0; i < job->places->len; i++) {
    g_autofree char *other = g_path_get_basename (job->places->pdata[i]);
    if (strcmp (job->places->pdata[i], file) == 0)
      return TRUE;
    if (strcmp (other, name) != 0)
      continue;
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--toward names two pictures called %s", name);
    return FALSE;
  }
  g_ptr_array_add (job->places, g_strdup (file));
  return TRUE;
}

/* The pictures in --toward WORD:PICTURE become job->places; where they lie is nobody's business in a recipe. */
static gboolean
find_places (DreamJob *job, const GPtrArray *given, GError **error)
{
  g_autoptr (GPtrArray) where = options_all (given, "where");
  g_auto (GStrv) words = g_strsplit (rv_settings_get_text (job->settings, "toward", NULL), ",", -1);
  job->places = g_ptr_array_new_with_free_func (g_free);
  for (char **word = words; *word; word++) {
    const char *place = rv__dream_word_place (*word);
    if (!place)
      continue;
    g_autofree char *name = g_path_get_basename (place), *before = g_strndup (*word, (gsize) (place - *word));
    if (!add_place (job, place_file (where, place), name, error))
      return FALSE;
    g_free (*word);
    *word = g_strconcat (before, name, NULL);
  }
  if (job->places->len == 0)
    return TRUE;
  g_autofree char *names = g_strjoinv (",", words);
  return rv_settings_set (job->settings, "toward", names, error);
}

/* (transfer container): what is given but a --from that is a time, which is of films. */
static GPtrArray *
take_time (DreamJob *job, const GPtrArray *given)
{
  GPtrArray *others = g_ptr_array_new ();
  for (guint i = 0; i < given->len; i++) {
    const Given *one = given->pdata[i];
    if (strcmp (one->option->name, "from") != 0 || !(g_ascii_isdigit (*one->value) || *one->value == '.')) {
      g_ptr_array_add (others, given->pdata[i]);
      continue;
    }
    g_free (job->own.film.from);
    job->own.film.from = g_strdup (one->value);
  }
  return others;
}

static gboolean
read_command_line (DreamJob *job, int n_args, char **args, const GPtrArray *all_given, GError **error)
{
  g_autoptr (GPtrArray) given = take_time (job, all_given);
  gboolean noise =
    g_strcmp0 (options_last (given, "from"), "noise") == 0 || (n_args == 0 && options_last (given, "neuron"));
  job->settings = options_settings (given, "dream", job->own.atlas ? "atlas" : noise ? "feature" : NULL, error);
  if (!job->settings || !find_places (job, given, error))
    return FALSE;
  job->sizes_given = options_last (given, "octaves") || options_last (given, "smallest");
  job->files = args;
  job->n_files = n_args;
  job->is_film = n_args > 0 && job->own.count == 0 && film_is_wanted (job->picture.output, args[0]);
  job->picture.is_film = job->is_film;
  if (job->is_film && !options_last (given, "blend"))
    job->own.blend = FILM_BLEND;
  const char *fault = usage_fault (job);
  if (fault) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING, fault);
    return FALSE;
  }
  picture_imply (&job->picture, "builtin", 0, 0);
  job->picture.truncate = TRUE; /* as all the programs do */
  return (job->own.what || picture_check_usage (&job->picture, error)) &&
         (!job->picture.network || job->own.atlas || /* the weights, or the atlas, will say */
          rv_dream_settings_check (job->settings, job->picture.network, error));
}

/* ---- what the files say ------------------------------------------------------------------------------------------ */

static gboolean
check_files (DreamJob *job, GError **error)
{
  gboolean noise = strcmp (rv_settings_get_text (job->settings, "from", NULL), "noise") == 0;
  RvImageInfo info = { noise ? NOISE_PX : TEST_PATTERN_PX, noise ? NOISE_PX : TEST_PATTERN_PX };
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  int width, height;
  const char *others[] = { job->own.mask, job->own.guide, job->own.style };
  for (int i = 0; i < job->n_files; i++)
    g_ptr_array_add (inputs, job->files[i]);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i])
      g_ptr_array_add (inputs, (gpointer) others[i]);
  for (guint i = 0; i < job->places->len; i++)
    g_ptr_array_add (inputs, job->places->pdata[i]);
  g_ptr_array_add (inputs, NULL);
  const char *const *names = (const char *const *) inputs->pdata;

  if (job->n_files > 0 && !rv_image_probe (job->files[0], &info, error))
    return FALSE;
  picture_target_size (&job->picture, info.width, info.height, &job->width, &job->height);
  dream_sheet_size (job, &width, &height);
  if (!dream_state_start (job, error))
    return FALSE;
  if (job->n_files > 1 || job->own.count > 0 || rv__frame_is_pattern (job->picture.output)) {
    if (!dream_check_frames (job, names, error))
      return FALSE;
  } else if (!picture_check_output (&job->picture, width, height, names, error) ||
             !picture_check_other (&job->picture, job->own.compare, 2 * job->width + COMPARE_GAP_PX, job->height, names,
                                   error))
    return FALSE;
  const PictureOptions compare = { .output = job->own.compare,
                                   .force = job->picture.force,
                                   .dry_run = job->picture.dry_run };
  picture_remove_halves (&job->picture);
  picture_remove_halves (&compare);
  return TRUE;
}

/* Red grows downwards, green to the right, blue with both: the picture that DeepDream programs are tried on. */
static RvImage *
test_pattern (GError **error)
{
  RvImage *image = rv_image_new (TEST_PATTERN_PX, TEST_PATTERN_PX, error);
  for (int i = 0; image && i < TEST_PATTERN_PX; i++)
    for (int j = 0; j < TEST_PATTERN_PX; j++) {
      float *pixel = (float *) image->rgb->data + i * TEST_PATTERN_PX + j;
      pixel[0] = (float) (i * 255 / TEST_PATTERN_PX);
      pixel[TEST_PATTERN_PX * TEST_PATTERN_PX] = (float) (j * 255 / TEST_PATTERN_PX);
      pixel[2 * TEST_PATTERN_PX * TEST_PATTERN_PX] = (float) ((i + j) * 255 / (2 * TEST_PATTERN_PX));
    }
  return image;
}

static RvImage *
load_picture (const DreamJob *job, GError **error)
{
  if (job->n_files > 0)
    return rv_image_load (job->files[0], job->width, job->height, error);
  if (strcmp (rv_settings_get_text (job->settings, "from", NULL), "noise") == 0) /* its size is all that counts */
    return rv_image_new (job->width, job->height, error);
  g_autoptr (RvImage) pattern = test_pattern (error);
  return pattern ? rv_image_resize (pattern, job->width, job->height, RV_IMAGE_RESIZE_BEST, error) : NULL;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

#define WHAT_WORDS 5
#define WHAT_BAR 30 /* characters */

static int
say_what (const DreamJob *job)
{
  GError *error = NULL;
  RvWord words[WHAT_WORDS];
  if (!rv_dream_what (job->net, job->image, (int) rv_settings_get_int (job->settings, "threads", NULL), words,
                      WHAT_WORDS, &error))
    return run_error (error);
  for (int i = 0; i < WHAT_WORDS; i++) {
    int bar = (int) (words[i].probability_01 * WHAT_BAR + 0.5);
    g_autofree char *word = rv__text_plain (words[i].word, FALSE);
    printf ("%5.1f %%  %-30.*s %s\n", 100 * words[i].probability_01, bar, "##############################", word);
  }
  return EXIT_DONE;
}

static int
list_words (DreamJob *job)
{
  GError *error = NULL;
  picture_imply (&job->picture, "builtin", 0, 0);
  job->net = picture_load_net (&job->picture, &error);
  if (!job->net)
    return run_error (error);
  const char *const *words = rv_net_words (job->net);
  if (!words)
    fprintf (stderr, "reverie: the network %s has no words\n", rv_net_name (job->net));
  for (int i = 0; words && words[i]; i++) {
    g_autofree char *word = rv__text_plain (words[i], FALSE);
    printf ("%s\n", word);
  }
  for (int i = 0; words && rv_dream_groups ()[i]; i++)
    printf ("%s\n", rv_dream_groups ()[i]);
  return words ? EXIT_DONE : EXIT_FAILED;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void
write_log (FILE *log, int frame, const RvDreamProgress *p)
{
  char loss[G_ASCII_DTOSTR_BUF_SIZE], seconds[G_ASCII_DTOSTR_BUF_SIZE];
  fputs ("{", log);
  if (frame > 0)
    fprintf (log, "\"frame\": %d, ", frame);
  fprintf (log, "\"octave\": %d, \"iteration\": %" G_GINT64_FORMAT ", \"loss\": %s, \"seconds\": %s}\n", p->octave,
           p->iteration, g_ascii_formatd (loss, sizeof loss, "%.9g", p->loss),
           g_ascii_formatd (seconds, sizeof seconds, "%.9g", p->seconds));
}

static gboolean
save_snapshot (DreamJob *job, const RvDreamProgress *p, gint64 iteration)
{
  g_autofree char *name = rv__picture_snapshot_name (job->picture.output, iteration);
  g_autoptr (RvImage) image = rv_dream_picture (p, &job->error);
  return image && picture_save (&job->picture, image, name, &job->error);
}

static gboolean
show (DreamJob *job, const RvDreamProgress *p, double done_01)
{
  g_autoptr (RvImage) image = rv_dream_picture (p, &job->error);
  return image && picture_watch_show (job->watch, image, done_01, job->n_steps, job->progress, &job->error);
}

gboolean
dream_on_progress (const RvDreamProgress *p, gpointer data)
{
  DreamJob *job = data;
  gint64 iteration = p->iterations_before + p->iteration;
  int before = MAX (job->frame - 1, 0);
  double done = (before + p->done_01) / MAX (job->n_frames, 1);
  g_autoptr (GString) what = g_string_new (NULL);
  if (job->frame > 0)
    g_string_append_printf (what, "frame %d/%d ", job->frame, job->n_frames);
  g_string_append_printf (
    what, "octave %d/%d (%.3f, %d x %d) iteration %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " loss %.4g", p->octave,
    p->n_octaves, p->octave_scale, p->width, p->height, p->iteration, p->n_iterations, p->loss);
  job->n_steps++;
  progress_show (job->progress, done, (double) (g_get_monotonic_time () - job->began_us) / G_USEC_PER_SEC, job->n_steps,
                 what->str);
  if (job->log)
    write_log (job->log, job->frame, p);
  picture_watch_losses (job->watch, (double[]){ p->loss });
  if (picture_watch_due (job->watch, done) && !show (job, p, done))
    return FALSE;
  if (job->picture.save_every > 0 && job->picture.output && iteration % job->picture.save_every == 0 &&
      !save_snapshot (job, p, iteration))
    return FALSE;
  gboolean stop = interrupt_wanted () && done < 1;
  if ((stop || dream_state_due (job)) && !dream_state_save (job, p))
    return FALSE;
  job->stopped = stop;
  return !stop;
}

/* A default leaves out what is too small for it, as it is meant to: octaves are wanted that were asked for, and those
 * that the default has room for. */
static int
wanted_octaves (const DreamJob *job)
{
  double scale = rv_settings_get_real (job->settings, "octave-scale", NULL);
  double smallest = (double) rv_settings_get_int (job->settings, "smallest", NULL);
  int wanted = (int) rv_settings_get_int (job->settings, "octaves", NULL);
  while (!job->sizes_given && wanted > 1 && floor (MIN (job->width, job->height) / pow (scale, wanted - 1)) < smallest)
    wanted--;
  return wanted;
}

/* Octaves and layers that count nothing, in one line each. */
static void
say_what_is_left_out (const DreamJob *job, const RvDream *dream)
{
  int n_octaves = rv_dream_n_octaves (dream), wanted = wanted_octaves (job), n_partial = 0;
  for (int i = 0; i < n_octaves; i++)
    n_partial += rv_dream_n_layers_left_out (dream, i) > 0;
  if (!job->picture.quiet && n_octaves < wanted)
    fprintf (stderr, "reverie: %d of %d octaves are left out: too small for the chosen layers, or for --smallest\n",
             wanted - n_octaves, wanted);
  if (!job->picture.quiet && n_partial > 0)
    fprintf (stderr, "reverie: in %d of %d octaves some of the layers are too small to count\n", n_partial, n_octaves);
}

static int
print_plan (const DreamJob *job, const RvDreamPlan *plan)
{
  g_autofree char *memory = rv__text_megabytes (plan->peak_bytes),
                  *time = rv__text_seconds (plan->seconds * MAX (job->n_frames, 1));
  if (job->n_frames > 1)
    printf ("%d frames of ", job->n_frames);
  g_autofree char *tiles = picture_tiles_text (plan->n_tiles, plan->work, FALSE);
  printf ("%d x %d px%s, %d octave%s, %" G_GINT64_FORMAT " iterations on %s: peak %s, about %s\n", job->width,
          job->height, tiles, plan->n_octaves, plan->n_octaves == 1 ? "" : "s", plan->n_iterations, plan->backend,
          memory, time);
  return EXIT_DONE;
}

static gboolean
save_compare (const DreamJob *job, const RvImage *result, GError **error)
{
  if (!job->own.compare)
    return TRUE;
  g_autoptr (RvImage) pair = rv_image_new (2 * result->width + COMPARE_GAP_PX, result->height, error);
  for (int c = 0; pair && c < 3; c++)
    for (int y = 0; y < result->height; y++) {
      gint64 row = (gint64) c * result->height + y;
      float *to = (float *) pair->rgb->data + row * pair->width;
      memcpy (to, (float *) job->image->rgb->data + row * result->width, (gsize) result->width * sizeof (float));
      for (int x = 0; x < COMPARE_GAP_PX; x++)
        to[result->width + x] = 255;
      memcpy (to + result->width + COMPARE_GAP_PX, (float *) result->rgb->data + row * result->width,
              (gsize) result->width * sizeof (float));
    }
  return pair && picture_save (&job->picture, pair, job->own.compare, error);
}

Recipe
dream_recipe (DreamJob *job)
{
  int n = 0;
  if (!job->inputs)
    job->inputs = g_new0 (RecipeInput, job->n_files + 3 + (int) job->places->len);
  for (; n < job->n_files; n++)
    job->inputs[n] = (RecipeInput){ "picture", job->files[n] };
  job->inputs[n++] = (RecipeInput){ "guide", job->own.guide };
  job->inputs[n++] = (RecipeInput){ "style", job->own.style };
  job->inputs[n++] = (RecipeInput){ "mask", job->own.mask };
  for (guint i = 0; i < job->places->len; i++)
    job->inputs[n++] = (RecipeInput){ "where", job->places->pdata[i] };
  return (Recipe){ .command = "dream",
                   .inputs = job->inputs,
                   .n_inputs = n,
                   .network = rv_net_name (job->net),
                   .weights = job->picture.weights_file,
                   .width = job->width,
                   .height = job->height,
                   .settings = job->settings,
                   .own_table = dream_run_options,
                   .own = &job->own,
                   .kernels = rv_settings_get_bool (job->settings, "exact", NULL) ? NULL : job->kernels };
}

void
dream_keep_recipe (DreamJob *job)
{
  Recipe recipe = dream_recipe (job);
  recipe_keep (&recipe, &job->picture);
}

static int
run_dream (DreamJob *job, RvDream *dream)
{
  GError *error = NULL;
  g_autoptr (RvImage) result = NULL;

  if (job->picture.save_every > 0 || job->picture.live)
    dream_keep_recipe (job); /* of pictures on the way */
  rv_dream_run (dream, dream_on_progress, job, &result, &error);
  progress_end (g_steal_pointer (&job->progress));
  dream_keep_recipe (job); /* kernels may have been chosen */
  if (!job->error && picture_flush_log (&job->picture, job->log, &job->error))
    picture_watch_end (job->watch, result, job->n_steps, &job->error);
  int code = picture_save_result (&job->picture, result, error);
  if (code != EXIT_DONE)
    return code;
  GError *compare_error = NULL;
  if (!save_compare (job, result, &compare_error))
    return run_error (compare_error);
  kernel_file_save (&job->picture, job->kernels);
  if (job->error)
    return run_error (g_steal_pointer (&job->error));
  dream_state_end (job);
  return picture_say_done (&job->picture, result, job->began_us, job->stopped);
}

/* No larger than the dream will look at it: with about as many pixels as the picture. */
static RvImage *
load_shrunk (const DreamJob *job, const char *file, GError **error)
{
  RvImageInfo info;
  if (!rv_image_probe (file, &info, error))
    return NULL;
  double scale = sqrt ((double) job->width * job->height / ((double) info.width * info.height));
  return picture_load_within (file, scale * MAX (info.width, info.height), error);
}

static gboolean
load_others (DreamJob *job, GError **error)
{
  const DreamOptions *own = &job->own;
  return (!own->mask || job->mask || (job->mask = rv_image_load (own->mask, job->width, job->height, error))) &&
         (!own->guide || (job->guide = load_shrunk (job, own->guide, error))) &&
         (!own->style || job->style || (job->style = load_shrunk (job, own->style, error)));
}

static gboolean
set_places (const DreamJob *job, RvDream *dream, GError **error)
{
  for (guint i = 0; i < job->places->len; i++) {
    g_autofree char *name = g_path_get_basename (job->places->pdata[i]);
    g_autoptr (RvImage) place = rv_image_load (job->places->pdata[i], job->width, job->height, error);
    if (!place || !rv_dream_set_place (dream, name, place, error))
      return FALSE;
  }
  return TRUE;
}

/* Before there is anything to write or to go on from; later the next step ends the run. */
static gboolean
on_wanted (gpointer data)
{
  const DreamJob *job = data;
  return interrupt_wanted () && (job->n_steps == 0 || (job->state && rv__state_file_exists (job->state)));
}

RvDream *
dream_prepare (DreamJob *job, GError **error)
{
  if (!load_others (job, error))
    return NULL;
  g_autoptr (RvDream) dream = rv_dream_new (job->settings, job->net, job->image, error);
  if (!dream) {
    if (job->n_files > 0 && error && g_error_matches (*error, RV_ERROR, RV_ERROR_SHAPE))
      g_prefix_error (error, "%s: ", job->files[0]);
    return NULL;
  }
  rv_dream_set_kernels (dream, job->kernels);
  if (job->mask)
    rv_dream_set_mask (dream, job->mask);
  if (!set_places (job, dream, error) || (job->guide && !rv_dream_set_guide (dream, job->guide, error)) ||
      (job->style && !rv_dream_set_style (dream, job->style, job->own.style_weight, error)))
    return NULL;
  g_clear_pointer (&job->guide, rv_image_unref); /* what the network saw in it is known */
  rv_dream_set_stop (dream, on_wanted, job);
  return g_steal_pointer (&dream);
}

static int
run_job (DreamJob *job, int n_args, char **args, const GPtrArray *given)
{
  GError *error = NULL;
  RvDreamPlan plan = { 0 };
  if (!read_command_line (job, n_args, args, given, &error))
    return usage_error (error);
  rv__backend_start_for_program ();
  int threads = options_threads (job->settings);
  if (!rv__vips_start_for_program (threads, &error) || (!job->is_film && !check_files (job, &error)) ||
      !(job->net = picture_load_net (&job->picture, &error)) ||
      !(job->kernels = kernel_file_load (&job->picture, &error)))
    return run_error (error);
  job->began_us = g_get_monotonic_time ();
  if (job->own.atlas)
    return dream_run_atlas (job);
  if (job->is_film)
    return dream_run_film (job);
  if (!(job->image = load_picture (job, &error)))
    return run_error (error);
  if (job->own.what)
    return say_what (job);
  g_autoptr (RvDream) dream = dream_prepare (job, &error);
  if (!dream)
    return run_error (error);
  say_what_is_left_out (job, dream);
  if (job->picture.dry_run)
    return rv_dream_plan (dream, &plan, &error) ? print_plan (job, &plan) : run_error (error);
  interrupt_watch ();
  static const char *const losses[] = { "loss", NULL };
  job->progress = progress_new (job->picture.quiet);
  job->watch = picture_watch_new (&job->picture, losses);
  job->began_us = g_get_monotonic_time ();
  if ((job->own.diversity == 1 && !dream_resume (job, dream, &error)) ||
      !picture_open_log (&job->picture, job->n_steps, &job->log, &error))
    return run_error (error);
  if (job->own.diversity > 1)
    return dream_run_variants (job);
  return job->n_frames > 0 ? dream_run_frames (job, dream) : run_dream (job, dream);
}

static int
cmd_dream (int n_args, char **args, GPtrArray *given)
{
  DreamJob job = { 0 };
  GError *error = NULL;
  int code;
  rv__option_defaults (dream_run_options, &job.own);
  rv__option_defaults (own_options, &job.own);
  rv__option_defaults (dream_film_options, &job.own);
  if (!picture_options_read (given, &job.picture, &error) ||
      !options_apply (given, dream_run_options, &job.own, &error) ||
      !options_apply (given, own_options, &job.own, &error) ||
      !options_apply (given, dream_film_options, &job.own, &error))
    code = usage_error (error);
  else if (job.own.list_layers || job.own.list_looks)
    code = list_things (&job.own, job.picture.network ? job.picture.network : "builtin");
  else if (job.own.list_words)
    code = list_words (&job);
  else
    code = run_job (&job, n_args, args, given);
  job_clear (&job);
  return code;
}

static const OptionTable tables[] = { { .kind = "picture" },
                                      { picture_options },
                                      { .kind = "dream" },
                                      { dream_run_options },
                                      { own_options },
                                      { dream_film_options },
                                      { NULL } };

static const char *const examples[] = {
  "reverie dream sky.jpg -o dream.png",
  "what the network sees in the clouds",
  "reverie dream sky.jpg -o dream.png --look abstract-shapes --compare both.png",
  "another look, and before and after side by side",
  "reverie dream sky.jpg -o dream.png --layers conv4_3:1 --octaves 7 --jitter 16",
  "a layer of your own, more sizes, no grid marks",
  "reverie dream sky.jpg -o dream.png --layers conv5_1 --channels conv5_1:12,40",
  "only two of a layer's channels",
  "reverie dream sky.jpg -o dream.png --toward macaw",
  "of a word; --list-words shows a thousand of them",
  "reverie dream sky.jpg -o dream.png --toward birds,castle:2",
  "of birds and castles, whichever a place is nearer to",
  "reverie dream sky.jpg -o dream.png --toward fish:below.png,birds:above.png",
  "of fish where one picture is white, of birds where the other is",
  "reverie dream sky.jpg -o dream.png --look eyes",
  "eyes and fur all over",
  "reverie dream sky.jpg -o dream.png --guide leaves.jpg",
  "toward what the network sees in another picture",
  "reverie dream sky.jpg -o dream.png --style painting.jpg --style-weight 1",
  "in the strokes of a painting",
  "reverie dream clip.mp4 -o dreamt.mp4 --from 0:12 --to 0:20",
  "a film, steady from frame to frame, with its sound",
  "reverie dream frames/*.png -o 'out/%04d.png' --preset test --blend 0.85",
  "the frames of a film, each carried into the next",
  "reverie dream sky.jpg -o 'out/%04d.png' --preset test --count 100 --zoom 1.05 --rotate 0.5",
  "a hundred frames deeper and deeper into one picture",
  "reverie dream sky.jpg -o 'out/%04d.png' --preset test --count 100 --zoom 1.05 --rotate 0.5 --resume",
  "the same, gone on with after it was stopped",
  "reverie dream --neuron conv5_1:12 -o neuron.png",
  "without a picture: what a channel of a layer likes most",
  "reverie dream --from noise --toward macaw -o macaw.png",
  "what the network takes for a macaw",
  "reverie dream --neuron conv5_1:12 --diversity 4 -o neurons.png",
  "four pictures that it likes, each unlike the others",
  "reverie dream --atlas conv4_3 -o atlas.png",
  "what each channel of a layer likes",
  "reverie dream sky.jpg --what",
  "what the network sees there before it dreams",
  "reverie dream --test-pattern -o pattern.png --preset test",
  "on a colour gradient, quickly",
  NULL,
};

const Command command_dream = {
  .name = "dream",
  .summary = "show what a network sees in a photograph",
  .usage = "PICTURE... -o OUT [OPTIONS]",
  .about =
    "Takes a photograph and strengthens, again and again and from small sizes to large ones, whatever the chosen "
    "layers of a network respond to (DeepDream). The network is part of the program; others are named with --network "
    "or --weights. Ctrl-C writes the picture reached, and --resume goes on from there. Where OUT is a film, such as "
    ".mp4, so is PICTURE.",
  .examples = examples,
  .options = tables,
  .run = cmd_dream,
};
