/* bench-video.c -- bench-video CLIP VIDEO...: warping error of videos made from CLIP, frame by frame (Lai et al. 2018,
 * "Learning blind video temporal consistency"). The error is the mean over pairs of successive frames of sum m |new -
 * warped previous|^2 / sum m, colours 0..1, with the flow of CLIP. The first row is CLIP itself. */
#include <math.h>
#include <reverie/reverie.h>
#include <stdio.h>

#define WHITE 255.0
#define SOFT_PX 2

/* A video, and its current and its previous frame. */
typedef struct {
  const char *name;
  RvVideoReader *reader;
  RvImage *last, *now;
  double sum;
} Video;

/* Reads the next frame into now; the frame in now moves to last. FALSE: the video has ended, or @error. */
static gboolean
next (Video *video, GError **error)
{
  rv_image_unref (video->last);
  video->last = video->now;
  video->now = rv_video_reader_next (video->reader, error);
  return video->now != NULL;
}

/* Adds the warping error of the two frames to video->sum. @flow: from the current frame to the previous one. @trust:
 * confidence of the flow, 0..1, the weight of each pixel. */
static gboolean
add_error (Video *video, RvTensor *flow, const RvTensor *trust, GError **error)
{
  RvTensor *moved = rv_flow_warp (video->last->rgb, flow, error);
  gint64 n = (gint64) video->now->width * video->now->height;
  double sum = 0, weight = 0;
  for (gint64 i = 0; moved && i < 3 * n; i++) {
    double d = (double) (((const float *) video->now->rgb->data)[i] - ((const float *) moved->data)[i]) / WHITE;
    sum += (double) ((const float *) trust->data)[i % n] * d * d;
    weight += (double) ((const float *) trust->data)[i % n] / 3;
  }
  rv_tensor_unref (moved);
  video->sum += weight > 0 ? sum / weight : 0;
  return moved != NULL;
}

/* Flows of the previous pair of frames: initial values of the next estimates. */
typedef struct {
  RvTensor *to_last, *to_new;
} Flows;

/* Frees *at and sets it to @flow (taken). FALSE: @flow is NULL. */
static gboolean
put (RvTensor **at, RvTensor *flow)
{
  rv_tensor_unref (*at);
  *at = flow;
  return flow != NULL;
}

/* Estimates the flow of the clip, videos[0], and adds the errors of all videos. */
static gboolean
compare (Video *videos, int n_videos, Flows *flows, const RvSettings *settings, GError **error)
{
  g_autoptr (RvTensor) new = rv_flow_grey (videos->now, error), last = rv_flow_grey (videos->last, error);
  gboolean ok =
    new &&last &&put (&flows->to_last, rv_flow_estimate (new, last, flows->to_last, settings, NULL, NULL, error)) &&
    put (&flows->to_new, rv_flow_estimate (last, new, flows->to_new, settings, NULL, NULL, error));
  g_autoptr (RvTensor) trust = ok ? rv_flow_confidence (flows->to_last, flows->to_new, SOFT_PX, error) : NULL;
  ok = trust != NULL;
  for (int i = 0; ok && i < n_videos; i++)
    ok = add_error (&videos[i], flows->to_last, trust, error);
  return ok;
}

/* Opens the videos and reads the first frames, all in the size of names[1]. */
static gboolean
open_all (Video *videos, int n_videos, char **names, GError **error)
{
  RvVideoInfo info;
  if (!rv_video_probe (names[1], &info, error)) /* the clip in the size of the first video */
    return FALSE;
  const RvVideoReadOptions part = { .width = info.width, .height = info.height };
  for (int i = 0; i < n_videos; i++) {
    videos[i].name = names[i];
    if (!(videos[i].reader = rv_video_reader_new (names[i], &part, error)) || !next (&videos[i], error))
      return FALSE;
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = rv_settings_new ("flow", NULL);
  Flows flows = { NULL, NULL };
  int n_videos = argc - 1, n_pairs = 0;
  if (n_videos < 2) {
    fprintf (stderr, "bench-video CLIP VIDEO...\n");
    return 2;
  }
  g_autofree Video *videos = g_new0 (Video, (gsize) n_videos);
  gboolean ok = open_all (videos, n_videos, argv + 1, &error), more = ok;
  while (ok && more) {
    for (int i = n_videos - 1; i >= 0 && more; i--) /* the clip last, as it may be longer */
      more = next (&videos[i], &error);
    ok = !error && (!more || compare (videos, n_videos, &flows, settings, &error));
    n_pairs += more;
  }
  for (int i = 0; ok && i < n_videos; i++)
    printf ("%s: warping error %.5f over %d pairs\n", videos[i].name, videos[i].sum / MAX (n_pairs, 1), n_pairs);
  if (!ok)
    fprintf (stderr, "bench-video: %s\n", error ? error->message : "no frames");
  put (&flows.to_last, NULL);
  put (&flows.to_new, NULL);
  for (int i = 0; i < n_videos; i++) {
    rv_video_reader_free (videos[i].reader);
    rv_image_unref (videos[i].last);
    rv_image_unref (videos[i].now);
  }
  return !ok;
}
