/* cmd-mask.c -- reverie mask PHOTO: a mask of a part of a photograph. */
#include "cli/cli.h"

static const RvOptionRow own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, .unit = "OUT",
    .help = "output file: .png, .jpg, .webp or .tif; of the size of PHOTO" },
  { "of", 0, RV_OPTION_CHOICE, "faces", .unit = "PART", .help = "part of PHOTO that is white",
    .choices = rv_mask_kinds },
  { "threads", 't', RV_OPTION_INT, "0", 0, 1024, .unit = "COUNT",
    .help = "threads to compute with; 0: one for each physical core" },
  { "force", 'f', RV_OPTION_BOOL, .help = "replace files that exist" },
  { "quiet", 'q', RV_OPTION_BOOL, .help = "print only errors" },
  { NULL },
};

/* Command.run. Writes the mask of the photograph args[0] to --output. Prints what is found on standard output, unless
 * --quiet. With --force also deletes unfinished temporary files beside the output. RV_ERROR_SETTING: no output.
 * EXIT_INTERRUPTED, if Ctrl-C came while it was written, has no @error. */
static int
cmd_mask (const CommandLine *line, GError **error)
{
  const char *filename = line->args[0], *output = line_text (line, "output"), *of = line_text (line, "of"),
             *inputs[] = { filename, NULL };
  RvImageInfo size;
  int n_threads = (int) line_number (line, "threads");
  g_autofree char *found = NULL;
  gboolean ok = (output || error_set (error, RV_ERROR_SETTING, "an output is missing: -o OUT.png")) &&
                rv_process_start (n_threads, error) && rv_image_probe (filename, &size, error) &&
                rv_file_check_free (output, inputs, line_is_on (line, "force"), error) &&
                rv_image_check_target (output, size.width, size.height, error);
  g_autoptr (RvImage) photo = ok ? rv_image_load (filename, 0, 0, error) : NULL;
  g_autoptr (RvImage) mask = photo ? rv_mask_new (photo, of, n_threads, &found, error) : NULL;
  interrupt_watch (); /* a killed process would leave a partial file */
  if (!mask || !line_save_image (line, mask, output, error))
    return EXIT_FAILED;
  if (found && !line_is_on (line, "quiet"))
    text_print (stdout, "%s: %d x %d px, %s", output, mask->width, mask->height, found);
  else if (!line_is_on (line, "quiet"))
    text_print (stdout, "%s: no %s found; %s is black", filename, of, output);
  return interrupt_requested () ? EXIT_INTERRUPTED : EXIT_DONE;
}

static const char *const examples[] = {
  "reverie mask photo.jpg -o faces.png",
  "a mask that is white in faces",
  "reverie mask photo.jpg -o subject.png --of subject",
  "people, or the main object",
  "reverie style photo.jpg painting.jpg -o out.png --protect subject.png",
  "the subject stays as in the photograph; retouch the mask to change the area",
  NULL,
};

const Command command_mask = {
  .name = "mask",
  .summary = "make a mask of faces, people, the subject or the sky of a photograph",
  .usage = "PHOTO -o OUT [OPTIONS]",
  .about =
    "Writes a mask of the size of the photograph: white in the part that --of names, black elsewhere, with soft edges. "
    "Parts: faces; people near the camera; the subject, which is people or the main object; the background, all but "
    "the subject; the sky, or a plain wall at the top. Any program can paint white and black over the mask. --protect "
    "of reverie style keeps the white area "
    "as in the photograph; --mask paints only the white area. If nothing is found, the mask is black.",
  .examples = examples,
  .options = { { own_options } },
  .wrong_args = "one photograph is needed: reverie mask PHOTO -o OUT",
  .min_args = 1,
  .max_args = 1,
  .run = cmd_mask,
};
