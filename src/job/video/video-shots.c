/* video-shots.c -- shots rendered by several processes, in files until the video is complete.
 * The ends of shots depend on all earlier frames. So each process reads the whole video and computes its flow, but
 * renders only its own shots. */
#include "job/video/video-shots.h"
#include "base/error.h"
#include "base/text.h"
#include "cluster/cluster.h"
#include "io/video/raw-frames.h"
#include <glib/gstdio.h>
#include <reverie/weights.h>
#include <string.h>

#define MARK ".shots-"
#define FRAMES ".frames"
#define INDEX ".safetensors"
#define MAX_FRAMES 1000000000

/* A shot: @n frames, which begin at frame @number of the video, from 1, and at frame @at of the file, from 0. */
typedef struct {
  gint64 number, n, at;
  int file; /* index in RvVideoAssembly.files */
  char *log;
} Shot;

struct _RvVideoShots {
  RvVideoShotChoice choice;
  char *frames_name, *index_name, *identity;
  RvRawFrames *frames;
  GArray *done;             /* Shot: of other processes, from earlier runs */
  GArray *own;              /* Shot: in this process's file */
  gint64 n_stored, n_total; /* frames: of earlier runs in this process's file; of the video, 0: unknown */
  gint64 number;            /* first frame of the current shot; 0: none */
  gint64 n_made;            /* frames of the current shot that are done */
  gint64 next;              /* shot from the work queue; -1: none yet */
  GString *log;             /* log of the current shot */
  char *kernels;
};

static void
clear_shot (gpointer shot)
{
  g_free (((Shot *) shot)->log);
}

/* (transfer full): an empty array of Shot, which frees the logs of its elements. */
static GArray *
new_shots (void)
{
  GArray *shots = g_array_new (FALSE, TRUE, sizeof (Shot));
  g_array_set_clear_func (shots, clear_shot);
  return shots;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* (transfer full): path of the file @suffix of the process @owner: "OUT.shots-3.frames". */
static char *
name_of (const char *output, int owner, const char *suffix)
{
  return g_strdup_printf ("%s" MARK "%d%s", output, owner, suffix);
}

/* (transfer full): paths of the files of shots next to @output that end in @suffix, sorted. */
static GPtrArray *
list_files (const char *output, const char *suffix)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_path_get_dirname (output), *base = g_path_get_basename (output),
                  *begin = g_strconcat (base, MARK, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (g_str_has_prefix (name, begin) && g_str_has_suffix (name, suffix) && g_ascii_isdigit (name[strlen (begin)]))
      g_ptr_array_add (found, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (found, rv__text_compare);
  return found;
}

/* Parses the list of shots in @index, FIRST_FRAME:COUNT such as "1:24 60:12", with their logs, and appends them to
 * @shots. @file: for Shot.file. FALSE without a GError: no list, or invalid; @shots may then have some of them. */
static gboolean
read_shots (const RvTensorMap *index, int file, GArray *shots)
{
  const char *text = rv_tensor_map_get_text (index, "shots");
  g_auto (GStrv) parts = g_strsplit (text ? text : "", " ", -1);
  gint64 at = 0;
  for (char **part = parts; text && *text && *part; part++) {
    Shot shot = { .at = at, .file = file };
    char *colon = strchr (*part, ':');
    if (!colon)
      return FALSE;
    *colon = '\0';
    if (!g_ascii_string_to_signed (*part, 10, 1, MAX_FRAMES, &shot.number, NULL) ||
        !g_ascii_string_to_signed (colon + 1, 10, 1, MAX_FRAMES, &shot.n, NULL))
      return FALSE;
    g_autofree char *key = g_strdup_printf ("log %s", *part);
    const char *log = rv_tensor_map_get_text (index, key);
    shot.log = g_strdup (log ? log : "");
    at += shot.n;
    g_array_append_val (shots, shot);
  }
  return text != NULL;
}

/* (transfer full) (nullable): the index in the file @name; NULL if it cannot be read or has another identity. */
static RvTensorMap *
load_index (const char *name, const char *identity)
{
  g_autoptr (RvTensorMap) index = rv_weights_load (name, RV_WEIGHTS_ALL, NULL, NULL);
  return index && g_strcmp0 (rv_tensor_map_get_text (index, "recipe"), identity) == 0 ? g_steal_pointer (&index) : NULL;
}

/* Syncs the frames of this process to disk, and replaces its index. */
static gboolean
save_index (const RvVideoShots *shots, GError **error)
{
  g_autoptr (RvTensorMap) index = rv_tensor_map_new ();
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *total = g_strdup_printf ("%" G_GINT64_FORMAT, shots->n_total);
  RvShape one = rv_shape (1, (gint64) 1);
  g_autoptr (RvTensor) nothing = rv_tensor_new (RV_F32, &one, error); /* the format needs at least one tensor */
  if (!nothing)
    return FALSE;
  for (guint i = 0; i < shots->own->len; i++) {
    const Shot *shot = &g_array_index (shots->own, Shot, i);
    g_autofree char *key = g_strdup_printf ("log %" G_GINT64_FORMAT, shot->number);
    g_string_append_printf (list, "%s%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, i > 0 ? " " : "", shot->number, shot->n);
    rv_tensor_map_set_text (index, key, shot->log);
  }
  rv_tensor_map_set (index, "shots", nothing);
  rv_tensor_map_set_text (index, "recipe", shots->identity);
  rv_tensor_map_set_text (index, "shots", list->str);
  rv_tensor_map_set_text (index, "kernels", shots->kernels ? shots->kernels : "");
  if (shots->n_total > 0)
    rv_tensor_map_set_text (index, "frames", total);
  return rv__raw_frames_sync (shots->frames, error) && rv_weights_save (index, shots->index_name, TRUE, error);
}

gboolean
rv__video_shots_exist (const char *output, const char *identity)
{
  g_autoptr (GPtrArray) files = list_files (output, INDEX);
  gboolean found = FALSE;
  for (guint i = 0; !found && i < files->len; i++) {
    g_autoptr (RvTensorMap) index = load_index (files->pdata[i], identity);
    found = index != NULL;
  }
  return found;
}

void
rv__video_shots_remove (const char *output)
{
  static const char *const suffixes[] = { INDEX, FRAMES };
  for (guint k = 0; k < G_N_ELEMENTS (suffixes); k++) {
    g_autoptr (GPtrArray) files = list_files (output, suffixes[k]);
    for (guint i = 0; i < files->len; i++)
      g_unlink (files->pdata[i]);
  }
}

/* ---- rendering --------------------------------------------------------------------------------------------------- */

/* Reads the valid indexes of earlier runs: that of this process into `own`, all others into `done`. Sets n_stored. */
static void
read_earlier_shots (RvVideoShots *shots, const char *output)
{
  g_autoptr (GPtrArray) files = list_files (output, INDEX);
  for (guint i = 0; i < files->len; i++) {
    g_autoptr (RvTensorMap) index = load_index (files->pdata[i], shots->identity);
    GArray *list = strcmp (files->pdata[i], shots->index_name) == 0 ? shots->own : shots->done;
    guint n_before = list->len;
    if (index && !read_shots (index, 0, list))
      g_array_set_size (list, n_before);
  }
  for (guint i = 0; i < shots->own->len; i++)
    shots->n_stored += g_array_index (shots->own, Shot, i).n;
}

RvVideoShots *
rv__video_shots_new (const char *output, const RvVideoInfo *info, const char *identity, gboolean resume,
                     const RvVideoShotChoice *choice, GError **error)
{
  g_autoptr (RvVideoShots) shots = g_new0 (RvVideoShots, 1);
  shots->choice = *choice;
  shots->frames_name = name_of (output, choice->owner, FRAMES);
  shots->index_name = name_of (output, choice->owner, INDEX);
  shots->identity = g_strdup (identity);
  shots->own = new_shots ();
  shots->done = new_shots ();
  shots->log = g_string_new (NULL);
  shots->next = -1;
  if (resume)
    read_earlier_shots (shots, output);
  if (shots->n_stored > 0)
    shots->frames = rv__raw_frames_open (shots->frames_name, info, shots->n_stored, NULL);
  if (!shots->frames) { /* without frames the index is useless */
    g_array_set_size (shots->own, 0);
    g_unlink (shots->index_name);
    shots->frames = rv__raw_frames_open (shots->frames_name, info, 0, error);
  }
  return shots->frames ? g_steal_pointer (&shots) : NULL;
}

void
rv__video_shots_free (RvVideoShots *shots)
{
  if (!shots)
    return;
  rv__raw_frames_free (shots->frames);
  g_clear_pointer (&shots->own, g_array_unref);
  g_clear_pointer (&shots->done, g_array_unref);
  g_string_free (shots->log, TRUE);
  g_free (shots->frames_name);
  g_free (shots->index_name);
  g_free (shots->kernels);
  g_free (shots->identity);
  g_free (shots);
}

/* Adds the current shot, if it has frames (else TRUE), to `own`, and writes the index. */
static gboolean
close_shot (RvVideoShots *shots, GError **error)
{
  Shot shot = { .number = shots->number, .n = shots->n_made };
  if (shots->n_made == 0)
    return TRUE;
  shot.log = g_strdup (shots->log->str);
  g_string_truncate (shots->log, 0);
  g_array_append_val (shots->own, shot);
  shots->number = shots->n_made = 0;
  return save_index (shots, error);
}

/* Whether @shots (Shot) has the shot that begins with frame @number of the video. */
static gboolean
has_shot (const GArray *shots, gint64 number)
{
  for (guint i = 0; i < shots->len; i++)
    if (g_array_index (shots, Shot, i).number == number)
      return TRUE;
  return FALSE;
}

gboolean
rv__video_shots_begin (RvVideoShots *shots, gint64 shot, gint64 number, gboolean *is_ours, GError **error)
{
  const RvVideoShotChoice *choice = &shots->choice;
  *is_ours = FALSE;
  if (!close_shot (shots, error))
    return FALSE;
  if (has_shot (shots->own, number) || has_shot (shots->done, number))
    return TRUE;
  *is_ours = shot % choice->n_parts == choice->part - 1;
  if (choice->uses_queue) { /* shots come in ascending order */
    while (shots->next < shot)
      if (!rv__cluster_next_item (rv__cluster_all (), G_MAXINT64, &shots->next, error))
        return FALSE;
    *is_ours = shots->next == shot;
  }
  shots->number = number;
  return TRUE;
}

gboolean
rv__video_shots_add (RvVideoShots *shots, const RvImage *frame, GError **error)
{
  shots->n_made++;
  return rv__raw_frames_add (shots->frames, frame, error);
}

void
rv__video_shots_add_log (RvVideoShots *shots, const char *line)
{
  g_string_append (shots->log, line);
}

gboolean
rv__video_shots_end (RvVideoShots *shots, gint64 n_frames, const char *kernels, GError **error)
{
  g_free (shots->kernels);
  shots->kernels = g_strdup (kernels);
  shots->n_total = n_frames;
  return close_shot (shots, error) && save_index (shots, error);
}

/* ---- assembling -------------------------------------------------------------------------------------------------- */

void
rv__video_assembly_free (RvVideoAssembly *assembly)
{
  if (!assembly)
    return;
  g_array_unref (assembly->shots);
  g_ptr_array_unref (assembly->files);
  g_free (assembly->kernels);
  g_free (assembly);
}

/* Comparison of Shot by first frame, for g_array_sort(): below, equal to or above 0. */
static int
compare_shots (gconstpointer a, gconstpointer b)
{
  gint64 first = ((const Shot *) a)->number, second = ((const Shot *) b)->number;
  return first < second ? -1 : first > second;
}

/* Adds the shots of @index, of the file @name, to @assembly. Raises assembly->n_frames to the number that @index
 * names, if any. Copies the kernels that @index names, if any, unless an earlier index did. @file: for Shot.file.
 * RV_ERROR_FORMAT if damaged; some shots may be added then. */
static gboolean
read_index (RvVideoAssembly *assembly, const char *name, const RvTensorMap *index, int file, GError **error)
{
  const char *n_frames = rv_tensor_map_get_text (index, "frames");
  gint64 n;
  if (!read_shots (index, file, assembly->shots))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s is damaged; remove it, and 'resume' renders its shots again",
                          name);
  if (n_frames && g_ascii_string_to_signed (n_frames, 10, 1, MAX_FRAMES, &n, NULL))
    assembly->n_frames = MAX (assembly->n_frames, n);
  const char *kernels = rv_tensor_map_get_text (index, "kernels");
  if (!assembly->kernels && kernels && *kernels) /* "": that process was stopped before it chose any */
    assembly->kernels = g_strdup (kernels);
  return TRUE;
}

/* Opens the file of frames that belongs to each of @indexes (paths of index files), and appends it to assembly->files,
 * which owns it. Appends NULL for an index without shots in @assembly. Truncates each file on disk behind the last
 * such shot. After an error, open files stay in assembly->files. */
static gboolean
open_frames (RvVideoAssembly *assembly, const GPtrArray *indexes, const RvVideoInfo *info, GError **error)
{
  for (guint i = 0; i < indexes->len; i++) {
    const char *index = indexes->pdata[i];
    g_autofree char *stem = g_strndup (index, strlen (index) - strlen (INDEX)),
                    *name = g_strconcat (stem, FRAMES, NULL);
    gint64 n = 0;
    for (guint k = 0; k < assembly->shots->len; k++) {
      const Shot *shot = &g_array_index (assembly->shots, Shot, k);
      n = shot->file == (int) i ? MAX (n, shot->at + shot->n) : n;
    }
    RvRawFrames *file = n > 0 ? rv__raw_frames_open (name, info, n, error) : NULL;
    if (n > 0 && !file)
      return FALSE;
    g_ptr_array_add (assembly->files, file);
  }
  return TRUE;
}

/* Sorts the shots of @assembly by frame, drops repeated ones, and checks that no frame of the video is missing. FALSE
 * with RV_ERROR_FILE, which names the first missing frame, or frame 1 without shots. */
static gboolean
check_whole (RvVideoAssembly *assembly, const char *output, GError **error)
{
  gint64 next = 1;
  g_array_sort (assembly->shots, compare_shots);
  for (guint i = 0; i < assembly->shots->len;) {
    const Shot *shot = &g_array_index (assembly->shots, Shot, i);
    if (shot->number < next) {
      g_array_remove_index (assembly->shots, i);
      continue;
    }
    if (shot->number > next)
      break;
    next += shot->n;
    i++;
  }
  return (assembly->n_frames > 0 && next == assembly->n_frames + 1) ||
         rv__error_with_options (error, RV_ERROR_FILE, "part,resume",
                                 "%s has no shot yet that begins with frame %" G_GINT64_FORMAT
                                 "; 'part', or 'resume' without 'part', renders it",
                                 output, next);
}

RvVideoAssembly *
rv__video_assembly_new (const char *output, const RvVideoInfo *info, const char *identity, GError **error)
{
  g_autoptr (RvVideoAssembly) assembly = g_new0 (RvVideoAssembly, 1);
  g_autoptr (GPtrArray) files = list_files (output, INDEX);
  assembly->shots = new_shots ();
  assembly->files = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__raw_frames_free);
  for (guint i = 0; i < files->len; i++) {
    g_autoptr (RvTensorMap) index = load_index (files->pdata[i], identity);
    if (index && !read_index (assembly, files->pdata[i], index, (int) i, error))
      return NULL;
  }
  return check_whole (assembly, output, error) && open_frames (assembly, files, info, error)
           ? g_steal_pointer (&assembly)
           : NULL;
}

/* Shot that contains frame @k of the video, from 0, which must exist (unchecked). Borrowed. */
static const Shot *
shot_at (const RvVideoAssembly *assembly, gint64 k)
{
  guint low = 0, high = assembly->shots->len;
  while (high - low > 1) {
    guint middle = (low + high) / 2;
    *(g_array_index (assembly->shots, Shot, middle).number <= k + 1 ? &low : &high) = middle;
  }
  return &g_array_index (assembly->shots, Shot, low);
}

RvImage *
rv__video_assembly_get (RvVideoAssembly *assembly, gint64 k, GError **error)
{
  const Shot *shot = shot_at (assembly, k);
  return rv__raw_frames_get (assembly->files->pdata[shot->file], shot->at + k + 1 - shot->number, error);
}

const char *
rv__video_assembly_log (const RvVideoAssembly *assembly, gint64 k)
{
  const Shot *shot = shot_at (assembly, k);
  return shot->number == k + 1 ? shot->log : NULL;
}
