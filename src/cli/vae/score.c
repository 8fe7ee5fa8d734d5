/* score.c -- reverie vae score MODEL PICTURES...: how unusual pictures are, and where. */
#include "score.h"
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SLICE 100                /* pictures that a VAE scores at once */
#define VAE_MIDDLE (0.25 * 0.25) /* value of a VAE's map that is drawn as half white: a quarter of white, squared */
#define NAME "{name}"

/* A model of either kind. */
typedef struct {
  RvTensorMap *patches; /* NULL: a VAE */
  RvVae *vae;           /* NULL: patches */
  GArray *normal;       /* double: scores of usual pictures, ascending */
} Scorer;

static void
scorer_clear (Scorer *scorer)
{
  rv_tensor_map_unref (scorer->patches);
  rv_vae_free (scorer->vae);
  if (scorer->normal)
    g_array_unref (scorer->normal);
}

/* A run of the command. */
typedef struct {
  const VaeJob *job;
  Scorer scorer;
  GPtrArray *normal, *sources; /* (element-type GPtrArray): files of --normal, and of each argument after the model */
  GPtrArray *inputs;           /* char: all files and folders that are read, NULL-terminated */
  GHashTable *outputs;         /* absolute path: what it is, or the picture whose map it is */
  GPtrArray *maps, *written;   /* char: maps to write, and those that are written */
  GArray *scores, *cells;      /* Score; Cell: most unusual first, at most SHEET_PICTURES */
  gboolean with_maps;
  double middle;      /* value of a map that is drawn as half white */
  Progress *progress; /* NULL: not scoring */
} Run;

static void
run_clear (Run *run)
{
  scorer_clear (&run->scorer);
  g_ptr_array_unref (run->normal);
  g_ptr_array_unref (run->sources);
  g_ptr_array_unref (run->inputs);
  g_hash_table_unref (run->outputs);
  g_ptr_array_unref (run->maps);
  g_ptr_array_unref (run->written);
  g_array_unref (run->scores);
  g_array_unref (run->cells);
  g_clear_pointer (&run->progress, progress_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

/* Appends the stored @score of a usual picture. RV_ERROR_FORMAT with the name of the model, @file, if it is not finite.
 */
static gboolean
add_normal (Scorer *scorer, const char *file, double score, GError **error)
{
  g_array_append_val (scorer->normal, score);
  if (!isfinite (score))
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s: damaged: a score of a usual picture is no finite number", file);
  return isfinite (score);
}

/* Sets *scorer to the model in @file, with the scores that training stored; the caller clears it. */
static gboolean
load_scorer (const VaeJob *job, const char *file, Scorer *scorer, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, error);
  scorer->normal = g_array_new (FALSE, FALSE, sizeof (double));
  if (!map)
    return FALSE;
  if (g_strcmp0 (rv_tensor_map_get_text (map, "format"), "reverie-patches") != 0) {
    if (!(scorer->vae = vae_load (job, file, error)))
      return FALSE;
    const char *note = rv_vae_get_note (scorer->vae, "normal-scores");
    g_auto (GStrv) numbers = g_strsplit (note ? note : "", " ", -1);
    for (char **number = numbers; *number; number++) {
      char *end;
      double score = g_ascii_strtod (*number, &end);
      if (!add_normal (scorer, file, end == *number || *end ? NAN : score, error))
        return FALSE;
    }
    return TRUE;
  }
  scorer->patches = rv_tensor_map_ref (map);
  const RvTensor *stored = rv_tensor_map_get (map, "normal_scores");
  g_autoptr (RvTensor) scores = stored ? rv_tensor_to_f32 (stored, error) : NULL;
  for (gint64 i = 0; scores && i < rv_tensor_count (scores); i++)
    if (!add_normal (scorer, file, ((const float *) scores->data)[i], error))
      return FALSE;
  return scores || !stored;
}

/* Sets *map to the squared error of the reconstruction of @picture, a mean over channels. */
static gboolean
reconstruction_error (const RvVae *vae, const RvDataset *data, gint64 picture, RvTensor **map, GError **error)
{
  gint64 plane = (gint64) data->height * data->width, size = plane * data->channels;
  const guint8 *bytes = data->pixels + picture * size;
  RvShape shape = rv_shape (2, (gint64) data->height, (gint64) data->width);
  g_autofree float *mu = g_new (float, vae_int_setting (vae, "latent")), *pixels = g_new (float, size);
  if (!(*map = rv_tensor_new (RV_F32, &shape, error)) || !rv_vae_encode (vae, bytes, 1, mu, NULL, error) ||
      !rv_vae_decode (vae, mu, 1, pixels, error))
    return FALSE;
  float *to = (*map)->data;
  memset (to, 0, (gsize) plane * sizeof *to);
  for (gint64 i = 0; i < size; i++) {
    float difference = pixels[i] - (float) bytes[i] / 255;
    to[i % plane] += difference * difference / (float) data->channels;
  }
  return TRUE;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* FALSE with RV_ERROR_CANCELLED after Ctrl-C. */
static gboolean
go_on (GError **error)
{
  if (interrupt_requested ())
    g_set_error (error, RV_ERROR, RV_ERROR_CANCELLED, "scoring was stopped");
  return !interrupt_requested ();
}

/* (transfer full): name of picture @i of the @n of @file. */
static char *
picture_name (const char *file, gint64 n, gint64 i)
{
  return n == 1 ? g_strdup (file) : g_strdup_printf ("%s:%" G_GINT64_FORMAT, file, i);
}

/* (transfer full): --map with the name of picture @i of the @n of @file, without folder and suffix, for NAME. */
static char *
map_name (const VaeJob *job, const char *file, gint64 n, gint64 i)
{
  g_autofree char *base = g_path_get_basename (file), *index = g_strdup_printf ("-%" G_GINT64_FORMAT, i),
                  *stem = vae_sibling_path (base, n == 1 ? "" : index);
  g_auto (GStrv) parts = g_strsplit (job->own.map, NAME, -1);
  return g_strjoinv (stem, parts);
}

static gboolean
write_map (Run *run, const char *file, gint64 n, gint64 i, const RvTensor *map, GError **error)
{
  char *name = map_name (run->job, file, n, i);
  g_autoptr (RvImage) image = score_draw_map (map, run->middle, error);
  gboolean ok = image && rv_image_save (image, name, &(RvSaveOptions){ .no_replace = !run->job->own.force }, error);
  if (ok)
    g_ptr_array_add (run->written, name);
  else
    g_free (name);
  return ok;
}

/* Whether the sheet needs a picture with this @score. */
static gboolean
is_for_sheet (const Run *run, double score)
{
  return run->job->own.sheet && run->with_maps &&
         (run->cells->len < SHEET_PICTURES || score > g_array_index (run->cells, Cell, SHEET_PICTURES - 1).score);
}

/* Takes the results for picture @i of the @n of @file. @map: (nullable). @picture: (transfer full) (nullable): for the
 * sheet. RV_ERROR_NUMBER. */
static gboolean
add_result (Run *run, const char *file, gint64 n, gint64 i, double score, RvTensor *map, RvImage *picture,
            GError **error)
{
  if (picture) {
    g_array_append_val (run->cells, ((Cell[]){ { score, rv_tensor_ref (map), picture } })[0]);
    g_array_sort (run->cells, score_compare_cells);
    g_array_set_size (run->cells, MIN (run->cells->len, SHEET_PICTURES));
  }
  g_array_append_val (run->scores, ((Score[]){ { picture_name (file, n, i), score } })[0]);
  if (!isfinite (score)) {
    g_set_error (error, RV_ERROR, RV_ERROR_NUMBER, "%s: damaged: the score of %s is no finite number",
                 run->job->args[0], file);
    return FALSE;
  }
  return !map || !run->job->own.map || write_map (run, file, n, i, map, error);
}

/* Work on a file: scores its pictures, an IDX file has many. */
static gboolean
score_with_vae (Run *run, const char *file, GError **error)
{
  const RvVae *vae = run->scorer.vae;
  double scores[SLICE] = { 0 };
  gint64 seed = rv_settings_get_int (run->job->settings, "seed", NULL);
  g_autoptr (RvDataset) data = vae_load_data (run->job, vae, file, RV_DATASET_TEST, error);
  gint64 n = data ? data->n : 0, size = data ? (gint64) data->channels * data->height * data->width : 0;
  g_autofree float *pixels = g_new (float, size);
  for (gint64 first = 0; first < n; first += SLICE) {
    RvDataset slice = *data; /* borrows its memory */
    slice.n = MIN (SLICE, n - first);
    slice.pixels += first * size;
    if (!go_on (error) || !rv_vae_score (vae, &slice, seed, scores, error))
      return FALSE;
    for (gint64 i = 0; i < slice.n; i++) {
      g_autoptr (RvTensor) map = NULL;
      RvImage *picture = NULL;
      if (!go_on (error) || (run->with_maps && !reconstruction_error (vae, &slice, i, &map, error)))
        return FALSE;
      for (gint64 k = 0; k < size; k++)
        pixels[k] = (float) slice.pixels[i * size + k] / 255;
      if (is_for_sheet (run, scores[i]) && !(picture = rv_vae_sheet (vae, pixels, 1, 1, 0, error)))
        return FALSE;
      if (!add_result (run, file, n, first + i, scores[i], map, picture, error))
        return FALSE;
    }
  }
  return data != NULL;
}

static gboolean
score_with_patches (Run *run, const char *file, GError **error)
{
  double score;
  g_autoptr (RvTensor) map = NULL;
  RvImage *picture = NULL;
  int n_threads = (int) rv_settings_get_int (run->job->settings, "threads", NULL);
  if (!rv_patches_score (run->scorer.patches, file, n_threads, &score, run->with_maps ? &map : NULL, error))
    return FALSE;
  if (is_for_sheet (run, score) &&
      !(picture = rv_image_load (file, (int) map->shape.dim[1], (int) map->shape.dim[0], error)))
    return FALSE;
  return add_result (run, file, 1, 0, score, map, picture, error);
}

/* Adds @output, which is @what (transfer full), to run->outputs. RV_ERROR_SETTING if two outputs are one file. */
static gboolean
add_output (Run *run, const char *output, char *what, GError **error)
{
  char *whole = g_canonicalize_filename (output, NULL);
  const char *other = g_hash_table_lookup (run->outputs, whole);
  gboolean is_new = !other;
  if (other)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "%s and %s would both be written to %s", other, what, output);
  return g_hash_table_insert (run->outputs, whole, what) && is_new;
}

/* Work on a file: adds the names of its maps to run->maps. */
static gboolean
name_maps (Run *run, const char *file, GError **error)
{
  RvImageInfo info;
  g_autoptr (RvDataset) data =
    run->scorer.vae ? vae_load_data (run->job, run->scorer.vae, file, RV_DATASET_TEST, error) : NULL;
  gint64 n = data ? data->n : 1;
  if (run->scorer.vae ? !data : !rv_image_probe (file, &info, error))
    return FALSE;
  for (gint64 i = 0; i < n; i++) {
    char *map = map_name (run->job, file, n, i), *picture = picture_name (file, n, i);
    g_autofree char *what = g_strdup_printf ("the map of %s", picture);
    g_free (picture);
    g_ptr_array_add (run->maps, map);
    if (!add_output (run, map, g_steal_pointer (&what), error))
      return FALSE;
  }
  return TRUE;
}

/* Shows that @n_done of the files of all @sources are done. */
static void
show_progress (const Run *run, const GPtrArray *sources, guint n_done)
{
  guint n = 0;
  for (guint k = 0; k < sources->len; k++)
    n += ((const GPtrArray *) sources->pdata[k])->len;
  if (run->progress)
    progress_show (run->progress, (double) n_done / (double) n, 0, "scoring");
}

/* Does @work on the files of each of @sources. Prints files that are no pictures, and removes them from the list: the
 * next pass leaves them out, too. */
static gboolean
for_each_file (Run *run, GPtrArray *sources, gboolean (*work) (Run *run, const char *file, GError **error),
               GError **error)
{
  guint n_done = 0;
  for (guint k = 0; k < sources->len; k++) {
    GPtrArray *files = sources->pdata[k];
    for (guint i = 0; i < files->len;) {
      g_autoptr (GError) fault = NULL;
      if (go_on (&fault) && work (run, files->pdata[i], &fault)) {
        i++;
        show_progress (run, sources, ++n_done);
        continue;
      }
      if (files->len == 1 ||
          !(g_error_matches (fault, RV_ERROR, RV_ERROR_FILE) || g_error_matches (fault, RV_ERROR, RV_ERROR_FORMAT) ||
            g_error_matches (fault, RV_ERROR, RV_ERROR_SHAPE))) {
        g_propagate_error (error, g_steal_pointer (&fault));
        return FALSE;
      }
      if (run->progress)
        progress_clear (run->progress);
      text_print (stderr, "reverie: left out: %s", fault->message);
      g_ptr_array_remove_index (files, i);
    }
  }
  return TRUE;
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

/* Checks that @output is no input and can be written; a picture also that its suffix is known. */
static gboolean
check_output (const Run *run, const char *output, gboolean is_picture, GError **error)
{
  static const char *const none[] = { NULL };
  gboolean exists = g_file_test (output, G_FILE_TEST_EXISTS); /* else it is none of many inputs */
  const char *const *inputs = exists ? (const char *const *) run->inputs->pdata : none;
  return rv_file_check_free (output, inputs, run->job->own.force, error) &&
         (!is_picture || rv_image_check_target (output, SHEET_MAX_PX, SHEET_MAX_PX, error));
}

/* Lists the files of @source in @sources and run->inputs. */
static gboolean
add_source (Run *run, GPtrArray *sources, char *source, GError **error)
{
  GPtrArray *files = vae_list_files (source, error);
  if (!files)
    return FALSE;
  g_ptr_array_add (sources, files);
  g_ptr_array_add (run->inputs, g_strdup (source));
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (run->inputs, g_strdup (files->pdata[i]));
  return TRUE;
}

/* Checks options, lists files, loads the model and names the maps: all that can be refused before scoring. */
static gboolean
prepare (Run *run, double *rate_01, GError **error)
{
  const VaeJob *job = run->job;
  const VaeOptions *own = &job->own;
  if (!score_read_rate (own->false_alarms, rate_01, error))
    return FALSE;
  if (own->map && !strstr (own->map, NAME)) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--map needs " NAME " in its name, such as 'maps/" NAME ".png'");
    return FALSE;
  }
  g_ptr_array_add (run->inputs, g_strdup (job->args[0]));
  for (int i = 1; i < job->n_args; i++)
    if (!add_source (run, run->sources, job->args[i], error))
      return FALSE;
  if (own->normal && !add_source (run, run->normal, own->normal, error))
    return FALSE;
  g_ptr_array_add (run->inputs, NULL);
  if ((own->output &&
       (!add_output (run, own->output, g_strdup ("-o"), error) || !check_output (run, own->output, FALSE, error))) ||
      (own->sheet &&
       (!add_output (run, own->sheet, g_strdup ("--sheet"), error) || !check_output (run, own->sheet, TRUE, error))) ||
      !load_scorer (job, job->args[0], &run->scorer, error) ||
      (own->map && !for_each_file (run, run->sources, name_maps, error)))
    return FALSE;
  for (guint i = 0; i < run->maps->len; i++) {
    g_autofree char *folder = g_path_get_dirname (run->maps->pdata[i]);
    g_mkdir_with_parents (folder, 0777);
    if (!check_output (run, run->maps->pdata[i], TRUE, error))
      return FALSE;
  }
  return TRUE;
}

/* Scores all pictures and writes the results. */
static gboolean
score (Run *run, GError **error)
{
  double rate_01;
  const VaeOptions *own = &run->job->own;
  GArray *normal;
  if (!prepare (run, &rate_01, error))
    return FALSE;
  run->progress = progress_new (own->quiet);
  normal = run->scorer.normal;
  gboolean (*work) (Run *, const char *, GError **) = run->scorer.vae ? score_with_vae : score_with_patches;
  if (!for_each_file (run, run->normal, work, error))
    return FALSE;
  if (own->normal)
    g_array_set_size (normal, 0);
  for (guint i = 0; i < run->scores->len; i++)
    g_array_append_val (normal, g_array_index (run->scores, Score, i).score);
  g_array_sort (normal, compare_numbers);
  g_array_set_size (run->scores, 0);
  double threshold = score_threshold (normal, rate_01);
  run->with_maps = own->map || own->sheet;
  run->middle = run->scorer.vae ? VAE_MIDDLE : MAX (threshold, 1e-12);
  if (run->with_maps && !isfinite (run->middle)) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "the model has no scores of usual pictures, which --map and --sheet need; give some with --normal");
    return FALSE;
  }
  if (!for_each_file (run, run->sources, work, error))
    return FALSE;
  if (run->scores->len == 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "there are no pictures to score");
    return FALSE;
  }
  g_clear_pointer (&run->progress, progress_free);
  if (!go_on (error) || !score_write_table (run->job, run->scores, threshold, error) ||
      (own->sheet && !score_write_sheet (run->job, run->cells, run->middle, error)))
    return FALSE;
  score_print_summary (run->job, normal, run->scores, threshold);
  return TRUE;
}

int
vae_score (VaeJob *job, GError **error)
{
  g_auto (Run) run = { .job = job,
                       .normal = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref),
                       .sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref),
                       .inputs = g_ptr_array_new_with_free_func (g_free),
                       .outputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                       .maps = g_ptr_array_new_with_free_func (g_free),
                       .written = g_ptr_array_new_with_free_func (g_free),
                       .scores = g_array_new (FALSE, FALSE, sizeof (Score)),
                       .cells = g_array_new (FALSE, FALSE, sizeof (Cell)) };
  g_array_set_clear_func (run.scores, score_clear);
  g_array_set_clear_func (run.cells, score_clear_cell);
  g_autoptr (GError) fault = NULL;
  if (score (&run, &fault))
    return EXIT_DONE;
  for (guint i = 0; i < run.written->len; i++)
    g_unlink (run.written->pdata[i]);
  if (g_error_matches (fault, RV_ERROR, RV_ERROR_CANCELLED))
    return EXIT_INTERRUPTED;
  g_propagate_error (error, g_steal_pointer (&fault));
  return EXIT_FAILED;
}
