/* scorer.c -- scores of how unusual pictures are, by a VAE or a model of patches. */
#include "base/error.h"
#include "io/dataset/dataset-internal.h"
#include "method/patches/patches.h"
#include "method/vae/vae-internal.h"
#include <math.h>
#include <stdlib.h>

#define VAE_MAP_THRESHOLD (0.25 * 0.25)

struct _RvScorer {
  RvPatches *patches; /* NULL: a VAE */
  RvVae *vae;         /* NULL: patches */
  RvVaeEngines engines;
  gint64 seed;
  int n_threads;
  GArray *normal;  /* double: scores of usual pictures, stored in the model */
  RvDataset *data; /* pictures of the last file that was loaded for the VAE; NULL: none */
  char *file;      /* name of that file */
};

/* ---- models ------------------------------------------------------------------------------------------------------ */

/* Appends @score, of a usual picture and stored in the model, to scorer->normal. RV_ERROR_FORMAT if it is not finite:
 * @scorer, which then contains it, may only be freed. */
static gboolean
add_normal (RvScorer *scorer, double score, GError **error)
{
  g_array_append_val (scorer->normal, score);
  return isfinite (score) ||
         rv__error_set (error, RV_ERROR_FORMAT, "damaged: a score of a usual picture is no finite number");
}

/* Sets scorer->patches, and scorer->normal to the scores stored in @model, none if it has no scores. After an error
 * @scorer may only be freed. */
static gboolean
load_patches (RvScorer *scorer, const RvTensorMap *model, GError **error)
{
  const RvTensor *stored = rv_tensor_map_get (model, RV_PATCHES_NORMAL_SCORES);
  g_autoptr (RvTensor) scores = stored ? rv_tensor_to_f32 (stored, error) : NULL;
  for (gint64 i = 0; scores && i < rv_tensor_count (scores); i++)
    if (!add_normal (scorer, ((const float *) scores->data)[i], error))
      return FALSE;
  return (scores || !stored) && (scorer->patches = rv__patches_new (model, scorer->n_threads, error));
}

/* Sets scorer->vae to a copy of @model. Appends the scores of the model's note "normal-scores" to scorer->normal,
 * an empty array before; without this note it stays empty (TRUE). After an error @scorer may only be freed. */
static gboolean
load_vae (RvScorer *scorer, const RvTensorMap *model, GError **error)
{
  if (!(scorer->vae = rv_vae_from_map (model, error)))
    return FALSE;
  rv_vae_set_threads (scorer->vae, scorer->n_threads);
  const char *note = rv_vae_get_note (scorer->vae, "normal-scores");
  g_auto (GStrv) numbers = g_strsplit (note ? note : "", " ", -1);
  for (char **number = numbers; *number; number++) {
    char *end;
    double score = g_ascii_strtod (*number, &end);
    if (!add_normal (scorer, end == *number || *end ? NAN : score, error))
      return FALSE;
  }
  return TRUE;
}

RvScorer *
rv_scorer_new (const RvTensorMap *model, gint64 seed, int n_threads, GError **error)
{
  gboolean is_patches = g_strcmp0 (rv_tensor_map_get_text (model, "format"), RV_PATCHES_FORMAT) == 0;
  g_autoptr (RvScorer) scorer = g_new0 (RvScorer, 1);
  scorer->seed = seed;
  scorer->n_threads = n_threads;
  scorer->normal = g_array_new (FALSE, FALSE, sizeof (double));
  if (!(is_patches ? load_patches : load_vae) (scorer, model, error))
    return NULL;
  return g_steal_pointer (&scorer);
}

void
rv_scorer_free (RvScorer *scorer)
{
  if (!scorer)
    return;
  rv__patches_free (scorer->patches);
  rv__vae_engines_clear (&scorer->engines);
  rv_vae_free (scorer->vae);
  g_array_unref (scorer->normal);
  rv_dataset_free (scorer->data);
  g_free (scorer->file);
  g_free (scorer);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* Sets scorer->data and scorer->file to the pictures and the name of @file. Only for a scorer with a VAE.
 * RV_ERROR_FORMAT if a file of a folder is no readable picture. An error leaves both unchanged. */
static gboolean
load_data (RvScorer *scorer, const char *file, GError **error)
{
  const RvVae *vae = scorer->vae;
  gboolean is_picture = g_file_test (file, G_FILE_TEST_IS_REGULAR) && !rv__dataset_may_be_idx (file);
  g_autoptr (RvDataset) data =
    is_picture
      ? rv__dataset_read_picture (file, vae->channels, vae->height, vae->width, error)
      : rv_dataset_load (file, NULL, RV_DATASET_TEST, vae->width, vae->channels, scorer->n_threads, NULL, error);
  if (!data || !rv_vae_check (vae, data, error))
    return FALSE;
  if (data->left_out)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: not all files are pictures: %s", file, data->left_out[0]);
  rv_dataset_free (scorer->data);
  g_free (scorer->file);
  scorer->data = g_steal_pointer (&data);
  scorer->file = g_strdup (file);
  return TRUE;
}

GPtrArray *
rv_scorer_load_pictures (RvScorer *scorer, const char *file, gint64 first, gint64 max, gint64 *n, GError **error)
{
  first = MAX (first, 0);
  gboolean is_loaded = first > 0 && g_strcmp0 (scorer->file, file) == 0;
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  RvImageInfo info;
  if (scorer->patches ? !rv_image_probe (file, &info, error) : !is_loaded && !load_data (scorer, file, error))
    return NULL;
  gint64 count = scorer->patches ? 1 : scorer->data->n;
  for (gint64 i = first; i < count && i - first < max; i++) {
    RvImage *picture = scorer->patches ? rv__patches_load (scorer->patches, file, error)
                                       : rv__dataset_get_picture (scorer->data, i, error);
    if (!picture)
      return NULL;
    g_ptr_array_add (pictures, picture);
  }
  *n = count;
  return g_steal_pointer (&pictures);
}

/* Computes @scores, [@n], and @maps (nullable), [@n] (transfer full), of @n @pictures by the VAE, as
 * rv_scorer_score(), but does not check that scores are finite. The maps are NULL before. After an error some maps
 * may be set; the caller frees them. */
static gboolean
score_with_vae (RvScorer *scorer, RvImage *const *pictures, gint64 n, double *scores, RvTensor **maps, GError **error)
{
  RvVae *vae = scorer->vae;
  g_autoptr (RvDataset) data = rv__dataset_new ("pictures", n, vae->channels, vae->height, vae->width, error);
  if (!data)
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    if (!rv__dataset_set_picture (data, i, pictures[i], error))
      return FALSE;
  if (!rv__vae_score (vae, &scorer->engines, data, scorer->seed, scores, error))
    return FALSE;
  for (gint64 i = 0; maps && i < n; i++)
    if (!(maps[i] = rv__vae_reconstruction_error (vae, &scorer->engines, data, i, error)))
      return FALSE;
  return TRUE;
}

/* Computes @scores, [@n], and @maps (nullable), [@n] (transfer full), of @n @pictures by patches, as
 * rv_scorer_score(), but does not check that scores are finite. The maps are NULL before. After an error some maps
 * may be set; the caller frees them. */
static gboolean
score_with_patches (RvScorer *scorer, RvImage *const *pictures, gint64 n, double *scores, RvTensor **maps,
                    GError **error)
{
  for (gint64 i = 0; i < n; i++)
    if (!rv__patches_score (scorer->patches, pictures[i], &scores[i], maps ? &maps[i] : NULL, error))
      return FALSE;
  return TRUE;
}

/* Checks that all @n @scores are finite. FALSE: RV_ERROR_NUMBER. */
static gboolean
check_scores (const double *scores, gint64 n, GError **error)
{
  for (gint64 i = 0; i < n; i++)
    if (!isfinite (scores[i]))
      return rv__error_set (error, RV_ERROR_NUMBER, "the model is damaged: the score of a picture is no finite number");
  return TRUE;
}

gboolean
rv_scorer_score (RvScorer *scorer, RvImage *const *pictures, gint64 n, double *scores, RvTensor **maps, GError **error)
{
  for (gint64 i = 0; maps && i < n; i++)
    maps[i] = NULL;
  if (n < 1 || ((scorer->patches ? score_with_patches : score_with_vae) (scorer, pictures, n, scores, maps, error) &&
                check_scores (scores, n, error)))
    return TRUE;
  for (gint64 i = 0; maps && i < n; i++)
    g_clear_pointer (&maps[i], rv_tensor_unref);
  return FALSE;
}

/* ---- threshold --------------------------------------------------------------------------------------------------- */

/* Comparison for qsort() of doubles: ascending. */
static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

double
rv_scorer_threshold (const RvScorer *scorer, double false_alarms_01, const double *normal, gint64 *n_normal,
                     double *map_threshold)
{
  if (!normal)
    *n_normal = scorer->normal->len;
  double rate_01 = false_alarms_01 > 0 ? MIN (false_alarms_01, 1) : 0; /* NaN: 0 */
  gint64 n = *n_normal, at = (gint64) ceil ((1 - rate_01) * (double) n - 1e-9) - 1;
  double threshold = INFINITY;
  if (n > 0) {
    g_autofree double *sorted =
      g_memdup2 (normal ? normal : (gpointer) scorer->normal->data, (gsize) n * sizeof *sorted);
    qsort (sorted, (gsize) n, sizeof *sorted, compare_numbers);
    threshold = sorted[CLAMP (at, 0, n - 1)];
  }
  if (map_threshold)
    *map_threshold = scorer->vae ? VAE_MAP_THRESHOLD : threshold;
  return threshold;
}
