/* patches.c -- PatchCore: unusual regions of a picture, learned from usual pictures only (Roth et al. 2022, "Towards
 * Total Recall in Industrial Anomaly Detection").
 *
 *   f(p)   activations of two layers of the built-in network at position p, on the grid of the coarser layer, averaged
 *          over 3x3 positions
 *   M      a coreset of the positions of all usual pictures: greedy k-centre, on random projections of f
 *   d(p)   min over m in M of ||f(p) - m||
 *   map    d, enlarged to the picture and blurred
 *   score  max over p of d(p) */
#include "base/dot.h"
#include "base/blur.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"
#include "base/system.h"
#include "method/features.h"
#include "method/patches/patches.h"
#include "op/op.h"
#include "tensor/tensor-map.h"
#include <math.h>
#include <string.h>

#define CORESET "coreset"
#define MIN_SIZE_PX 64
#define MAX_SIZE_PX 1024
#define MAX_RATIO 8          /* longer side / shorter side of a picture */
#define MAX_POSITIONS 100000 /* over all pictures; if there are more, a random choice */
#define MAX_CORESET 10000
#define PROJECTED 64     /* numbers of a projection */
#define BORDER 3         /* positions at each edge that are not compared: their features depend on zeros outside */
#define HELD_OUT 5       /* every fifth picture is only scored, not trained on */
#define BLOCK 256        /* positions that are measured before the next check for cancelling */
#define BLUR (4.0 / 224) /* sigma / shorter side of the picture: 4 px of 224 in the paper */
#define CHOICE_STREAM 30
#define PROJECTION_STREAM 31

static const char *const layers[] = { "conv3_3", "conv4_3" };
#define N_LAYERS ((int) G_N_ELEMENTS (layers))

/* The network, and its forward pass compiled for the size of the last picture. size_px: shorter side of scaled
 * pictures. */
typedef struct {
  RvNet *net;
  int size_px, n_threads;
  int height, width;
  RvFeaturesEngine *engine; /* NULL: none yet */
} Extractor;

/* Frees the compiled pass and releases the network, not the struct; each may be NULL. The pointers stay. */
static void
extractor_clear (Extractor *extractor)
{
  rv__features_engine_free (extractor->engine);
  rv_net_unref (extractor->net);
}

/* Features of the positions of a picture. */
typedef struct {
  int rows, cols;
  RvTensor *features; /* f32 [rows * cols, channels] */
} Grid;

/* Releases the features of @grid and sets them to NULL. */
static void
grid_clear (Grid *grid)
{
  g_clear_pointer (&grid->features, rv_tensor_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Grid, grid_clear)

/* Sets C numbers, from number @first on, of each position in grid->features to the mean of @layer, [1, C, H, W], over
 * the positions of the grid around it, 3x3 or fewer at an edge. A position of the grid stands for @scale x @scale
 * positions of the layer. */
static void
add_layer (Grid *grid, const RvTensor *layer, int scale, gint64 first)
{
  gint64 channels = layer->shape.dim[1], H = layer->shape.dim[2], W = layer->shape.dim[3];
  gint64 all = grid->features->shape.dim[1];
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < channels; c++) {
    const float *plane = (const float *) layer->data + c * H * W;
    for (gint64 y = 0; y < grid->rows; y++)
      for (gint64 x = 0; x < grid->cols; x++) {
        gint64 top = MAX (y - 1, 0) * scale, bottom = MIN (y + 2, grid->rows) * scale;
        gint64 left = MAX (x - 1, 0) * scale, right = MIN (x + 2, grid->cols) * scale;
        float sum = 0;
        for (gint64 v = top; v < bottom; v++)
          for (gint64 u = left; u < right; u++)
            sum += plane[v * W + u];
        ((float *) grid->features->data)[(y * grid->cols + x) * all + first + c] =
          sum / (float) ((bottom - top) * (right - left));
      }
  }
}

/* Scales *width and *height, px (inout), so that the shorter one is @size_px. @name: the picture, for the message.
 * FALSE, both unchanged: RV_ERROR_SHAPE if the longer side exceeds MAX_RATIO times the shorter. */
static gboolean
scale_sides (const char *name, int size_px, int *width, int *height, GError **error)
{
  int shorter = MIN (*width, *height);
  if (MAX (*width, *height) > MAX_RATIO * shorter)
    return rv__error_set (error, RV_ERROR_SHAPE, "%s: %d x %d px are too narrow; crop it to at most 1 to %d", name,
                          *width, *height, MAX_RATIO);
  double scale = (double) size_px / shorter;
  *width = (int) lrint (*width * scale);
  *height = (int) lrint (*height * scale);
  return TRUE;
}

/* (transfer full) (nullable): @file, scaled so that its shorter side has @size_px. */
static RvImage *
load_scaled (const char *file, int size_px, GError **error)
{
  RvImageInfo info;
  return rv_image_probe (file, &info, error) && scale_sides (file, size_px, &info.width, &info.height, error)
           ? rv_image_load (file, info.width, info.height, error)
           : NULL;
}

/* Sets *grid to the features of @image, a scaled picture that must be large enough for both layers (unchecked); the
 * caller clears it. */
static gboolean
extract (Extractor *e, const RvImage *image, Grid *grid, GError **error)
{
  const RvComputeSettings compute = { .threads = e->n_threads };
  if (!e->engine || e->height != image->height || e->width != image->width) {
    g_clear_pointer (&e->engine, rv__features_engine_free);
    e->height = image->height, e->width = image->width;
    e->engine =
      rv__features_engine_new (e->net, &compute, e->height, e->width, &rv__rgb_0_255, layers, N_LAYERS, error);
  }
  RvTensor *features[N_LAYERS];
  if (!e->engine || !rv__features_engine_run (e->engine, image->rgb->data, features, error))
    return FALSE;
  g_autoptr (RvTensor) fine = features[0], coarse = features[1];
  grid->rows = (int) coarse->shape.dim[2], grid->cols = (int) coarse->shape.dim[3];
  RvShape shape = rv_shape (2, (gint64) grid->rows * grid->cols, fine->shape.dim[1] + coarse->shape.dim[1]);
  if (!(grid->features = rv_tensor_new (RV_F32, &shape, error)))
    return FALSE;
  add_layer (grid, fine, (int) (fine->shape.dim[2] / grid->rows), 0);
  add_layer (grid, coarse, 1, fine->shape.dim[1]);
  return TRUE;
}

RV_DEFINE_SQUARED_DISTANCE (squared_distance)

/* Overwrites @distances, [rows * cols], with the distance of each position from the nearest row of @coreset.
 * Positions at the edges get the distance of the nearest position inside. */
static gboolean
measure (const Grid *grid, const RvTensor *coreset, float *distances, GError **error)
{
  gint64 n = grid->features->shape.dim[0], m = coreset->shape.dim[0], channels = coreset->shape.dim[1];
  for (gint64 first = 0; first < n; first += BLOCK) {
    if (!rv__check_cancelled (error))
      return FALSE;
#pragma omp parallel for schedule(static)
    for (gint64 i = first; i < MIN (first + BLOCK, n); i++) {
      float nearest = INFINITY;
      for (gint64 k = 0; k < m; k++)
        nearest = MIN (nearest, squared_distance ((const float *) grid->features->data + i * channels,
                                                  (const float *) coreset->data + k * channels, channels));
      distances[i] = sqrtf (nearest);
    }
  }
  int border = MIN (BORDER, (MIN (grid->rows, grid->cols) - 1) / 2);
  for (int y = 0; y < grid->rows; y++)
    for (int x = 0; x < grid->cols; x++)
      distances[y * grid->cols + x] =
        distances[CLAMP (y, border, grid->rows - 1 - border) * grid->cols + CLAMP (x, border, grid->cols - 1 - border)];
  return TRUE;
}

/* Largest of @n numbers, at least 0. */
static float
largest (const float *numbers, gint64 n)
{
  float most = 0;
  for (gint64 i = 0; i < n; i++)
    most = MAX (most, numbers[i]);
  return most;
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

/* State of a training. */
typedef struct {
  Extractor extractor;
  const char *const *files;
  int n_files;
  guint64 seed;
  RvVaeDoneFunc done;
  gpointer user_data;
  GPtrArray *left_out;
  RvTensor *positions; /* f32 [MAX_POSITIONS, channels]: features of n chosen positions; NULL before the first */
  gint64 n, n_seen, channels;
} Training;

/* Reports the fraction @done_01 to t->done, if any. RV_ERROR_CANCELLED if t->done returns FALSE. */
static gboolean
report (const Training *t, double done_01, GError **error)
{
  if (t->done && !t->done (done_01, t->user_data))
    return rv__error_set (error, RV_ERROR_CANCELLED, "the training was stopped");
  return rv__check_cancelled (error);
}

/* Whether file number @file is only scored, not trained on: every fifth, if there are at least HELD_OUT files. */
static gboolean
is_held_out (const Training *t, int file)
{
  return t->n_files >= HELD_OUT && file % HELD_OUT == HELD_OUT - 1;
}

/* Sets *grid to the features of file number @file. *grid must be zeros before; the caller clears it, also after
 * FALSE. TRUE with grid->features NULL for an unusable file: RV_ERROR_FILE, RV_ERROR_FORMAT and RV_ERROR_SHAPE add
 * their message to t->left_out. FALSE: other errors. */
static gboolean
read_grid (Training *t, int file, Grid *grid, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (RvImage) image = load_scaled (t->files[file], t->extractor.size_px, &fault);
  if (image && extract (&t->extractor, image, grid, &fault))
    return TRUE;
  if (!g_error_matches (fault, RV_ERROR, RV_ERROR_FILE) && !g_error_matches (fault, RV_ERROR, RV_ERROR_FORMAT) &&
      !g_error_matches (fault, RV_ERROR, RV_ERROR_SHAPE))
    return rv__error_propagate (error, g_steal_pointer (&fault));
  g_ptr_array_add (t->left_out, g_strdup (fault->message));
  return TRUE;
}

/* Address of the features of chosen position @i, [channels]. Borrowed. */
static float *
position (const Training *t, gint64 i)
{
  return (float *) t->positions->data + i * t->channels;
}

/* Adds the rows of @features, f32 [positions, channels], to t->positions; the first call creates that. Of more than
 * MAX_POSITIONS, each row stays with the same probability (Vitter 1985, "Random Sampling with a Reservoir"). */
static gboolean
add_positions (Training *t, const RvTensor *features, GError **error)
{
  t->channels = features->shape.dim[1];
  RvShape shape = rv_shape (2, (gint64) MAX_POSITIONS, t->channels);
  if (!t->positions && !(t->positions = rv_tensor_new (RV_F32, &shape, error)))
    return FALSE;
  for (gint64 i = 0; i < features->shape.dim[0]; i++, t->n_seen++) {
    double at_random = rv__random_uniform_01 (t->seed, CHOICE_STREAM, (guint64) t->n_seen) * (double) (t->n_seen + 1);
    gint64 at = t->n < MAX_POSITIONS ? t->n++ : (gint64) at_random;
    if (at < MAX_POSITIONS)
      memcpy (position (t, at), (const float *) features->data + i * t->channels, (gsize) t->channels * sizeof (float));
  }
  return TRUE;
}

/* Reads the features of all pictures that are trained on into t->positions; of more than MAX_POSITIONS, a random
 * choice stays. Skips files that are no usable pictures (t->left_out). RV_ERROR_FORMAT if no file is a picture. */
static gboolean
load_pictures (Training *t, GError **error)
{
  for (int i = 0; i < t->n_files; i++) {
    g_auto (Grid) grid = { 0 };
    if (is_held_out (t, i))
      continue;
    if (!read_grid (t, i, &grid, error) || (grid.features && !add_positions (t, grid.features, error)) ||
        !report (t, 0.6 * (i + 1) / t->n_files, error))
      return FALSE;
  }
  return t->n > 0 || rv__error_set (error, RV_ERROR_FORMAT, "of %d file%s, none is a picture: %s", t->n_files,
                                    t->n_files == 1 ? "" : "s", (const char *) t->left_out->pdata[0]);
}

/* (transfer full) (nullable): projections of all positions by a random matrix of N(0, 1), [n, PROJECTED]. */
static RvTensor *
project (const Training *t, GError **error)
{
  RvShape shape = rv_shape (2, t->n, (gint64) PROJECTED);
  RvTensor *projected = rv_tensor_new (RV_F32, &shape, error);
  g_autofree float *matrix = g_new (float, t->channels *PROJECTED); /* [channels, PROJECTED] */
  for (gint64 i = 0; i < t->channels * PROJECTED; i++)
    matrix[i] = (float) rv__random_normal (t->seed, PROJECTION_STREAM, (guint64) i);
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < (projected ? t->n : 0); i++) {
    float *to = (float *) projected->data + i * PROJECTED;
    memset (to, 0, PROJECTED * sizeof *to);
    for (gint64 c = 0; c < t->channels; c++)
      for (int k = 0; k < PROJECTED; k++)
        to[k] += position (t, i)[c] * matrix[c * PROJECTED + k];
  }
  return projected;
}

/* (transfer full) (nullable): features of @m of the t->n positions, f32 [m, channels]. The first is position 0;
 * each next one has the projection that is farthest from those chosen before. */
static RvTensor *
choose_coreset (const Training *t, gint64 m, GError **error)
{
  RvShape shape = rv_shape (2, m, t->channels);
  g_autoptr (RvTensor) projected = project (t, error),
                       coreset = projected ? rv_tensor_new (RV_F32, &shape, error) : NULL;
  g_autofree float *distances = g_new (float, t->n);
  gint64 chosen = 0;
  for (gint64 i = 0; i < t->n; i++)
    distances[i] = INFINITY;
  for (gint64 k = 0; coreset && k < m; k++) {
    const float *center = (const float *) projected->data + chosen * PROJECTED;
    memcpy ((float *) coreset->data + k * t->channels, position (t, chosen), (gsize) t->channels * sizeof (float));
#pragma omp parallel for schedule(static)
    for (gint64 i = 0; i < t->n; i++)
      distances[i] =
        MIN (distances[i], squared_distance ((const float *) projected->data + i * PROJECTED, center, PROJECTED));
    for (gint64 i = 0; i < t->n; i++)
      chosen = distances[i] > distances[chosen] ? i : chosen;
    if (!report (t, 0.6 + 0.3 * (double) k / (double) m, error))
      return NULL;
  }
  return g_steal_pointer (&coreset);
}

/* GCompareFunc for floats: ascending. */
static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;
  return (x > y) - (x < y);
}

/* Adds the scores of the pictures that are held out to @map, which has the coreset already, in ascending order.
 * Without such pictures, adds nothing. */
static gboolean
add_normal_scores (Training *t, RvTensorMap *map, GError **error)
{
  const RvTensor *coreset = rv_tensor_map_get (map, CORESET);
  g_autoptr (GArray) scores = g_array_new (FALSE, FALSE, sizeof (float));
  for (int i = 0; i < t->n_files; i++) {
    g_auto (Grid) grid = { 0 };
    if (!is_held_out (t, i))
      continue;
    if (!read_grid (t, i, &grid, error))
      return FALSE;
    if (!grid.features)
      continue;
    g_autofree float *distances = g_new (float, (gint64) grid.rows *grid.cols);
    if (!measure (&grid, coreset, distances, error))
      return FALSE;
    float score = largest (distances, (gint64) grid.rows * grid.cols);
    g_array_append_val (scores, score);
    if (!report (t, 0.9 + 0.1 * (i + 1) / t->n_files, error))
      return FALSE;
  }
  RvShape shape = rv_shape (1, (gint64) scores->len);
  g_autoptr (RvTensor) tensor = scores->len > 0 ? rv_tensor_new (RV_F32, &shape, error) : NULL;
  if (!tensor)
    return scores->len == 0;
  g_array_sort (scores, compare_numbers);
  memcpy (tensor->data, scores->data, scores->len * sizeof (float));
  rv_tensor_map_set (map, RV_PATCHES_NORMAL_SCORES, tensor);
  return TRUE;
}

/* (transfer full) (nullable): the model. Loads the network, reads the pictures of @t to train with, chooses the
 * coreset, and scores the pictures that are held out. @coreset_01: fraction of the stored positions that the
 * coreset keeps, at least 1 and at most MAX_CORESET positions. Names unusable pictures in t->left_out, which
 * exists. The caller frees t->extractor, t->positions and t->left_out, also after an error. */
static RvTensorMap *
train (Training *t, double coreset_01, GError **error)
{
  if (!(t->extractor.net = rv_net_new_builtin (error)) || !load_pictures (t, error))
    return NULL;
  gint64 m = CLAMP ((gint64) ceil (coreset_01 * (double) t->n), 1, MIN (t->n, MAX_CORESET));
  g_autoptr (RvTensor) coreset = choose_coreset (t, m, error);
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  if (!coreset)
    return NULL;
  rv_tensor_map_set_text (map, "format", RV_PATCHES_FORMAT);
  rv__tensor_map_set_count (map, "size", t->extractor.size_px);
  rv_tensor_map_set (map, CORESET, coreset);
  return add_normal_scores (t, map, error) ? g_steal_pointer (&map) : NULL;
}

RvTensorMap *
rv_patches_train (const char *const *files, int size_px, double coreset_01, gint64 seed, int n_threads,
                  RvVaeDoneFunc done, gpointer user_data, GStrv *left_out, GError **error)
{
  if (left_out)
    *left_out = NULL;
  if (size_px < MIN_SIZE_PX || size_px > MAX_SIZE_PX)
    return rv__null (rv__error_setting (error, "size", "patches need a 'size' of %d to %d px, not %d", MIN_SIZE_PX,
                                        MAX_SIZE_PX, size_px));
  if (!(coreset_01 > 0 && coreset_01 <= 1))
    return rv__error_null (error, RV_ERROR_SETTING, "patches need a coreset above 0 and up to 1, not %g", coreset_01);
  if (!files[0])
    return rv__error_null (error, RV_ERROR_FILE, "there are no pictures to train on");
  Training t = { .extractor = { .size_px = size_px, .n_threads = n_threads },
                 .files = files,
                 .n_files = (int) g_strv_length ((GStrv) (gpointer) files),
                 .seed = (guint64) seed,
                 .done = done,
                 .user_data = user_data,
                 .left_out = g_ptr_array_new () };
  int before = rv__system_use_threads (rv__compute_threads (n_threads));
  RvTensorMap *map = train (&t, coreset_01, error);
  rv__system_use_threads (before);
  extractor_clear (&t.extractor);
  rv_tensor_unref (t.positions);
  gboolean all = t.left_out->len == 0;
  g_ptr_array_add (t.left_out, NULL);
  GStrv texts = (GStrv) g_ptr_array_free (t.left_out, FALSE);
  if (left_out && !all)
    *left_out = g_steal_pointer (&texts);
  g_strfreev (texts);
  return map;
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

struct _RvPatches {
  Extractor extractor;
  RvTensor *coreset; /* f32 [m, channels] */
};

RvPatches *
rv__patches_new (const RvTensorMap *model, int n_threads, GError **error)
{
  const char *size = rv_tensor_map_get_text (model, "size");
  const RvTensor *stored = rv_tensor_map_get (model, CORESET);
  gint64 size_px = size ? g_ascii_strtoll (size, NULL, 10) : 0;
  if (!stored || stored->shape.n != 2 || stored->shape.dim[0] < 1 || size_px < MIN_SIZE_PX || size_px > MAX_SIZE_PX)
    return rv__error_null (error, RV_ERROR_FORMAT, "this is no model of patches");
  g_autoptr (RvPatches) patches = g_new0 (RvPatches, 1);
  patches->extractor = (Extractor){ .size_px = (int) size_px, .n_threads = n_threads };
  if (!(patches->coreset = rv_tensor_to_f32 (stored, error)) || !(patches->extractor.net = rv_net_new_builtin (error)))
    return NULL;
  for (gint64 i = 0; i < rv_tensor_count (patches->coreset); i++)
    if (!isfinite (((const float *) patches->coreset->data)[i]))
      return rv__error_null (error, RV_ERROR_NUMBER, "the model is damaged: it has numbers that are not finite");
  return g_steal_pointer (&patches);
}

void
rv__patches_free (RvPatches *patches)
{
  if (!patches)
    return;
  extractor_clear (&patches->extractor);
  rv_tensor_unref (patches->coreset);
  g_free (patches);
}

RvImage *
rv__patches_load (const RvPatches *patches, const char *file, GError **error)
{
  return load_scaled (file, patches->extractor.size_px, error);
}

/* Computes rv__patches_score() of a picture of the model's size (unchecked). *map: (transfer full): the map, f32
 * [height, width] of @picture. @map NULL: none. The caller sets the threads by rv__system_use_threads(); the
 * network uses extractor.n_threads. RV_ERROR_FORMAT if the model has another number of channels than the extracted
 * features. An error leaves *score and *map unchanged. */
static gboolean
score_scaled (RvPatches *patches, const RvImage *picture, double *score, RvTensor **map, GError **error)
{
  g_auto (Grid) grid = { 0 };
  if (!extract (&patches->extractor, picture, &grid, error))
    return FALSE;
  if (patches->coreset->shape.dim[1] != grid.features->shape.dim[1])
    return rv__error_set (error, RV_ERROR_FORMAT, "the model has features of another network");
  gint64 n = (gint64) grid.rows * grid.cols;
  g_autofree float *distances = g_new (float, n);
  if (!measure (&grid, patches->coreset, distances, error))
    return FALSE;
  if (map) { /* the distances, enlarged and blurred */
    int height = picture->height, width = picture->width;
    RvShape shape = rv_shape (2, (gint64) height, (gint64) width);
    g_autoptr (RvTensor) enlarged = rv_tensor_new (RV_F32, &shape, error);
    if (!enlarged)
      return FALSE;
    rv__resize_planes (distances, 1, grid.rows, grid.cols, RV_RESIZE_BILINEAR, enlarged->data, height, width);
    if (!rv__blur (enlarged->data, enlarged->data, 1, width, height, BLUR * MIN (width, height), error))
      return FALSE;
    *map = g_steal_pointer (&enlarged);
  }
  *score = largest (distances, n);
  return TRUE;
}

gboolean
rv__patches_score (RvPatches *patches, const RvImage *picture, double *score, RvTensor **map, GError **error)
{
  int width = picture->width, height = picture->height, n_threads = patches->extractor.n_threads;
  if (!scale_sides ("a picture", patches->extractor.size_px, &width, &height, error))
    return FALSE;
  gboolean fits = width == picture->width && height == picture->height;
  g_autoptr (RvImage) resized = fits ? NULL : rv_image_resize (picture, width, height, RV_IMAGE_RESIZE_BEST, error);
  if (!fits && !resized)
    return FALSE;
  int before = rv__system_use_threads (rv__compute_threads (n_threads));
  gboolean ok = score_scaled (patches, fits ? picture : resized, score, map, error);
  rv__system_use_threads (before);
  return ok;
}
