/* test-mask-kinds.c -- masks of people, subjects and regions: the network for people against LiteRT
 * (tests/golden/people-tflite.py), the guided filter, pictures of all shapes, masks in a video. */
#include "job/video/video-mask.h"
#include "io/image/frame.h"
#include "method/masks/masks.h"
#include "method/video/mask-tracker.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

#define SIDE RV_PEOPLE_SIDE_PX

static void
test_golden (void)
{
  GError *error = NULL;
  g_auto (GStrv) lines = formula_golden ("people-tflite.txt");
  g_autoptr (RvImage) content = formula_picture ("content", SIDE, SIDE);
  g_autofree float *logits = g_new (float, SIDE *SIDE);
  g_autofree double *values = g_new (double, SIDE *SIDE);
  float *rgb = content->rgb->data;
  for (int i = 0; i < 3 * SIDE * SIDE; i++) {
    int x = i % SIDE - SIDE / 2, y = i / SIDE % SIDE - SIDE / 2;
    rgb[i] = x * x + y * y < 80 * 80 ? floorf (rgb[i] / 2) : 128;
  }
  g_assert_true (rv__people_logits (content, 2, logits, &error));
  g_assert_no_error (error);
  for (int i = 0; i < SIDE * SIDE; i++)
    values[i] = 1 / (1 + exp ((double) -logits[i]));
  formula_compare (lines[0], values, SIDE * SIDE, 1e-3, 1e-3);
}

/* Certainty is the fraction of possible positions that are certain. It is 0 if fewer than 1 % of all positions are
 * certain. */
static void
test_certainty (void)
{
  g_autofree float *logits = g_new (float, SIDE *SIDE);
  for (int i = 0; i < SIDE * SIDE; i++)
    logits[i] = i < 3000 ? 5 : i < 4000 ? 0 : -5;
  assert_less (fabs (rv__people_certainty (logits) - 0.75), 1e-9);
  for (int i = 600; i < 3000; i++)
    logits[i] = 0;
  g_assert_true (rv__people_certainty (logits) == 0);
}

/* A linear function of the guide's red stays that function, also at another size of the picture. A step of the numbers
 * beside a step of the guide moves to the step of the guide. Far from both steps, numbers stay. */
static void
test_guided (void)
{
  enum { WIDTH = 40, HEIGHT = 30, N = WIDTH * HEIGHT };
  GError *error = NULL;
  g_autoptr (RvImage) guide = formula_picture ("content", HEIGHT, WIDTH), larger = NULL;
  float p[N], filtered[N], *rgb = guide->rgb->data;
  g_autofree float *large = g_new (float, 4 * N);
  for (int i = 0; i < N; i++)
    p[i] = 0.5f + 2 * rgb[i] / 255;
  g_autoptr (RvGuided) red = rv__guided_fit (guide, p, 5, 1e-9);
  larger = rv_image_resize (guide, 2 * WIDTH, 2 * HEIGHT, RV_IMAGE_RESIZE_BEST, &error);
  rv__guided_apply (red, larger, large);
  for (int i = 0; i < 4 * N; i++)
    assert_less (fabs ((double) large[i] - 0.5 - 2 * (double) ((float *) larger->rgb->data)[i] / 255), 2e-3);
  for (int i = 0; i < N; i++) {
    rgb[i] = rgb[N + i] = rgb[2 * N + i] = i % WIDTH < WIDTH / 2 ? 30 : 220;
    p[i] = i % WIDTH < WIDTH / 2 - 1 ? -1 : 1; /* the step is one position left of the guide's step */
  }
  g_autoptr (RvGuided) step = rv__guided_fit (guide, p, 4, 1e-4);
  rv__guided_apply (step, guide, filtered);
  int row = HEIGHT / 2 * WIDTH;
  assert_less (filtered[row + WIDTH / 2 - 1], -0.2f);
  assert_less (0.95f, filtered[row + WIDTH / 2]);
  assert_less (fabs ((double) filtered[row + 3] + 1), 1e-3);
}

/* Means over cells of 2 x 2 and 1 x 2 numbers. */
static void
test_cell_means (void)
{
  static const float x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  static const double expected[] = { 3.5, 5.5, 9.5, 11.5 };
  float means[G_N_ELEMENTS (expected)];
  rv__mask_cell_means (x, 3, 4, 2, 2, means);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    assert_less (fabs ((double) means[i] - expected[i]), 1e-5);
}

/* (transfer full): a striped disc on a plain ground, @width x @height px. */
static RvImage *
draw_disc (int width, int height)
{
  RvImage *image = rv_image_new (width, height, NULL);
  float *rgb = image->rgb->data;
  int n = width * height;
  for (int i = 0; i < n; i++) {
    int x = i % width, y = i / width;
    gboolean inside = hypot (x - width / 2.0, y - height / 2.0) < 0.28 * MIN (width, height);
    rgb[i] = inside ? (x / 6 + y / 6) % 2 ? 230 : 150 : 90;
    rgb[n + i] = inside ? (x / 6 + y / 6) % 2 ? 180 : 30 : 140;
    rgb[2 * n + i] = inside ? 40 : 190;
  }
  return image;
}

/* The subject mask of a disc covers the disc: intersection over union. The background mask is its inverse. */
static void
test_subject (void)
{
  GError *error = NULL;
  g_autofree char *found = NULL, *found_background = NULL;
  g_autoptr (RvImage) disc = draw_disc (300, 240);
  g_autoptr (RvImage) mask = rv_mask_new (disc, "subject", 2, &found, &error);
  g_autoptr (RvImage) rest = rv_mask_new (disc, "background", 1, &found_background, &error);
  g_assert_no_error (error);
  g_assert_nonnull (found);
  g_assert_nonnull (found_background);
  const float *grey = mask->rgb->data, *other = rest->rgb->data;
  int both = 0, any = 0;
  for (int i = 0; i < 300 * 240; i++) {
    gboolean inside = hypot (i % 300 - 150.0, i / 300 - 120.0)<0.28 * 240, white = grey[i]> 127;
    both += inside && white;
    any += inside || white;
    g_assert_true (other[i] == 255 - grey[i]);
  }
  assert_less (0.97, (double) both / any);
}

/* The mask of the sky covers a smooth upper part, between towers, too. */
static void
test_sky (void)
{
  enum { SIDE_PX = 240, N_ALL = SIDE_PX * SIDE_PX };
  GError *error = NULL;
  g_autofree char *found = NULL;
  g_autoptr (RvImage) view = rv_image_new (SIDE_PX, SIDE_PX, NULL);
  float *rgb = view->rgb->data;
  gboolean is_sky[N_ALL];
  for (int i = 0; i < N_ALL; i++) {
    int x = i % SIDE_PX, y = i / SIDE_PX;
    is_sky[i] = y < (x / 40 % 3 == 1 ? 50 : 110);
    rgb[i] = is_sky[i] ? 120 + y / 4.0f : (x / 6 + y / 6) % 2 ? 190 : 70;
    rgb[N_ALL + i] = is_sky[i] ? 170 + y / 5.0f : (x / 6 + y / 6) % 2 ? 120 : 60;
    rgb[2 * N_ALL + i] = is_sky[i] ? 230 : 50;
  }
  g_autoptr (RvImage) mask = rv_mask_new (view, "sky", 2, &found, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, "a sky");
  int both = 0, any = 0;
  for (int i = 0; i < N_ALL; i++) {
    gboolean white = ((float *) mask->rgb->data)[i] > 127;
    both += is_sky[i] && white;
    any += is_sky[i] || white;
  }
  g_test_message ("intersection over union: %.3f", (double) both / any);
  assert_less (0.9, (double) both / any);
}

/* In a grey picture every mask is black, and nothing is found. An unknown kind is an error. */
static void
test_none (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) grey = rv_image_new (200, 100, &error);
  for (int i = 0; i < 3 * 200 * 100; i++)
    ((float *) grey->rgb->data)[i] = 100;
  for (const char *const *kind = rv_mask_kinds (); *kind; kind++) {
    char *found = NULL;
    g_autoptr (RvImage) mask = rv_mask_new (grey, *kind, 2, &found, &error);
    g_assert_no_error (error);
    g_assert_null (found);
    for (int i = 0; i < 3 * 200 * 100; i++)
      g_assert_true (((float *) mask->rgb->data)[i] == 0);
  }
  g_assert_null (rv_mask_new (grey, "noses", 2, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
}

static void
test_shapes (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 1, 2000 }, { 1000, 2 }, { 33, 15 } };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (const char *const *kind = rv_mask_kinds (); *kind; kind++) {
      GError *error = NULL;
      g_autoptr (RvImage) image = formula_picture ("content", sizes[i][0], sizes[i][1]);
      g_autoptr (RvImage) mask = rv_mask_new (image, *kind, 2, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (mask->width, ==, image->width);
      g_assert_cmpint (mask->height, ==, image->height);
      for (gint64 k = 0; k < rv_tensor_count (mask->rgb); k++)
        g_assert_true (((float *) mask->rgb->data)[k] >= 0 && ((float *) mask->rgb->data)[k] <= 255);
    }
}

/* (transfer full): @sky_rows rows of @sky with little texture, and a checkerboard of @ground and dark grey below. SIDE
 * x SIDE px. */
static RvImage *
draw_halves (int sky_rows, const float sky[3], const float ground[3])
{
  RvImage *image = rv_image_new (SIDE, SIDE, NULL);
  for (int i = 0; i < 3 * SIDE * SIDE; i++) {
    int x = i % SIDE, y = i / SIDE % SIDE, c = i / (SIDE * SIDE);
    ((float *) image->rgb->data)[i] = y < sky_rows ? sky[c] + x % 3 : (x / 5 + y / 7) % 2 ? ground[c] : 20;
  }
  return image;
}

/* Intersection over union of @mask and the upper @rows rows. */
static double
overlap (const RvCompactImage *mask, int rows)
{
  float white[SIDE * SIDE];
  int both = 0, any = 0;
  rv__compact_image_read (mask, white);
  for (int i = 0; i < SIDE * SIDE; i++) {
    both += white[i] > 127 && i / SIDE < rows;
    any += white[i] > 127 || i / SIDE < rows;
  }
  return (double) both / any;
}

/* Sky and ground are found in two pictures with different colours and sizes, and have the same indices in both. The
 * masks of a picture add up to white, and have the same bytes for any number of threads. With a flat picture there is
 * one region. */
static void
test_regions (void)
{
  GError *error = NULL;
  float first[SIDE * SIDE], second[SIDE * SIDE];
  g_autoptr (RvImage) photo = draw_halves (100, (float[]){ 120, 170, 230 }, (float[]){ 60, 140, 50 });
  g_autoptr (RvImage) painting = draw_halves (150, (float[]){ 240, 190, 90 }, (float[]){ 150, 60, 40 });
  g_autoptr (RvImage) flat = draw_halves (SIDE, (float[]){ 100, 100, 100 }, (float[]){ 0, 0, 0 });
  g_autoptr (RvRegions) regions = rv__regions_find (photo, painting, "2", NULL, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (regions->n, ==, 2);
  int sky = overlap (regions->photo[0], 100) > overlap (regions->photo[1], 100) ? 0 : 1;
  assert_less (0.85, overlap (regions->photo[sky], 100));
  assert_less (0.85, overlap (regions->painting[sky], 150));
  rv__compact_image_read (regions->photo[0], first);
  rv__compact_image_read (regions->photo[1], second);
  for (int i = 0; i < SIDE * SIDE; i++)
    assert_less (fabs ((double) first[i] + (double) second[i] - 255), 1.5);
  g_autoptr (RvRegions) again = rv__regions_find (photo, painting, "2", NULL, 3, &error);
  g_assert_cmpmem (regions->painting[0]->data, rv__compact_image_bytes (regions->painting[0]), again->painting[0]->data,
                   rv__compact_image_bytes (again->painting[0]));
  g_autoptr (RvImage) upright = rv__image_crop (photo, 0, 0, SIDE / 2, SIDE, &error);
  g_autoptr (RvImage) narrow = rv_mask_regions_sheet (upright, painting, "2", 1, &error),
                      square = rv_mask_regions_sheet (photo, painting, "2", 1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (narrow->width, ==, square->width); /* texts do not overlap */
  g_assert_null (rv_mask_regions_sheet (photo, painting, "7", 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_autoptr (RvRegions) whole = rv__regions_find (photo, flat, "auto", NULL, 2, &error);
  g_assert_cmpint (whole->n, ==, 1);
  g_assert_false (whole->is_flat); /* later frames of a video have no regions either: not searched again */
}

/* Next frame of the regions' @tracker; asserts that its first two masks add up to white. Returns the mask of the sky,
 * of which most is in the first frame's sky, above row @rows. */
static RvImage *
next_sky (RvMaskTracker *tracker, RvImage *frame, int rows)
{
  GError *error = NULL;
  g_autoptr (RvImage) first = rv__mask_tracker_next (tracker, frame, &error);
  g_assert_no_error (error);
  RvImage *const *masks = rv__mask_tracker_masks (tracker);
  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    assert_less (fabs ((double) (((float *) masks[0]->rgb->data)[i] + ((float *) masks[1]->rgb->data)[i] - 255)), 2);
  for (int k = 0; k < 2; k++) {
    g_autoptr (RvCompactImage) mask = rv__compact_image_new_mask (masks[k], &error);
    if (overlap (mask, rows) > 0.85)
      return rv_image_ref (masks[k]);
  }
  g_assert_not_reached ();
}

/* In a video, regions follow the picture with the regions and numbers of the first frame that has several colours. A
 * mask changes slowly where the frame does not change. Other colours begin a shot, with new regions, unless pairs name
 * those of the first frame. */
static void
test_region_tracker (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) painting = draw_halves (150, (float[]){ 240, 190, 90 }, (float[]){ 150, 60, 40 }),
                      flat = draw_halves (SIDE, (float[]){ 100, 100, 100 }, (float[]){ 0, 0, 0 }),
                      high = draw_halves (100, (float[]){ 120, 170, 230 }, (float[]){ 60, 140, 50 }),
                      low = draw_halves (140, (float[]){ 120, 170, 230 }, (float[]){ 60, 140, 50 }),
                      other = draw_halves (100, (float[]){ 250, 220, 120 }, (float[]){ 170, 30, 60 });
  for (int has_match = 0; has_match < 2; has_match++) {
    RvMaskTracker *tracker = rv__mask_tracker_new_regions (painting, "2", has_match ? "1:2" : NULL, 2);
    g_autoptr (RvImage) none = rv__mask_tracker_next (tracker, flat, &error);
    g_assert_null (rv__mask_tracker_regions (tracker));
    g_assert_false (rv__mask_tracker_has_found (tracker));
    g_autoptr (RvImage) first = next_sky (tracker, high, 100);
    RvRegions *regions = rv__mask_tracker_regions (tracker);
    g_assert_true (regions && rv__mask_tracker_has_found (tracker));
    g_assert_cmpint (regions->match[0], ==, has_match);
    int sky = rv__mask_tracker_masks (tracker)[0] == first ? 0 : 1;
    float found[SIDE * SIDE];
    rv__compact_image_read (regions->photo[sky], found);
    g_assert_cmpmem (found, sizeof found, first->rgb->data, sizeof found);

    g_autoptr (RvImage) second = next_sky (tracker, low, 140);
    g_assert_true (rv__mask_tracker_regions (tracker) == regions);
    g_assert_true (rv__mask_tracker_masks (tracker)[sky] == second);
    int still = 90 * SIDE + SIDE / 2; /* in the sky of both, near the edge of one */
    float step = ((float *) second->rgb->data)[still] - ((float *) first->rgb->data)[still];
    g_autoptr (GPtrArray) alone = rv__regions_follow (regions, low, 2, &error);
    g_assert_no_error (error);
    float whole = ((float *) ((RvImage *) alone->pdata[sky])->rgb->data)[still] - ((float *) first->rgb->data)[still];
    assert_less (fabs ((double) (step - 0.2f * whole)), 1e-3);

    g_autoptr (RvImage) shot = next_sky (tracker, other, 100);
    g_assert_true ((rv__mask_tracker_regions (tracker) == regions) == has_match);
    rv__mask_tracker_free (tracker);
  }
  RvMaskTracker *tracker = rv__mask_tracker_new_regions (painting, "2", "1:3", 2);
  g_assert_null (rv__mask_tracker_next (tracker, high, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_cmpuint (rv__mask_tracker_bytes (tracker, 80), ==, (3 + 6 * 2) * 80 * sizeof (float));
  rv__mask_tracker_free (tracker);
}

/* Masks have the same bytes for any number of threads. A cancelled call is RV_ERROR_CANCELLED. */
static void
test_same (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) disc = draw_disc (200, 160);
  g_autoptr (RvImage) one = rv_mask_new (disc, "subject", 1, NULL, &error),
                      three = rv_mask_new (disc, "subject", 3, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (one->rgb->data, rv_tensor_bytes (one->rgb), three->rgb->data, rv_tensor_bytes (three->rgb));
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  g_cancellable_push_current (cancelled);
  g_assert_null (rv_mask_new (disc, "subject", 2, NULL, &error));
  g_cancellable_pop_current (cancelled);
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
}

static double
mean_of (const RvImage *mask)
{
  gint64 n = rv_tensor_count (mask->rgb);
  double sum = 0;
  for (gint64 i = 0; i < n; i++)
    sum += (double) ((const float *) mask->rgb->data)[i];
  return sum / (double) n;
}

/* The plan of a video has the memory of masks that are found in its frames. */
static void
test_video_masks_bytes (void)
{
  RvVideoMasks masks = { 0 };
  RvImage *images[2] = { NULL };
  const RvVideoInfo info = { .width = 10, .height = 8 };
  RvMaskTracker *tracker = rv__mask_tracker_new ("faces", 1);
  g_assert_cmpuint (rv__video_masks_bytes (&masks, 80), ==, 0);
  g_assert_true (rv__video_mask_add_tracker (&masks, tracker, &info, images, 2, NULL));
  g_assert_cmpuint (rv__video_masks_bytes (&masks, 80), ==, 9 * 80 * sizeof (float));
  rv__video_masks_clear (&masks);
  rv__mask_tracker_free (tracker);
  rv_image_unref (images[0]);
  rv_image_unref (images[1]);
}

/* A subject disappears from a video: its mask stays for HELD frames, then fades where the video does not change. After
 * a cut the mask starts anew. */
static void
test_mask_tracker (void)
{
  enum { WIDTH = 320, HEIGHT = 160, N = WIDTH * HEIGHT, HELD = 24 };
  GError *error = NULL;
  RvMaskTracker *tracker = rv__mask_tracker_new ("subject", 2);
  g_autoptr (RvImage) disc = draw_disc (WIDTH, HEIGHT), ground = rv_image_new (WIDTH, HEIGHT, &error);
  for (int i = 0; i < 3 * N; i++)
    ((float *) ground->rgb->data)[i] = ((float *) disc->rgb->data)[i / N * N];
  g_autoptr (RvImage) alone = rv_mask_new (disc, "subject", 2, NULL, &error);
  g_autoptr (RvImage) nothing = rv__mask_tracker_next (tracker, ground, &error);
  g_assert_no_error (error);
  g_assert_true (mean_of (nothing) == 0);
  g_assert_false (rv__mask_tracker_has_found (tracker));
  g_autoptr (RvImage) first = rv__mask_tracker_next (tracker, disc, &error);
  g_assert_true (rv__mask_tracker_has_found (tracker));
  assert_less (0.5 * mean_of (alone), mean_of (first));

  g_autoptr (RvImage) held = NULL;
  for (int i = 0; i < HELD; i++) {
    g_clear_pointer (&held, rv_image_unref);
    held = rv__mask_tracker_next (tracker, ground, &error);
    g_assert_no_error (error);
    assert_less (0.5 * mean_of (first), mean_of (held));
  }
  g_autoptr (RvImage) fading = rv__mask_tracker_next (tracker, ground, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3 * N; i++)
    assert_less (fabs ((double) (((float *) fading->rgb->data)[i] - 0.8f * ((float *) held->rgb->data)[i])), 1e-3);

  g_autoptr (RvImage) dark = rv_image_new (WIDTH, HEIGHT, &error); /* a cut: no mask is kept */
  for (int i = 0; i < 3 * N; i++)
    ((float *) dark->rgb->data)[i] = i % N < N / 4 ? ((float *) ground->rgb->data)[i] : 0;
  g_autoptr (RvImage) again = rv__mask_tracker_next (tracker, disc, &error);
  g_autoptr (RvImage) cut = rv__mask_tracker_next (tracker, dark, &error);
  g_autoptr (RvImage) dark_alone = rv_mask_new (dark, "subject", 2, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (cut->rgb->data, rv_tensor_bytes (cut->rgb), dark_alone->rgb->data,
                   rv_tensor_bytes (dark_alone->rgb));
  rv__mask_tracker_free (tracker);
}

/* (transfer full): a sky of 100 rows above a ground of grains, both moved down by @shift px; above them more ground. */
static RvImage *
draw_moved (int shift)
{
  RvImage *image = rv_image_new (SIDE, SIDE, NULL);
  for (int i = 0; i < 3 * SIDE * SIDE; i++) {
    int x = i % SIDE, y = i / SIDE % SIDE - shift, c = i / (SIDE * SIDE);
    guint32 grain = (guint32) (x / 4 * 7919 + (y + SIDE) / 4 * 104729) * 2654435761u >> 24;
    ((float *) image->rgb->data)[i] = y >= 0 && y < 100 ? 120.0f + 50 * (float) c + (float) (x % 3) : (float) grain / 2;
  }
  return image;
}

/* If nothing is found, the previous mask moves with the picture. */
static void
test_moved_mask (void)
{
  GError *error = NULL;
  RvMaskTracker *tracker = rv__mask_tracker_new ("sky", 2);
  g_autoptr (RvImage) mask = NULL;
  for (int shift = 0; shift <= 16; shift += 16) {
    g_autoptr (RvImage) frame = draw_moved (shift);
    g_autofree char *found = NULL;
    g_autoptr (RvImage) alone = rv_mask_new (frame, "sky", 2, &found, &error);
    g_assert_no_error (error);
    g_assert_true ((found != NULL) == (shift == 0)); /* the sky is not at the top */
    g_clear_pointer (&mask, rv_image_unref);
    mask = rv__mask_tracker_next (tracker, frame, &error);
    g_assert_no_error (error);
  }
  /* a fifth of white: the smooth sky does not change here */
  assert_less (40, (double) ((float *) mask->rgb->data)[108 * SIDE + SIDE / 2]);
  rv__mask_tracker_free (tracker);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mask-kinds/video-masks-bytes", test_video_masks_bytes);
  g_test_add_func ("/mask-kinds/golden", test_golden);
  g_test_add_func ("/mask-kinds/certainty", test_certainty);
  g_test_add_func ("/mask-kinds/guided", test_guided);
  g_test_add_func ("/mask-kinds/cell-means", test_cell_means);
  g_test_add_func ("/mask-kinds/subject", test_subject);
  g_test_add_func ("/mask-kinds/sky", test_sky);
  g_test_add_func ("/mask-kinds/none", test_none);
  g_test_add_func ("/mask-kinds/shapes", test_shapes);
  g_test_add_func ("/mask-kinds/regions", test_regions);
  g_test_add_func ("/mask-kinds/region-tracker", test_region_tracker);
  g_test_add_func ("/mask-kinds/same", test_same);
  g_test_add_func ("/mask-kinds/mask-tracker", test_mask_tracker);
  g_test_add_func ("/mask-kinds/moved-mask", test_moved_mask);
  return g_test_run ();
}
