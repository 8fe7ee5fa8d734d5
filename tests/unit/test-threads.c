/* test-threads.c -- two runs of each kind at once, on separate threads: styles that share preparation, dreams, and
 * trainings on one dataset. Results equal those of single runs. Runs can be stopped from another thread, and several
 * threads can use one kernel table. */
#include "backend/kernel-table.h"
#include "io/dataset/dataset-internal.h"
#include "method/style/style.h"
#include "method/vae/train.h"
#include "support/formula.h"
#include "support/support.h"
#include "method/dream/dream.h"
#include <reverie/kernel-cache.h>
#include <string.h>

#define N_JOBS 2 /* for each kind */
#define SIDE 48
#define N_PICTURES 24

static struct {
  RvNet *net;
  RvImage *content, *style;
  RvDataset *dataset;
  RvKernelTable *kernels;
  gint stop; /* atomic */
} common;

typedef struct {
  RvStyle *style; /* for styles */
  gboolean ends;  /* ends by itself; else only when stopped */
  RvImage *result;
  GThread *thread;
} Job;

static gboolean
wanted (gpointer data)
{
  return g_atomic_int_get (&common.stop);
}

/* ---- styles ------------------------------------------------------------------------------------------------------ */

static RvStyle *
new_style (gboolean ends)
{
  g_autoptr (RvSettings) settings = test_settings_of ("style", "gallery");
  test_set (settings, "iterations", ends ? "2" : "1000000");
  test_set (settings, "start-size", "32");
  test_set (settings, "exact", "yes");
  test_set (settings, "threads", "1");
  RvStyle *style = rv__style_new (settings, common.net, common.content, &common.style, 1, NULL, NULL);
  rv__style_set_kernels (style, common.kernels);
  return style;
}

static gboolean
on_style (const RvIteration *p, gpointer data)
{
  return !wanted (NULL);
}

static gpointer
run_style (gpointer data)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;
  rv__style_set_stop_request (job->style, (RvStopRequest){ .func = wanted });
  if (!rv__style_run (job->style, on_style, NULL, &job->result, &error))
    g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  return NULL;
}

/* ---- dreams ------------------------------------------------------------------------------------------------------ */

static gboolean
on_dream (const RvIteration *p, gpointer data)
{
  return !wanted (NULL);
}

static gpointer
run_dream (gpointer data)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = test_settings_of ("dream", "test");
  test_set (settings, "octaves", "1");
  test_set (settings, "iterations", job->ends ? "2" : "1000000");
  test_set (settings, "exact", "yes");
  test_set (settings, "threads", "1");
  g_autoptr (RvDream) dream = rv__dream_new (settings, common.net, common.content, NULL);
  g_assert_true (rv__dream_set_style (dream, common.style, 0.5, NULL));
  rv__dream_set_stop_request (dream, (RvStopRequest){ .func = wanted });
  if (!rv__dream_run (dream, on_dream, NULL, &job->result, &error))
    g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  return NULL;
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

static gboolean
on_training (const RvVaeProgress *p, gboolean epoch_ended, gpointer data)
{
  return !wanted (NULL);
}

/* Trains a VAE. The result is the picture that the decoder makes from the latent 0. */
static gpointer
run_training (gpointer data)
{
  Job *job = data;
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  test_set (settings, "epochs", job->ends ? "2" : "1000000");
  test_set (settings, "latent", "2");
  test_set (settings, "width", "4");
  test_set (settings, "threads", "1");
  g_autoptr (RvVae) vae =
    rv_vae_new (settings, common.dataset->channels, common.dataset->height, common.dataset->width, NULL);
  g_autoptr (RvVaeTraining) training = rv__vae_training_new (vae, common.dataset, NULL, NULL);
  g_assert_true (rv__vae_training_run (training, on_training, NULL, NULL));
  g_autofree float *pixels = g_new (float, common.dataset->channels *common.dataset->height *common.dataset->width);
  g_assert_true (rv_vae_decode (vae, (float[]){ 0, 0 }, 1, pixels, NULL));
  job->result = rv_vae_sheet (vae, pixels, 1, 1, 0, NULL);
  return NULL;
}

/* ---- concurrent jobs --------------------------------------------------------------------------------------------- */

static const GThreadFunc kinds[] = { run_style, run_dream, run_training };

/* Starts all jobs. Styles reuse targets and programs of the first style, which may be freed before them. */
static void
start (Job jobs[G_N_ELEMENTS (kinds)][N_JOBS], gboolean ends)
{
  RvStyle *first = NULL;
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    for (int i = 0; i < N_JOBS; i++) {
      Job *job = &jobs[kind][i];
      *job = (Job){ .ends = ends, .style = kind == 0 ? new_style (ends) : NULL };
      if (first && job->style)
        rv__style_reuse (job->style, first); /* the first may already be running */
      first = first ? first : job->style;
      job->thread = g_thread_new ("job", kinds[kind], job);
    }
}

static void
join (Job jobs[G_N_ELEMENTS (kinds)][N_JOBS])
{
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    for (int i = 0; i < N_JOBS; i++) {
      g_thread_join (jobs[kind][i].thread);
      rv__style_free (jobs[kind][i].style);
    }
}

static void
clear (Job *job)
{
  rv_image_unref (job->result);
}

static void
test_at_once (void)
{
  Job jobs[G_N_ELEMENTS (kinds)][N_JOBS];
  g_atomic_int_set (&common.stop, 0);
  start (jobs, TRUE);
  join (jobs);
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++) {
    Job alone = { .ends = TRUE, .style = kind == 0 ? new_style (TRUE) : NULL };
    kinds[kind](&alone);
    for (int i = 0; i < N_JOBS; i++) {
      const RvTensor *a = alone.result->rgb, *b = jobs[kind][i].result->rgb;
      g_assert_cmpmem (a->data, rv_tensor_bytes (a), b->data, rv_tensor_bytes (b));
      clear (&jobs[kind][i]);
    }
    rv__style_free (alone.style);
    clear (&alone);
  }
}

/* Runs are stopped at their start and after 0.3 s. */
static void
test_stopped_from_outside (void)
{
  static const gulong moments_us[] = { 0, 300000 };
  for (guint m = 0; m < G_N_ELEMENTS (moments_us); m++) {
    Job jobs[G_N_ELEMENTS (kinds)][N_JOBS];
    g_atomic_int_set (&common.stop, 0);
    start (jobs, FALSE);
    g_usleep (moments_us[m]);
    g_atomic_int_set (&common.stop, 1);
    join (jobs);
    for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
      for (int i = 0; i < N_JOBS; i++)
        clear (&jobs[kind][i]);
  }
}

/* ---- kernel table ------------------------------------------------------------------------------------------------ */

#define N_TABLE_THREADS 4
#define N_KEYS 2000

/* Adds all keys, in each thread from another key on, and checks the entries. */
static gpointer
use_table (gpointer data)
{
  int thread = GPOINTER_TO_INT (data);
  g_autofree char *kernel = g_strdup_printf ("kernel%d", thread);
  g_autoptr (GPtrArray) seen = g_ptr_array_new ();
  for (int i = 0; i < N_KEYS; i++) {
    g_autofree char *key = g_strdup_printf ("key%d", (i + thread * 500) % N_KEYS),
                    *line = g_strdup_printf ("%s = %s\n", key, kernel);
    if (i % 2)
      rv__kernel_table_add (common.kernels, key, kernel);
    else
      rv_kernel_table_add_text (common.kernels, line);
    const char *there = rv__kernel_table_lookup (common.kernels, key);
    g_assert_nonnull (there);
    g_ptr_array_add (seen, (gpointer) there);
    g_assert_cmpuint (rv__kernel_table_size (common.kernels), >, 0);
    if (i % 128 == 0) {
      g_autofree char *text = rv__kernel_table_to_text (common.kernels);
      g_autoptr (RvKernelTable) used = rv__kernel_table_used (common.kernels);
      g_assert_nonnull (strstr (text, key));
    }
  }
  rv_kernel_cache_save (common.kernels);
  for (int i = 0; i < N_KEYS; i++) { /* the first entry stays, at the same address */
    g_autofree char *key = g_strdup_printf ("key%d", (i + thread * 500) % N_KEYS);
    g_assert_cmpstr (rv__kernel_table_lookup (common.kernels, key), ==, seen->pdata[i]);
  }
  return NULL;
}

static void
test_one_table (void)
{
  g_autoptr (RvKernelTable) before = g_steal_pointer (&common.kernels), saved = rv_kernel_table_new ();
  GThread *threads[N_TABLE_THREADS];
  common.kernels = rv_kernel_table_new ();
  for (int i = 0; i < N_TABLE_THREADS; i++)
    threads[i] = g_thread_new ("table", use_table, GINT_TO_POINTER (i));
  for (int i = 0; i < N_TABLE_THREADS; i++)
    g_thread_join (threads[i]);
  rv_kernel_cache_add (saved);
  g_autofree char *text = rv__kernel_table_to_text (common.kernels), *saved_text = rv__kernel_table_to_text (saved);
  g_assert_cmpuint (rv__kernel_table_size (common.kernels), ==, N_KEYS);
  g_assert_cmpstr (saved_text, ==, text);
  rv_kernel_table_unref (common.kernels);
  common.kernels = g_steal_pointer (&before);
}

int
main (int argc, char **argv)
{
  test_own_dirs (); /* rv_kernel_cache_save() writes to the cache folder */
  g_test_init (&argc, &argv, NULL);
  common.net = rv_net_new_builtin (NULL);
  common.content = formula_picture ("content", SIDE, SIDE);
  common.kernels = rv_kernel_table_new ();
  common.style = formula_picture ("style", SIDE, SIDE);
  common.dataset = rv__dataset_new ("noise", N_PICTURES, 1, 8, 8, NULL);
  for (int i = 0; i < N_PICTURES * 64; i++)
    common.dataset->pixels[i] = (guint8) (128 + 100 * test_number (1, (guint64) i));
  rv__dataset_compute_hash (common.dataset, NULL);
  g_test_add_func ("/threads/at-once", test_at_once);
  g_test_add_func ("/threads/stopped-from-outside", test_stopped_from_outside);
  g_test_add_func ("/threads/one-table", test_one_table);
  int code = g_test_run ();
  rv_net_unref (common.net);
  rv_kernel_table_unref (common.kernels);
  rv_image_unref (common.content);
  rv_image_unref (common.style);
  rv_dataset_free (common.dataset);
  return code;
}
