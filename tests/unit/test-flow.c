/* test-flow.c -- optical flow with known results; warping, masks, cuts and colours by hand. */
#include "base/alloc.h"
#include "base/settings.h"
#include "flow/shot.h"
#include "support/flow-scene.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <reverie/flow.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static RvTensor *
planes (int channels, int height, int width)
{
  RvShape shape = rv_shape (4, 1, channels, height, width);
  return rv_tensor_new (RV_F32, &shape, NULL);
}

static RvSettings *
settings_of (const char *preset, int threads)
{
  RvSettings *settings = rv_settings_new ("flow", NULL);
  g_assert_true (rv__settings_set_int (settings, "threads", threads, NULL));
  g_assert_true (rv_settings_set (settings, "preset", preset, NULL));
  return settings;
}

static RvTensor *
estimate (const RvTensor *from, const RvTensor *to, const char *preset)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = settings_of (preset, 2);
  RvTensor *flow = rv_flow_estimate (from, to, NULL, settings, NULL, NULL, &error);
  g_assert_no_error (error);
  return flow;
}

/* Largest |a - b|; @b NULL: largest |a|. NaN if a difference is NaN. */
static double
largest_difference (const RvTensor *a, const RvTensor *b)
{
  double most = 0;
  for (gint64 i = 0; i < rv_tensor_count (a); i++) {
    double d = fabs ((double) ((const float *) a->data)[i] - (b ? (double) ((const float *) b->data)[i] : 0));
    most = isnan (d) || d > most ? d : most;
  }
  return most;
}

static RvTensor *
drawn (int height, int width)
{
  g_autoptr (RvImage) image = formula_picture ("content", height, width);
  return rv_flow_grey (image, NULL);
}

static void
test_grey (void)
{
  g_autoptr (RvImage) image = rv_image_new (1, 1, NULL);
  memcpy (image->rgb->data, (float[]){ 100, 200, 50 }, 3 * sizeof (float));
  g_autoptr (RvTensor) grey = rv_flow_grey (image, NULL);
  assert_less (fabs (((float *) grey->data)[0] - (29.9 + 117.4 + 5.7)), 1e-4);
}

static void
test_identity (void)
{
  g_autoptr (RvTensor) picture = drawn (131, 203);
  for (const char *const *preset = rv_option_choices (rv_settings_find_option ("flow", "preset")); *preset; preset++) {
    g_autoptr (RvTensor) flow = estimate (picture, picture, *preset);
    g_assert_true (largest_difference (flow, NULL) == 0);
  }
}

/* The flow to a scene that is drawn again after translation, rotation or zoom has a small error. */
static void
test_motions (void)
{
  static const struct {
    FlowMotion motion;
    double error_px;
  } cases[] = {
    { { 1, 0, 3, 0 }, 0.03 },    { { 1, 0, -7.5, 4.25 }, 0.03 }, { { 1, 0, 24, -16 }, 0.03 },
    { { 1.05, 0 }, 0.1 },        { { 0.95, 0 }, 0.1 },           { { 1, 3 }, 0.1 },
    { { 1.03, -2, 5, 5 }, 0.1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FlowScene) scene = flow_scene_new (240, 320, &cases[i].motion);
    g_autoptr (RvTensor) flow = estimate (scene->from, scene->to, "medium");
    g_test_message ("motion %u: %.4f px", i, flow_error (flow, scene->flow, scene->seen));
    assert_less (flow_error (flow, scene->flow, scene->seen), cases[i].error_px);
  }
}

/* Errors are below those of OpenCV 4's DIS, as printed by bench/peer-flow.py for the same frames. */
static void
test_scene (void)
{
  static const struct {
    int height, width, larger;
    double medium_px, fast_px;
  } cases[] = {
    { 360, 640, 0, 0.228, 0.337 },
    { 360, 640, 1, 0.499, 0.781 },
    { 720, 1280, 0, 0.168, 0.207 },
    { 720, 1280, 1, 0.245, 0.315 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FlowScene) scene = flow_scene_new (cases[i].height, cases[i].width, &flow_motions[cases[i].larger]);
    g_autoptr (RvTensor) medium = estimate (scene->from, scene->to, "medium");
    g_autoptr (RvTensor) fast = estimate (scene->from, scene->to, "fast");
    assert_less (flow_error (medium, scene->flow, scene->seen), cases[i].medium_px);
    assert_less (flow_error (fast, scene->flow, scene->seen), cases[i].fast_px);
  }
}

/* A change of brightness changes the flow only by rounding. */
static void
test_light (void)
{
  g_autoptr (FlowScene) scene = flow_scene_new (180, 320, &flow_motions[0]);
  g_autoptr (RvTensor) flow = estimate (scene->from, scene->to, "medium");
  for (gint64 i = 0; i < rv_tensor_count (scene->to); i++)
    ((float *) scene->to->data)[i] += 20;
  g_autoptr (RvTensor) brighter = estimate (scene->from, scene->to, "medium");
  g_test_message ("light: %g px", flow_error (brighter, flow, NULL));
  assert_less (flow_error (brighter, flow, NULL), 0.01);
}

/* An initial flow, such as that of the previous pair, lowers the error if the start of the pyramid is wrong. The test
 * passes the true flow. */
static void
test_before (void)
{
  g_autoptr (FlowScene) scene = flow_scene_new (180, 320, &flow_motions[1]);
  g_autoptr (RvTensor) alone = estimate (scene->from, scene->to, "medium");
  g_autoptr (RvTensor) told = rv_flow_estimate (scene->from, scene->to, scene->flow, NULL, NULL, NULL, NULL);
  g_test_message ("with an initial flow: %.3f px, without: %.3f px", flow_error (told, scene->flow, scene->seen),
                  flow_error (alone, scene->flow, scene->seen));
  assert_less (flow_error (told, scene->flow, scene->seen), 0.8 * flow_error (alone, scene->flow, scene->seen));
}

static void
test_threads (void)
{
  g_autoptr (FlowScene) scene = flow_scene_new (233, 391, &flow_motions[1]);
  for (const char *const *preset = rv_option_choices (rv_settings_find_option ("flow", "preset")); *preset; preset++) {
    g_autoptr (RvTensor) first = NULL;
    for (int threads = 1; threads <= 5; threads += threads == 1 ? 1 : 3) {
      g_autoptr (RvSettings) settings = settings_of (*preset, threads);
      g_autoptr (RvTensor) flow = rv_flow_estimate (scene->from, scene->to, NULL, settings, NULL, NULL, NULL);
      if (!first)
        first = rv_tensor_ref (flow);
      g_assert_cmpmem (first->data, rv_tensor_bytes (first), flow->data, rv_tensor_bytes (flow));
    }
  }
}

static void
test_sizes (void)
{
  static const int sizes[][2] = { { 1, 1 },   { 3, 7 },   { 7, 3 },    { 8, 8 },    { 9, 16 },
                                  { 16, 16 }, { 17, 33 }, { 3, 2001 }, { 2001, 2 }, { 65, 64 } };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (const char *const *preset = rv_option_choices (rv_settings_find_option ("flow", "preset")); *preset;
         preset++) {
      int height = sizes[i][0], width = sizes[i][1];
      g_autoptr (FlowScene) scene = flow_scene_new (height, width, &(FlowMotion){ 1, 0, 1, 0, .noise = 2 });
      g_autoptr (RvTensor) flow = estimate (scene->from, scene->to, *preset);
      g_assert_cmpint (flow->shape.dim[2], ==, height);
      g_assert_cmpint (flow->shape.dim[3], ==, width);
      assert_less (largest_difference (flow, NULL), 64);
    }
}

static void
test_no_texture (void)
{
  g_autoptr (RvTensor) black = planes (1, 61, 83), grey = planes (1, 61, 83);
  for (gint64 i = 0; i < rv_tensor_count (grey); i++)
    ((float *) grey->data)[i] = 77;
  g_autoptr (RvTensor) same = estimate (black, black, "medium"), lighter = estimate (black, grey, "medium");
  g_assert_true (largest_difference (same, NULL) == 0);
  g_assert_true (largest_difference (lighter, NULL) == 0);
}

static void
refused (const RvTensor *from, const RvTensor *to, const RvTensor *before, RvError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_flow_estimate (from, to, before, NULL, NULL, NULL, &error));
  g_assert_error (error, RV_ERROR, (int) code);
}

static void
test_refused (void)
{
  g_autoptr (RvTensor) picture = drawn (20, 30), other = drawn (20, 31), two = planes (2, 20, 30);
  g_autoptr (RvTensor) half = rv_tensor_to_f16 (picture, NULL), wrong = rv_tensor_to_f32 (picture, NULL);
  refused (picture, other, NULL, RV_ERROR_SHAPE);
  refused (two, two, NULL, RV_ERROR_SHAPE);
  refused (picture, picture, picture, RV_ERROR_SHAPE);
  refused (half, half, NULL, RV_ERROR_TYPE);
  static const float bad[] = { NAN, INFINITY, -INFINITY, 2e6f };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    ((float *) wrong->data)[599] = bad[i];
    refused (wrong, picture, NULL, RV_ERROR_NUMBER);
    refused (picture, wrong, NULL, RV_ERROR_NUMBER);
  }
  ((float *) two->data)[1199] = NAN;
  refused (picture, picture, two, RV_ERROR_NUMBER);
  ((float *) wrong->data)[599] = 1e6f; /* large but finite: no crash, no NaN */
  g_autoptr (RvTensor) flow = estimate (wrong, picture, "medium");
  assert_less (largest_difference (flow, NULL), 1e3);

  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  g_assert_null (rv_flow_estimate (picture, picture, NULL, settings, NULL, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

static gboolean
count_down (double done_01, gpointer data)
{
  double *last = data;
  g_assert_cmpfloat (done_01, >, last[1]);
  g_assert_cmpfloat (done_01, <=, 1);
  last[1] = done_01;
  return --last[0] > 0;
}

static void
test_cancel (void)
{
  g_autoptr (RvTensor) picture = drawn (200, 300);
  double last[2] = { 1000, 0 };
  g_autoptr (RvTensor) flow = rv_flow_estimate (picture, picture, NULL, NULL, count_down, last, NULL);
  g_assert_nonnull (flow);
  g_assert_true (last[1] == 1);
  int n_calls = 1000 - (int) last[0];
  for (int n = 1; n <= n_calls; n++) {
    g_autoptr (GError) error = NULL;
    last[0] = n, last[1] = 0;
    g_assert_null (rv_flow_estimate (picture, picture, NULL, NULL, count_down, last, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  }
}

static void
test_memory (void)
{
  g_autoptr (RvTensor) picture = drawn (50, 70), flow = NULL;
  for (int n = 1; !flow; n++) {
    g_autoptr (GError) error = NULL;
    rv__alloc_fail_at (n);
    flow = rv_flow_estimate (picture, picture, NULL, NULL, NULL, NULL, &error);
    rv__alloc_fail_at (0);
    if (!flow)
      g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
    g_assert_cmpint (n, <, 200);
  }
}

/* ---- warping ----------------------------------------------------------------------------------------------------- */

static void
test_warp_by_hand (void)
{
  g_autoptr (RvTensor) picture = planes (2, 1, 4), flow = planes (2, 1, 4);
  memcpy (picture->data, (float[]){ 1, 5, 7, 20, 0, 10, 20, 30 }, 8 * sizeof (float));
  memcpy (flow->data, (float[]){ 1.5f, 0, 0, -9, 0, 0, 0, 9 }, 8 * sizeof (float));
  g_autoptr (RvTensor) warped = rv_flow_warp (picture, flow, NULL);
  const float *out = warped->data;
  /* cubic interpolation at column 1.5: (-1, 9, 9, -1) / 16 of 1, 5, 7, 20 */
  assert_less (fabs ((double) out[0] - (-1 + 45 + 63 - 20) / 16.0), 1e-5);
  g_assert_cmpfloat (out[1], ==, 5);
  g_assert_cmpfloat (out[2], ==, 7);
  g_assert_cmpfloat (out[3], ==, 1); /* far outside: border value */
  assert_less (fabs ((double) out[4] - 15), 1e-5);
}

static void
test_warp (void)
{
  g_autoptr (FlowScene) scene = flow_scene_new (90, 120, &(FlowMotion){ 1.02, 1, 4, -3 });
  g_autoptr (RvTensor) warped = rv_flow_warp (scene->to, scene->flow, NULL);
  double sum = 0;
  gint64 n = 0;
  for (gint64 p = 0; p < 90 * 120; p++)
    if (((float *) scene->seen->data)[p] > 0) {
      sum += fabs ((double) ((float *) warped->data)[p] - ((float *) scene->from->data)[p]);
      n++;
    }
  assert_less (sum / (double) n, 0.25);
  g_autoptr (RvTensor) still = planes (2, 90, 120), same = rv_flow_warp (scene->to, still, NULL);
  g_assert_cmpmem (same->data, rv_tensor_bytes (same), scene->to->data, rv_tensor_bytes (scene->to));

  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensor) smaller = planes (2, 90, 119);
  g_assert_null (rv_flow_warp (scene->to, smaller, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  for (gint64 i = 0; i < rv_tensor_count (still); i++) /* vectors of any length read inside the picture */
    ((float *) still->data)[i] = i % 4 == 0 ? NAN : i % 4 == 1 ? 1e30f : i % 4 == 2 ? -INFINITY : INFINITY;
  g_autoptr (RvTensor) wild = rv_flow_warp (scene->to, still, NULL);
  g_assert_nonnull (wild);
}

/* A forked process lacks the threads of OpenMP: calls fail there, and do not wait for them. */
static void
test_forked (void)
{
  int status;
  g_autoptr (RvTensor) flow = planes (2, 90, 120), warped = rv_flow_warp (flow, flow, NULL);
  pid_t child = fork ();
  if (child == 0) {
    GError *errors[3] = { NULL };
    alarm (20);
    gboolean any = rv_flow_warp (flow, flow, &errors[0]) || rv_flow_confidence (flow, flow, 0, &errors[1]) ||
                   rv_flow_draw (flow, 0, &errors[2]);
    for (int i = 0; i < 3; i++)
      any |= !g_error_matches (errors[i], RV_ERROR, RV_ERROR_BACKEND);
    _exit (any);
  }
  g_assert_true (warped && waitpid (child, &status, 0) == child);
  g_assert_cmpint (status, ==, 0);
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

static void
test_reliable (void)
{
  for (int larger = 0; larger < 2; larger++) {
    g_autoptr (FlowScene) scene = flow_scene_new (720, 1280, &flow_motions[larger]);
    g_autoptr (RvTensor) flow = estimate (scene->from, scene->to, "medium");
    g_autoptr (RvTensor) back = estimate (scene->to, scene->from, "medium");
    g_autoptr (RvTensor) mask = rv_flow_confidence (flow, back, 0, NULL);
    const float *m = mask->data, *seen = scene->seen->data;
    double hidden = 0, found = 0, visible = 0, rejected = 0;
    for (gint64 p = 0; p < rv_tensor_count (mask); p++)
      if (seen[p] > 0)
        visible++, rejected += m[p] == 0;
      else
        hidden++, found += m[p] == 0;
    g_test_message ("found %.2f %%, rejected %.2f %%", 100 * found / hidden, 100 * rejected / visible);
    assert_less (0.95, found / hidden);
    assert_less (rejected / visible, 0.03);
  }
}

static void
test_reliable_by_hand (void)
{
  g_autoptr (RvTensor) flow = planes (2, 5, 8), back = planes (2, 5, 8);
  float *u = flow->data, *back_u = back->data;
  for (int p = 0; p < 40; p++)
    u[p] = 2, back_u[p] = -2;
  back_u[2 * 8 + 4] = 9; /* target of pixel (2, 2) */
  g_autoptr (RvTensor) mask = rv_flow_confidence (flow, back, 0, NULL);
  for (int p = 0; p < 40; p++)
    g_assert_cmpfloat (((float *) mask->data)[p], ==, p % 8 < 6 && p != 2 * 8 + 2); /* columns 6 and 7 move outside */

  u[2 * 8 + 3] = 2.5f; /* the neighbours have gradients of 0.25, and 0.0625 exceeds 0.01 * 4 + 0.002 */
  back_u[2 * 8 + 4] = -2;
  g_autoptr (RvTensor) edge = rv_flow_confidence (flow, back, 0, NULL);
  g_assert_cmpfloat (((float *) edge->data)[2 * 8 + 2], ==, 0);
  g_assert_cmpfloat (((float *) edge->data)[1 * 8 + 3], ==, 0);
  g_assert_cmpfloat (((float *) edge->data)[2 * 8 + 3], ==, 1);
}

/* A soft mask stays 0 at unreliable pixels and rises from there. */
static void
test_soft (void)
{
  g_autoptr (RvTensor) flow = planes (2, 41, 60), back = planes (2, 41, 60);
  ((float *) flow->data)[20 * 60 + 30] = NAN;
  g_autoptr (RvTensor) hard = rv_flow_confidence (flow, back, 0, NULL), soft = rv_flow_confidence (flow, back, 4, NULL);
  const float *h = hard->data, *s = soft->data;
  for (int p = 0; p < 41 * 60; p++)
    g_assert_true (s[p] >= 0 && s[p] <= 1 && (h[p] > 0 || s[p] == 0));
  const float *row = s + 20 * 60 + 30;
  g_assert_cmpfloat (row[0], ==, 0);
  for (int i = 2; i <= 10; i++) /* the NaN leaves its neighbours without a gradient: they are unreliable, too */
    g_assert_cmpfloat (row[i], >, row[i - 1]);
  g_assert_cmpfloat (row[10], ==, 1);

  g_autoptr (GError) error = NULL;
  g_assert_null (rv_flow_confidence (flow, back, -1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

/* ---- cuts -------------------------------------------------------------------------------------------------------- */

static gboolean
is_cut (const RvTensor *last, const RvTensor *frame, const RvTensor *mask)
{
  gboolean cut = FALSE;
  g_autoptr (GError) error = NULL;
  g_assert_true (rv__flow_detect_cut (last, frame, mask, &cut, &error));
  return cut;
}

static void
test_cuts (void)
{
  g_autoptr (RvImage) a = formula_picture ("content", 64, 96), b = rv_image_new (96, 64, NULL);
  g_autoptr (RvTensor) mask = planes (1, 64, 96), lighter = rv_tensor_to_f32 (a->rgb, NULL);
  for (gint64 i = 0; i < rv_tensor_count (lighter); i++)
    ((float *) lighter->data)[i] += 6;
  for (gint64 p = 0; p < 64 * 96; p++)
    ((float *) mask->data)[p] = 1;
  g_assert_false (is_cut (a->rgb, a->rgb, NULL));
  g_assert_false (is_cut (a->rgb, a->rgb, mask));
  g_assert_false (is_cut (a->rgb, lighter, NULL));
  g_assert_true (is_cut (a->rgb, b->rgb, NULL));
  memset (mask->data, 0, 59 * 64 * 96 / 100 * sizeof (float));
  g_assert_false (is_cut (a->rgb, a->rgb, mask));
  memset (mask->data, 0, 61 * 64 * 96 / 100 * sizeof (float));
  g_assert_true (is_cut (a->rgb, a->rgb, mask));
  ((float *) b->rgb->data)[0] = NAN;
  g_assert_true (is_cut (a->rgb, b->rgb, NULL));

  g_autoptr (GError) error = NULL;
  gboolean cut;
  g_assert_false (rv__flow_detect_cut (a->rgb, mask, NULL, &cut, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

/* ---- colours ----------------------------------------------------------------------------------------------------- */

static void
test_wheel (void)
{
  /* Zero, right, half as far right, twice as far, left, unknown. */
  static const float u[] = { 0, 1, 0.5f, 2, -1, NAN };
  static const double wanted[][3] = { { 255, 255, 255 },          { 255, 0, 0 },
                                      { 255, 127.5, 127.5 },      { 255 * 0.75, 0, 0 },
                                      { 0, 255 * 9.0 / 11, 255 }, { 0, 0, 0 } };
  g_autoptr (RvTensor) flow = planes (2, 1, 6);
  memcpy (flow->data, u, sizeof u);
  g_autoptr (RvImage) drawing = rv_flow_draw (flow, 1, NULL), widest = rv_flow_draw (flow, 0, NULL);
  for (int p = 0; p < 6; p++)
    for (int c = 0; c < 3; c++)
      assert_less (fabs ((double) ((float *) drawing->rgb->data)[c * 6 + p] - wanted[p][c]), 1e-3);
  g_assert_cmpfloat (((float *) widest->rgb->data)[3], ==, 255); /* the longest vector has full colour */
  g_assert_cmpfloat (((float *) widest->rgb->data)[9], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/grey", test_grey);
  g_test_add_func ("/flow/identity", test_identity);
  g_test_add_func ("/flow/motions", test_motions);
  g_test_add_func ("/flow/scene", test_scene);
  g_test_add_func ("/flow/light", test_light);
  g_test_add_func ("/flow/before", test_before);
  g_test_add_func ("/flow/threads", test_threads);
  g_test_add_func ("/flow/sizes", test_sizes);
  g_test_add_func ("/flow/no-texture", test_no_texture);
  g_test_add_func ("/flow/refused", test_refused);
  g_test_add_func ("/flow/cancel", test_cancel);
  g_test_add_func ("/flow/memory", test_memory);
  g_test_add_func ("/flow/warp-by-hand", test_warp_by_hand);
  g_test_add_func ("/flow/warp", test_warp);
  g_test_add_func ("/flow/forked", test_forked);
  g_test_add_func ("/flow/reliable", test_reliable);
  g_test_add_func ("/flow/reliable-by-hand", test_reliable_by_hand);
  g_test_add_func ("/flow/soft", test_soft);
  g_test_add_func ("/flow/cuts", test_cuts);
  g_test_add_func ("/flow/wheel", test_wheel);
  return g_test_run ();
}
