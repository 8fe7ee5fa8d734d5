/* cmd-style.c -- reverie style: style transfer. */
#include "cmd-style.h"
#include <stdio.h>
#include <string.h>

typedef struct {
  const CommandLine *line;
  PictureOptions picture;
  RvSettings *settings, *video, *state_settings; /* kinds "style", "style-video" and "state" */
  const char *init_file;
  RvLearnedStyles *learned; /* of --learned; its styles, unless it is "any", replace paintings; NULL: none */
  RvJob *template_job;      /* template for the job of each picture */
  RvBatch *batch;
  RvNet *net;
  RvKernelTable *kernels;
} StyleJob;

const RvOptionRow style_own_options[] = {
  { "style", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "a style picture or a folder of them; may be given again. All other pictures are contents then" },
  { "mask", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help =
      "mask of the area a style paints: white; once for each style, in their order; video: a picture or a video" },
  { "protect", 0, RV_OPTION_TEXT, .unit = "FILE", .help = "mask of the area that stays as in the photograph: white" },
  { "regions-sheet", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "draw the photograph and the painting with the regions of 'regions'; matching regions have one number" },
  { "keyframes", 0, RV_OPTION_TEXT, .unit = "FILE,...", .old_name = "keys",
    .help = "video: frames that are painted already, and stay; their names end in their numbers, from 1, as in "
            "painted-0120.png. Frames between blend toward them; without a STYLE, in their style" },
  { "list-layers", 0, RV_OPTION_BOOL, .help = "show the network's layers" },
  { "list-presets", 0, RV_OPTION_BOOL, .help = "show the presets" },
  { NULL },
};

/* Frees the owned members of @job; each may be NULL. */
static void
job_clear (StyleJob *job)
{
  rv_batch_free (job->batch);
  rv_job_unref (job->template_job);
  picture_options_clear (&job->picture);
  rv_settings_free (job->video);
  rv_settings_free (job->settings);
  rv_settings_free (job->state_settings);
  rv_learned_styles_free (job->learned);
  rv_net_unref (job->net);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
}

/* ---- command line ------------------------------------------------------------------------------------------------ */

/* Prints presets, layers, or both on standard output, as --list-presets and --list-layers request. Layers are those of
 * --network or --weights, which may load job->net; else those of the network of @preset, or of builtin if the preset
 * has none. @preset: (nullable): the default; already checked. Returns EXIT_DONE; EXIT_FAILED with @error: errors of
 * picture_network_name(). */
static int
list_things (StyleJob *job, const char *preset, GError **error)
{
  const char *const *presets = rv_settings_presets ("style"), *const * layers;
  const char *implied = rv_settings_preset_network ("style", preset ? preset : presets[0]);
  const char *network = picture_network_name (&job->picture, implied ? implied : "builtin", &job->net, error);
  if (!network)
    return EXIT_FAILED;
  layers = rv_net_layers (network);
  if (line_is_on (job->line, "list-presets"))
    for (int i = 0; presets[i]; i++)
      printf ("%-10s %s\n", presets[i], rv_settings_preset_summary ("style", presets[i]));
  if (line_is_on (job->line, "list-layers")) {
    for (int i = 0; layers[i]; i++)
      printf ("%s\n", layers[i]);
    printf ("\nA name is the layer after ReLU, NAME:pre before it.%s\n",
            g_strv_contains (layers, "conv4_2") ? " relu4_2 and block4_conv2 are conv4_2." : "");
  }
  return EXIT_DONE;
}

/* Sets the setting `init` from --init; without it changes nothing (TRUE). A value that is "picture" or none of the
 * choices is a file, which must exist: the setting is then "picture", and job->init_file the value (borrowed).
 * RV_ERROR_FILE: there is no such file. */
static gboolean
apply_init (StyleJob *job, GError **error)
{
  const char *init = options_last (job->line->given, "init");
  const RvOption *option = rv_settings_find_option ("style", "init");
  if (!init)
    return TRUE;
  if (!g_strv_contains (rv_option_choices (option), init) || strcmp (init, "picture") == 0) {
    if (!g_file_test (init, G_FILE_TEST_EXISTS))
      return error_set (error, RV_ERROR_FILE, "--init must be %s, and there is no file '%s'", rv_option_unit (option),
                        init);
    job->init_file = init;
    init = "picture";
  }
  return rv_settings_set (job->settings, "init", init, error);
}

/* (transfer full) (element-type utf8): the files of all --keyframes, in order. */
static GPtrArray *
keyframe_files (const GPtrArray *given)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) all = options_all (given, "keyframes");
  for (guint i = 0; i < all->len; i++) {
    g_auto (GStrv) names = rv_text_split_files (all->pdata[i], NULL);
    for (int k = 0; names[k]; k++)
      g_ptr_array_add (files, g_strdup (names[k]));
  }
  return files;
}

/* Creates job->template_job: "style", "style-learned" or "style-video". It has all settings and inputs except contents
 * and styles, which differ for each picture. Inputs are masks, keyframes and style networks; also --init and
 * --protect, except for a picture in learned styles. Files are not read yet. Ctrl-C stops the jobs made from it by
 * rv_job_stop(): they keep the picture so far. FALSE with RV_ERROR_SETTING: a wrong value; job_clear() frees the
 * template. */
static gboolean
create_template (StyleJob *job, GError **error)
{
  gboolean by_style_net = job->learned && !job->picture.is_video; /* style network, one pass */
  g_autoptr (GPtrArray) masks = options_all (job->line->given, "mask"), keys = keyframe_files (job->line->given);
  RvJob *made = rv_job_new (job->picture.is_video ? "style-video" : job->learned ? "style-learned" : "style", error);
  job->template_job = made;
  if (!made || !rv_job_set_settings (made, job->settings, error) ||
      !rv_job_set_settings (made, job->picture.asked, error) ||
      !rv_job_set_settings (made, job->state_settings, error) ||
      (job->picture.is_video && !rv_job_set_settings (made, job->video, error)) ||
      (job->learned && !style_add_learned (made, job->learned, error)))
    return FALSE;
  job_stop_on_interrupt (made);
  for (guint i = 0; i < masks->len; i++)
    if (!rv_job_add_file (made, "mask", masks->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < keys->len; i++)
    if (!rv_job_add_file (made, "keyframe", keys->pdata[i], error))
      return FALSE;
  return by_style_net || (job_add_if (made, "init", job->init_file, error) &&
                          job_add_if (made, "protect", line_text (job->line, "protect"), error));
}

/* Sets job->batch, one job for each picture, from job->template_job and the files of the command line. @error: not
 * NULL. After an error batch is NULL. RV_ERROR_SETTING: missing pictures or styles; errors of rv_batch_new().
 *
 *   CONTENT STYLE...                       one content; its styles are blended
 *   --style FILE [--style FILE] CONTENT... many contents; styles are blended; with {style} in OUT one picture each
 *   --learned NETWORK,... CONTENT...    the same with learned styles; --learned any: as without --learned
 *   --keyframes FILE,... CONTENT            video: the style of the keyframes */
static gboolean
create_batch (StyleJob *job, GError **error)
{
  const GPtrArray *given = job->line->given;
  int n_args = job->line->n_args;
  g_autoptr (GPtrArray) contents = g_ptr_array_new (), styles = g_ptr_array_new (),
                        named = options_all (given, "style"), keys = keyframe_files (given);
  if (n_args == 1 && named->len == 0 && !job->learned)
    g_ptr_array_extend (named, keys, NULL, NULL);
  gboolean by_option = named->len > 0 || (job->learned && !rv_learned_styles_is_any (job->learned));
  if (n_args < (by_option ? 1 : 2))
    return error_set (error, RV_ERROR_SETTING,
                      n_args > 0 ? "a style picture is missing: reverie style CONTENT STYLE... -o OUT"
                                 : "pictures are missing: reverie style CONTENT STYLE... -o OUT");
  for (int i = 0; i < n_args; i++)
    g_ptr_array_add (by_option || i == 0 ? contents : styles, job->line->args[i]);
  g_ptr_array_extend (styles, named, NULL, NULL);
  g_ptr_array_add (contents, NULL);
  g_ptr_array_add (styles, NULL);
  job->batch =
    rv_batch_new (job->template_job, (const char *const *) contents->pdata, (const char *const *) styles->pdata, error);
  if (g_error_matches (*error, RV_ERROR, RV_ERROR_SETTING) && by_option && n_args > 1 && named->len == 0)
    error_append (*error, "; with --learned all pictures are contents");
  return job->batch != NULL;
}

/* Sets settings, learned styles, template_job, batch and init_file of @job, and picture.is_video; the other options in
 * job->picture are set already. @error: not NULL. The caller frees all with job_clear(), even after an error.
 * RV_ERROR_SETTING: a wrong or missing argument; RV_ERROR_FILE: no such file for --init, or a folder that is unreadable
 * or has no pictures; RV_ERROR_MEMORY. */
static gboolean
read_command_line (StyleJob *job, GError **error)
{
  g_autoptr (GPtrArray) but_init = g_ptr_array_new ();
  const GPtrArray *given = job->line->given;
  for (guint i = 0; i < given->len; i++)
    if (strcmp (rv_option_name (((ParsedOption *) given->pdata[i])->option), "init") != 0)
      g_ptr_array_add (but_init, given->pdata[i]);
  job->settings = options_settings (but_init, "style", NULL, error);
  job->video = job->settings ? options_settings (given, "style-video", NULL, error) : NULL;
  job->state_settings = job->video ? options_settings (given, "state", NULL, error) : NULL;
  if (!job->settings || !job->state_settings || !apply_init (job, error))
    return FALSE;
  const char *preset = rv_settings_get_text (job->settings, "preset", NULL);
  if (options_last (given, "strength") && (strcmp (preset, "keras") == 0 || strcmp (preset, "d2l") == 0))
    return error_set (error, RV_ERROR_SETTING, "--strength does not work with the preset %s; use --content-weight",
                      preset); /* the weights of other programs are fixed */
  picture_set_default_network (&job->picture, rv_settings_preset_network ("style", preset));
  job->picture.is_video = job->line->n_args > 0 && video_is_requested (job->picture.output, job->line->args[0]);
  if (!job->picture.is_video && !video_options_check (given, "from", error))
    return FALSE;
  const char *text = rv_settings_get_text (job->video, "learned", NULL);
  if (*text && !(job->learned = rv_learned_styles_new (text, error)))
    return FALSE;
  if (job->learned &&
      !style_check_learned_usage (given, job->picture.is_video, rv_learned_styles_is_any (job->learned), error))
    return FALSE;
  return picture_check_usage (&job->picture, error) && create_template (job, error) && create_batch (job, error);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* Checks by its head that the file @content is a readable picture. RV_ERROR_FORMAT for a video, with a message that
 * names the suffix that OUT needs. */
static gboolean
probe_content (const char *content, GError **error)
{
  RvImageInfo info;
  RvVideoInfo video;
  g_autoptr (GError) own_error = NULL;
  if (rv_image_probe (content, &info, &own_error))
    return TRUE;
  if (g_error_matches (own_error, RV_ERROR, RV_ERROR_FORMAT) && !rv_image_is_known (content) &&
      rv_video_probe (content, &video, NULL))
    error_set (error, RV_ERROR_FORMAT, "%s is a video: write to one, such as -o painted.mp4", content);
  else
    g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

/* Checks the jobs of the shard's pictures by job_check(), in each rank, before anything is computed. Skips pictures
 * that are complete. In a batch of several pictures also skips unreadable ones: each fails later, when its job is
 * checked. */
static gboolean
check_pictures (StyleJob *job, GError **error)
{
  guint n = rv_batch_n (job->batch);
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < n; i++) {
    const char *content = rv_batch_content (job->batch, i);
    RvImageInfo info;
    if (!rv_batch_is_in_shard (job->batch, i))
      continue;
    g_autoptr (RvJob) made = rv_batch_job (job->batch, i, error);
    if (!made)
      return FALSE;
    if (!rv_job_is_complete (made) && (n == 1 || rv_image_probe (content, &info, NULL)))
      ok = probe_content (content, error) && job_check (made, &job->picture, rv_batch_output (job->batch, i), error);
  }
  return ok;
}

/* (transfer full): JobShow.describe: a text of @title, scale, size and loss. */
static char *
describe (const RvJobReport *report, gpointer title)
{
  return g_strdup_printf ("%sscale %d/%d %d x %d  loss %.4g", (const char *) title, report->stage, report->n_stages,
                          report->width, report->height, report->loss);
}

/* Makes picture @i by optimisation or, in learned styles, in one pass; or prints its plan. Returns the exit code.
 * EXIT_DONE without work if the picture is complete: with --resume, it exists and has no checkpoint. @title: prefix of
 * the progress text, or "". */
static int
run_picture (StyleJob *job, guint i, const char *title, GError **error)
{
  const PictureOptions *picture = &job->picture;
  const char *output = rv_batch_output (job->batch, i);
  const JobShow show = { picture, output, job->kernels, job->learned ? NULL : describe, (gpointer) title };
  RvJobPlan plan;
  g_autoptr (RvJob) made = rv_batch_job (job->batch, i, error);
  if (!made)
    return EXIT_FAILED;
  if (job_print_if_complete (made, picture, output))
    return EXIT_DONE;
  if (!(job->learned || probe_content (rv_batch_content (job->batch, i), error)) ||
      !job_check (made, picture, output, error))
    return EXIT_FAILED;
  if (!picture->dry_run)
    return job_run_picture (made, &show, error);
  if (job->learned && !rv_job_plan (made, &plan, error))
    return EXIT_FAILED;
  if (job->learned) {
    g_autofree char *memory = job_memory_text (&plan), *strips = g_strdup_printf ("in %d strips", plan.n_tiles);
    printf ("%d x %d px, %s: peak %s\n", plan.width, plan.height, plan.n_tiles > 1 ? strips : "in one pass", memory);
    return EXIT_DONE;
  }
  int code = job_print_plan (made, title, "scale", &plan, error);
  if (code == EXIT_DONE)
    picture_print_input (picture, job->net);
  return code;
}

/* Makes picture @i by run_picture(), prints its error, and records the outcome in job->batch. Returns the exit code. */
static int
run_one_of (StyleJob *job, guint i)
{
  g_autofree char *title = g_strdup_printf ("%u/%u  ", i + 1, rv_batch_n (job->batch));
  GError *error = NULL;
  int code = run_picture (job, i, title, &error);
  g_autofree char *message = error ? error_text (error) : NULL;
  if (error)
    code = error_print (error);
  if (code == EXIT_DONE || code == EXIT_INTERRUPTED)
    rv_batch_set_outcome (job->batch, i, NULL);
  else
    rv_batch_set_outcome (job->batch, i, message ? message : "failed");
  return code;
}

/* Prints the names of pictures that other ranks made on standard output, unless --quiet. Prints on standard error the
 * messages of those that failed there, then one line with all pictures that failed. Skips pictures whose outcome this
 * rank does not have. @mine[i]: this rank made picture i and has printed its error. Returns EXIT_FAILED if a picture
 * failed, else EXIT_DONE. */
static int
print_outcomes (const StyleJob *job, const gboolean *mine)
{
  guint n = rv_batch_n (job->batch), n_failed = 0;
  const char *failure;
  g_autoptr (GString) failed = g_string_new (NULL);
  for (guint i = 0; i < n; i++) {
    const char *output = rv_batch_output (job->batch, i);
    g_autofree char *name = text_plain (output ? output : rv_batch_content (job->batch, i), FALSE);
    if (!rv_batch_get_outcome (job->batch, i, &failure))
      continue;
    if (!mine[i] && failure)
      fprintf (stderr, "reverie: %s\n", failure);
    else if (!mine[i] && !job->picture.quiet)
      printf ("%s: by another rank\n", name);
    if (failure)
      g_string_append_printf (failed, "%s%s", n_failed++ > 0 ? ", " : "", name);
  }
  if (n_failed > 0)
    fprintf (stderr, "reverie: %u of %u pictures failed: %s\n", n_failed, n, failed->str);
  return n_failed > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* Makes the pictures of this rank; collective. If one of several fails, its message is printed, the others
 * continue, and the exit code is EXIT_FAILED without @error. EXIT_INTERRUPTED, after Ctrl-C, has no @error either.
 * For several pictures, or with --part, rank 0 returns these two codes, the others EXIT_DONE. The error of a single
 * picture without --part is @error, with EXIT_FAILED. RV_ERROR_BACKEND if the other ranks do not answer. */
static int
run_pictures (StyleJob *job, GError **error)
{
  guint n = rv_batch_n (job->batch);
  gint64 i = 0;
  gboolean stopped = FALSE;
  if (n == 1 && !*rv_settings_get_text (job->picture.asked, "part", NULL))
    return run_picture (job, 0, "", error);
  g_autofree gboolean *mine = g_new0 (gboolean, n);
  while (!stopped) {
    if (!rv_batch_next (job->batch, &i, error))
      return EXIT_FAILED;
    if (i < 0)
      break;
    mine[i] = TRUE;
    int code = run_one_of (job, (guint) i);
    stopped = code == EXIT_INTERRUPTED || (interrupt_requested () && i + 1 < n);
  }
  if (!rv_batch_end (job->batch, error))
    return EXIT_FAILED;
  int code = print_outcomes (job, mine);
  if (rv_process_rank () > 0) /* rank 0 reports for all */
    return EXIT_DONE;
  return stopped ? EXIT_INTERRUPTED : code;
}

/* Makes a video from the batch's only content, or prints its plan. Returns the exit code. RV_ERROR_SETTING: several
 * contents, or a file for --init. */
static int
run_video (StyleJob *all, GError **error)
{
  const char *refused = rv_batch_n (all->batch) > 1 ? "other videos" : all->init_file ? "--init and a picture" : NULL;
  if (!video_refuse (refused, error))
    return EXIT_FAILED;
  g_autoptr (RvJob) job = rv_batch_job (all->batch, 0, error);
  PictureOptions picture = all->picture;
  picture.output = rv_batch_output (all->batch, 0);
  return job ? video_run (job, rv_batch_content (all->batch, 0), &picture, all->kernels, error) : EXIT_FAILED;
}

/* (transfer full) (nullable): the picture in @file, at the size of a result made from it (--size, --height, --width).
 */
static RvImage *
load_at_size (const StyleJob *job, const char *file, GError **error)
{
  RvImageInfo info;
  int width, height;
  if (!rv_image_probe (file, &info, error))
    return NULL;
  rv_picture_size (job->picture.asked, info.width, info.height, &width, &height);
  return rv_image_load (file, width, height, error);
}

/* Writes --regions-sheet, if it is given, on the first rank, unless in a dry run; a resumed run keeps an existing one.
 * RV_ERROR_SETTING without --regions, for a video, with several pictures, or if another output has its name.
 * RV_ERROR_FILE for a file that the run reads, or that exists, without --force. */
static gboolean
write_regions_sheet (const StyleJob *job, GError **error)
{
  const char *sheet = line_text (job->line, "regions-sheet"),
             *regions = rv_settings_get_text (job->settings, "regions", NULL);
  if (!sheet || rv_process_rank () > 0)
    return TRUE;
  if (strcmp (regions, "none") == 0 || job->picture.is_video || rv_batch_n (job->batch) != 1)
    return error_set (error, RV_ERROR_SETTING, "--regions-sheet needs --regions and one photograph");
  static const char *const outputs[] = { "output", "log", "live", "plot", "timeline" };
  g_autoptr (RvJob) painting_job = rv_batch_job (job->batch, 0, error);
  if (!painting_job)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++) {
    g_autofree char *file = rv_job_get (painting_job, outputs[i], NULL);
    if (!file_check_apart (sheet, file, error))
      return FALSE;
  }
  if (job->picture.dry_run ||
      (rv_settings_get_bool (job->state_settings, "resume", NULL) && g_file_test (sheet, G_FILE_TEST_EXISTS)))
    return TRUE;
  const char *style = line_text (job->line, "style");
  const char *const used[] = { rv_batch_content (job->batch, 0), style ? style : job->line->args[job->line->n_args - 1],
                               line_text (job->line, "protect"), job->init_file };
  const char *files[G_N_ELEMENTS (used) + 1] = { NULL };
  for (guint i = 0, n = 0; i < G_N_ELEMENTS (used); i++)
    if (used[i])
      files[n++] = used[i];
  if (!rv_file_check_free (sheet, files, job->picture.force, error))
    return FALSE;
  g_autoptr (RvImage) photo = load_at_size (job, used[0], error);
  g_autoptr (RvImage) painting = photo ? load_at_size (job, used[1], error) : NULL;
  g_autoptr (RvImage) drawn =
    painting ? rv_mask_regions_sheet (photo, painting, regions, options_threads (job->settings), error) : NULL;
  const RvSaveOptions save = { .quality = (int) rv_settings_get_int (job->picture.asked, "quality", NULL),
                               .no_replace = !job->picture.force };
  return drawn && rv_image_save (drawn, sheet, &save, error);
}

/* Prepares the pictures, or the video, of job->batch. Without --learned: checks the files of pictures, but not of a
 * video; then loads network and kernels into @job and its template. With --learned: for several pictures, loads
 * job->learned, only to find errors before the first picture. With one picture or a video does nothing, as the job
 * itself loads the styles first. Members that are set stay after an error, for job_clear(). */
static gboolean
prepare (StyleJob *job, GError **error)
{
  if (job->learned) /* the job of one picture or of a video loads them itself */
    return rv_batch_n (job->batch) == 1 ||
           rv_learned_styles_load (job->learned, rv_batch_n_styles (job->batch) > 1 && !line_text (job->line, "mask"),
                                   job->picture.weights, error);
  if (!(job->picture.is_video || check_pictures (job, error)) ||
      !(job->net = picture_load_net (&job->picture, error)) || !(job->kernels = kernels_load (&job->picture, error)))
    return FALSE;
  rv_job_set_net (job->template_job, job->net, job->picture.weights_file);
  rv_job_set_kernels (job->template_job, job->kernels);
  return TRUE;
}

/* Starts the process, sets @job from the command line, writes --regions-sheet if it is given, and makes pictures or a
 * video. Returns the exit code; EXIT_FAILED has @error, except as in run_pictures(). */
static int
run_job (StyleJob *job, GError **error)
{
  if (!rv_process_start ((int) line_number (job->line, "threads"), error) || !read_command_line (job, error))
    return EXIT_FAILED;
  gboolean all_contents = line_text (job->line, "style") || (job->learned && !rv_learned_styles_is_any (job->learned));
  if (rv_process_rank () == 0) {
    if (job->line->n_args > 2 && !all_contents && !job->picture.quiet) /* their order decides, as of *.jpg */
      text_print (stderr, "reverie: content: %s; the other %d are paintings. For several contents: --style PAINTING",
                  job->line->args[0], job->line->n_args - 1);
    print_left_out_files (rv_batch_left_out (job->batch));
  }
  if (!prepare (job, error) || !write_regions_sheet (job, error))
    return EXIT_FAILED;
  return job->picture.is_video ? run_video (job, error) : run_pictures (job, error);
}

/* Command.run. Prints presets and layers if --list-... is given, else makes the pictures or the video. EXIT_FAILED has
 * @error: RV_ERROR_SETTING for the command line, others for files and the run. It has none if one of several pictures
 * failed, or any with --part: that error is printed already, and ranks other than 0 return EXIT_DONE.
 * EXIT_INTERRUPTED, after Ctrl-C, has none. */
static int
cmd_style (const CommandLine *line, GError **error)
{
  StyleJob job = { .line = line };
  int code = EXIT_FAILED;

  if (!picture_options_read (line, &job.picture, error))
    ; /* @error is set */
  else if (line_is_on (line, "list-layers") || line_is_on (line, "list-presets")) {
    if ((job.settings = options_settings (line->given, "style", NULL, error)))
      code = list_things (&job, options_last (line->given, "preset"), error);
  } else
    code = run_job (&job, error);
  job_clear (&job);
  return code;
}

static const char *const examples[] = {
  "reverie style photo.jpg painting.jpg -o picture.png",
  "paint the photograph in the painting's style",
  "reverie style photo.jpg painting.jpg -o picture.png --strength 75 --size 2048",
  "more paint, print size",
  "reverie style photo.jpg waves.jpg glass.jpg -o picture.png --style-blend 0.7,0.3",
  "two styles mixed",
  "reverie style photo.jpg painting.jpg -o picture.png --style-scale 2",
  "larger strokes",
  "reverie style photo.jpg waves.jpg glass.jpg -o picture.png --mask sky.png --mask ground.png",
  "a style for the sky and one for the ground",
  "reverie style photo.jpg painting.jpg -o picture.png --regions auto",
  "the sky in the style of the painting's sky, the ground in that of its ground",
  "reverie style --style waves.jpg --style glass.jpg photos/ -o 'out/{content}-{style}.png'",
  "every photograph of a folder in each of two styles",
  "reverie style photo.jpg painting.jpg -o picture.png --resume",
  "continue after Ctrl-C or a power cut",
  "reverie style photo.jpg --learned hokusai-wave -o picture.png",
  "in a moment, in a learned style; reverie learn --list names them",
  "reverie style photo.jpg painting.jpg --learned any -o picture.png",
  "in a moment, in the style of any painting; docs/learned.md says where its network is from",
  "reverie style photos/ --learned starry.safetensors -o 'out/{content}.jpg'",
  "every photograph of a folder, in a style that reverie learn has learned",
  "reverie style clip.mp4 painting.jpg -o painted.mp4 --from 0:12 --to 0:20",
  "a video, steady from frame to frame, with its sound",
  "reverie style clip.mp4 --learned hokusai-wave -o painted.mp4",
  "a video, each frame in one pass, in a learned style",
  "reverie style photo.jpg painting.jpg -o picture.png --dream conv5_1:0.01",
  "painting and dreaming at the same time",
  "reverie style photo.jpg painting.jpg --dry-run --size 4096",
  "only estimate memory and time",
  NULL,
};

const Command command_style = {
  .name = "style",
  .summary = "paint a photograph in the style of a painting",
  .usage = "CONTENT STYLE... -o OUT [OPTIONS] | --style STYLE... CONTENT... -o PATTERN [OPTIONS]",
  .about =
    "Paints a photograph in the style of one or more paintings. Reads JPEG, PNG, WebP, TIFF, HEIF and GIF; the network "
    "is built in. A folder stands for its pictures; for several pictures OUT is a pattern with {content} and {style}. "
    "Ctrl-C writes the picture so far, and --resume continues. If OUT is a video, such as .mp4, CONTENT must be one.",
  .examples = examples,
  .options = { { .kind = "picture" },
               { picture_options },
               { .kind = "style" },
               { style_own_options },
               { .kind = "state" },
               { .kind = "style-video" } },
  .run = cmd_style,
};
