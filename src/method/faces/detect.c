/* detect.c -- faces of a picture of any size: windows of a pyramid, boxes, merging.
 *
 * The network reads squares of 128 px. It runs on the whole picture, and on overlapping windows of a half, a quarter
 * and an eighth of the longer side. Boxes of all windows are merged at the end. */
#include "faces.h"
#include "io/weights/format.h"
#include <math.h>

#define SIDE RV_FACES_SIDE_PX
#define STEP_PX (SIDE / 2) /* from window to window */
#define MAX_LEVELS 4
#define MAX_ENLARGEMENT 1.25 /* size of a level / size of the picture */

#define MIN_SCORE_01 0.75 /* lower scores are mostly faces of animals, wheels and the like: docs/regions.md */
#define MAX_LOGIT 100
#define MAX_OVERLAP_01 0.3 /* intersection over union of two faces */
#define MAX_INSIDE_01 0.6  /* fraction of the smaller of two faces that lies within the larger */

/* ---- boxes ------------------------------------------------------------------------------------------------------- */

/* Centre of anchor @i, 0..1 of the window. */
static RvFacePoint
anchor_center (int i)
{
  int n_fine = 16 * 16 * 2, side = i < n_fine ? 16 : 8, n = i < n_fine ? 2 : 6;
  int position = (i < n_fine ? i : i - n_fine) / n;
  return (RvFacePoint){ (position % side + 0.5) / side, (position / side + 0.5) / side };
}

void
rv__faces_decode (const float *scores, const float *boxes, double min_score_01, GArray *faces)
{
  for (int i = 0; i < RV_FACES_ANCHORS; i++) {
    const float *box = boxes + i * RV_FACES_NUMBERS, *points = box + 4;
    double score = 1 / (1 + exp (-CLAMP ((double) scores[i], -MAX_LOGIT, MAX_LOGIT)));
    RvFacePoint anchor = anchor_center (i);
    double x = anchor.x + (double) box[0] / SIDE, y = anchor.y + (double) box[1] / SIDE;
    double width = (double) box[2] / SIDE, height = (double) box[3] / SIDE;
    if (!(score >= min_score_01) || !(width > 0) || !(height > 0))
      continue;
    RvFace face = { x - width / 2, y - height / 2, x + width / 2, y + height / 2, .score_01 = score };
    for (int k = 0; k < RV_FACES_N_POINTS; k++)
      face.point[k] =
        (RvFacePoint){ anchor.x + (double) points[2 * k] / SIDE, anchor.y + (double) points[2 * k + 1] / SIDE };
    g_array_append_val (faces, face);
  }
}

/* Area of the box of @face, in squared units of its coordinates. */
static double
area (const RvFace *face)
{
  return (face->right - face->left) * (face->bottom - face->top);
}

/* Area that both faces cover, in squared units of their coordinates; 0: they are apart. */
static double
intersection (const RvFace *a, const RvFace *b)
{
  double width = MIN (a->right, b->right) - MAX (a->left, b->left);
  double height = MIN (a->bottom, b->bottom) - MAX (a->top, b->top);
  return MAX (width, 0) * MAX (height, 0);
}

/* GCompareFunc: the higher score first; then the larger face, the higher one, the left one. */
static int
by_score (gconstpointer one, gconstpointer other)
{
  const RvFace *a = one, *b = other;
  double order[] = { b->score_01 - a->score_01, area (b) - area (a), a->top - b->top, a->left - b->left };
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (order[i] != 0)
      return order[i] < 0 ? -1 : 1;
  return 0;
}

/* Copy of @face, moved by @left, @top in its own units, then multiplied by @scale; score_01 stays. With 0, 0 and SIDE:
 * from 0..1 of a window to its px; with the window's corner and level->px: from these to px of the picture. */
static RvFace
transform_face (const RvFace *face, int left, int top, double scale)
{
  RvFace placed = { scale * (face->left + left), scale * (face->top + top), scale * (face->right + left),
                    scale * (face->bottom + top), .score_01 = face->score_01 };
  for (int k = 0; k < RV_FACES_N_POINTS; k++)
    placed.point[k] = (RvFacePoint){ scale * (face->point[k].x + left), scale * (face->point[k].y + top) };
  return placed;
}

/* Adds @weight times the coordinates of @face to @sum. */
static void
add_face (RvFace *sum, const RvFace *face, double weight)
{
  sum->left += weight * face->left, sum->right += weight * face->right;
  sum->top += weight * face->top, sum->bottom += weight * face->bottom;
  for (int k = 0; k < RV_FACES_N_POINTS; k++)
    sum->point[k].x += weight * face->point[k].x, sum->point[k].y += weight * face->point[k].y;
}

/* Weighted non-maximum suppression, from the best score down. A face becomes the mean, weighted by score, of itself and
 * the faces that overlap it. Removes the overlapping faces. Sorts @faces by score. */
static void
average_overlapping (GArray *faces)
{
  g_array_sort (faces, by_score);
  for (guint i = 0; i < faces->len; i++) {
    const RvFace best = g_array_index (faces, RvFace, i);
    RvFace sum = { .score_01 = best.score_01 }, mean = { .score_01 = best.score_01 };
    double weight = 0;
    for (guint k = faces->len; k-- > i;) {
      const RvFace *face = &g_array_index (faces, RvFace, k);
      double both = intersection (&best, face);
      if (k > i && both <= MAX_OVERLAP_01 * (area (&best) + area (face) - both))
        continue;
      add_face (&sum, face, face->score_01);
      weight += face->score_01;
      if (k > i)
        g_array_remove_index (faces, k);
    }
    add_face (&mean, &sum, 1 / weight);
    g_array_index (faces, RvFace, i) = mean;
  }
}

void
rv__faces_merge (GArray *faces)
{
  average_overlapping (faces);
  for (guint i = faces->len; i-- > 0;) { /* removes the smaller of two faces if most of it lies within the larger */
    const RvFace *face = &g_array_index (faces, RvFace, i);
    for (guint k = 0; k < faces->len; k++) {
      const RvFace *other = &g_array_index (faces, RvFace, k);
      if (area (other) > area (face) && intersection (face, other) > MAX_INSIDE_01 * area (face)) {
        g_array_remove_index (faces, i);
        break;
      }
    }
  }
}

/* ---- the network ------------------------------------------------------------------------------------------------- */

/* BlazeFace, short range (Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs"),
 * with MediaPipe's weights: data/faces.safetensors, by tools/convert-mediapipe.py. */
extern const guint8 rv__faces[], rv__faces_end[]; /* data/meson.build */

static const char *const heads[] = { "score8", "box8", "score16", "box16" }; /* 16 x 16 positions, then 8 x 8 */

RvFeaturesEngine *
rv__face_net_new (int n_threads, GError **error)
{
  const RvComputeSettings compute = { .threads = n_threads,
                                      .exact = TRUE,
                                      .backend = (char *) "cpu" }; /* a GPU would take longer to start */
  g_autoptr (GBytes) bytes = g_bytes_new_static (rv__faces, (gsize) (rv__faces_end - rv__faces));
  g_autoptr (RvTensorMap) weights = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "the detector of faces", error);
  g_autoptr (RvNet) net = weights ? rv_net_new (NULL, weights, error) : NULL;
  return net ? rv__features_engine_new (net, &compute, SIDE, SIDE, &rv__rgb_0_255, heads, G_N_ELEMENTS (heads), error)
             : NULL;
}

gboolean
rv__face_net_run (const RvFeaturesEngine *net, const float *window, float *scores, float *boxes, GError **error)
{
  RvTensor *features[G_N_ELEMENTS (heads)];
  if (!rv__features_engine_run (net, window, features, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    float **to = i % 2 == 0 ? &scores : &boxes;
    gint64 channels = features[i]->shape.dim[1], positions = features[i]->shape.dim[2] * features[i]->shape.dim[3];
    for (gint64 p = 0; p < positions; p++) /* [1, A N, side, side] to [side, side, A N]: A anchors of N numbers */
      for (gint64 c = 0; c < channels; c++)
        *(*to)++ = ((const float *) features[i]->data)[c * positions + p];
    rv_tensor_unref (features[i]);
  }
  return TRUE;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

/* The picture at one scale, and buffers for the network. */
typedef struct {
  const RvFeaturesEngine *net;
  const RvImage *image;
  double px; /* px of the picture per px of `image` */
  float *window, *scores, *boxes;
  GArray *found;
} Level;

/* Copies a window of level->image to level->window, [3, SIDE, SIDE], -1..1; black beyond the picture. @left, @top: its
 * corner, px of level->image; may be negative. */
static void
read_window (const Level *level, int left, int top)
{
  int width = level->image->width, height = level->image->height;
  const float *rgb = level->image->rgb->data;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < SIDE; y++)
      for (int x = 0; x < SIDE; x++) {
        int row = top + y, col = left + x;
        gboolean inside = row >= 0 && row < height && col >= 0 && col < width;
        float value = inside ? rgb[((gint64) c * height + row) * width + col] : 0;
        level->window[(c * SIDE + y) * SIDE + x] = CLAMP (value, 0, 255) / 127.5f - 1;
      }
}

/* Whether an edge of @face lies beyond a border of the window that is inside level->image: another window has the
 * whole face. @face: in px of the window at @left, @top. */
static gboolean
is_cut (const Level *level, const RvFace *face, int left, int top)
{
  return (left > 0 && face->left < 0) || (top > 0 && face->top < 0) ||
         (left + SIDE < level->image->width && face->right > SIDE) ||
         (top + SIDE < level->image->height && face->bottom > SIDE);
}

/* Appends the faces of a window to @faces, in px of the picture, without those that is_cut() leaves to other windows.
 * @left, @top: px of level->image; may be negative. */
static gboolean
detect_in_window (const Level *level, int left, int top, GArray *faces, GError **error)
{
  read_window (level, left, top);
  if (!rv__face_net_run (level->net, level->window, level->scores, level->boxes, error))
    return FALSE;
  g_array_set_size (level->found, 0);
  rv__faces_decode (level->scores, level->boxes, MIN_SCORE_01, level->found);
  for (guint i = 0; i < level->found->len; i++) {
    RvFace in_window = transform_face (&g_array_index (level->found, RvFace, i), 0, 0, SIDE);
    RvFace in_picture = transform_face (&in_window, left, top, level->px);
    if (!is_cut (level, &in_window, left, top))
      g_array_append_val (faces, in_picture);
  }
  return TRUE;
}

/* Number, 1 or more, of windows of SIDE px, STEP_PX apart, that cover a side of @px. */
static int
n_windows (int px)
{
  return px <= SIDE ? 1 : (px - SIDE + STEP_PX - 1) / STEP_PX + 1;
}

/* Start of window @i, from 0, along a side of @px: multiples of STEP_PX. The last window ends with the side. A single
 * one is centred, and begins before 0 if the side is shorter. */
static int
window_start (int px, int i)
{
  return px <= SIDE ? (px - SIDE) / 2 : MIN (i * STEP_PX, px - SIDE);
}

GArray *
rv__faces_detect (const RvImage *picture, int n_threads, GError **error)
{
  int longest = MAX (picture->width, picture->height);
  g_autoptr (RvFeaturesEngine) net = rv__face_net_new (n_threads, error);
  g_autoptr (GArray) faces = g_array_new (FALSE, FALSE, sizeof (RvFace)),
                     found = g_array_new (FALSE, FALSE, sizeof (RvFace));
  g_autofree float *window = g_new (float, 3 * SIDE * SIDE), *scores = g_new (float, RV_FACES_ANCHORS),
                   *boxes = g_new (float, RV_FACES_ANCHORS *RV_FACES_NUMBERS);
  g_autoptr (RvImage) image = rv_image_ref ((RvImage *) picture);
  int n_levels = 1;
  while (n_levels < MAX_LEVELS && (SIDE << n_levels) <= longest * MAX_ENLARGEMENT)
    n_levels++;
  for (int i = n_levels; net && i-- > 0;) { /* fine to coarse: each level is reduced from the finer level */
    double scale = (double) (SIDE << i) / longest;
    RvImage *smaller = rv_image_resize (image, (int) MAX (lrint (picture->width * scale), 1),
                                        (int) MAX (lrint (picture->height * scale), 1), RV_IMAGE_RESIZE_BEST, error);
    rv_image_unref (image);
    image = smaller;
    const Level level = { net, image, 1 / scale, window, scores, boxes, found };
    if (!image)
      return NULL;
    for (int row = 0; row < n_windows (image->height); row++)
      for (int col = 0; col < n_windows (image->width); col++)
        if (!detect_in_window (&level, window_start (image->width, col), window_start (image->height, row), faces,
                               error))
          return NULL;
  }
  if (!net)
    return NULL;
  rv__faces_merge (faces);
  return g_steal_pointer (&faces);
}
