/* test-faces.c -- faces: the network against MediaPipe's weights in LiteRT (tests/golden/faces-tflite.py), decoding,
 * merging, pictures of all shapes, masks, faces in style transfer. */
#include "method/faces/faces.h"
#include <reverie/mask.h>
#include "method/style/style-run.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIDE RV_FACES_SIDE_PX
#define N_NUMBERS (RV_FACES_ANCHORS * RV_FACES_NUMBERS)

/* (transfer full): @side x @side px: the face of faces-tflite.py, enlarged to @face_px, its top left corner at @left,
 * @top. */
static RvImage *
draw_face (int side, int face_px, int left, int top)
{
  /* centre x and y, half axes, in 128ths of @face_px; red, green, blue */
  static const int ellipses[][7] = {
    { 64, 66, 40, 52, 90, 60, 40 },  { 64, 70, 34, 44, 224, 178, 148 }, { 50, 60, 8, 4, 250, 250, 250 },
    { 78, 60, 8, 4, 250, 250, 250 }, { 50, 60, 4, 4, 50, 30, 20 },      { 78, 60, 4, 4, 50, 30, 20 },
    { 50, 51, 10, 2, 80, 50, 30 },   { 78, 51, 10, 2, 80, 50, 30 },     { 64, 78, 5, 3, 180, 120, 100 },
    { 64, 92, 13, 4, 170, 70, 70 },
  };
  RvImage *image = rv_image_new (side, side, NULL);
  float *rgb = image->rgb->data;
  for (int i = 0; i < 3 * side * side; i++)
    rgb[i] = 200;
  for (guint i = 0; i < G_N_ELEMENTS (ellipses); i++)
    for (int p = 0; p < side * side; p++) {
      const int *e = ellipses[i];
      double dx = (double) (p % side - left) * SIDE / face_px - e[0];
      double dy = (double) (p / side - top) * SIDE / face_px - e[1];
      if (pow (dx * e[3], 2) + pow (dy * e[2], 2) <= pow (e[2] * e[3], 2))
        for (int c = 0; c < 3; c++)
          rgb[c * side * side + p] = (float) e[4 + c];
    }
  return image;
}

static void
check_outputs (const RvFeaturesEngine *net, const RvImage *image, const char *const *golden, float *scores,
               float *boxes)
{
  GError *error = NULL;
  g_autofree float *window = g_new (float, 3 * SIDE * SIDE);
  g_autofree double *values = g_new (double, N_NUMBERS);
  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    window[i] = ((const float *) image->rgb->data)[i] / 127.5f - 1;
  g_assert_true (rv__face_net_run (net, window, scores, boxes, &error));
  g_assert_no_error (error);
  for (int i = 0; i < RV_FACES_ANCHORS; i++)
    values[i] = (double) scores[i];
  formula_compare (golden[0], values, RV_FACES_ANCHORS, 1e-4, 1e-4);
  for (int i = 0; i < N_NUMBERS; i++)
    values[i] = (double) boxes[i];
  formula_compare (golden[1], values, N_NUMBERS, 1e-4, 1e-4);
}

/* Compares @face with @golden, the last line of the goldens, within @tolerance. */
static void
check_face (const RvFace *face, const char *golden, double tolerance)
{
  const double own[] = { face->score_01, face->left, face->top, face->right, face->bottom };
  g_auto (GStrv) words = g_strsplit (golden, " ", -1);
  g_assert_cmpuint (g_strv_length (words), ==, 1 + G_N_ELEMENTS (own) + 2 * RV_FACES_N_POINTS);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    assert_less (fabs (own[i] - g_ascii_strtod (words[1 + i], NULL)), tolerance);
  for (int k = 0; k < RV_FACES_N_POINTS; k++) {
    assert_less (fabs (face->point[k].x - g_ascii_strtod (words[6 + 2 * k], NULL)), tolerance);
    assert_less (fabs (face->point[k].y - g_ascii_strtod (words[7 + 2 * k], NULL)), tolerance);
  }
}

static void
test_golden (void)
{
  GError *error = NULL;
  g_auto (GStrv) lines = formula_golden ("faces-tflite.txt");
  g_autoptr (RvFeaturesEngine) net = rv__face_net_new (2, &error);
  g_assert_no_error (error);
  g_autofree float *scores = g_new (float, RV_FACES_ANCHORS), *boxes = g_new (float, N_NUMBERS);
  g_autoptr (GArray) faces = g_array_new (FALSE, FALSE, sizeof (RvFace));
  g_autoptr (RvImage) content = formula_picture ("content", SIDE, SIDE), drawn = draw_face (SIDE, SIDE, 0, 0);
  check_outputs (net, content, (const char *const *) lines, scores, boxes);
  check_outputs (net, drawn, (const char *const *) lines + 2, scores, boxes);
  rv__faces_decode (scores, boxes, 0.5, faces);
  rv__faces_merge (faces);
  g_assert_cmpuint (faces->len, ==, 1);
  check_face (&g_array_index (faces, RvFace, 0), lines[4], 1e-4);
}

/* One anchor has a score above the threshold: its box and points equal values computed by hand. A score of NaN and
 * boxes without a width are skipped; logits are clipped. */
static void
test_decode (void)
{
  g_autofree float *scores = g_new (float, RV_FACES_ANCHORS), *boxes = g_new0 (float, N_NUMBERS);
  g_autoptr (GArray) faces = g_array_new (FALSE, FALSE, sizeof (RvFace));
  for (int i = 0; i < RV_FACES_ANCHORS; i++)
    scores[i] = -1e30f;
  int anchor = 512 + (3 * 8 + 5) * 6 + 1; /* row 3, column 5 of 8 x 8 */
  float *box = boxes + anchor * RV_FACES_NUMBERS;
  scores[anchor] = 1e30f;
  box[0] = 12.8f, box[1] = -12.8f, box[2] = 64, box[3] = 32, box[4] = 6.4f, box[15] = -6.4f;
  scores[3] = 5; /* a box without width */
  scores[4] = NAN;
  boxes[4 * RV_FACES_NUMBERS + 2] = boxes[4 * RV_FACES_NUMBERS + 3] = 10;
  rv__faces_decode (scores, boxes, 0.5, faces);
  g_assert_cmpuint (faces->len, ==, 1);
  const RvFace *face = &g_array_index (faces, RvFace, 0);
  double x = 5.5 / 8, y = 3.5 / 8;
  assert_less (fabs (face->left - (x + 0.1 - 0.25)), 1e-6);
  assert_less (fabs (face->right - (x + 0.1 + 0.25)), 1e-6);
  assert_less (fabs (face->top - (y - 0.1 - 0.125)), 1e-6);
  assert_less (fabs (face->bottom - (y - 0.1 + 0.125)), 1e-6);
  assert_less (fabs (face->point[0].x - (x + 0.05)), 1e-6);
  assert_less (fabs (face->point[0].y - y), 1e-6);
  assert_less (fabs (face->point[5].y - (y - 0.05)), 1e-6);
  assert_less (1 - face->score_01, 1e-12);
}

/* Two boxes whose overlap is half of their union are averaged by score. A box within another is removed; distant boxes
 * stay. */
static void
test_merge (void)
{
  const RvFace given[] = {
    { 1, 0, 4, 3, .score_01 = 0.6, .point = { { 2, 1 } } },
    { 0, 0, 3, 3, .score_01 = 0.9, .point = { { 1, 1 } } },
    { 10, 0, 13, 3, .score_01 = 0.7 },
    { 1, 1, 2, 2, .score_01 = 0.95 },
    { 13, 0, 16, 3, .score_01 = 0.65 }, /* next to the third box */
  };
  g_autoptr (GArray) faces = g_array_new (FALSE, FALSE, sizeof (RvFace));
  g_array_append_vals (faces, given, G_N_ELEMENTS (given));
  rv__faces_merge (faces);
  g_assert_cmpuint (faces->len, ==, 3);
  const RvFace *face = &g_array_index (faces, RvFace, 0);
  assert_less (fabs (face->left - 0.4), 1e-9);
  assert_less (fabs (face->right - 3.4), 1e-9);
  assert_less (fabs (face->point[0].x - 1.4), 1e-9);
  assert_less (fabs (face->score_01 - 0.9), 1e-9);
  assert_less (fabs (g_array_index (faces, RvFace, 1).left - 10), 1e-9);
  assert_less (fabs (g_array_index (faces, RvFace, 2).left - 13), 1e-9);
}

/* A face about a tenth of the picture's side wide, which is large enough only in a window, is found once, at its
 * position. */
static void
test_small (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) image = draw_face (900, 150, 610, 330);
  g_autoptr (GArray) faces = rv__faces_detect (image, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (faces->len, ==, 1);
  const RvFace *face = &g_array_index (faces, RvFace, 0);
  assert_less (hypot ((face->left + face->right) / 2 - 685, (face->top + face->bottom) / 2 - 420), 15);
  assert_less (hypot (face->point[RV_FACE_EYE_LEFT].x - 668, face->point[RV_FACE_EYE_LEFT].y - 400), 9);
  assert_less (hypot (face->point[RV_FACE_MOUTH].x - 685, face->point[RV_FACE_MOUTH].y - 438), 12);
}

/* A mask has the size of the picture. It is white between eyes and mouth and black in a corner, and all black without a
 * face. */
static void
test_mask (void)
{
  GError *error = NULL;
  g_autofree char *found = NULL, *found_blank = NULL;
  g_autoptr (RvImage) image = draw_face (300, 300, 0, 0), blank = formula_picture ("content", 1, 700);
  g_autoptr (RvImage) mask = rv_mask_new (image, "faces", 2, &found, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, "1 face");
  const float *rgb = mask->rgb->data;
  g_assert_cmpint (mask->width, ==, 300);
  for (int c = 0; c < 3; c++) {
    g_assert_true (rgb[(c * 300 + 175) * 300 + 150] == 255);
    g_assert_true (rgb[(c * 300 + 2) * 300 + 2] == 0);
  }
  g_autoptr (RvImage) none = rv_mask_new (blank, "faces", 2, &found_blank, &error);
  g_assert_no_error (error);
  g_assert_null (found_blank);
  for (gint64 i = 0; i < rv_tensor_count (none->rgb); i++)
    g_assert_true (((const float *) none->rgb->data)[i] == 0);
}

/* Pictures of any size can be searched, also around the sizes at which levels and windows begin. */
static void
test_shapes (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 1, 3000 }, { 3000, 2 }, { 127, 128 }, { 205, 204 }, { 257, 1100 } };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GError *error = NULL;
    g_autoptr (RvImage) image = formula_picture ("content", sizes[i][0], sizes[i][1]);
    g_autoptr (GArray) faces = rv__faces_detect (image, 2, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (faces->len, ==, 0);
  }
}

/* A grey face behind a transparent half is found: alpha is ignored. */
static void
test_grey_alpha (void)
{
  GError *error = NULL;
  g_autofree char *found = NULL;
  g_autoptr (RvImage) face = draw_face (SIDE, SIDE, 0, 0);
  g_autofree guint8 *bytes = g_new (guint8, 2 * SIDE * SIDE);
  for (int i = 0; i < SIDE * SIDE; i++) {
    bytes[2 * i] = (guint8) ((const float *) face->rgb->data)[SIDE * SIDE + i];
    bytes[2 * i + 1] = i % SIDE < SIDE / 2 ? 128 : 255;
  }
  g_autoptr (RvImage) grey = rv_image_new_from_memory (bytes, RV_PIXEL_U8, SIDE, SIDE, 2, 2 * SIDE, &error);
  g_autoptr (RvImage) mask = rv_mask_new (grey, "faces", 2, &found, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, "1 face");
  g_assert_null (mask->alpha);
}

/* The same bytes for any number of threads; a cancelled call ends. */
static void
test_same (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) image = draw_face (280, 200, 30, 50);
  g_autoptr (RvImage) one = rv_mask_new (image, "faces", 1, NULL, &error),
                      three = rv_mask_new (image, "faces", 3, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (one->rgb->data, rv_tensor_bytes (one->rgb), three->rgb->data, rv_tensor_bytes (three->rgb));
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  g_cancellable_push_current (cancelled);
  g_assert_null (rv__faces_detect (image, 2, &error));
  g_cancellable_pop_current (cancelled);
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
}

/* Mean difference, grey levels, between @content and its painting with `keep-strength` @strength, in the middle of the
 * face. */
static double
painted_difference (RvImage *content, const char *strength)
{
  static const char *const pairs[] = { "keep",  "faces", "iterations", "8", "threads", "1",
                                       "exact", "yes",   "finish",     "0", NULL };
  GError *error = NULL;
  g_autoptr (RvSettings) settings = rv_settings_new ("style", &error);
  for (int i = 0; pairs[i]; i += 2)
    g_assert_true (rv_settings_set (settings, pairs[i], pairs[i + 1], &error));
  g_assert_true (rv_settings_set (settings, "keep-strength", strength, &error));
  g_autoptr (RvNet) net = rv_net_new_builtin (&error);
  g_autoptr (RvImage) painting = formula_picture ("style", 60, 80), result = NULL;
  g_autoptr (RvStyle) style = rv__style_new (settings, net, content, &painting, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rv__style_run (style, NULL, NULL, &result, &error));
  g_assert_no_error (error);
  double sum = 0;
  int n = 0, side = content->width;
  for (int y = side / 2; y < side * 3 / 4; y++)
    for (int x = side * 3 / 8; x < side * 5 / 8; x++, n++)
      for (int c = 0; c < 3; c++) {
        int i = (c * side + y) * side + x;
        sum += fabs ((double) ((float *) result->rgb->data)[i] - (double) ((float *) content->rgb->data)[i]) / 3;
      }
  return sum / n;
}

/* The larger `keep-strength` is, the nearer the face is to that of the photograph; 100 leaves the face unchanged. */
static void
test_keep (void)
{
  g_autoptr (RvImage) content = draw_face (96, 96, 0, 0);
  double none = painted_difference (content, "0"), some = painted_difference (content, "90");
  assert_less (some, 0.8 * none);
  assert_less (painted_difference (content, "100"), 0.01);
}

/* RvIterationFunc: ends the run after checking that features are the photograph's own where the mask of faces is white.
 * @user_data: the RvStyle. */
static gboolean
check_shares (const RvIteration *progress, gpointer user_data)
{
  (void) progress;
  const RvStyle *style = user_data;
  const RvStyleRun *run = style->run;
  gint64 n = rv__scale_canvas_pixels (run->scale), n_white = 0;
  g_autofree float *mask = g_new (float, n);
  g_assert_nonnull (style->faces);
  g_assert_true (rv__style_set_mask (style->faces, run->scale, mask, NULL));
  for (gint64 i = 0; i < n; i++) {
    n_white += mask[i] > 0.99f;
    g_assert_true (run->shares[i] >= mask[i] - 1e-6f);
  }
  g_assert_cmpint (n_white, >, 100);
  return FALSE;
}

/* Matching preserves a face out of focus, which has little detail. Other recipes need no faces. */
static void
test_preserved (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) sharp = draw_face (96, 96, 0, 0),
                      small = rv_image_resize (sharp, 12, 12, RV_IMAGE_RESIZE_BEST, NULL),
                      content = rv_image_resize (small, 96, 96, RV_IMAGE_RESIZE_BEST, NULL),
                      painting = formula_picture ("style", 60, 80), result = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (&error);
  g_autoptr (RvSettings) gallery = test_settings_of ("style", "gallery"),
                         earlier = test_settings_of ("style", "gallery1");
  g_autoptr (RvStyle) style = rv__style_new (gallery, net, content, &painting, 1, NULL, &error),
                      other = rv__style_new (earlier, net, content, &painting, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rv__style_detect_faces (other, NULL));
  g_assert_null (other->faces);
  rv__style_run (style, check_shares, style, &result, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faces/golden", test_golden);
  g_test_add_func ("/faces/decode", test_decode);
  g_test_add_func ("/faces/merge", test_merge);
  g_test_add_func ("/faces/small", test_small);
  g_test_add_func ("/faces/mask", test_mask);
  g_test_add_func ("/faces/shapes", test_shapes);
  g_test_add_func ("/faces/grey-alpha", test_grey_alpha);
  g_test_add_func ("/faces/same", test_same);
  g_test_add_func ("/faces/keep", test_keep);
  g_test_add_func ("/faces/preserved", test_preserved);
  return g_test_run ();
}
