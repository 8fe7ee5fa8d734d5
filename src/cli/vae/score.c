/* score.c -- reverie vae score MODEL PICTURES...: how unusual pictures are, and where. */
#include "cmd-vae.h"
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SLICE 100 /* pictures that are scored at once */
#define NAME "{name}"
#define SHEET_COLUMNS 6
#define CELL_PX 160
#define GAP_PX 4
#define STEP_PX (CELL_PX + GAP_PX)
#define SHARP_PX 56 /* smaller pictures are enlarged by a whole factor first: their pixels stay sharp */
#define SHEET_PICTURES 24
#define SHEET_MAX_PX 1024 /* side */

/* The score of a picture. */
typedef struct {
  char *picture; /* FILE:INDEX for a picture of an IDX file */
  double score;
} Score;

/* A picture of the sheet. */
typedef struct {
  double score;
  RvTensor *map;    /* f32 [height, width] */
  RvImage *picture; /* the scored picture */
} Cell;

/* ---- results ----------------------------------------------------------------------------------------------------- */

static void
clear_score (gpointer score)
{
  g_free (((Score *) score)->picture);
}

static void
clear_cell (gpointer data)
{
  Cell *cell = data;
  rv_tensor_unref (cell->map);
  rv_image_unref (cell->picture);
}

/* Parses @text, "1%" or "0.01" (nullable: an error), as *rate_01, a fraction, at least 0 and below 1; *rate_01 is
 * undefined after an error. RV_ERROR_SETTING. */
static gboolean
read_rate (const char *text, double *rate_01, GError **error)
{
  char *end;
  text = text ? text : "";
  *rate_01 = g_ascii_strtod (text, &end) / (strchr (text, '%') ? 100 : 1);
  if (end != text && (!*end || strcmp (end, "%") == 0) && *rate_01 >= 0 && *rate_01 < 1)
    return TRUE;
  return error_set (error, RV_ERROR_SETTING, "--false-alarms is a part such as 1%% or 0.01, not '%s'", text);
}

/* Writes @scores, of Score, as CSV with the heading "file,score,unusual" to --output, or prints it on standard output.
 * `unusual` is 1 for a score above @threshold, else 0; @threshold may be infinite: none is unusual. RV_ERROR_FILE for
 * --output; main() reports failures to print. */
static gboolean
write_table (const CommandLine *line, const GArray *scores, double threshold, GError **error)
{
  const char *output = line_text (line, "output");
  g_autoptr (GString) csv = g_string_new ("file,score,unusual\n");
  for (guint i = 0; i < scores->len; i++) {
    const Score *one = &g_array_index (scores, Score, i);
    char score[G_ASCII_DTOSTR_BUF_SIZE];
    g_auto (GStrv) parts = g_strsplit (one->picture, "\"", -1);
    g_autofree char *name = g_strjoinv ("\"\"", parts);
    gboolean quoted = strpbrk (one->picture, ",\"\n") != NULL;
    g_string_append_printf (csv, quoted ? "\"%s\",%s,%d\n" : "%s,%s,%d\n", quoted ? name : one->picture,
                            g_ascii_formatd (score, sizeof score, "%.9g", one->score), one->score > threshold);
  }
  if (output)
    return rv_file_write (output, csv->str, line_is_on (line, "force"), error);
  fputs (csv->str, stdout);
  return TRUE;
}

/* (transfer full) (nullable): @map, f32 [height, width], as a grey picture: 0 is black, @middle, above 0, half white,
 * and twice @middle or more white. RV_ERROR_MEMORY. */
static RvImage *
draw_map (const RvTensor *map, double middle, GError **error)
{
  RvImage *image = rv_image_new ((int) map->shape.dim[1], (int) map->shape.dim[0], error);
  gint64 n = rv_tensor_count (map);
  for (gint64 i = 0; image && i < 3 * n; i++)
    ((float *) image->rgb->data)[i] = (float) (127.5 * MIN (((const float *) map->data)[i % n] / middle, 2));
  return image;
}

/* Copies the picture of @cell, scaled to a longest side of CELL_PX, into @sheet at @left, @top px, red where its map is
 * above half of @middle. */
static gboolean
draw_cell (RvImage *sheet, int left, int top, const Cell *cell, double middle, GError **error)
{
  g_autoptr (RvImage) grey = draw_map (cell->map, middle, error);
  double scale = (double) CELL_PX / MAX (grey ? MAX (grey->width, grey->height) : 1, 1);
  int width = grey ? MAX ((int) (grey->width * scale), 1) : 1,
      height = grey ? MAX ((int) (grey->height * scale), 1) : 1;
  g_autoptr (RvImage) map = grey ? rv_image_resize (grey, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  int shorter = MIN (cell->picture->width, cell->picture->height), factor = (SHARP_PX + shorter - 1) / shorter;
  g_autoptr (RvImage) sharp = !map ? NULL
                              : factor == 1
                                ? rv_image_ref (cell->picture)
                                : rv_image_resize (cell->picture, cell->picture->width * factor,
                                                   cell->picture->height * factor, RV_IMAGE_RESIZE_NEAREST, error);
  g_autoptr (RvImage) picture = sharp ? rv_image_resize (sharp, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  for (int c = 0; picture && c < 3; c++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        gint64 from = (gint64) y * width + x, plane = (gint64) width * height;
        float weight = CLAMP ((((const float *) map->rgb->data)[from] - 64) / 128, 0, 0.7f);
        float value = ((const float *) picture->rgb->data)[c * plane + from];
        ((float *) sheet->rgb->data)[((gint64) c * sheet->height + top + y) * sheet->width + left + x] =
          value + weight * ((c == 0 ? 255 : 0) - value);
      }
  return picture != NULL;
}

/* GCompareFunc: orders Cells, the most unusual first. */
static int
compare_cells (gconstpointer a, gconstpointer b)
{
  double x = ((const Cell *) a)->score, y = ((const Cell *) b)->score;
  return (x < y) - (x > y);
}

/* Writes --sheet: the Cells @cells, at least one, the first at the top left, each with its map drawn in red. @middle:
 * as in draw_map(). RV_ERROR_MEMORY. */
static gboolean
write_sheet (const CommandLine *line, const GArray *cells, double middle, GError **error)
{
  int n = (int) cells->len, columns = MIN (n, SHEET_COLUMNS), rows = (n + columns - 1) / columns;
  g_autoptr (RvImage) sheet = rv_image_new (columns * STEP_PX + GAP_PX, rows * STEP_PX + GAP_PX, error);
  for (gint64 i = 0; sheet && i < rv_tensor_count (sheet->rgb); i++)
    ((float *) sheet->rgb->data)[i] = 255;
  for (int i = 0; sheet && i < n; i++)
    if (!draw_cell (sheet, GAP_PX + i % columns * STEP_PX, GAP_PX + i / columns * STEP_PX,
                    &g_array_index (cells, Cell, (guint) i), middle, error))
      return FALSE;
  return sheet && line_save_image (line, sheet, line_text (line, "sheet"), error);
}

/* Prints threshold and number of unusual pictures on standard error, unless --quiet. @n_normal: number of usual scores
 * that gave the threshold; 0: prints that there is none. */
static void
print_summary (const CommandLine *line, gint64 n_normal, const GArray *scores, double threshold)
{
  guint n = 0;
  for (guint i = 0; i < scores->len; i++)
    n += g_array_index (scores, Score, i).score > threshold;
  if (line_is_on (line, "quiet"))
    return;
  if (n_normal == 0)
    fprintf (stderr, "reverie: no threshold: the model has no scores of usual pictures; give some with --normal\n");
  else
    fprintf (stderr,
             "threshold %.6g: at most %s of %" G_GINT64_FORMAT
             " usual pictures are above; %u of %u pictures %s unusual\n",
             threshold, line_text (line, "false-alarms"), n_normal, n, scores->len, n == 1 ? "is" : "are");
}

/* A run of the command. */
typedef struct {
  const CommandLine *line;
  RvScorer *scorer;
  GPtrArray *normal, *sources; /* (element-type GPtrArray): files of --normal, and of each argument after the model */
  GPtrArray *inputs;           /* char: all files and folders that are read, NULL-terminated */
  GHashTable *outputs;         /* absolute path -> "-o", "--sheet" or "the map of PICTURE" */
  GPtrArray *maps, *written;   /* char: names of maps to write, and of maps that are written */
  GArray *scores, *cells;      /* Score; Cell: most unusual first, at most SHEET_PICTURES */
  gboolean with_maps, map_failed; /* map_failed: a map cannot be written, which is no error of a picture */
  double middle;                  /* value of a map that is drawn as half white */
  Progress *progress;             /* NULL: not scoring */
} Run;

static void
run_clear (Run *run)
{
  rv_scorer_free (run->scorer);
  g_ptr_array_unref (run->normal);
  g_ptr_array_unref (run->sources);
  g_ptr_array_unref (run->inputs);
  g_hash_table_unref (run->outputs);
  g_ptr_array_unref (run->maps);
  g_ptr_array_unref (run->written);
  g_array_unref (run->scores);
  g_array_unref (run->cells);
  g_clear_pointer (&run->progress, progress_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* Whether scoring goes on. FALSE with RV_ERROR_CANCELLED after Ctrl-C. */
static gboolean
check_not_interrupted (GError **error)
{
  if (interrupt_requested ())
    error_set (error, RV_ERROR_CANCELLED, "scoring was stopped");
  return !interrupt_requested ();
}

/* (transfer full): name of picture @i, from 0, of the @n pictures in @file: @file if @n is 1, else "FILE:INDEX". */
static char *
picture_name (const char *file, gint64 n, gint64 i)
{
  return n == 1 ? g_strdup (file) : g_strdup_printf ("%s:%" G_GINT64_FORMAT, file, i);
}

/* (transfer full): the path in --map, with each "{name}" (NAME) replaced by the name of @file without folder and
 * suffix, and "-@i", from 0, if @file has @n > 1 pictures. Cannot fail. */
static char *
map_name (const CommandLine *line, const char *file, gint64 n, gint64 i)
{
  g_autofree char *base = g_path_get_basename (file), *index = g_strdup_printf ("-%" G_GINT64_FORMAT, i),
                  *stem = vae_sibling_path (base, n == 1 ? "" : index);
  g_auto (GStrv) parts = g_strsplit (line_text (line, "map"), NAME, -1);
  return g_strjoinv (stem, parts);
}

/* Adds the score of picture @i of the @n pictures in @file to run->scores. With --sheet and run->with_maps, if it is
 * among the SHEET_PICTURES most unusual so far, also adds a Cell to run->cells, with references to @map and @picture.
 * With --map and a @map, writes the map to the file map_name(), and adds this name to run->written. @map: NULL unless
 * run->with_maps. After an error, run->map_failed is set and the results are added already. */
static gboolean
add_result (Run *run, const char *file, gint64 n, gint64 i, double score, RvTensor *map, RvImage *picture,
            GError **error)
{
  if (line_text (run->line, "sheet") && run->with_maps &&
      (run->cells->len < SHEET_PICTURES || score > g_array_index (run->cells, Cell, SHEET_PICTURES - 1).score)) {
    g_array_append_val (run->cells, ((Cell[]){ { score, rv_tensor_ref (map), rv_image_ref (picture) } })[0]);
    g_array_sort (run->cells, compare_cells);
    g_array_set_size (run->cells, MIN (run->cells->len, SHEET_PICTURES));
  }
  g_array_append_val (run->scores, ((Score[]){ { picture_name (file, n, i), score } })[0]);
  if (!map || !line_text (run->line, "map"))
    return TRUE;
  g_autofree char *name = map_name (run->line, file, n, i);
  g_autoptr (RvImage) drawn = draw_map (map, run->middle, error);
  run->map_failed = !drawn || !line_save_image (run->line, drawn, name, error);
  if (!run->map_failed)
    g_ptr_array_add (run->written, g_steal_pointer (&name));
  return !run->map_failed;
}

/* Work of for_each_file(): scores the pictures in @file, SLICE at once; an IDX file has many. RV_ERROR_CANCELLED:
 * Ctrl-C. */
static gboolean
score_file (Run *run, const char *file, GError **error)
{
  gint64 n = 1;
  for (gint64 first = 0; first < n; first += SLICE) {
    g_autoptr (GPtrArray) pictures =
      check_not_interrupted (error) ? rv_scorer_load_pictures (run->scorer, file, first, SLICE, &n, error) : NULL;
    double scores[SLICE];
    RvTensor *maps[SLICE] = { NULL };
    gboolean ok = pictures && rv_scorer_score (run->scorer, (RvImage *const *) pictures->pdata, pictures->len, scores,
                                               run->with_maps ? maps : NULL, error);
    for (guint i = 0; pictures && i < pictures->len; i++) {
      ok = ok && add_result (run, file, n, first + i, scores[i], maps[i], pictures->pdata[i], error);
      rv_tensor_unref (maps[i]);
    }
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

/* Adds @output, a file described by @what (transfer full), to run->outputs. RV_ERROR_SETTING if two outputs are one
 * file. */
static gboolean
add_output (Run *run, const char *output, char *what, GError **error)
{
  char *key = file_key (output);
  const char *other = g_hash_table_lookup (run->outputs, key);
  if (other)
    error_set (error, RV_ERROR_SETTING, "%s and %s would both be written to %s", other, what, output);
  return g_hash_table_insert (run->outputs, key, what); /* FALSE if the table had it already */
}

/* Work of for_each_file(): adds the names of the maps of @file to run->maps and run->outputs. Reads only the number of
 * pictures. */
static gboolean
name_maps (Run *run, const char *file, GError **error)
{
  gint64 n;
  g_autoptr (GPtrArray) none = rv_scorer_load_pictures (run->scorer, file, 0, 0, &n, error);
  if (!none)
    return FALSE;
  for (gint64 i = 0; i < n; i++) {
    char *map = map_name (run->line, file, n, i);
    g_autofree char *picture = picture_name (file, n, i);
    g_ptr_array_add (run->maps, map);
    if (!add_output (run, map, g_strdup_printf ("the map of %s", picture), error))
      return FALSE;
  }
  return TRUE;
}

/* Checks that @file, an entry of a folder of pictures, is no folder. RV_ERROR_FORMAT. */
static gboolean
check_no_folder (const char *file, GError **error)
{
  return !g_file_test (file, G_FILE_TEST_IS_DIR) ||
         error_set (error, RV_ERROR_FORMAT, "%s: is a folder, not a picture", file);
}

/* Calls @work for the files of all @sources, and shows the progress if run->progress is set. After RV_ERROR_FILE,
 * RV_ERROR_FORMAT or RV_ERROR_SHAPE prints the error, and removes the file from its list, so that later calls skip
 * it. FALSE: other errors, run->map_failed, any error of the only file left in a list, or RV_ERROR_CANCELLED after
 * Ctrl-C. */
static gboolean
for_each_file (Run *run, GPtrArray *sources, gboolean (*work) (Run *run, const char *file, GError **error),
               GError **error)
{
  guint n_done = 0, n = 0;
  for (guint k = 0; k < sources->len; k++)
    n += ((const GPtrArray *) sources->pdata[k])->len;
  for (guint k = 0; k < sources->len; k++) {
    GPtrArray *files = sources->pdata[k];
    for (guint i = 0; i < files->len;) {
      g_autoptr (GError) fault = NULL;
      if (check_not_interrupted (&fault) && check_no_folder (files->pdata[i], &fault) &&
          work (run, files->pdata[i], &fault)) {
        i++;
        n_done++;
        if (run->progress)
          progress_show (run->progress, (double) n_done / (double) n, 0, "scoring");
        continue;
      }
      if (files->len == 1 || run->map_failed ||
          !(g_error_matches (fault, RV_ERROR, RV_ERROR_FILE) || g_error_matches (fault, RV_ERROR, RV_ERROR_FORMAT) ||
            g_error_matches (fault, RV_ERROR, RV_ERROR_SHAPE))) {
        g_propagate_error (error, g_steal_pointer (&fault));
        return FALSE;
      }
      if (run->progress)
        progress_clear (run->progress);
      text_print (stderr, "reverie: left out: %s", fault->message);
      g_ptr_array_remove_index (files, i);
      n--;
    }
  }
  return TRUE;
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

/* Checks that @output is no input and can be written, and does not exist, unless --force; for a picture, also that its
 * suffix is known. With --force also deletes unfinished temporary files beside it. */
static gboolean
check_output (const Run *run, const char *output, gboolean is_picture, GError **error)
{
  static const char *const none[] = { NULL };
  gboolean exists = g_file_test (output, G_FILE_TEST_EXISTS); /* else it is none of many inputs */
  const char *const *inputs = exists ? (const char *const *) run->inputs->pdata : none;
  return rv_file_check_free (output, inputs, line_is_on (run->line, "force"), error) &&
         (!is_picture || rv_image_check_target (output, SHEET_MAX_PX, SHEET_MAX_PX, error));
}

/* Appends the list of the files of @source, by vae_list_files(), to @sources; also appends @source and the names of
 * these files to run->inputs. */
static gboolean
add_source (Run *run, GPtrArray *sources, const char *source, GError **error)
{
  GPtrArray *files = vae_list_files (source, error);
  if (!files)
    return FALSE;
  g_ptr_array_add (sources, files);
  g_ptr_array_add (run->inputs, g_strdup (source));
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (run->inputs, g_strdup (files->pdata[i]));
  return TRUE;
}

/* Prepares @run before pictures are scored: checks options, lists files, loads the model, names the maps and creates
 * their folders. *rate_01: (out): --false-alarms as a fraction, 0 or more and below 1 (0.01 unless given). Members that
 * are set stay in @run, also after an error, for run_clear(). RV_ERROR_SETTING: a wrong option, or two outputs in one
 * file. */
static gboolean
prepare (Run *run, double *rate_01, GError **error)
{
  const CommandLine *line = run->line;
  const char *map = line_text (line, "map"), *output = line_text (line, "output"), *sheet = line_text (line, "sheet"),
             *normal = line_text (line, "normal");
  g_autoptr (RvTensorMap) model = NULL;
  if (!read_rate (line_text (line, "false-alarms"), rate_01, error))
    return FALSE;
  if (map && !strstr (map, NAME))
    return error_set (error, RV_ERROR_SETTING, "--map needs " NAME " in its name, such as 'maps/" NAME ".png'");
  g_ptr_array_add (run->inputs, g_strdup (line->args[0]));
  for (int i = 1; i < line->n_args; i++)
    if (!add_source (run, run->sources, line->args[i], error))
      return FALSE;
  if (normal && !add_source (run, run->normal, normal, error))
    return FALSE;
  g_ptr_array_add (run->inputs, NULL);
  if ((output && (!add_output (run, output, g_strdup ("-o"), error) || !check_output (run, output, FALSE, error))) ||
      (sheet && (!add_output (run, sheet, g_strdup ("--sheet"), error) || !check_output (run, sheet, TRUE, error))) ||
      !(model = rv_weights_load (line->args[0], RV_WEIGHTS_ALL, NULL, error)))
    return FALSE;
  run->scorer =
    rv_scorer_new (model, rv_settings_get_int (line->settings, "seed", NULL), options_threads (line->settings), error);
  if (!run->scorer)
    g_prefix_error (error, "%s: ", line->args[0]);
  if (!run->scorer || (map && !for_each_file (run, run->sources, name_maps, error)))
    return FALSE;
  for (guint i = 0; i < run->maps->len; i++) {
    g_autofree char *folder = g_path_get_dirname (run->maps->pdata[i]);
    g_mkdir_with_parents (folder, 0777);
    if (!check_output (run, run->maps->pdata[i], TRUE, error))
      return FALSE;
  }
  return TRUE;
}

/* Scores all pictures and writes the results; maps stay in run->written after an error. RV_ERROR_SETTING: also without
 * scores of usual pictures for --map or --sheet; RV_ERROR_FILE: also without pictures; RV_ERROR_CANCELLED: Ctrl-C;
 * errors of prepare(), for_each_file() and of writing. */
static gboolean
score (Run *run, GError **error)
{
  const CommandLine *line = run->line;
  double rate_01;
  if (!prepare (run, &rate_01, error))
    return FALSE;
  interrupt_watch ();
  run->progress = progress_new (line_is_on (line, "quiet"));
  if (!for_each_file (run, run->normal, score_file, error))
    return FALSE;
  g_clear_pointer (&run->progress, progress_free);
  run->progress = progress_new (line_is_on (line, "quiet"));
  gint64 n_normal = run->scores->len;
  if (n_normal == 0 && line_text (line, "normal"))
    return error_set (error, RV_ERROR_FILE, "%s: there are no pictures", line_text (line, "normal"));
  g_autofree double *normal = n_normal > 0 ? g_new (double, n_normal) : NULL;
  for (guint i = 0; i < run->scores->len; i++)
    normal[i] = g_array_index (run->scores, Score, i).score;
  g_array_set_size (run->scores, 0);
  double threshold = rv_scorer_threshold (run->scorer, rate_01, normal, &n_normal, &run->middle);
  run->with_maps = line_text (line, "map") || line_text (line, "sheet");
  run->middle = MAX (run->middle, 1e-12);
  if (run->with_maps && !isfinite (run->middle))
    return error_set (
      error, RV_ERROR_SETTING,
      "the model has no scores of usual pictures, which --map and --sheet need; give some with --normal");
  if (!for_each_file (run, run->sources, score_file, error))
    return FALSE;
  if (run->scores->len == 0)
    return error_set (error, RV_ERROR_FILE, "there are no pictures to score");
  g_clear_pointer (&run->progress, progress_free);
  if (!check_not_interrupted (error) || !write_table (line, run->scores, threshold, error) ||
      (line_text (line, "sheet") && !write_sheet (line, run->cells, run->middle, error)))
    return FALSE;
  print_summary (line, n_normal, run->scores, threshold);
  return TRUE;
}

int
vae_score (const CommandLine *line, GError **error)
{
  g_auto (Run) run = { .line = line,
                       .normal = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref),
                       .sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref),
                       .inputs = g_ptr_array_new_with_free_func (g_free),
                       .outputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                       .maps = g_ptr_array_new_with_free_func (g_free),
                       .written = g_ptr_array_new_with_free_func (g_free),
                       .scores = g_array_new (FALSE, FALSE, sizeof (Score)),
                       .cells = g_array_new (FALSE, FALSE, sizeof (Cell)) };
  g_array_set_clear_func (run.scores, clear_score);
  g_array_set_clear_func (run.cells, clear_cell);
  g_autoptr (GError) fault = NULL;
  if (score (&run, &fault))
    return EXIT_DONE;
  for (guint i = 0; i < run.written->len; i++)
    g_unlink (run.written->pdata[i]);
  if (g_error_matches (fault, RV_ERROR, RV_ERROR_CANCELLED))
    return EXIT_INTERRUPTED;
  g_propagate_error (error, g_steal_pointer (&fault));
  return EXIT_FAILED;
}
