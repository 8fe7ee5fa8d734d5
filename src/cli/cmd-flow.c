/* cmd-flow.c -- reverie flow FROM TO: optical flow between two pictures, as colours or as numbers. */
#include "cli/cli.h"
#include <math.h>
#include <string.h>

#define SOFT_PX 2 /* width of the soft edge of --mask */
#define QUICK_S 1 /* shorter runs show no progress */

static const RvOptionRow own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, .unit = "OUT",
    .help = "output file: .flo for numbers; .png, .jpg, .webp or .tif for colours" },
  { "kitti", 0, RV_OPTION_BOOL, .help = "write numbers to a .png, in KITTI's 16-bit format, instead of colours" },
  { "longest", 0, RV_OPTION_REAL, NULL, 0, 1e5, .unit = "PX",
    .help = "length of motion that gets the full colour [the longest of the flow]" },
  { "mask", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "write a picture that is white where forward and backward flow agree" },
  { "warped", 0, RV_OPTION_TEXT, .unit = "FILE", .help = "write TO, moved back along the flow onto FROM" },
  { "truth", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "print the mean end-point error against this flow, a .flo or KITTI's .png" },
  { "force", 'f', RV_OPTION_BOOL, .help = "replace files that exist" },
  { "quiet", 'q', RV_OPTION_BOOL, .help = "print no progress" },
  { NULL },
};

typedef struct {
  const CommandLine *line;
  const char *output, *mask, *warped, *truth;
  Progress *progress;
  double from_01, part_01; /* range of the progress bar that the current estimation covers */
  gint64 began_us;
} FlowJob;

/* ---- checks ------------------------------------------------------------------------------------------------------ */

/* Checks that there is an output or --truth, and that --mask, --warped and --kitti have the arguments that they need.
 * Reads no files. FALSE with RV_ERROR_SETTING. */
static gboolean
check_usage (const FlowJob *job, GError **error)
{
  const char *wrong = NULL;
  if (!job->output && !job->truth)
    wrong = "an output is missing: -o OUT.png or -o OUT.flo";
  else if (job->line->n_args == 1 && (job->mask || job->warped))
    wrong = "--mask and --warped need two pictures, not a flow";
  else if (line_is_on (job->line, "kitti") &&
           !(job->output && strlen (job->output) > 4 &&
             g_ascii_strcasecmp (job->output + strlen (job->output) - 4, ".png") == 0))
    wrong = "--kitti needs an output .png: -o OUT.png";
  return !wrong || error_set (error, RV_ERROR_SETTING, "%s", wrong);
}

/* Checks that each output that is given can be written, is not an input, and does not exist, unless --force. @size: of
 * pictures to be written; not read for a .flo. With --force also deletes unfinished temporary files beside outputs.
 * RV_ERROR_SETTING: two outputs have one name. */
static gboolean
check_targets (const FlowJob *job, const RvImageInfo *size, GError **error)
{
  const char *targets[] = { job->output, job->mask, job->warped },
             *inputs[] = { job->line->args[0], job->line->n_args > 1 ? job->line->args[1] : job->truth, job->truth,
                           NULL };
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++) {
    for (guint j = 0; j < i; j++)
      if (!file_check_apart (targets[i], targets[j], error))
        return FALSE;
    if (targets[i] &&
        (!rv_file_check_free (targets[i], inputs, line_is_on (job->line, "force"), error) ||
         !(rv_flow_file_is (targets[i]) ? rv_flow_file_check_target (targets[i], error)
                                        : rv_image_check_target (targets[i], size->width, size->height, error))))
      return FALSE;
  }
  return TRUE;
}

/* ---- flow -------------------------------------------------------------------------------------------------------- */

/* RvFlowFunc; @data: FlowJob. Draws the bar once the run takes over QUICK_S. FALSE, which cancels: Ctrl-C. */
static gboolean
on_progress (double done_01, gpointer data)
{
  FlowJob *job = data;
  double seconds = (double) (g_get_monotonic_time () - job->began_us) / G_USEC_PER_SEC;
  if (seconds > QUICK_S)
    progress_show (job->progress, job->from_01 + done_01 * job->part_01, 0, "flow");
  return !interrupt_requested ();
}

/* (transfer full) (nullable): the flow [1, 2, height, width], px, between two pictures of rv_flow_grey(). Shows its
 * progress in the range of the bar that begins at @from_01 and is @part_01 long. RV_ERROR_CANCELLED: Ctrl-C. */
static RvTensor *
estimate (FlowJob *job, const RvTensor *from, const RvTensor *to, double from_01, double part_01, GError **error)
{
  job->from_01 = from_01, job->part_01 = part_01;
  return rv_flow_estimate (from, to, NULL, job->line->settings, on_progress, job, error);
}

/* Writes --mask: white where @flow and @back, the flow in the other direction, agree. Errors of rv_flow_confidence()
 * and line_save_image(); RV_ERROR_MEMORY. */
static gboolean
save_mask (const FlowJob *job, const RvTensor *flow, const RvTensor *back, GError **error)
{
  g_autoptr (RvTensor) mask = rv_flow_confidence (flow, back, SOFT_PX, error);
  if (!mask)
    return FALSE;
  int height = (int) mask->shape.dim[2], width = (int) mask->shape.dim[3];
  g_autoptr (RvImage) image =
    rv_image_new_from_memory (mask->data, RV_PIXEL_F32, width, height, 1, (gsize) width * sizeof (float), error);
  return image && line_save_image (job->line, image, job->mask, error);
}

/* Writes --warped: the picture @to, moved back along @flow. Errors of rv_flow_warp() and line_save_image();
 * RV_ERROR_MEMORY. */
static gboolean
save_warped (const FlowJob *job, const RvImage *to, const RvTensor *flow, GError **error)
{
  g_autoptr (RvImage) warped = rv_image_new (to->width, to->height, error);
  g_autoptr (RvTensor) rgb = warped ? rv_flow_warp (to->rgb, flow, error) : NULL;
  if (!rgb)
    return FALSE;
  memcpy (warped->rgb->data, rgb->data, rv_tensor_bytes (rgb));
  return line_save_image (job->line, warped, job->warped, error);
}

/* (transfer full) (nullable): f32 [1, 2, height, width], px: the flow from args[0] to args[1], pictures of one size.
 * Checks the outputs before it computes, and also writes --warped and --mask. RV_ERROR_SHAPE: different or impossible
 * sizes; RV_ERROR_SETTING, RV_ERROR_FILE, RV_ERROR_FORMAT: files; RV_ERROR_MEMORY; RV_ERROR_CANCELLED: Ctrl-C. */
static RvTensor *
flow_of_pictures (FlowJob *job, GError **error)
{
  RvImageInfo size, other;
  if (!rv_image_probe (job->line->args[0], &size, error) || !rv_image_probe (job->line->args[1], &other, error))
    return NULL;
  if (size.width != other.width || size.height != other.height)
    return error_null (error, RV_ERROR_SHAPE, "%s has %d x %d px and %s %d x %d; a flow needs pictures of one size",
                       job->line->args[0], size.width, size.height, job->line->args[1], other.width, other.height);
  if (!check_targets (job, &size, error))
    return NULL;
  g_autoptr (RvImage) from = rv_image_load (job->line->args[0], 0, 0, error);
  g_autoptr (RvImage) to = from ? rv_image_load (job->line->args[1], 0, 0, error) : NULL;
  g_autoptr (RvTensor) grey = to ? rv_flow_grey (from, error) : NULL, to_grey = grey ? rv_flow_grey (to, error) : NULL;
  double part_01 = job->mask ? 0.5 : 1;
  g_autoptr (RvTensor) flow = to_grey ? estimate (job, grey, to_grey, 0, part_01, error) : NULL;
  if (!flow || (job->warped && !save_warped (job, to, flow, error)))
    return NULL;
  g_autoptr (RvTensor) back = job->mask ? estimate (job, to_grey, grey, part_01, part_01, error) : NULL;
  if (job->mask && (!back || !save_mask (job, flow, back, error)))
    return NULL;
  return g_steal_pointer (&flow);
}

/* (transfer full) (nullable): f32 [1, 2, height, width], px: the flow in the file args[0]. Checks the outputs first.
 * @error must not be NULL. */
static RvTensor *
flow_of_file (const FlowJob *job, GError **error)
{
  g_autoptr (RvTensor) flow = rv_flow_file_load (job->line->args[0], error);
  if (!flow && g_error_matches (*error, RV_ERROR, RV_ERROR_FORMAT))
    error_append (*error, "; a flow between two pictures: reverie flow FROM TO -o OUT");
  if (!flow)
    return NULL;
  RvImageInfo size = { (int) flow->shape.dim[3], (int) flow->shape.dim[2] };
  return check_targets (job, &size, error) ? g_steal_pointer (&flow) : NULL;
}

/* ---- report ------------------------------------------------------------------------------------------------------ */

/* Prints on standard output, also with --quiet, the mean end-point error to @truth, the flow in --truth, in px over the
 * pixels that are known in both; 0 if there are none. @truth NULL: only returns TRUE. RV_ERROR_SHAPE: another size. */
static gboolean
print_error (const FlowJob *job, const RvTensor *flow, const RvTensor *truth, GError **error)
{
  if (!truth)
    return TRUE;
  if (!rv_shape_equal (&truth->shape, &flow->shape))
    return error_set (error, RV_ERROR_SHAPE,
                      "%s has %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " px, and the flow another size", job->truth,
                      truth->shape.dim[3], truth->shape.dim[2]);
  gint64 plane = flow->shape.dim[2] * flow->shape.dim[3], n = 0;
  const float *a = flow->data, *b = truth->data;
  double sum = 0;
  for (gint64 p = 0; p < plane; p++) {
    double distance = hypot ((double) a[p] - b[p], (double) a[plane + p] - b[plane + p]);
    if (!isnan (distance)) /* unknown pixels do not count */
      sum += distance, n++;
  }
  printf ("end-point error %.3f px over %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " pixels\n",
          n > 0 ? sum / (double) n : 0, n, plane);
  return TRUE;
}

/* Prints output, size, mean and largest motion in px over known pixels, and time on standard output. Prints nothing
 * with --quiet or without an output. Cannot fail. */
static void
print_done (const FlowJob *job, const RvTensor *flow)
{
  gint64 height = flow->shape.dim[2], width = flow->shape.dim[3], plane = height * width, n = 0;
  const float *u = flow->data;
  double sum = 0, most = 0;
  for (gint64 p = 0; p < plane; p++) {
    double length = hypot ((double) u[p], (double) u[plane + p]);
    if (!isnan (length))
      sum += length, n++, most = MAX (most, length);
  }
  g_autofree char *time = rv_text_seconds ((double) (g_get_monotonic_time () - job->began_us) / G_USEC_PER_SEC);
  if (job->output && !line_is_on (job->line, "quiet"))
    text_print (
      stdout, "%s: %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " px, motion %.2f px in the mean, %.2f px at most, in %s",
      job->output, width, height, n > 0 ? sum / (double) n : 0, most, time);
}

/* Command.run. Estimates the flow of two pictures, or reads a flow from one file, prints by print_error(), writes
 * all outputs, and prints by print_done(). EXIT_INTERRUPTED: Ctrl-C while it computed, without @error. EXIT_FAILED:
 * errors of check_usage(), rv_process_start(), flow_of_pictures() and print_error(), and of reading and writing files.
 * @error may not be NULL. */
static int
cmd_flow (const CommandLine *line, GError **error)
{
  FlowJob job = { .line = line,
                  .output = line_text (line, "output"),
                  .mask = line_text (line, "mask"),
                  .warped = line_text (line, "warped"),
                  .truth = line_text (line, "truth") };
  if (!check_usage (&job, error) || !rv_process_start (options_threads (line->settings), error))
    return EXIT_FAILED;
  g_autoptr (RvTensor) truth = job.truth ? rv_flow_file_load (job.truth, error) : NULL;
  if (job.truth && !truth)
    return EXIT_FAILED;
  interrupt_watch ();
  job.began_us = g_get_monotonic_time ();
  job.progress = progress_new (line_is_on (line, "quiet"));
  g_autoptr (RvTensor) flow = line->n_args == 2 ? flow_of_pictures (&job, error) : flow_of_file (&job, error);
  progress_free (job.progress);
  if (!flow && g_error_matches (*error, RV_ERROR, RV_ERROR_CANCELLED)) {
    g_clear_error (error);
    return EXIT_INTERRUPTED;
  }
  if (!flow || !print_error (&job, flow, truth, error))
    return EXIT_FAILED;
  gboolean is_picture = job.output && !line_is_on (line, "kitti") && !rv_flow_file_is (job.output);
  g_autoptr (RvImage) drawing = is_picture ? rv_flow_draw (flow, line_number (line, "longest"), error) : NULL;
  gboolean ok = !job.output || (is_picture ? drawing && line_save_image (line, drawing, job.output, error)
                                           : rv_flow_file_save (flow, job.output, line_is_on (line, "force"), error));
  if (!ok)
    return EXIT_FAILED;
  print_done (&job, flow);
  return EXIT_DONE;
}

static const char *const examples[] = {
  "reverie flow frame-1.png frame-2.png -o flow.png",
  "the motion as colours: direction is hue, speed is saturation",
  "reverie flow frame-1.png frame-2.png -o flow.flo --mask sure.png",
  "as numbers, with a mask of the pixels where they are reliable",
  "reverie flow flow.flo -o flow.png --longest 20",
  "draw a saved flow; full colour at 20 px",
  NULL,
};

const Command command_flow = {
  .name = "flow",
  .summary = "show how one picture moved to become another",
  .usage = "FROM TO -o OUT [OPTIONS] | FLOW -o OUT [OPTIONS]",
  .about = "Estimates the optical flow between two pictures of one size, such as two frames of a video: for each pixel "
           "of FROM, its motion to TO. The output is a picture in the usual colours, or numbers: Middlebury's .flo, or "
           "KITTI's PNG with --kitti. FLOW is such a file, to be drawn or converted.",
  .examples = examples,
  .options = { { own_options }, { .kind = "flow" } },
  .settings = "flow",
  .wrong_args = "two pictures, or one flow, are needed: reverie flow FROM TO -o OUT.png",
  .min_args = 1,
  .max_args = 2,
  .run = cmd_flow,
};
