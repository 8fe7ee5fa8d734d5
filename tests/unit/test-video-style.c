/* test-video-style.c -- painted videos and dream videos: static regions stay, moving ones are propagated, shots
 * restart, and all frames before an error exist. No files are used. */
#include "base/option.h"
#include "method/video/video-baseline.h"
#include "method/video/video-dream.h"
#include "method/video/video-motion.h"
#include "method/video/video-style.h"
#include "method/video/video-disocclusion.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

#define WIDTH 72
#define HEIGHT 48
#define MANY 100

typedef struct {
  RvImage *(*draw) (int n); /* frame 0, 1, ... */
  int n_frames, n_drawn, fails_at;
  int loop_tail; /* 0: no loop */
  const RvKeyframes *keys;
  int n_pairs;           /* baseline pairs */
  const char *memory;    /* for rv__long_term_parse(); NULL: only the previous frame */
  GPtrArray *painted;    /* RvImage */
  GArray *told;          /* RvFrameReport */
  int stop_at;           /* stops after so many frames; 0: never */
  int asked, stop_asked; /* polls of the stop request so far; polls before a stop, 0: never stops */
  int keep_at;           /* saves the state after so many frames; 0: never */
  RvTensorMap *state;    /* saved, or to resume from */
} Video;

static RvImage *
next (gpointer data, GError **error)
{
  Video *video = data;
  if (video->fails_at > 0 && video->n_drawn == video->fails_at) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "the video is damaged here");
    return NULL;
  }
  return video->n_drawn < video->n_frames ? video->draw (video->n_drawn++) : NULL;
}

static gboolean
add (gpointer data, const RvImage *frame, GError **error)
{
  g_ptr_array_add (((Video *) data)->painted, rv_image_ref ((RvImage *) frame));
  return TRUE;
}

/* (transfer full): a copy of the state @old with tensors of its own. */
static RvTensorMap *
copy_of (const RvTensorMap *old)
{
  g_autoptr (GPtrArray) keys = rv_tensor_map_text_keys (old);
  RvTensorMap *copy = rv_tensor_map_new ();
  for (guint i = 0; i < rv_tensor_map_size (old); i++) {
    const char *name = rv_tensor_map_name (old, i);
    const RvTensor *from = rv_tensor_map_get (old, name);
    g_autoptr (RvTensor) to = rv_tensor_new (from->type, &from->shape, NULL);
    memcpy (to->data, from->data, rv_tensor_bytes (from));
    rv_tensor_map_set (copy, name, to);
  }
  for (guint i = 0; i < keys->len; i++)
    rv_tensor_map_set_text (copy, keys->pdata[i], rv_tensor_map_get_text (old, keys->pdata[i]));
  return copy;
}

static gboolean
wanted (gpointer data)
{
  Video *video = data;
  return video->stop_asked > 0 && ++video->asked > video->stop_asked;
}

static gboolean
watch (const RvVideoProgress *p, gpointer data)
{
  Video *video = data;
  g_assert_true (p->done_01 >= 0 && p->done_01 <= 1);
  if (p->made)
    g_array_append_val (video->told, *p->made);
  if (p->made && p->made->frame == video->keep_at)
    video->state = rv__video_state (p->video); /* shares tensors with the video; later frames replace them */
  return video->stop_at == 0 || (int) video->told->len < video->stop_at;
}

static void
video_clear (Video *video)
{
  g_clear_pointer (&video->painted, g_ptr_array_unref);
  g_clear_pointer (&video->told, g_array_unref);
  g_clear_pointer (&video->state, rv_tensor_map_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Video, video_clear)

static RvImage *
picture_of (int shift, guint32 stream, double light)
{
  RvImage *image = rv_image_new (WIDTH, HEIGHT, NULL);
  float *rgb = image->rgb->data;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < HEIGHT; y++)
      for (int x = 0; x < WIDTH; x++) {
        double u = x + shift;
        rgb[(c * HEIGHT + y) * WIDTH + x] =
          (float) (light + 50 * sin (u * (0.11 + 0.07 * stream) + c) +
                   40 * cos (y * 0.21 * stream + 0.3 * sin (u * 0.4)) + 15 * sin (1.3 * u + 0.9 * y));
      }
  return image;
}

static RvSettings *
quick (const char *const *changes)
{
  static const char *const small[] = { "preset=gallery1", "iterations=3", "start-size=40",
                                       "exact=yes",       "threads=1",    NULL };
  const char *const *lists[] = { small, changes };
  RvSettings *settings = rv_settings_new ("style", NULL);
  for (int l = 0; l < 2; l++)
    for (int i = 0; lists[l] && lists[l][i]; i++) {
      g_auto (GStrv) pair = g_strsplit (lists[l][i], "=", 2);
      g_assert_true (rv_settings_set (settings, pair[0], pair[1], NULL));
    }
  return settings;
}

static gboolean
paint (Video *video, const char *const *changes, RvVideoResult *result, GError **error)
{
  g_autoptr (RvSettings) settings = quick (changes);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  g_autoptr (RvImage) painting = picture_of (0, 5, 120);
  RvImage *const styles[] = { painting };
  RvVideoStyleSpec spec = { .settings = settings,
                            .frame_iterations = 3,
                            .net = net,
                            .styles = styles,
                            .n_styles = 1,
                            .kernels = kernels,
                            .stop_request = { wanted, video } };
  gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1];
  g_assert_true (rv__long_term_parse (video->memory, reaches, NULL));
  RvVideoRunSpec frames = { video->n_frames,
                            video->loop_tail,
                            video->keep_at ? NULL : video->state,
                            next,
                            add,
                            video,
                            video->keys,
                            video->n_pairs,
                            reaches,
                            NULL };
  video->painted = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  video->told = g_array_new (FALSE, FALSE, sizeof (RvFrameReport));
  const RvFrameRenderer how = rv__video_style_renderer (&spec);
  gboolean ok = rv__video_run (&how, &frames, watch, video, result, error);
  how.free (how.maker);
  return ok;
}

static const RvFrameReport *
told (const Video *video, guint n)
{
  return &g_array_index (video->told, RvFrameReport, n);
}

static double
temporal (const RvFrameReport *painted)
{
  for (int i = 0; i < painted->n_losses; i++)
    if (strcmp (painted->names[i], "temporal") == 0)
      return painted->losses[i];
  return 0;
}

static double
mean (const RvImage *image)
{
  double sum = 0;
  for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
    sum += (double) ((const float *) image->rgb->data)[i];
  return sum / (3 * WIDTH * HEIGHT);
}

/* Mean absolute difference of two frames in a range of columns. */
static double
apart (const RvImage *a, const RvImage *b, int from, int to)
{
  double sum = 0;
  for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
    if (i % WIDTH >= from && i % WIDTH < to)
      sum += fabs ((double) ((const float *) a->rgb->data)[i] - (double) ((const float *) b->rgb->data)[i]);
  return sum / (3 * (to - from) * HEIGHT);
}

/* ---- static regions ---------------------------------------------------------------------------------------------- */

static RvImage *
draw_same (int n)
{
  return picture_of (0, 1, 120);
}

/* A static picture with noise. */
static RvImage *
draw_noisy (int n)
{
  RvImage *image = picture_of (0, 1, 120);
  for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
    ((float *) image->rgb->data)[i] += (float) (1.5 * test_number (40 + (guint32) n, (guint64) i));
  return image;
}

static void
test_same (gconstpointer data)
{
  g_auto (Video) video = { .draw = data == NULL ? draw_same : draw_noisy, .n_frames = MANY };
  RvVideoResult result;
  g_autoptr (GError) error = NULL;
  g_assert_true (paint (&video, NULL, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (result.n_frames, ==, MANY);
  g_assert_cmpint (result.n_shots, ==, 1);
  const RvImage *first = video.painted->pdata[0];
  for (guint n = 1; n < MANY; n++) {
    const RvImage *later = video.painted->pdata[n];
    g_assert_cmpmem (first->rgb->data, rv_tensor_bytes (first->rgb), later->rgb->data, rv_tensor_bytes (later->rgb));
    g_assert_cmpfloat (told (&video, n)->static_01, ==, 1);
    g_assert_cmpfloat (told (&video, n)->loss, ==, 0); /* nothing was computed */
  }
}

#define BLOCK 12

/* A bright block moves to the right over a static picture. */
static RvImage *
draw_block (int n)
{
  RvImage *image = picture_of (0, 1, 120);
  for (int c = 0; c < 3; c++)
    for (int y = 4; y < 4 + BLOCK; y++)
      for (int x = 2 + n; x < 2 + n + BLOCK; x++)
        ((float *) image->rgb->data)[(c * HEIGHT + y) * WIDTH + x] = (float) (200 + 30 * sin (0.9 * (x - n) + y + c));
  return image;
}

/* The background has the same bytes in all frames, far from the block. */
static void
test_background (void)
{
  g_auto (Video) video = { .draw = draw_block, .n_frames = 6 };
  RvVideoResult result;
  g_assert_true (paint (&video, NULL, &result, NULL));
  g_assert_cmpint (result.n_shots, ==, 1);
  for (guint n = 1; n < video.painted->len; n++) {
    g_assert_cmpfloat (apart (video.painted->pdata[0], video.painted->pdata[n], 44, WIDTH), ==, 0);
    assert_less (0.1, apart (video.painted->pdata[0], video.painted->pdata[n], 0, 30));
    assert_less (0.3, told (&video, n)->static_01);
    assert_less (told (&video, n)->static_01, 0.9);
  }
}

#define SKY_WIDTH 160
#define SKY_HEIGHT 120

/* A clear sky over hills, shifted left by @shift px, and in front a bird at @bird px; 0: none. */
static RvImage *
draw_sky (int shift, int bird)
{
  RvImage *image = rv_image_new (SKY_WIDTH, SKY_HEIGHT, NULL);
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < SKY_HEIGHT; y++)
      for (int x = 0; x < SKY_WIDTH; x++) {
        gboolean clear = y > 8 && y < 90 && x + shift > 30 && x + shift < 150;
        gboolean of_bird = bird > 0 && abs (y - 50) < 8 && abs (x - bird) < 8;
        double wave = sin (0.5 * (x + shift) + c) + cos (0.4 * y + 0.15 * (x + shift));
        ((float *) image->rgb->data)[(c * SKY_HEIGHT + y) * SKY_WIDTH + x] =
          (float) (of_bird ? 100 + 40 * sin (1.1 * (x - bird) + y)
                   : clear ? 180
                           : 120 + 40 * wave);
      }
  return image;
}

static double
static_01 (RvImage *first, RvImage *second)
{
  g_autoptr (RvFrameMotion) motion = rv__frame_motion_new (1, NULL);
  g_assert_true (rv__frame_motion_compare (motion, first, second, NULL));
  return motion->static_01;
}

/* A clear sky moves during a pan, though it looks unchanged. It is static while a bird crosses it. */
static void
test_clear_sky (void)
{
  g_autoptr (RvImage) sky = draw_sky (0, 0), later = draw_sky (6, 0), bird = draw_sky (0, 60),
                      bird_later = draw_sky (0, 66);
  g_assert_cmpfloat (static_01 (sky, later), ==, 0);
  assert_less (0.7, static_01 (bird, bird_later));
}

/* ---- motion ------------------------------------------------------------------------------------------------------ */

static RvImage *
draw_pan (int n)
{
  return picture_of (2 * n, 1, 120);
}

static RvImage *
draw_brighter (int n)
{
  return picture_of (0, 1, 90 + 3 * n);
}

/* The painting moves with the video: the warping error is smaller than without the temporal loss. Repeated runs give
 * the same bytes. */
static void
test_pan (void)
{
  g_auto (Video) video = { .draw = draw_pan, .n_frames = 4 }, again = { .draw = draw_pan, .n_frames = 4 },
                 free_video = { .draw = draw_pan, .n_frames = 4 };
  RvVideoResult result, same, of_free;
  g_assert_true (paint (&video, NULL, &result, NULL));
  g_assert_true (paint (&again, NULL, &same, NULL));
  g_assert_true (paint (&free_video, (const char *[]){ "temporal-weight=0", NULL }, &of_free, NULL));
  g_assert_cmpint (result.n_shots, ==, 1);
  g_assert_cmpfloat (result.warping_error, ==, same.warping_error);
  assert_less (0, result.source_error);
  assert_less (result.warping_error, 0.8 * of_free.warping_error);
  for (guint n = 0; n < 4; n++) {
    const RvImage *a = video.painted->pdata[n], *b = again.painted->pdata[n];
    g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
  }
  assert_less (0, temporal (told (&video, 1)));
  g_assert_cmpfloat (temporal (told (&free_video, 1)), ==, 0);
  for (int i = 0; i < told (&video, 0)->n_losses; i++) /* the first frame has no last frame, but the same names */
    g_assert_cmpstr (told (&video, 0)->names[i], ==, told (&video, 1)->names[i]);
  g_assert_cmpint (told (&video, 0)->n_losses, ==, told (&video, 1)->n_losses);
}

#define FAST_PX 6

static RvImage *
draw_fast (int n)
{
  return picture_of (FAST_PX * n, 1, 120);
}

static double
mean_of (const RvTensor *plane)
{
  double sum = 0;
  for (gint64 p = 0; p < rv_tensor_count (plane); p++)
    sum += (double) ((const float *) plane->data)[p];
  return sum / (double) rv_tensor_count (plane);
}

/* Only new areas at the edge are disocclusions. Where the temporal weight is 1, nothing is disoccluded. */
static void
test_uncovered (void)
{
  g_autoptr (RvFrameMotion) motion = rv__frame_motion_new (1, NULL);
  g_autoptr (RvImage) first = draw_fast (0), second = draw_fast (1);
  g_assert_true (rv__frame_motion_compare (motion, first, second, NULL) &&
                 rv__frame_motion_init_temporal_weight (motion, NULL));
  g_autoptr (RvTensor) uncovered = rv__disocclusion_new (motion, NULL);
  const float *u = uncovered->data;
  for (int y = 0; y < HEIGHT; y++) {
    g_assert_cmpfloat (u[y * WIDTH + WIDTH - 1], ==, 1);
    g_assert_cmpfloat (u[y * WIDTH + WIDTH / 2], ==, 0);
  }
  assert_less (0.8 * FAST_PX / WIDTH, mean_of (uncovered));
  assert_less (mean_of (uncovered), 2.0 * FAST_PX / WIDTH);
  for (gint64 p = 0; p < rv_tensor_count (motion->temporal_weight); p++)
    ((float *) motion->temporal_weight->data)[p] = 1;
  g_autoptr (RvTensor) none = rv__disocclusion_new (motion, NULL);
  g_assert_cmpfloat (mean_of (none), ==, 0);
}

#define SLOW_PX 2

static RvImage *
draw_slow (int n)
{
  return picture_of (SLOW_PX * n, 1, 120);
}

/* Disocclusions of several frames of a slow pan are collected, so that they are painted together. Extracting a region
 * removes them from it. */
static void
test_waits (void)
{
  const int n = 3, shown_px = SLOW_PX * n;
  g_autoptr (RvFrameMotion) motion = rv__frame_motion_new (1, NULL);
  for (int k = 0; k <= n; k++) {
    g_autoptr (RvImage) frame = draw_slow (k);
    g_assert_true (rv__frame_motion_next (motion, frame, NULL));
    if (k == 0)
      rv__frame_motion_begin_shot (motion);
    else
      g_assert_true (rv__frame_motion_init_temporal_weight (motion, NULL) && rv__disocclusion_add (motion, NULL) &&
                     rv__frame_motion_commit (motion, frame, NULL, NULL));
  }
  const float *waiting = motion->pending_disocclusion->data;
  for (int y = HEIGHT / 4; y < HEIGHT * 3 / 4; y++) {
    g_assert_cmpfloat (waiting[y * WIDTH + WIDTH - 1], ==, 1);
    assert_less (0.5, (double) waiting[y * WIDTH + WIDTH - shown_px + 1]);
    assert_less ((double) waiting[y * WIDTH + WIDTH - 2 * shown_px], 0.1);
  }
  const RvVideoRegion upper = { 0, 0, WIDTH, HEIGHT / 2 };
  g_autoptr (RvTensor) taken = rv__disocclusion_extract (motion->pending_disocclusion, &upper, NULL);
  g_assert_cmpfloat (((const float *) taken->data)[WIDTH - 1], ==, 1);
  g_assert_cmpfloat (((const float *) taken->data)[HEIGHT * WIDTH - 1], ==, 0);
  g_assert_cmpfloat (waiting[WIDTH - 1], ==, 0);
  g_assert_cmpfloat (waiting[HEIGHT * WIDTH - 1], ==, 1);
}

/* (transfer full): disocclusion map of a frame of 1280 x 720 px, @how_far in the area @part and 0 elsewhere. */
static RvTensor *
uncover (RvVideoRegion part, float how_far)
{
  RvShape shape = rv_shape (4, 1, 1, 720, 1280);
  RvTensor *uncovered = rv_tensor_new (RV_F32, &shape, NULL);
  for (int y = part.y; y < part.y + part.height; y++)
    for (int x = part.x; x < part.x + part.width; x++)
      ((float *) uncovered->data)[y * 1280 + x] = how_far;
  return uncovered;
}

static void
assert_window (RvVideoRegion part, RvVideoRegion expected)
{
  RvVideoRegion window = { 0 };
  gboolean found;
  g_autoptr (RvTensor) uncovered = uncover (part, 1);
  g_assert_true (rv__disocclusion_compute_region (uncovered, &window, &found, NULL) && found);
  g_assert_cmpint (window.x, ==, expected.x);
  g_assert_cmpint (window.y, ==, expected.y);
  g_assert_cmpint (window.width, ==, expected.width);
  g_assert_cmpint (window.height, ==, expected.height);
}

static void
assert_no_window (RvVideoRegion part, float how_far)
{
  RvVideoRegion window;
  gboolean found;
  g_autoptr (RvTensor) uncovered = uncover (part, how_far);
  g_assert_true (rv__disocclusion_compute_region (uncovered, &window, &found, NULL) && !found);
}

/* The region to paint contains the area and its surroundings, keeps its size during a pan, and is large enough for
 * style pictures. */
static void
test_window (void)
{
  assert_no_window ((RvVideoRegion){ 0, 0, 1280, 720 }, 0.5f);
  assert_no_window ((RvVideoRegion){ 1277, 0, 3, 720 }, 1);
  assert_no_window ((RvVideoRegion){ 600, 0, 6, 720 }, 1);
  assert_window ((RvVideoRegion){ 1272, 0, 8, 720 }, (RvVideoRegion){ 1152, 0, 128, 720 });
  assert_window ((RvVideoRegion){ 1275, 0, 5, 720 }, (RvVideoRegion){ 1152, 0, 128, 720 });
  assert_window ((RvVideoRegion){ 0, 0, 8, 720 }, (RvVideoRegion){ 0, 0, 128, 720 });
  assert_window ((RvVideoRegion){ 0, 712, 1280, 8 }, (RvVideoRegion){ 0, 640, 1280, 80 });
  assert_window ((RvVideoRegion){ 1270, 300, 10, 10 }, (RvVideoRegion){ 960, 192, 320, 192 });
  assert_window ((RvVideoRegion){ 0, 0, 1280, 720 }, (RvVideoRegion){ 0, 0, 1280, 720 });
}

/* Texture that painting added to new areas of frame @n: ratio of differences along rows to those along columns. */
static double
along_rows (const Video *video, int n)
{
  g_autoptr (RvImage) frame = video->draw (n);
  const RvImage *painted = video->painted->pdata[n];
  const float *a = painted->rgb->data, *b = frame->rgb->data;
  double along = 0, down = 0;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y + 1 < HEIGHT; y++)
      for (int x = WIDTH - FAST_PX * n; x + 1 < WIDTH; x++) {
        int i = (c * HEIGHT + y) * WIDTH + x;
        along += fabs ((double) (a[i + 1] - b[i + 1] - a[i] + b[i]));
        down += fabs ((double) (a[i + WIDTH] - b[i + WIDTH] - a[i] + b[i]));
      }
  return along / down;
}

/* New areas are painted, and do not repeat the edge in streaks. */
static void
test_edge (void)
{
  g_auto (Video) video = { .draw = draw_fast, .n_frames = 4 };
  RvVideoResult result;
  g_assert_true (paint (&video, (const char *[]){ "start-size=36", NULL }, &result, NULL));
  g_assert_cmpint (result.n_shots, ==, 1);
  g_test_message ("differences along rows for each down columns: %.2f", along_rows (&video, 3));
  assert_less (0.7, along_rows (&video, 3));
}

/* The painting follows slow changes of light. */
static void
test_light (void)
{
  g_auto (Video) video = { .draw = draw_brighter, .n_frames = 10 };
  RvVideoResult result;
  g_assert_true (paint (&video, NULL, &result, NULL));
  double rise = mean (video.painted->pdata[9]) - mean (video.painted->pdata[0]);
  g_test_message ("brighter by 27, painted by %.1f", rise);
  g_assert_cmpint (result.n_shots, ==, 1);
  assert_less (fabs (rise - 27), 9);
}

static RvImage *
draw_cut (int n)
{
  RvImage *image = picture_of (n, n < 3 ? 1 : 3, n < 3 ? 70 : 170);
  return image;
}

/* The first frame of a shot has the bytes of the first frame of a video. */
static void
test_cut (void)
{
  g_auto (Video) video = { .draw = draw_cut, .n_frames = 5 };
  RvVideoResult result;
  g_assert_true (paint (&video, NULL, &result, NULL));
  g_assert_cmpint (result.n_frames, ==, 5);
  g_assert_cmpint (result.n_shots, ==, 2);
  g_assert_true (told (&video, 0)->begins && told (&video, 3)->begins && !told (&video, 2)->begins);
  g_auto (Video) later = { .draw = draw_cut, .n_frames = 4, .n_drawn = 3 };
  g_assert_true (paint (&later, NULL, &result, NULL));
  const RvImage *a = video.painted->pdata[3], *b = later.painted->pdata[0];
  g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
}

/* ---- end --------------------------------------------------------------------------------------------------------- */

static void
test_stopped (void)
{
  g_auto (Video) video = { .draw = draw_pan, .n_frames = 9, .stop_at = 2 };
  RvVideoResult result;
  g_assert_true (paint (&video, NULL, &result, NULL));
  g_assert_true (result.stopped);
  g_assert_cmpint (result.n_frames, ==, 2);
  g_assert_cmpuint (video.painted->len, ==, 2);
}

static void
test_damaged (void)
{
  g_auto (Video) video = { .draw = draw_pan, .n_frames = 9, .fails_at = 2 };
  g_autoptr (GError) error = NULL;
  RvVideoResult result;
  g_assert_false (paint (&video, NULL, &result, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_cmpint (result.n_frames, ==, 2);
  g_assert_cmpuint (video.painted->len, ==, 2);
}

/* Videos of one frame, of no frame, and with the colours of the source. */
static void
test_short (void)
{
  g_auto (Video) one = { .draw = draw_pan, .n_frames = 1 }, none = { .draw = draw_pan },
                 colored = { .draw = draw_pan, .n_frames = 2 };
  RvVideoResult result;
  g_assert_true (paint (&one, NULL, &result, NULL));
  g_assert_cmpint (result.n_frames, ==, 1);
  g_assert_cmpfloat (result.warping_error, ==, 0);
  g_assert_true (paint (&none, NULL, &result, NULL));
  g_assert_cmpint (result.n_frames, ==, 0);
  g_assert_true (
    paint (&colored, (const char *[]){ "keep-colors=luminance", "match-colors=yes", NULL }, &result, NULL));
  g_assert_cmpint (result.n_frames, ==, 2);
}

/* ---- resume ------------------------------------------------------------------------------------------------------ */

/* Asserts that resuming from the state after @at frames gives the same bytes and totals. */
static void
assert_goes_on (RvImage *(*draw) (int), int at, const char *const *changes)
{
  g_auto (Video) whole = { .draw = draw, .n_frames = 5, .keep_at = at };
  RvVideoResult result, of_rest;
  g_assert_true (paint (&whole, changes, &result, NULL));
  g_auto (Video) rest = { .draw = draw, .n_frames = 5, .state = rv_tensor_map_ref (whole.state) };
  g_assert_cmpint (rv__video_state_frames (rest.state), ==, at);
  g_assert_true (paint (&rest, changes, &of_rest, NULL));
  g_assert_cmpuint (rest.painted->len, ==, 5 - (guint) at);
  for (guint n = 0; n < rest.painted->len; n++) {
    const RvImage *a = whole.painted->pdata[(guint) at + n], *b = rest.painted->pdata[n];
    g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
  }
  g_assert_cmpint (of_rest.n_frames, ==, 5);
  g_assert_cmpint (of_rest.n_shots, ==, result.n_shots);
  g_assert_cmpfloat (of_rest.warping_error, ==, result.warping_error);
}

/* Resumes in a shot and at a cut, in a pan, and without motion. */
static void
test_go_on (gconstpointer unused)
{
  RvImage *(*const draws[]) (int) = { draw_cut, draw_pan, draw_same };
  for (guint d = 0; d < G_N_ELEMENTS (draws); d++)
    for (int at = 1; at < 5; at += 3 - (int) (d == 0))
      assert_goes_on (draws[d], at, NULL);
}

/* Resumes while disocclusions wait to be painted. */
static void
test_go_on_waiting (void)
{
  assert_goes_on (draw_slow, 2, (const char *[]){ "start-size=36", NULL });
}

/* States of a longer video, of another size, and with a damaged text are refused. */
static void
test_go_on_wrong (void)
{
  g_auto (Video) whole = { .draw = draw_pan, .n_frames = 4, .keep_at = 3 };
  RvVideoResult result;
  g_assert_true (paint (&whole, NULL, &result, NULL));
  for (int i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    g_auto (Video) rest = { .draw = draw_pan, .n_frames = i == 0 ? 2 : 4, .state = copy_of (whole.state) };
    RvShape other = rv_shape (4, 1, 3, 5, 5);
    g_autoptr (RvTensor) small = rv_tensor_new (RV_F32, &other, NULL);
    if (i == 1)
      rv_tensor_map_set (rest.state, "last", small);
    if (i == 2)
      rv_tensor_map_set_text (rest.state, "film so far", "3 9 x");
    g_assert_false (paint (&rest, NULL, &result, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
}

/* ---- loops ------------------------------------------------------------------------------------------------------- */

/* A pan there and back: the last frame equals the first. */
static RvImage *
draw_swing (int n)
{
  static const int shifts[] = { 0, 3, 6, 8, 6, 3, 0 };
  return picture_of (shifts[n], 1, 120);
}
#define N_SWING 7

static void
assert_same_frame (const Video *a, const Video *b, guint n)
{
  const RvImage *one = a->painted->pdata[n], *other = b->painted->pdata[n];
  g_assert_cmpmem (one->rgb->data, rv_tensor_bytes (one->rgb), other->rgb->data, rv_tensor_bytes (other->rgb));
}

/* In a loop the last frame is painted nearly like the first. Frames before the tail are unchanged. Without motion
 * nothing is computed. */
static void
test_loop (void)
{
  g_auto (Video) line = { .draw = draw_swing, .n_frames = N_SWING },
                 loop = { .draw = draw_swing, .n_frames = N_SWING, .loop_tail = 3 },
                 same = { .draw = draw_same, .n_frames = 4, .loop_tail = 2 };
  RvVideoResult result;
  g_assert_true (paint (&line, NULL, &result, NULL) && paint (&loop, NULL, &result, NULL));
  double of_line = apart (line.painted->pdata[0], line.painted->pdata[N_SWING - 1], 0, WIDTH);
  double of_loop = apart (loop.painted->pdata[0], loop.painted->pdata[N_SWING - 1], 0, WIDTH);
  g_test_message ("first and last %.2f levels apart, in a loop %.2f", of_line, of_loop);
  assert_less (of_loop, 0.5 * of_line);
  for (guint n = 0; n < N_SWING - 3; n++)
    assert_same_frame (&line, &loop, n);
  g_assert_true (paint (&same, NULL, &result, NULL));
  g_assert_cmpfloat (told (&same, 3)->static_01, ==, 1);
}

/* Resuming within the tail gives the same bytes. A state without the first frame is refused. */
static void
test_loop_go_on (gconstpointer data)
{
  g_auto (Video) whole = { .draw = draw_swing, .n_frames = N_SWING, .loop_tail = 3, .keep_at = 5 };
  RvVideoResult result;
  g_assert_true (paint (&whole, NULL, &result, NULL));
  g_auto (Video) rest = {
    .draw = draw_swing, .n_frames = N_SWING, .loop_tail = 3, .state = rv_tensor_map_ref (whole.state)
  };
  whole.state = NULL;
  g_assert_true (paint (&rest, NULL, &result, NULL));
  for (guint n = 0; n < 2; n++) {
    const RvImage *a = whole.painted->pdata[5 + n], *b = rest.painted->pdata[n];
    g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
  }
  g_auto (Video) line = { .draw = draw_swing, .n_frames = N_SWING, .keep_at = 5 };
  g_autoptr (GError) error = NULL;
  g_assert_true (paint (&line, NULL, &result, NULL));
  g_auto (Video) wrong = {
    .draw = draw_swing, .n_frames = N_SWING, .loop_tail = 3, .state = rv_tensor_map_ref (line.state)
  };
  line.state = NULL;
  g_assert_false (paint (&wrong, NULL, &result, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
}

/* ---- baseline ---------------------------------------------------------------------------------------------------- */

/* Independent frames are far less steady, and rendering them changes nothing else. */
static void
test_alone (void)
{
  g_auto (Video) video = { .draw = draw_pan, .n_frames = 4 },
                 compared = { .draw = draw_pan, .n_frames = 4, .n_pairs = 1 };
  RvVideoResult result, of_compared;
  g_assert_true (paint (&video, NULL, &result, NULL) && paint (&compared, NULL, &of_compared, NULL));
  g_assert_cmpint (result.n_baseline_pairs, ==, 0);
  g_assert_cmpint (of_compared.n_baseline_pairs, ==, 1);
  assert_less (2 * of_compared.warping_error, of_compared.baseline_error);
  g_assert_cmpfloat (of_compared.warping_error, ==, result.warping_error);
  for (guint n = 0; n < 4; n++) {
    assert_same_frame (&video, &compared, n);
    g_assert_cmpfloat (told (&video, n)->loss, ==, told (&compared, n)->loss);
    g_assert_cmpint (told (&video, n)->begins, ==, told (&compared, n)->begins);
  }
}

/* Pairs are spread evenly, and never end with the first frame. */
static void
test_alone_pairs (void)
{
  const RvFrameBaseline three = { .n_pairs = 3, .n_frames = 101 }, none = { .n_frames = 9 },
                        few = { .n_pairs = 100, .n_frames = 2 };
  for (gint64 k = 1; k <= 101; k++)
    g_assert_cmpint (rv__frame_baseline_is_required (&three, k), ==,
                     k == 25 || k == 26 || k == 50 || k == 51 || k == 75 || k == 76);
  g_assert_true (rv__frame_baseline_is_required (&few, 1) && rv__frame_baseline_is_required (&few, 2) &&
                 !rv__frame_baseline_is_required (&few, 3));
  g_assert_false (rv__frame_baseline_is_required (&none, 2));
}

/* ---- keyframes --------------------------------------------------------------------------------------------------- */

/* Sets *keys to frames @first and @second of the swing. The result of the first is 40 grey levels brighter, that of the
 * second 40 darker. */
static void
make_keys (RvKeyframes *keys, gint64 first, gint64 second)
{
  keys->all = g_new0 (RvKeyframe, 2);
  keys->n = 2;
  for (int k = 0; k < 2; k++) {
    gint64 number = k ? second : first;
    keys->all[k] = (RvKeyframe){ number, draw_swing ((int) number - 1), draw_swing ((int) number - 1) };
    float *rgb = keys->all[k].result->rgb->data;
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
      rgb[i] += k ? -40 : 40;
  }
}

/* Keyframes keep their bytes. Frames between them come from both keyframes, and approach the second step by step
 * instead of jumping to it. */
static void
test_keys (void)
{
  RvKeyframes both = { 0 };
  make_keys (&both, 2, 6);
  const RvKeyframes first = { both.all, 1 };
  g_auto (Video) video = { .draw = draw_swing, .n_frames = N_SWING, .keys = &both },
                 half = { .draw = draw_swing, .n_frames = N_SWING, .keys = &first };
  RvVideoResult result;
  g_assert_true (paint (&video, NULL, &result, NULL) && paint (&half, NULL, &result, NULL));
  for (int k = 0; k < 2; k++) {
    const RvImage *kept = video.painted->pdata[k ? 5 : 1];
    g_assert_cmpmem (kept->rgb->data, rv_tensor_bytes (kept->rgb), both.all[k].result->rgb->data,
                     rv_tensor_bytes (kept->rgb));
  }
  double jump = mean (half.painted->pdata[4]) - mean (both.all[1].result);
  double step = mean (video.painted->pdata[4]) - mean (both.all[1].result);
  g_test_message ("frame before the second keyframe: %.1f levels from it, without that keyframe %.1f", step, jump);
  assert_less (step, 0.5 * jump);
  for (guint n = 2; n < 5; n++)
    assert_less (mean (video.painted->pdata[n + 1]), mean (video.painted->pdata[n]));
  g_assert_cmpint (told (&video, 1)->begins, ==, FALSE);
  rv__keyframes_clear (&both);
}

/* Resuming between keyframes gives the same bytes. */
static void
test_keys_go_on (gconstpointer data)
{
  RvKeyframes keys = { 0 };
  make_keys (&keys, 2, 6);
  g_auto (Video) whole = { .draw = draw_swing, .n_frames = N_SWING, .keys = &keys, .keep_at = 3 };
  RvVideoResult result;
  g_assert_true (paint (&whole, NULL, &result, NULL));
  g_auto (Video) rest = {
    .draw = draw_swing, .n_frames = N_SWING, .keys = &keys, .state = rv_tensor_map_ref (whole.state)
  };
  whole.state = NULL;
  g_assert_true (paint (&rest, NULL, &result, NULL));
  for (guint n = 0; n < 4; n++) {
    const RvImage *a = whole.painted->pdata[3 + n], *b = rest.painted->pdata[n];
    g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
  }
  rv__keyframes_clear (&keys);
}

/* ---- dreams ------------------------------------------------------------------------------------------------------ */

/* Makes a dream video. @iterations: of a frame within a shot; the first frame has six. */
static gboolean
dream (Video *video, double blend, gint64 iterations, RvVideoResult *result, GError **error)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) settings = rv_settings_new ("dream", NULL);
  static const RvOptionValue quick_dream[] = { { "layers", "conv2_2:1" }, { "octaves", "1" }, { "iterations", "6" },
                                               { "exact", "yes" },        { "threads", "1" }, { 0 } };
  for (const RvOptionValue *one = quick_dream; one->option; one++)
    g_assert_true (rv_settings_set (settings, one->option, one->value, NULL));
  const RvDreamInputs nothing = { 0 };
  RvVideoDreamSpec spec = { .settings = settings,
                            .frame_iterations = iterations,
                            .blend_01 = blend,
                            .net = net,
                            .inputs = &nothing,
                            .stop_request = { wanted, video } };
  RvVideoRunSpec frames = { video->n_frames, video->loop_tail, video->keep_at ? NULL : video->state, next, add, video };
  video->painted = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  video->told = g_array_new (FALSE, FALSE, sizeof (RvFrameReport));
  const RvFrameRenderer how = rv__video_dream_renderer (&spec);
  gboolean ok = rv__video_run (&how, &frames, watch, video, result, error);
  how.free (how.maker);
  return ok;
}

static void
test_dream_same (void)
{
  g_auto (Video) video = { .draw = draw_same, .n_frames = 5 };
  RvVideoResult result;
  g_assert_true (dream (&video, 0.85, 1, &result, NULL));
  const RvImage *first = video.painted->pdata[0], *last = video.painted->pdata[4];
  g_assert_cmpmem (first->rgb->data, rv_tensor_bytes (first->rgb), last->rgb->data, rv_tensor_bytes (last->rgb));
}

/* A dream video is far steadier than independent dreams. Its strength is stable over many frames. A cut begins a new
 * shot. */
static void
test_dream_pan (void)
{
  g_auto (Video) video = { .draw = draw_pan, .n_frames = 12 }, alone = { .draw = draw_pan, .n_frames = 4 },
                 cut = { .draw = draw_cut, .n_frames = 5 };
  RvVideoResult result, of_alone, of_cut;
  g_assert_true (dream (&video, 0.85, 1, &result, NULL));
  g_assert_true (dream (&alone, 0, 6, &of_alone, NULL));
  g_assert_cmpint (result.n_shots, ==, 1);
  assert_less (result.warping_error, 0.5 * of_alone.warping_error);
  double strength[2];
  for (int i = 0; i < 2; i++) {
    g_autoptr (RvImage) frame = draw_pan (11 * i);
    strength[i] = apart (frame, video.painted->pdata[11 * i], 0, WIDTH);
  }
  g_test_message ("change by the dream: %.2f grey levels, then %.2f", strength[0], strength[1]);
  assert_less (0.6 * strength[0], strength[1]);
  assert_less (strength[1], 1.5 * strength[0]);
  g_assert_true (dream (&cut, 0.85, 1, &of_cut, NULL));
  g_assert_cmpint (of_cut.n_shots, ==, 2);
}

static gboolean
paint_or_dream (Video *video, gboolean dreams, RvVideoResult *result)
{
  return dreams ? dream (video, 0.85, 3, result, NULL) : paint (video, NULL, result, NULL);
}

/* (transfer full): frame @n of draw_pan(), or for 2 and more of draw_same(), with an alpha of its own. */
static RvImage *
draw_transparent (int n)
{
  g_autoptr (RvImage) image = n < 2 ? draw_pan (n) : draw_same (n);
  const RvShape plane = rv_shape (4, 1, 1, HEIGHT, WIDTH);
  g_autoptr (RvTensor) alpha = rv_tensor_new (RV_F32, &plane, NULL);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    ((float *) alpha->data)[i] = (float) (n + 1) / 8;
  return rv_image_new_from_planes (image->rgb, alpha, NULL);
}

/* Each frame keeps its own alpha, also one that equals the previous frame. */
static void
test_alpha (gconstpointer dreamt)
{
  g_auto (Video) video = { .draw = draw_transparent, .n_frames = 4 };
  RvVideoResult result;
  g_assert_true (paint_or_dream (&video, dreamt != NULL, &result));
  for (int n = 0; n < 4; n++) {
    const RvImage *frame = video.painted->pdata[n];
    g_assert_nonnull (frame->alpha);
    g_assert_cmpfloat (((float *) frame->alpha->data)[7], ==, (n + 1) / 8.0f);
  }
}

/* A stop at any point, such as between the scales of a frame, leaves only complete frames. */
static void
test_stopped_anywhere (gconstpointer dreamt)
{
  g_auto (Video) whole = { .draw = draw_pan, .n_frames = 2 };
  RvVideoResult result;
  g_assert_true (paint_or_dream (&whole, dreamt != NULL, &result));
  for (int asked = 1;; asked++) {
    g_auto (Video) video = { .draw = draw_pan, .n_frames = 2, .stop_asked = asked };
    g_assert_true (paint_or_dream (&video, dreamt != NULL, &result));
    for (guint n = 0; n < video.painted->len; n++) {
      const RvImage *a = whole.painted->pdata[n], *b = video.painted->pdata[n];
      g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
    }
    if (video.asked <= asked) {
      g_assert_cmpint (asked, >, dreamt ? 1 : 4);
      break;
    }
    g_assert_true (result.stopped);
    g_assert_cmpint (result.n_frames, ==, video.painted->len);
  }
}

/* ---- warping error ----------------------------------------------------------------------------------------------- */

/* Grey values differ by 51 of 255 with a confidence of one half: 3 * 0.2^2. */
static void
test_warping_error (void)
{
  g_autoptr (RvImage) last = rv_image_new (4, 2, NULL), new = rv_image_new (4, 2, NULL);
  RvShape shape = rv_shape (4, 1, 1, 2, 4);
  g_autoptr (RvTensor) trust = rv_tensor_new (RV_F32, &shape, NULL);
  RvFrameMotion motion = { .confidence = trust };
  double found;
  for (int i = 0; i < 8; i++)
    ((float *) trust->data)[i] = i < 4 ? 0.5f : 0;
  for (int i = 0; i < 24; i++)
    ((float *) new->rgb->data)[i] = i % 8 < 4 ? 51 : 255;
  g_assert_true (rv__video_warping_error (&motion, last, new, &found, NULL));
  assert_less (fabs (found - 0.12), 1e-6);
  memset (trust->data, 0, rv_tensor_bytes (trust));
  g_assert_true (rv__video_warping_error (&motion, last, new, &found, NULL));
  g_assert_cmpfloat (found, ==, 0);
}

/* ---- long-term frames -------------------------------------------------------------------------------------------- */

#define HIDDEN_FROM 24
#define HIDDEN_TO 40

/* In every second frame a pillar hides part of a static picture. */
static RvImage *
draw_hidden (int n)
{
  RvImage *image = picture_of (0, 1, 120);
  for (int i = 0; n % 2 == 1 && i < 3 * WIDTH * HEIGHT; i++)
    if (i % WIDTH >= HIDDEN_FROM && i % WIDTH < HIDDEN_TO)
      ((float *) image->rgb->data)[i] = (float) (60 + 25 * sin (0.9 * i));
  return image;
}

/* With long-term frames a hidden area reappears as it was painted. */
static void
test_memory (void)
{
  g_auto (Video) forgets = { .draw = draw_hidden, .n_frames = 3 },
                 remembers = { .draw = draw_hidden, .n_frames = 3, .memory = "1,2" };
  RvVideoResult result;
  double back[2];
  Video *const videos[] = { &forgets, &remembers };
  for (int k = 0; k < 2; k++) {
    g_assert_true (paint (videos[k], NULL, &result, NULL));
    g_assert_cmpint (result.n_shots, ==, 1);
    back[k] = apart (videos[k]->painted->pdata[0], videos[k]->painted->pdata[2], HIDDEN_FROM + 2, HIDDEN_TO - 2);
  }
  assert_less (back[1], 0.4 * back[0]);
}

/* Long-term frames are part of the state: resuming after two or three frames changes nothing. */
static void
test_memory_go_on (gconstpointer data)
{
  for (int at = 2; at <= 3; at++) {
    g_auto (Video) whole = { .draw = draw_hidden, .n_frames = 5, .memory = "1,2,4", .keep_at = at };
    RvVideoResult result;
    g_assert_true (paint (&whole, NULL, &result, NULL));
    g_auto (Video) rest = {
      .draw = draw_hidden, .n_frames = 5, .memory = "1,2,4", .state = rv_tensor_map_ref (whole.state)
    };
    whole.state = NULL;
    g_assert_true (paint (&rest, NULL, &result, NULL));
    for (int n = 0; n < 5 - at; n++) {
      const RvImage *a = whole.painted->pdata[at + n], *b = rest.painted->pdata[n];
      g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
    }
  }
}

/* A shot uses no frames of the previous one. */
static void
test_memory_cut (void)
{
  g_auto (Video) video = { .draw = draw_cut, .n_frames = 4, .memory = "1,2,4" },
                 plain = { .draw = draw_cut, .n_frames = 4 };
  RvVideoResult result;
  g_assert_true (paint (&video, NULL, &result, NULL) && paint (&plain, NULL, &result, NULL));
  g_assert_cmpint (result.n_shots, ==, 2);
  for (guint n = 0; n < 4; n++)
    if (told (&video, n)->begins) {
      const RvImage *a = video.painted->pdata[n], *b = plain.painted->pdata[n];
      g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
    }
}

static void
test_memory_parse (void)
{
  static const char *const wrong[] = { "0", "17", "1,,2", "1;2", "-1", "2.5", "," };
  gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1];
  g_assert_true (rv__long_term_parse ("1, 4,2", reaches, NULL));
  g_assert_true (reaches[1] && reaches[2] && !reaches[3] && reaches[4]);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (rv__long_term_parse (wrong[i], reaches, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, "long-term-frames");
  }
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* (transfer full): a mask that is white from column @from on. */
static RvImage *
mask_from (int from)
{
  RvImage *mask = rv_image_new (WIDTH, HEIGHT, NULL);
  for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
    ((float *) mask->rgb->data)[i] = i % WIDTH >= from ? 255 : 0;
  return mask;
}

/* The video moves by 4 px. A mask that moves with it changes nothing. A mask that does not move removes confidence from
 * pixels that cross its edge. Around a changed mask nothing is static. */
static void
test_masks (void)
{
  enum { MOVES_PX = 4, EDGE = 36 };
  g_autoptr (RvImage) first = picture_of (0, 1, 120), second = picture_of (MOVES_PX, 1, 120), mask = mask_from (EDGE),
                      moved = mask_from (EDGE - MOVES_PX);
  g_autoptr (RvFrameMotion) motion = rv__frame_motion_new (1, NULL);
  g_assert_true (rv__frame_motion_next (motion, first, NULL));
  rv__frame_motion_begin_shot (motion);
  g_assert_true (rv__frame_motion_next (motion, second, NULL));
  g_assert_false (motion->is_cut);
  const float *trust = (const float *) motion->confidence->data + HEIGHT / 2 * WIDTH;
  float before[WIDTH];
  memcpy (before, trust, sizeof before);
  g_assert_cmpfloat (before[EDGE - 2], ==, 1);
  g_assert_true (rv__frame_motion_lower_confidence (motion, mask, moved, NULL));
  for (int x = 0; x < WIDTH; x++)
    if (abs (x - EDGE + MOVES_PX) > 1)
      g_assert_cmpfloat (trust[x], ==, before[x]);
  g_assert_true (rv__frame_motion_lower_confidence (motion, mask, mask, NULL));
  g_assert_cmpfloat (trust[EDGE - 2], ==, 0);
  g_assert_cmpfloat (trust[EDGE - MOVES_PX - 2], ==, before[EDGE - MOVES_PX - 2]);
  g_assert_cmpfloat (trust[EDGE + 1], ==, before[EDGE + 1]);

  rv__frame_motion_begin_shot (motion);
  g_assert_true (rv__frame_motion_next (motion, second, NULL));
  g_assert_true (rv__frame_motion_lower_confidence (motion, mask, mask, NULL));
  g_assert_cmpfloat (motion->static_01, ==, 1);
  g_assert_true (rv__frame_motion_lower_confidence (motion, mask, moved, NULL));
  const float *still = (const float *) motion->static_mask->data + HEIGHT / 2 * WIDTH;
  g_assert_cmpfloat (still[EDGE - 2], ==, 0);
  g_assert_cmpfloat (still[0], ==, 1);
  g_assert_cmpfloat (still[WIDTH - 1], ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/video-style/same", NULL, test_same);
  g_test_add_data_func ("/video-style/noise", "noise", test_same);
  g_test_add_func ("/video-style/background", test_background);
  g_test_add_func ("/video-style/background/clear-sky", test_clear_sky);
  g_test_add_func ("/video-style/pan", test_pan);
  g_test_add_func ("/video-style/disoccluded", test_uncovered);
  g_test_add_func ("/video-style/disoccluded/window", test_window);
  g_test_add_func ("/video-style/disoccluded/waits", test_waits);
  g_test_add_func ("/video-style/edge", test_edge);
  g_test_add_func ("/video-style/light", test_light);
  g_test_add_func ("/video-style/cut", test_cut);
  g_test_add_func ("/video-style/stopped", test_stopped);
  g_test_add_data_func ("/video-style/stopped/anywhere", NULL, test_stopped_anywhere);
  g_test_add_data_func ("/video-style/dream/stopped/anywhere", "dreamt", test_stopped_anywhere);
  g_test_add_func ("/video-style/damaged", test_damaged);
  g_test_add_func ("/video-style/short", test_short);
  test_add_slow ("/video-style/go-on", NULL, test_go_on);
  g_test_add_func ("/video-style/go-on/waiting", test_go_on_waiting);
  g_test_add_func ("/video-style/go-on/wrong", test_go_on_wrong);
  g_test_add_func ("/video-style/alone", test_alone);
  g_test_add_func ("/video-style/alone/pairs", test_alone_pairs);
  g_test_add_func ("/video-style/keys", test_keys);
  test_add_slow ("/video-style/keys/go-on", NULL, test_keys_go_on);
  g_test_add_func ("/video-style/loop", test_loop);
  test_add_slow ("/video-style/loop/go-on", NULL, test_loop_go_on);
  g_test_add_func ("/video-style/dream/same", test_dream_same);
  g_test_add_func ("/video-style/dream/pan", test_dream_pan);
  g_test_add_data_func ("/video-style/alpha", NULL, test_alpha);
  g_test_add_data_func ("/video-style/dream/alpha", "dreamt", test_alpha);
  g_test_add_func ("/video-style/warping-error", test_warping_error);
  g_test_add_func ("/video-style/masks", test_masks);
  g_test_add_func ("/video-style/memory", test_memory);
  g_test_add_func ("/video-style/memory/cut", test_memory_cut);
  g_test_add_func ("/video-style/memory/parse", test_memory_parse);
  test_add_slow ("/video-style/memory/go-on", NULL, test_memory_go_on);
  return g_test_run ();
}
