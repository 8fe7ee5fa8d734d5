/* test-scorer.c -- scores of unusual pictures: models of both kinds, cached programs, thresholds computed by hand. */
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <reverie/scorer.h>
#include <reverie/weights.h>
#include <string.h>

#define SIDE 96
#define N_USUAL 6

static char *folder;

/* (transfer full): @picture saved as @name. */
static char *
saved (const RvImage *picture, const char *name)
{
  GError *error = NULL;
  char *file = g_build_filename (folder, name, NULL);
  rv_image_save (picture, file, NULL, &error);
  g_assert_no_error (error);
  return file;
}

/* (transfer full): a usual picture; with @defect, a white square in its middle. */
static RvImage *
part (int width, int height, gboolean defect)
{
  RvImage *picture = formula_picture ("content", height, width);
  for (int c = 0; defect && c < 3; c++)
    for (int y = height / 2 - 6; y < height / 2 + 6; y++)
      for (int x = width / 2 - 6; x < width / 2 + 6; x++)
        ((float *) picture->rgb->data)[(c * height + y) * width + x] = 255;
  return picture;
}

/* (transfer full): a model of patches, trained on usual pictures. */
static RvTensorMap *
patches_model (void)
{
  GError *error = NULL;
  char *files[N_USUAL + 1] = { NULL };
  for (int i = 0; i < N_USUAL; i++) {
    g_autoptr (RvImage) usual = part (SIDE + i, SIDE, FALSE);
    g_autofree char *name = g_strdup_printf ("usual%d.png", i);
    files[i] = saved (usual, name);
  }
  RvTensorMap *model = rv_patches_train ((const char *const *) files, SIDE, 0.5, 0, 1, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < N_USUAL; i++)
    g_free (files[i]);
  return model;
}

/* (transfer full): an untrained VAE of 12 x 8 px. */
static RvTensorMap *
vae_model (void)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  test_set (settings, "architecture", "mlp");
  test_set (settings, "width", "8");
  test_set (settings, "latent", "2");
  g_autoptr (RvVae) vae = rv_vae_new (settings, 1, 8, 12, NULL);
  return rv_vae_to_map (vae, NULL);
}

/* (transfer full): a scorer of @model. */
static RvScorer *
scorer_of (const RvTensorMap *model, gint64 seed)
{
  GError *error = NULL;
  RvScorer *scorer = rv_scorer_new (model, seed, 1, &error);
  g_assert_no_error (error);
  return scorer;
}

static double
score_one (RvScorer *scorer, RvImage *picture, RvTensor **map)
{
  GError *error = NULL;
  double score = NAN;
  rv_scorer_score (scorer, &picture, 1, &score, map, &error);
  g_assert_no_error (error);
  return score;
}

/* A defect has a high score, and the map's largest value is at the defect. A file and its pixels have the same score.
 */
static void
test_patches (void)
{
  g_autoptr (RvTensorMap) model = patches_model ();
  g_autoptr (RvScorer) scorer = scorer_of (model, 0);
  g_autoptr (RvImage) usual = part (SIDE + 2, SIDE, FALSE), unusual = part (SIDE + 2, SIDE, TRUE);
  g_autoptr (RvTensor) map = NULL;
  gint64 n = 0, most = 0;
  double map_threshold, threshold = rv_scorer_threshold (scorer, 0.01, NULL, &n, &map_threshold);
  g_assert_cmpint (n, ==, 1); /* every fifth picture is for validation */
  g_assert_true (map_threshold == threshold);
  double score = score_one (scorer, unusual, &map);
  assert_less (threshold, score);
  assert_less (4 * score_one (scorer, usual, NULL), score);
  g_assert_cmpint (map->shape.dim[0], ==, SIDE);
  g_assert_cmpint (map->shape.dim[1], ==, SIDE + 2);
  for (gint64 i = 0; i < rv_tensor_count (map); i++)
    most = ((float *) map->data)[i] > ((float *) map->data)[most] ? i : most;
  assert_less (labs (most / (SIDE + 2) - SIDE / 2), 16);
  assert_less (labs (most % (SIDE + 2) - SIDE / 2), 16);

  g_autofree char *file = saved (unusual, "unusual.png");
  g_autoptr (GPtrArray) pictures = rv_scorer_load_pictures (scorer, file, 0, 10, &n, NULL);
  g_autoptr (RvImage) read = rv_image_load (file, 0, 0, NULL);
  g_assert_cmpint (n, ==, 1);
  g_assert_cmpint (pictures->len, ==, 1);
  g_assert_true (score_one (scorer, pictures->pdata[0], NULL) == score_one (scorer, read, NULL));
}

/* Cached programs change no score, also after other sizes and numbers of pictures, and after a cancelled call. */
static void
test_held (gconstpointer data)
{
  gboolean is_vae = GPOINTER_TO_INT (data);
  int width = is_vae ? 12 : SIDE, height = is_vae ? 8 : SIDE;
  g_autoptr (RvTensorMap) model = is_vae ? vae_model () : patches_model ();
  g_autoptr (RvScorer) scorer = scorer_of (model, 0);
  g_autoptr (RvImage) a = formula_picture ("a", height, width), b = formula_picture ("b", height, width + !is_vae);
  RvImage *const pictures[] = { a, b, a };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  for (int n = 1; n <= 3; n++) {
    g_autoptr (RvScorer) fresh = scorer_of (model, 0);
    g_autoptr (GError) error = NULL;
    RvTensor *maps[3], *expected_maps[3];
    double scores[3], expected[3];
    g_assert_true (rv_scorer_score (scorer, pictures, n, scores, maps, NULL));
    g_assert_true (is_vae
                     ? rv_scorer_score (fresh, pictures, n, expected, expected_maps, NULL)
                     : rv_scorer_score (fresh, &pictures[n - 1], 1, &expected[n - 1], &expected_maps[n - 1], NULL));
    for (int i = is_vae ? 0 : n - 1; i < n; i++) {
      g_assert_true (scores[i] == expected[i]);
      g_assert_cmpmem (maps[i]->data, rv_tensor_bytes (maps[i]), expected_maps[i]->data,
                       rv_tensor_bytes (expected_maps[i]));
      rv_tensor_unref (expected_maps[i]);
    }
    for (int i = 0; i < n; i++)
      rv_tensor_unref (maps[i]);
    g_cancellable_push_current (cancellable);
    g_assert_false (rv_scorer_score (scorer, pictures, n, scores, maps, &error));
    g_cancellable_pop_current (cancellable);
    g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
    g_assert_null (maps[0]);
  }
}

/* Pictures of other sizes are scaled and cropped to the model's size. The seed changes the score. */
static void
test_vae (void)
{
  g_autoptr (RvTensorMap) model = vae_model ();
  g_autoptr (RvScorer) scorer = scorer_of (model, 0), other = scorer_of (model, 1);
  g_autoptr (RvImage) large = part (48, 16, TRUE);
  g_autoptr (RvImage) half = rv_image_resize (large, 24, 8, RV_IMAGE_RESIZE_BEST, NULL),
                      small = rv_image_new (12, 8, NULL);
  g_autoptr (RvTensor) map = NULL;
  for (int i = 0; i < 3 * 8 * 12; i++)
    ((float *) small->rgb->data)[i] = ((float *) half->rgb->data)[i / 12 * 24 + 6 + i % 12];
  double score = score_one (scorer, small, &map);
  g_assert_true (score_one (scorer, half, NULL) == score);
  g_assert_true (score_one (scorer, large, NULL) == score);
  g_assert_true (score_one (other, small, NULL) != score);
  g_assert_cmpint (map->shape.dim[0], ==, 8);
  g_assert_cmpint (map->shape.dim[1], ==, 12);
}

/* Reads the second of two pictures of an IDX file. The first call, for picture 0, reads a changed file again. */
static void
test_idx (void)
{
  static const guint8 header[] = { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 12 };
  guint8 bytes[sizeof header + 2 * 96] = { 0 };
  g_autofree char *file = g_build_filename (folder, "two-idx3-ubyte", NULL);
  g_autoptr (RvTensorMap) model = vae_model ();
  g_autoptr (RvScorer) scorer = scorer_of (model, 0);
  gint64 n = 0;
  memcpy (bytes, header, sizeof header);
  bytes[sizeof header + 96 + 13] = 77;
  for (int round = 0; round < 2; round++) {
    g_assert_true (g_file_set_contents (file, (const char *) bytes, sizeof bytes, NULL));
    g_autoptr (GPtrArray) none = rv_scorer_load_pictures (scorer, file, 0, 0, &n, NULL);
    g_autoptr (GPtrArray) pictures = rv_scorer_load_pictures (scorer, file, 1, 5, &n, NULL);
    g_assert_cmpint (none->len, ==, 0);
    g_assert_cmpint (pictures->len, ==, 1);
    g_assert_cmpint (n, ==, 2);
    const RvImage *picture = pictures->pdata[0];
    g_assert_true (((const float *) picture->rgb->data)[13] == bytes[sizeof header + 96 + 13]);
    bytes[sizeof header + 96 + 13] = 88;
  }
}

static void
test_threshold (void)
{
  g_autoptr (RvTensorMap) model = vae_model ();
  g_autoptr (RvScorer) scorer = scorer_of (model, 0);
  static const struct {
    double rate_01, threshold;
  } cases[] = { { 0, 100 }, { 0.01, 99 }, { 0.015, 99 }, { 0.2, 80 }, { 1, 1 }, { -3, 100 }, { 7, 1 }, { NAN, 100 } };
  double normal[100], map_threshold;
  gint64 n = 100;
  for (int i = 0; i < 100; i++)
    normal[i] = 1 + 37 * i % 100;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpfloat (rv_scorer_threshold (scorer, cases[i].rate_01, normal, &n, NULL), ==, cases[i].threshold);
  g_assert_true (isinf (rv_scorer_threshold (scorer, 0.01, NULL, &n, &map_threshold)));
  g_assert_cmpint (n, ==, 0);
  g_assert_cmpfloat (map_threshold, ==, 1.0 / 16);
}

/* Maps that are no model are RV_ERROR_FORMAT. A picture that is too narrow is RV_ERROR_SHAPE. */
static void
test_refused (void)
{
  g_autoptr (RvTensorMap) model = patches_model ();
  g_autoptr (RvScorer) patches = scorer_of (model, 0);
  g_autoptr (RvTensorMap) empty = rv_tensor_map_new ();
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_scorer_new (empty, 0, 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  rv_tensor_map_set_text (empty, "format", "reverie-patches");
  g_assert_null (rv_scorer_new (empty, 0, 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  const char *const none[] = { NULL };
  GStrv left_out = (GStrv) (gpointer) none; /* replaced, also after an error */
  g_assert_null (rv_patches_train (none, SIDE, 2, 0, 1, NULL, NULL, &left_out, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_null (left_out);
  g_clear_error (&error);
  g_autoptr (RvImage) narrow = rv_image_new (9, 100, NULL);
  double score;
  RvTensor *map;
  g_assert_false (rv_scorer_score (patches, &narrow, 1, &score, &map, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_assert_null (map);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_own_dirs ();
  folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  g_test_add_func ("/scorer/patches", test_patches);
  g_test_add_data_func ("/scorer/held/patches", GINT_TO_POINTER (FALSE), test_held);
  g_test_add_data_func ("/scorer/held/vae", GINT_TO_POINTER (TRUE), test_held);
  g_test_add_func ("/scorer/vae", test_vae);
  g_test_add_func ("/scorer/idx", test_idx);
  g_test_add_func ("/scorer/threshold", test_threshold);
  g_test_add_func ("/scorer/refused", test_refused);
  int code = test_run_and_delete (folder);
  g_free (folder);
  return code;
}
