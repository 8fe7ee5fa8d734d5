/* bench-cancel.c -- bench-cancel [SIDE [KIND]]: time from a cancellation by another thread to the end of the job, for
 * each kind of job, with pictures of SIDE px [1024].
 *
 * Cancellations are spread over the first work of a job: reading, planning, measuring, targets, iterations. Prints
 * median and maximum in ms for each kind, and the maximum processor time of all threads, which does not depend on the
 * load. */
#include "bench.h"
#include <glib/gstdio.h>
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_MOMENTS 24
#define FIRST_US 2000.0 /* time of the first cancellation; GROWTH: ratio of successive times */
#define GROWTH 1.5
#define LAST_US 6000000.0

#define SIDE "px" /* placeholder in the settings of a case, for the argument SIDE */

#define LARGE 5 /* side of the picture file / SIDE: large files are slow to read */
#define N_FRAMES 12
#define N_SMALL 256 /* number of training pictures of a VAE */
#define SMALL_PX 64 /* side of a training picture */

/* Inputs: pictures in memory, and files. */
typedef enum { NONE, CONTENT, STYLE, PICTURE_FILE, VIDEO, DATA, MODEL, N_SOURCES } Source;

static const char *const file_names[N_SOURCES] = {
  [PICTURE_FILE] = "large.png", [VIDEO] = "film.mp4", [DATA] = "data", [MODEL] = "model.safetensors"
};

typedef struct {
  const char *kind;
  struct {
    const char *role;
    Source source;
  } inputs[2];
  const char *settings[8]; /* name, value; NULL-terminated */
} Case;

#define BOTH                                                                                                           \
  {                                                                                                                    \
    { "content", CONTENT },                                                                                            \
    {                                                                                                                  \
      "style", STYLE                                                                                                   \
    }                                                                                                                  \
  }

static const Case cases[] = {
  { "style", BOTH, { "size", SIDE } },
  { "style", BOTH, { "size", SIDE, "tile", "256" } },
  { "style", BOTH, { "size", SIDE, "preset", "keras", "network", "builtin" } },
  { "style", BOTH, { "size", SIDE, "init", "learned" } },
  { "dream", { { "picture", CONTENT } }, { "size", SIDE } },
  { "dream", { { NULL } }, { "atlas", "conv5_1" } },
  { "style-learned", { { "content", CONTENT } }, { "size", SIDE, "learned", "hokusai-wave" } },
  { "style-learned",
    { { "content", PICTURE_FILE } },
    { "size", SIDE, "learned", "hokusai-wave", "output", "out.png" } },
  { "explore-learned", { { "content", CONTENT } }, { "cell", SIDE, "learned", "all" } },
  { "explore-style", BOTH, { "cell", SIDE } },
  { "explore-dream", { { "picture", CONTENT } }, { "cell", SIDE } },
  { "style-video", { { "content", VIDEO }, { "style", STYLE } }, { "size", SIDE, "output", "out.mp4" } },
  { "style-video", { { "content", VIDEO } }, { "size", SIDE, "learned", "hokusai-wave", "output", "out.mp4" } },
  { "dream-video", { { "content", VIDEO } }, { "size", SIDE, "output", "out.mp4" } },
  { "learn", { { "style", STYLE }, { "photo", CONTENT } }, { "crop", "256" } },
  { "vae-train", { { "data", DATA } }, { "size", "64", "epochs", "1000" } },
  { "vae-picture", { { "model", MODEL } }, { "what", "manifold", "count", "40" } },
};

typedef struct {
  GCancellable *cancellable;
  gint64 after_us, cancelled_us;
  double cancelled_ms; /* processor time */
} Later;

static gpointer
cancel_later (gpointer data)
{
  Later *later = data;
  g_usleep ((gulong) later->after_us);
  later->cancelled_us = g_get_monotonic_time ();
  later->cancelled_ms = bench_processor_ms ();
  g_cancellable_cancel (later->cancellable);
  return NULL;
}

/* Inputs of all cases. */
typedef struct {
  const char *side, *folder;    /* px; folder of the files */
  RvImage *pictures[N_SOURCES]; /* NULL: a file */
} World;

/* (transfer full) (nullable): the job of the case, with its inputs from @world, and SIDE and output files set. */
static RvJob *
new_job (const Case *what, const World *world, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new (what->kind, error);
  for (guint i = 0; job && i < G_N_ELEMENTS (what->inputs) && what->inputs[i].role; i++) {
    Source source = what->inputs[i].source;
    g_autofree char *file = g_build_filename (world->folder, file_names[source], NULL);
    if (world->pictures[source] ? !rv_job_add_picture (job, what->inputs[i].role, world->pictures[source], error)
                                : !rv_job_add_file (job, what->inputs[i].role, file, error))
      return NULL;
  }
  for (int i = 0; job && what->settings[i]; i += 2) {
    const char *name = what->settings[i], *value = what->settings[i + 1];
    gboolean is_file = strcmp (name, "output") == 0;
    g_autofree char *file = is_file ? g_build_filename (world->folder, value, NULL) : NULL;
    if (!rv_job_set (job, name,
                     is_file                     ? file
                     : strcmp (value, SIDE) == 0 ? world->side
                                                 : value,
                     error) ||
        (is_file && !rv_job_set (job, "force", "yes", error)))
      return NULL;
  }
  return g_steal_pointer (&job);
}

/* Cancels a run of the case after @after_us. Returns the ms from the cancellation to the end of the run; -1: the run
 * ended before. *worked_ms: raised to the processor time in between, if that is larger. */
static double
measure_cancel (const Case *what, const World *world, double after_us, double *worked_ms)
{
  GError *error = NULL;
  g_autoptr (RvJob) job = new_job (what, world, &error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Later later = { cancellable, (gint64) after_us, 0, 0 };
  GThread *thread = g_thread_new ("cancel", cancel_later, &later);
  gboolean ran = job && rv_job_run (job, cancellable, &error);
  gint64 ended_us = g_get_monotonic_time ();
  double ended_ms = bench_processor_ms ();
  g_thread_join (thread);
  if (error && !g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED))
    fprintf (stderr, "%s: %s\n", what->kind, error->message);
  g_clear_error (&error);
  if (!ran)
    *worked_ms = MAX (*worked_ms, ended_ms - later.cancelled_ms);
  return ran ? -1 : (double) (ended_us - later.cancelled_us) / 1000;
}

/* Repeats runs of the case, each cancelled later, until a run ends by itself. Prints the line of the case. */
static void
measure (const Case *what, const World *world)
{
  double ms[N_MOMENTS], longest_ms = 0, longest_us = 0, worked_ms = 0;
  int n = 0;
  for (double us = FIRST_US; us < LAST_US && n < N_MOMENTS; us *= GROWTH) {
    ms[n] = measure_cancel (what, world, us, &worked_ms);
    if (ms[n] < 0)
      break;
    if (ms[n] > longest_ms) {
      longest_ms = ms[n];
      longest_us = us;
    }
    n++;
  }
  g_autofree char *settings = g_strjoinv (" ", (char **) what->settings);
  qsort (ms, (size_t) n, sizeof *ms, bench_by_value);
  printf ("%-14s %-36s %4.0f ms, at most %4.0f ms, when cancelled after %.3f s; processor: at most %4.0f ms\n",
          what->kind, settings, n ? ms[n / 2] : NAN, longest_ms, longest_us / G_USEC_PER_SEC, worked_ms);
  fflush (stdout);
}

/* ---- input files ------------------------------------------------------------------------------------------------- */

static gboolean
save (RvImage *image, const char *file, GError **error)
{
  g_autoptr (RvImage) held = image;
  return image && rv_image_save (image, file, NULL, error);
}

static gboolean
make_video (const char *file, int side, GError **error)
{
  const RvVideoInfo info = { .width = side, .height = side, .rate_num = 25, .rate_den = 1, .bits = 8 };
  g_autoptr (RvVideoWriter) writer = rv_video_writer_new (file, &info, NULL, error);
  gboolean ok = writer != NULL;
  for (int k = 0; ok && k < N_FRAMES; k++) {
    g_autoptr (RvImage) frame = bench_picture (side, side, k);
    ok = rv_video_writer_add (writer, frame, error);
  }
  return ok && rv_video_writer_finish (writer, error);
}

static gboolean
make_data (const char *folder, GError **error)
{
  gboolean ok = g_mkdir (folder, 0700) == 0;
  for (int i = 0; ok && i < N_SMALL; i++) {
    g_autofree char *name = g_strdup_printf ("%03d.png", i), *file = g_build_filename (folder, name, NULL);
    ok = save (bench_picture (SMALL_PX, SMALL_PX, i), file, error);
  }
  return ok;
}

static gboolean
make_model (const World *world, GError **error)
{
  static const Case training = { "vae-train",
                                 { { "data", DATA } },
                                 { "size", "64", "latent", "2", "epochs", "1", "output", "model.safetensors" } };
  g_autoptr (RvJob) job = new_job (&training, world, error);
  return job && rv_job_run (job, NULL, error);
}

/* Writes the file of @source, unless it is in memory or exists. A model needs the data first. */
static gboolean
make_source (Source source, const World *world, GError **error)
{
  g_autofree char *file = file_names[source] ? g_build_filename (world->folder, file_names[source], NULL) : NULL;
  if (!file || g_file_test (file, G_FILE_TEST_EXISTS))
    return TRUE;
  switch (source) {
  case PICTURE_FILE:
    return save (bench_picture (LARGE * atoi (world->side), LARGE * atoi (world->side), 1), file, error);
  case VIDEO:
    return make_video (file, atoi (world->side), error);
  case DATA:
    return make_data (file, error);
  default:
    return make_source (DATA, world, error) && make_model (world, error);
  }
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  while (folder && (name = g_dir_read_name (folder))) {
    g_autofree char *inner = g_build_filename (path, name, NULL);
    remove_all (inner);
  }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  const char *side = argc > 1 ? argv[1] : "1024", *kind = argc > 2 ? argv[2] : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("bench-cancel-XXXXXX", &error);
  if (!folder || !rv_process_start (0, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  g_autoptr (RvImage) content = bench_picture (atoi (side), atoi (side), 1),
                      style = bench_picture (atoi (side), atoi (side), 5);
  const World world = { side, folder, { [CONTENT] = content, [STYLE] = style } };
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    g_autoptr (GError) why = NULL;
    if (kind && strcmp (kind, cases[c].kind) != 0)
      continue;
    if (make_source (cases[c].inputs[0].source, &world, &why))
      measure (&cases[c], &world);
    else
      printf ("%-14s left out: %s\n", cases[c].kind, why ? why->message : "no files to be read");
  }
  remove_all (folder);
  return 0;
}
