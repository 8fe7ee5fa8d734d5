/* bench-film.c -- bench-film CLIP FILM...: warping error of videos made from CLIP, frame by frame (Lai et al. 2018,
 * "Learning blind video temporal consistency"). The error is the mean over pairs of successive frames of sum m |new -
 * warped last|^2 / sum m, colours 0..1, with the flow of CLIP. The first row is CLIP itself. */
#include <math.h>
#include <reverie/reverie.h>
#include <stdio.h>

#define WHITE 255.0
#define SOFT_PX 2

/* A video and its last two frames. */
typedef struct {
  const char *name;
  RvFilmReader *reader;
  RvImage *last, *now;
  double sum;
} Film;

/* FALSE: the video has ended. */
static gboolean
next (Film *film, GError **error)
{
  rv_image_unref (film->last);
  film->last = film->now;
  film->now = rv_film_reader_next (film->reader, error);
  return film->now != NULL;
}

/* Adds the error of the newest pair. @flow: from the new frame to the last. */
static gboolean
add_error (Film *film, RvTensor *flow, const RvTensor *trust, GError **error)
{
  RvTensor *moved = rv_flow_warp (film->last->rgb, flow, error);
  gint64 n = (gint64) film->now->width * film->now->height;
  double sum = 0, weight = 0;
  for (gint64 i = 0; moved && i < 3 * n; i++) {
    double d = (double) (((const float *) film->now->rgb->data)[i] - ((const float *) moved->data)[i]) / WHITE;
    sum += (double) ((const float *) trust->data)[i % n] * d * d;
    weight += (double) ((const float *) trust->data)[i % n] / 3;
  }
  rv_tensor_unref (moved);
  film->sum += weight > 0 ? sum / weight : 0;
  return moved != NULL;
}

/* Flows of the pair before, as initial values of the next ones. */
typedef struct {
  RvTensor *to_last, *to_new;
} Flows;

/* Replaces *@at by @flow (transfer full). FALSE: it is NULL. */
static gboolean
put (RvTensor **at, RvTensor *flow)
{
  rv_tensor_unref (*at);
  *at = flow;
  return flow != NULL;
}

static gboolean
compare (Film *films, int n_films, Flows *flows, const RvSettings *settings, GError **error)
{
  g_autoptr (RvTensor) new = rv_flow_grey (films->now, error), last = rv_flow_grey (films->last, error);
  gboolean ok =
    new &&last &&put (&flows->to_last, rv_flow_estimate (new, last, flows->to_last, settings, NULL, NULL, error)) &&
    put (&flows->to_new, rv_flow_estimate (last, new, flows->to_new, settings, NULL, NULL, error));
  g_autoptr (RvTensor) trust = ok ? rv_flow_confidence (flows->to_last, flows->to_new, SOFT_PX, error) : NULL;
  ok = trust != NULL;
  for (int i = 0; ok && i < n_films; i++)
    ok = add_error (&films[i], flows->to_last, trust, error);
  return ok;
}

static gboolean
open_all (Film *films, int n_films, char **names, GError **error)
{
  RvFilmInfo info;
  if (!rv_film_probe (names[1], &info, error)) /* the clip in the size of the first video */
    return FALSE;
  const RvFilmPart part = { .width = info.width, .height = info.height };
  for (int i = 0; i < n_films; i++) {
    films[i].name = names[i];
    if (!(films[i].reader = rv_film_reader_new (names[i], &part, error)) || !next (&films[i], error))
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
  int n_films = argc - 1, n_pairs = 0;
  if (n_films < 2) {
    fprintf (stderr, "bench-film CLIP FILM...\n");
    return 2;
  }
  g_autofree Film *films = g_new0 (Film, (gsize) n_films);
  gboolean ok = open_all (films, n_films, argv + 1, &error), more = ok;
  while (ok && more) {
    for (int i = n_films - 1; i >= 0 && more; i--) /* the clip last, as it may be longer */
      more = next (&films[i], &error);
    ok = !error && (!more || compare (films, n_films, &flows, settings, &error));
    n_pairs += more;
  }
  for (int i = 0; ok && i < n_films; i++)
    printf ("%s: warping error %.5f over %d pairs\n", films[i].name, films[i].sum / MAX (n_pairs, 1), n_pairs);
  if (!ok)
    fprintf (stderr, "bench-film: %s\n", error ? error->message : "no frames");
  put (&flows.to_last, NULL);
  put (&flows.to_new, NULL);
  for (int i = 0; i < n_films; i++) {
    rv_film_reader_free (films[i].reader);
    rv_image_unref (films[i].last);
    rv_image_unref (films[i].now);
  }
  return !ok;
}
