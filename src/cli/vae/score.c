/* score.c -- reverie vae score MODEL PICTURES...: how unusual pictures are, and where; reverie vae train --kind
 * patches: models for it. */
#include "cmd-vae.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PATCHES_SIZE_PX 256
#define SHEET_PICTURES 24
#define SHEET_COLUMNS 6
#define CELL_PX 160
#define GAP_PX 4
#define NAME "{name}"

/* A model of either kind. */
typedef struct {
  RvTensorMap *patches; /* NULL: a VAE */
  RvVae *vae;           /* NULL: patches */
  GArray *normal;       /* double: scores of usual pictures, ascending */
} Scorer;

/* A scored picture. */
typedef struct {
  char *file; /* NAME:INDEX for a picture of an IDX file */
  double score;
  RvTensor *map;    /* f32 [height, width]; NULL: none */
  RvImage *picture; /* at the size of `map`; NULL: none */
} Scored;

static void
scored_clear (gpointer data)
{
  Scored *scored = data;
  g_free (scored->file);
  rv_tensor_unref (scored->map);
  rv_image_unref (scored->picture);
}

static void
scorer_clear (Scorer *scorer)
{
  rv_tensor_map_unref (scorer->patches);
  rv_vae_free (scorer->vae);
  if (scorer->normal)
    g_array_unref (scorer->normal);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scorer, scorer_clear)

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full) (nullable): @source, or the files of the folder @source in order of name, without hidden ones. */
static GPtrArray *
list_files (const char *source, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  if (!g_file_test (source, G_FILE_TEST_IS_DIR)) {
    g_ptr_array_add (files, g_strdup (source));
    return g_steal_pointer (&files);
  }
  g_autoptr (GDir) folder = g_dir_open (source, 0, error);
  for (const char *name; folder && (name = g_dir_read_name (folder));)
    if (*name != '.')
      g_ptr_array_add (files, g_build_filename (source, name, NULL));
  g_ptr_array_sort (files, compare_texts);
  return folder ? g_steal_pointer (&files) : NULL;
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

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
    for (char **number = numbers; note && *number; number++)
      g_array_append_val (scorer->normal, (double[]){ g_ascii_strtod (*number, NULL) }[0]);
    return TRUE;
  }
  scorer->patches = rv_tensor_map_ref (map);
  const RvTensor *stored = rv_tensor_map_get (map, "normal_scores");
  g_autoptr (RvTensor) scores = stored ? rv_tensor_to_f32 (stored, error) : NULL;
  for (gint64 i = 0; scores && i < rv_tensor_count (scores); i++) {
    double score = ((const float *) scores->data)[i];
    g_array_append_val (scorer->normal, score);
  }
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

/* Appends the pictures of the file, or IDX data set, @file to @all, of Scored, with maps if @with_maps. */
static gboolean
score_with_vae (const VaeJob *job, const Scorer *scorer, const char *file, gboolean with_maps, GArray *all,
                GError **error)
{
  g_autoptr (RvDataset) data = vae_load_data (job, scorer->vae, file, RV_DATASET_TEST, error);
  g_autofree double *scores = data ? g_new (double, data->n) : NULL;
  if (!data || !rv_vae_score (scorer->vae, data, rv_settings_get_int (job->settings, "seed", NULL), scores, error))
    return FALSE;
  for (gint64 i = 0; i < data->n; i++) {
    Scored one = { .score = scores[i],
                   .file = data->n == 1 ? g_strdup (file) : g_strdup_printf ("%s:%" G_GINT64_FORMAT, file, i) };
    gint64 size = (gint64) data->channels * data->height * data->width;
    gboolean ok = !with_maps || reconstruction_error (scorer->vae, data, i, &one.map, error);
    g_autofree float *pixels = g_new (float, size);
    for (gint64 k = 0; k < size; k++)
      pixels[k] = (float) data->pixels[i * size + k] / 255;
    if (ok && with_maps)
      ok = (one.picture = rv_vae_sheet (scorer->vae, pixels, 1, 1, 0, error)) != NULL;
    g_array_append_val (all, one);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

static gboolean
score_with_patches (const VaeJob *job, const Scorer *scorer, const char *file, gboolean with_maps, GArray *all,
                    GError **error)
{
  Scored one = { .file = g_strdup (file) };
  int n_threads = (int) rv_settings_get_int (job->settings, "threads", NULL);
  gboolean ok = rv_patches_score (scorer->patches, file, n_threads, &one.score, with_maps ? &one.map : NULL, error) &&
                (!with_maps ||
                 (one.picture = rv_image_load (file, (int) one.map->shape.dim[1], (int) one.map->shape.dim[0], error)));
  g_array_append_val (all, one);
  return ok;
}

/* Appends all pictures of @source to @all, of Scored. Prints files that are no pictures, once each. */
static gboolean
score_source (const VaeJob *job, const Scorer *scorer, const char *source, gboolean with_maps, GArray *all,
              GError **error)
{
  g_autoptr (GPtrArray) files = list_files (source, error);
  for (guint i = 0; files && i < files->len; i++) {
    g_autoptr (GError) fault = NULL;
    guint before = all->len;
    if ((scorer->vae ? score_with_vae : score_with_patches) (job, scorer, files->pdata[i], with_maps, all, &fault))
      continue;
    if (files->len == 1 ||
        !(g_error_matches (fault, RV_ERROR, RV_ERROR_FILE) || g_error_matches (fault, RV_ERROR, RV_ERROR_FORMAT) ||
          g_error_matches (fault, RV_ERROR, RV_ERROR_SHAPE))) {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
    g_array_set_size (all, before);
    text_print (stderr, "reverie: left out: %s", fault->message);
  }
  return files != NULL;
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

/* The smallest of the @normal scores, ascending, that at most @rate_01 of them exceed; infinite without any. */
static double
threshold_of (const GArray *normal, double rate_01)
{
  gint64 n = normal->len, at = (gint64) ceil ((1 - rate_01) * (double) n - 1e-9) - 1;
  return n > 0 ? g_array_index (normal, double, CLAMP (at, 0, n - 1)) : INFINITY;
}

/* Reads "1%" or "0.01". RV_ERROR_SETTING. */
static gboolean
read_rate (const char *text, double *rate_01, GError **error)
{
  char *end;
  *rate_01 = g_ascii_strtod (text, &end) / (strchr (text, '%') ? 100 : 1);
  if (end != text && (!*end || strcmp (end, "%") == 0) && *rate_01 >= 0 && *rate_01 < 1)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--false-alarms is a part such as 1%% or 0.01, not '%s'", text);
  return FALSE;
}

static gboolean
write_table (const VaeJob *job, const GArray *all, double threshold, GError **error)
{
  g_autoptr (GString) csv = g_string_new ("file,score,unusual\n");
  for (guint i = 0; i < all->len; i++) {
    const Scored *one = &g_array_index (all, Scored, i);
    char score[G_ASCII_DTOSTR_BUF_SIZE];
    g_auto (GStrv) parts = g_strsplit (one->file, "\"", -1);
    g_autofree char *name = g_strjoinv ("\"\"", parts);
    gboolean quoted = strpbrk (one->file, ",\"\n") != NULL;
    g_string_append_printf (csv, quoted ? "\"%s\",%s,%d\n" : "%s,%s,%d\n", quoted ? name : one->file,
                            g_ascii_formatd (score, sizeof score, "%.9g", one->score), one->score > threshold);
  }
  if (job->own.output)
    return rv_file_write (job->own.output, csv->str, job->own.force, error);
  fputs (csv->str, stdout);
  return TRUE;
}

/* The value of a map that is drawn as half white: the threshold for patches, else the mean of the largest values. */
static double
middle_of_maps (const Scorer *scorer, const GArray *all, double threshold)
{
  double sum = 0;
  if (scorer->patches && isfinite (threshold) && threshold > 0)
    return threshold;
  for (guint i = 0; i < all->len; i++) {
    const RvTensor *map = g_array_index (all, Scored, i).map;
    float most = 0;
    for (gint64 k = 0; k < rv_tensor_count (map); k++)
      most = MAX (most, ((const float *) map->data)[k]);
    sum += most;
  }
  return MAX (sum / MAX (all->len, 1), 1e-12);
}

/* (transfer full) (nullable): @map in grey: @middle is half white. */
static RvImage *
draw_map (const RvTensor *map, double middle, GError **error)
{
  RvImage *image = rv_image_new ((int) map->shape.dim[1], (int) map->shape.dim[0], error);
  gint64 n = rv_tensor_count (map);
  for (gint64 i = 0; image && i < 3 * n; i++)
    ((float *) image->rgb->data)[i] = (float) (127.5 * MIN (((const float *) map->data)[i % n] / middle, 2));
  return image;
}

/* Writes the map of each picture: NAME in --map is replaced by the file's name without folder and suffix. */
static gboolean
write_maps (const VaeJob *job, const GArray *all, double middle, GError **error)
{
  for (guint i = 0; i < all->len; i++) {
    const Scored *one = &g_array_index (all, Scored, i);
    g_autofree char *base = g_path_get_basename (one->file), *stem = vae_sibling_path (base, "");
    g_auto (GStrv) parts = g_strsplit (job->own.map, NAME, -1);
    g_autofree char *file = g_strjoinv (stem, parts), *folder = g_path_get_dirname (file);
    g_autoptr (RvImage) image = draw_map (one->map, middle, error);
    const char *inputs[] = { one->file, NULL };
    g_mkdir_with_parents (folder, 0777);
    if (!image || !rv_file_check_free (file, inputs, job->own.force, error) ||
        !rv_image_save (image, file, &(RvSaveOptions){ .no_replace = !job->own.force }, error))
      return FALSE;
  }
  return TRUE;
}

/* Copies @scored, scaled to a cell, into @sheet at @left, @top, red where the map is above half of @middle. */
static gboolean
draw_cell (RvImage *sheet, int left, int top, const Scored *scored, double middle, GError **error)
{
  g_autoptr (RvImage) grey = draw_map (scored->map, middle, error);
  double scale = (double) CELL_PX / MAX (grey ? MAX (grey->width, grey->height) : 1, 1);
  int width = grey ? MAX ((int) (grey->width * scale), 1) : 1,
      height = grey ? MAX ((int) (grey->height * scale), 1) : 1;
  g_autoptr (RvImage) map = grey ? rv_image_resize (grey, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  g_autoptr (RvImage) picture =
    map ? rv_image_resize (scored->picture, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  for (int c = 0; picture && c < 3; c++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        gint64 from = (gint64) y * width + x, plane = (gint64) width * height;
        float weight = CLAMP ((((const float *) map->rgb->data)[from] - 64) / 128, 0, 0.7f);
        float value = ((const float *) picture->rgb->data)[c * plane + from];
        ((float *) sheet->rgb->data)[((gint64) c * sheet->height + top + y) * sheet->width + left + x] =
          value + weight * ((c == 0 ? 255 : 0) - value);
      }
  return picture != NULL;
}

static int
compare_scores (gconstpointer a, gconstpointer b)
{
  return compare_numbers (&((const Scored *) b)->score, &((const Scored *) a)->score);
}

/* Writes --sheet: the most unusual pictures, the first at the top left, with their maps drawn over them in red. Sorts
 * @all by score. */
static gboolean
write_sheet (const VaeJob *job, GArray *all, double middle, GError **error)
{
  g_array_sort (all, compare_scores);
  int n = MIN ((int) all->len, SHEET_PICTURES), columns = MIN (n, SHEET_COLUMNS), rows = (n + columns - 1) / columns;
  int step = CELL_PX + GAP_PX;
  g_autoptr (RvImage) sheet = rv_image_new (columns * step + GAP_PX, rows * step + GAP_PX, error);
  for (gint64 i = 0; sheet && i < rv_tensor_count (sheet->rgb); i++)
    ((float *) sheet->rgb->data)[i] = 255;
  for (int i = 0; sheet && i < n; i++)
    if (!draw_cell (sheet, GAP_PX + i % columns * step, GAP_PX + i / columns * step,
                    &g_array_index (all, Scored, (guint) i), middle, error))
      return FALSE;
  return sheet && rv_image_save (sheet, job->own.sheet, &(RvSaveOptions){ .no_replace = !job->own.force }, error);
}

/* Prints threshold and number of unusual pictures, unless --quiet. */
static void
print_summary (const VaeJob *job, const GArray *normal, const GArray *all, double threshold)
{
  guint n = 0;
  for (guint i = 0; i < all->len; i++)
    n += g_array_index (all, Scored, i).score > threshold;
  if (job->own.quiet)
    return;
  if (normal->len == 0)
    fprintf (stderr, "reverie: no threshold: the model has no scores of usual pictures; give some with --normal\n");
  else
    fprintf (stderr, "threshold %.6g: at most %s of %u usual pictures are above; %u of %u pictures are unusual\n",
             threshold, job->own.false_alarms, normal->len, n, all->len);
}

static gboolean
check (const VaeJob *job, double *rate_01, GError **error)
{
  const char *inputs[] = { job->args[0], job->n_args > 1 ? job->args[1] : NULL, NULL };
  const char *outputs[] = { job->own.output, job->own.sheet };
  if (!read_rate (job->own.false_alarms, rate_01, error))
    return FALSE;
  if (job->own.map && !strstr (job->own.map, NAME)) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--map needs " NAME " in its name, such as 'maps/" NAME ".png'");
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    if (outputs[i] && !rv_file_check_free (outputs[i], inputs, job->own.force, error))
      return FALSE;
  return TRUE;
}

int
vae_score (VaeJob *job, GError **error)
{
  double rate_01;
  g_auto (Scorer) scorer = { 0 };
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Scored)),
                     usual = g_array_new (FALSE, FALSE, sizeof (Scored));
  g_array_set_clear_func (all, scored_clear);
  g_array_set_clear_func (usual, scored_clear);
  if (!check (job, &rate_01, error) || !load_scorer (job, job->args[0], &scorer, error) ||
      (job->own.normal && !score_source (job, &scorer, job->own.normal, FALSE, usual, error)))
    return EXIT_FAILED;
  if (job->own.normal)
    g_array_set_size (scorer.normal, 0);
  for (guint i = 0; i < usual->len; i++)
    g_array_append_val (scorer.normal, g_array_index (usual, Scored, i).score);
  g_array_sort (scorer.normal, compare_numbers);
  for (int i = 1; i < job->n_args; i++)
    if (!score_source (job, &scorer, job->args[i], job->own.map || job->own.sheet, all, error))
      return EXIT_FAILED;
  if (all->len == 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "there are no pictures to score");
    return EXIT_FAILED;
  }
  double threshold = threshold_of (scorer.normal, rate_01);
  double middle = job->own.map || job->own.sheet ? middle_of_maps (&scorer, all, threshold) : 1;
  if (!write_table (job, all, threshold, error) || (job->own.map && !write_maps (job, all, middle, error)) ||
      (job->own.sheet && !write_sheet (job, all, middle, error)))
    return EXIT_FAILED;
  print_summary (job, scorer.normal, all, threshold);
  return EXIT_DONE;
}

/* ---- training of patches ----------------------------------------------------------------------------------------- */

static gboolean
on_done (double done_01, gpointer progress)
{
  progress_show (progress, done_01, 0, 0, "training");
  return !interrupt_requested ();
}

/* Checks that only options that patches have were typed. RV_ERROR_SETTING. */
static gboolean
check_options (const VaeJob *job, GError **error)
{
  static const char *const known[] = { "output",  "kind",     "size",  "coreset", "seed",
                                       "threads", "settings", "force", "quiet",   NULL };
  for (guint i = 0; i < job->given->len; i++) {
    const char *name = rv_option_name (((const ParsedOption *) job->given->pdata[i])->option);
    if (!g_strv_contains (known, name)) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s cannot be combined with --kind patches", name);
      return FALSE;
    }
  }
  return TRUE;
}

int
vae_train_patches (VaeJob *job, GError **error)
{
  g_auto (GStrv) left_out = NULL;
  int size_px = options_last (job->given, "size") ? (int) job->own.size_px : PATCHES_SIZE_PX;
  g_autoptr (GPtrArray) files =
    check_options (job, error) && vae_check_output (job, error) ? list_files (job->args[0], error) : NULL;
  if (!files)
    return EXIT_FAILED;
  g_ptr_array_add (files, NULL);
  Progress *progress = progress_new (job->own.quiet);
  g_autoptr (RvTensorMap) map =
    rv_patches_train ((const char *const *) files->pdata, size_px, job->own.coreset / 100,
                      rv_settings_get_int (job->settings, "seed", NULL),
                      (int) rv_settings_get_int (job->settings, "threads", NULL), on_done, progress, &left_out, error);
  progress_free (progress);
  print_left_out_files ((const char *const *) left_out);
  if (!map && interrupt_requested ()) {
    g_clear_error (error);
    return EXIT_INTERRUPTED;
  }
  if (!map || !rv_weights_save (map, job->own.output, job->own.force, error))
    return EXIT_FAILED;
  g_autofree char *what =
    g_strdup_printf ("%" G_GINT64_FORMAT " patches of %u pictures", rv_tensor_map_get (map, "coreset")->shape.dim[0],
                     files->len - 1 - (left_out ? g_strv_length (left_out) : 0));
  return vae_print_done (job, what);
}
