/* flow.c -- optical flow by dense inverse search. Kroeger, Timofte, Dai, Van Gool 2016, "Fast optical flow using dense
 * inverse search", with its variational refinement; the presets' numbers are OpenCV's.
 *
 * From the coarsest level of a pyramid to the finest: patches search (dis.c), pixels average the patches' vectors, the
 * flow is refined (refine.c). The flow of the finest level is enlarged bilinearly, and its vectors are scaled.
 *
 * Differences from OpenCV:
 *   gradients are central differences of f32 pictures
 *   H is damped
 *   a patch keeps the best of the vectors that it has tried
 *   pixels weigh by 1 / d^2 instead of 1 / |d| (bench/RESULTS.md has the gain)
 *   weights and brightness constancy ignore a change of light
 *   there is no data term outside of the other picture
 *   the last patch of a row or column is aligned to the border, so that every pixel is covered */
#include "flow-internal.h"
#include "base/alloc.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/settings.h"
#include "base/parallel.h"
#include "base/system.h"
#include <math.h>
#include <string.h>

#define MAX_LEVELS 32
#define SMALL_PX 640 /* longest side below which the first preset searches at full size */
#define MAX_VALUE 1e6f

static const RvFlowPreset presets[] = {
  { "medium", 3, 1, 25, 5 }, /* stride, finest level, steps of a patch, refinements of a level */
  { "fast", 4, 2, 16, 5 },
  { "fine", 3, 0, 25, 5 },
};

typedef struct {
  char *preset; /* one of `presets` */
  gint64 threads;
} Settings;

#define FIELD(f) offsetof (Settings, f)

static const RvOption options[] = {
  { "preset", 0, RV_OPTION_CHOICE, FIELD (preset), "medium", .unit = "NAME",
    .help = "accuracy; fine takes four times as long as medium, fast a quarter",
    .names = RV_NAMES ("medium", "fast", "fine"), .group = "optical flow" },
  { "threads", 0, RV_OPTION_INT, FIELD (threads), NULL, 0, 1024, .unit = "COUNT",
    .help = "threads to compute with [the processor's cores]" },
  { NULL },
};

const RvSettingsClass rv__settings_flow = {
  .kind = "flow", .command = "flow", .table = options, .size = sizeof (Settings)
};

/* ---- input ------------------------------------------------------------------------------------------------------- */

gboolean
rv__flow_check_tensor (const RvTensor *tensor, gint64 channels, const RvTensor *like, const char *what, GError **error)
{
  const RvShape *shape = &tensor->shape;
  if (tensor->type != RV_F32)
    return rv__error_set (error, RV_ERROR_TYPE, "%s is %s; it must be f32", what, rv_type_name (tensor->type));
  gboolean fits = shape->n == 4 && shape->dim[0] == 1 && (channels == 0 || shape->dim[1] == channels) &&
                  shape->dim[2] >= 1 && shape->dim[3] >= 1 && shape->dim[2] <= G_MAXINT / 4 &&
                  shape->dim[3] <= G_MAXINT / 4;
  if (fits && (!like || (shape->dim[2] == like->shape.dim[2] && shape->dim[3] == like->shape.dim[3])))
    return TRUE;
  g_autofree char *has = rv_shape_text (shape), *other = like ? rv_shape_text (&like->shape) : NULL;
  g_autofree char *expected = channels ? g_strdup_printf ("%" G_GINT64_FORMAT, channels) : g_strdup ("channels");
  return rv__error_set (error, RV_ERROR_SHAPE, "%s is %s; it must be [1, %s, height, width]%s%s", what, has, expected,
                        fits ? ", of the same size as " : "", fits ? other : "");
}

/* Whether all values are within +-MAX_VALUE; FALSE for NaN. */
RV_CLONES static gboolean
is_in_range (const float *values, gint64 n)
{
  int wrong = 0;
  for (gint64 i = 0; i < n; i++)
    wrong |= !(values[i] >= -MAX_VALUE && values[i] <= MAX_VALUE);
  return !wrong;
}

/* Checks @tensor by rv__flow_check_tensor(), and that its values are within +-MAX_VALUE, else RV_ERROR_NUMBER. */
static gboolean
check_input (const RvTensor *tensor, gint64 channels, const RvTensor *like, const char *what, GError **error)
{
  if (!rv__flow_check_tensor (tensor, channels, like, what, error))
    return FALSE;
  return is_in_range (tensor->data, rv_tensor_count (tensor)) ||
         rv__error_set (error, RV_ERROR_NUMBER, "%s has values that are NaN or beyond +-10^6", what);
}

/* Preset of @settings; the first preset if @settings is NULL. Static. */
static const RvFlowPreset *
find_preset (const Settings *settings)
{
  for (guint i = 0; settings && i < G_N_ELEMENTS (presets); i++)
    if (strcmp (presets[i].name, settings->preset) == 0)
      return &presets[i];
  return &presets[0];
}

/* Writes the luma of @n pixels (ITU-R BT.601) to @grey, in the units of the colours. */
RV_CLONES static void
weigh_row (const float *restrict red, const float *restrict green, const float *restrict blue, gint64 n,
           float *restrict grey)
{
  for (gint64 i = 0; i < n; i++)
    grey[i] = 0.299f * red[i] + 0.587f * green[i] + 0.114f * blue[i];
}

RvTensor *
rv_flow_grey (const RvImage *image, GError **error)
{
  gint64 plane = (gint64) image->width * image->height;
  RvShape shape = rv_shape (4, 1, 1, image->height, image->width);
  RvTensor *grey = rv_tensor_new (RV_F32, &shape, error);
  const float *rgb = image->rgb->data;
  if (grey)
    weigh_row (rgb, rgb + plane, rgb + 2 * plane, plane, grey->data);
  return grey;
}

/* ---- the pyramid ------------------------------------------------------------------------------------------------- */

typedef struct {
  const RvFlowPreset *preset;
  int finest, coarsest;
  RvGrey from[MAX_LEVELS], to[MAX_LEVELS];
  RvFlowFunc progress;
  gpointer user_data;
} Run;

/* Sets *@grey to a new copy of @tensor, [1, 1, height, width], with its border; the caller clears it. A side shorter
 * than RV_FLOW_PATCH is extended to it with the edge pixel. After an error *@grey is unchanged. */
static gboolean
grey_from_tensor (const RvTensor *tensor, RvGrey *grey, GError **error)
{
  int height = (int) tensor->shape.dim[2], width = (int) tensor->shape.dim[3];
  if (!rv__grey_init (grey, MAX (width, RV_FLOW_PATCH), MAX (height, RV_FLOW_PATCH), error))
    return FALSE;
  for (int y = 0; y < grey->height; y++) {
    const float *row = (const float *) tensor->data + (gint64) MIN (y, height - 1) * width;
    float *to = grey->at + y * grey->stride;
    memcpy (to, row, (gsize) width * sizeof (float));
    for (int x = width; x < grey->width; x++)
      to[x] = row[width - 1];
  }
  rv__grey_extend (grey);
  return TRUE;
}

/* Sets @levels 0 .. @coarsest, which must be zeros, to new pictures: the first has the size of @tensor, each other one
 * half the sides of the previous one. The caller clears all, also after an error. */
static gboolean
make_pyramid (RvGrey *levels, const RvTensor *tensor, int coarsest, GError **error)
{
  gboolean ok = grey_from_tensor (tensor, &levels[0], error);
  for (int l = 1; ok && l <= coarsest; l++)
    if ((ok = rv__grey_init (&levels[l], levels[l - 1].width / 2, levels[l - 1].height / 2, error)))
      rv__grey_shrink (&levels[l - 1], &levels[l]);
  return ok;
}

/* Level with a longest side of about four patches and a shortest side of at least one. */
static int
coarsest_level (int width, int height)
{
  double longest = MAX (width, height), shortest = MIN (width, height);
  return MIN ((int) round (log2 (MAX (longest / (4 * RV_FLOW_PATCH), 1))),
              (int) floor (log2 (shortest / RV_FLOW_PATCH)));
}

/* ---- estimation -------------------------------------------------------------------------------------------------- */

/* Calls run->progress, if any, with the fraction of the work that is done, 0..1: all coarser levels, and @part, 0..1,
 * of @level. FALSE and RV_ERROR_CANCELLED if the callback returns FALSE or the thread's work is cancelled. */
static gboolean
report_progress (const Run *run, int level, double part, GError **error)
{
  double above = level == run->coarsest ? 0 : pow (0.25, level + 1 - run->finest);
  double done = above + part * (pow (0.25, level - run->finest) - above);
  return ((!run->progress || run->progress (done, run->user_data)) && !rv__is_cancelled ()) ||
         rv__error_set (error, RV_ERROR_CANCELLED, "the optical flow was cancelled");
}

/* Computes the flow of one level and reports the progress. *flow: (inout): the flow of the next coarser level (u NULL:
 * none), freed and replaced by that of @level. The caller frees flow->u, also after an error. */
static gboolean
run_level (const Run *run, int level, const RvFlowField *before, RvFlowField *flow, GError **error)
{
  const RvGrey *from = &run->from[level], *to = &run->to[level];
  gsize plane = (gsize) from->width * (gsize) from->height;
  float *memory = rv__alloc (2 * plane * sizeof (float), "a flow", error);
  if (!memory)
    return FALSE;
  RvFlowField finer = { from->width, from->height, memory, memory + plane };
  gboolean ok = rv__flow_search (from, to, run->preset, flow->u ? flow : NULL, before, 1 << level, &finer, error) &&
                report_progress (run, level, 0.4, error) &&
                rv__flow_refine (from, to, run->preset->refinements, &finer, error) &&
                report_progress (run, level, 1, error);
  rv__free (flow->u);
  *flow = finer;
  return ok;
}

/* Position of a pixel of a longer row in a shorter row: index, and weight of the next pixel, 0..1. */
typedef struct {
  int at;
  float part;
} LinearTap;

/* Neighbours, `at` and `at` + 1, and weight `part` of the second, for bilinear interpolation of pixel @i of a row
 * that is @scale times longer than the row of @size px, at least 2. Half-pixel centres; the last pixels repeat at the
 * edges. */
static LinearTap
linear_tap (gint64 i, int scale, int size)
{
  float x = CLAMP (((float) i + 0.5f) / (float) scale - 0.5f, 0, (float) (size - 1));
  int at = MIN ((int) x, size - 2); /* a level is at least as wide as a patch */
  return (LinearTap){ at, x - (float) at };
}

/* Writes row @to, @n px, from the rows @upper and @lower of @n_blended px: blended with weight @down of the lower one,
 * multiplied by @scale, and interpolated at @columns, [@n]. @blended: workspace, [@n_blended]. */
RV_CLONES static void
enlarge_row (const float *upper, const float *lower, float down, int scale, const LinearTap *columns, gint64 n,
             float *restrict blended, int n_blended, float *restrict to)
{
  for (int x = 0; x < n_blended; x++)
    blended[x] = (float) scale * (upper[x] + down * (lower[x] - upper[x]));
  for (gint64 x = 0; x < n; x++) {
    const float *p = blended + columns[x].at;
    to[x] = p[0] + columns[x].part * (p[1] - p[0]);
  }
}

/* Enlarges @plane, [height, width], bilinearly by @scale and overwrites @to, [to_height, to_width], with the top left
 * of the result. Multiplies the values by @scale. The last pixels repeat at the edges. Cannot fail. */
static void
enlarge_plane (const float *plane, int width, int height, int scale, gint64 to_width, gint64 to_height, float *to)
{
  g_autofree LinearTap *columns = g_new (LinearTap, to_width);
  for (gint64 x = 0; x < to_width; x++)
    columns[x] = linear_tap (x, scale, width);
#pragma omp parallel
  {
    g_autofree float *blended = g_new (float, width);
#pragma omp for schedule(static)
    for (gint64 y = 0; y < to_height; y++) {
      LinearTap row = linear_tap (y, scale, height);
      const float *upper = plane + (gint64) row.at * width;
      enlarge_row (upper, upper + width, row.part, scale, columns, to_width, blended, width, to + y * to_width);
    }
  }
}

/* (transfer full) (nullable): the flow of a level 1 / @scale of the size, enlarged to the size of @like, [1, 2, height,
 * width], px. */
static RvTensor *
enlarge (const RvFlowField *flow, int scale, const RvTensor *like, GError **error)
{
  gint64 height = like->shape.dim[2], width = like->shape.dim[3];
  RvShape shape = rv_shape (4, 1, 2, (int) height, (int) width);
  RvTensor *tensor = rv_tensor_new (RV_F32, &shape, error);
  if (!tensor)
    return NULL;
  float *u = tensor->data, *v = u + height * width;
  enlarge_plane (flow->u, flow->width, flow->height, scale, width, height, u);
  enlarge_plane (flow->v, flow->width, flow->height, scale, width, height, v);
  return tensor;
}

/* (transfer full) (nullable): flow from @from to @to, [1, 2, height, width], level by level from coarse to fine. @run:
 * zeros except preset and callback. The caller has checked the tensors. @before: (nullable): flow of the previous
 * frames. Sets run->coarsest and ->finest; fills and frees run->from and ->to. */
static RvTensor *
estimate (Run *run, const RvTensor *from, const RvTensor *to, const RvTensor *before, GError **error)
{
  gint64 height = from->shape.dim[2], width = from->shape.dim[3];
  run->coarsest = coarsest_level ((int) MAX (width, RV_FLOW_PATCH), (int) MAX (height, RV_FLOW_PATCH));
  gboolean is_small = MAX (height, width) < SMALL_PX && run->preset == &presets[0];
  run->finest = MIN (is_small ? 0 : run->preset->finest, run->coarsest);
  RvFlowField given = { (int) width, (int) height, NULL, NULL }, flow = { 0 };
  if (before)
    given.u = before->data, given.v = given.u + height * width;

  gboolean ok =
    make_pyramid (run->from, from, run->coarsest, error) && make_pyramid (run->to, to, run->coarsest, error);
  for (int level = run->coarsest; ok && level >= run->finest; level--)
    ok = run_level (run, level, before ? &given : NULL, &flow, error);
  RvTensor *result = ok ? enlarge (&flow, 1 << run->finest, from, error) : NULL;
  rv__free (flow.u);
  for (int l = 0; l <= run->coarsest; l++) {
    rv__grey_clear (&run->from[l]);
    rv__grey_clear (&run->to[l]);
  }
  return result;
}

RvTensor *
rv_flow_estimate (const RvTensor *from, const RvTensor *to, const RvTensor *before, const RvSettings *settings,
                  RvFlowFunc progress, gpointer user_data, GError **error)
{
  const Settings *own = settings ? rv__settings_fields (settings, &rv__settings_flow, error) : NULL;
  Run run = { .preset = find_preset (own), .progress = progress, .user_data = user_data };
  if ((settings && !own) || !rv__system_check_threads (error) ||
      !check_input (from, 1, NULL, "the first picture", error) ||
      !check_input (to, 1, from, "the second picture", error) ||
      (before && !check_input (before, 2, from, "the flow before", error)))
    return NULL;
  int threads = own && own->threads ? (int) own->threads : rv__system_cores ();
  int threads_before = rv__system_use_threads (threads);
  RvTensor *flow = estimate (&run, from, to, before, error);
  rv__system_use_threads (threads_before);
  return flow;
}
