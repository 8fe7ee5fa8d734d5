/* read.c -- frames from a video by ffmpeg: raw RGB through a pipe. */
#include "base/alloc.h"
#include "base/cancel.h"
#include "base/error.h"
#include "io/video/subprocess.h"
#include "io/video/ffmpeg.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIN_FIELD_PX 4    /* px, minimum of both sides to deinterlace */
#define TIMES_CLOCK 90000 /* ticks per second of frame times */
#define MISSING_PART 0.02 /* fraction by which a header may exceed the number of frames */
#define Y4M_MAGIC "YUV4MPEG2 "
#define Y4M_FRAME "FRAME"

typedef struct {
  RvSubprocess *child; /* NULL: all read */
  RvVideoInfo info;
  char *filename;
  guint8 *frame;
  gsize frame_bytes;
  gint64 n_read, fewest; /* frames read; frames that a whole video has at least, 0: unknown */
  gboolean again;        /* the next call returns the last frame again */
  gboolean is_truncated; /* the file is read to its end, which is inside a frame */
} Reading;

static Reading *standard_input; /* one per process: its bytes can be read only once */
static GMutex standard_input_lock;

void
rv__ffmpeg_close (gpointer data)
{
  Reading *reading = data;
  if (reading == g_atomic_pointer_get (&standard_input))
    return;
  rv__subprocess_free (reading->child);
  rv__free (reading->frame);
  g_free (reading->filename);
  g_free (reading);
}

/* Appends ffmpeg filters, each after a comma, that convert wide colours and HDR to a usual display's; without this they
 * would look grey. Appends nothing for usual colours. White is that of paper, 203 cd/m2 (ITU-R BT.2408); values above
 * half of it are compressed. HLG's system gamma works on the luminance (agamma=false): zscale's default works on each
 * channel, and saturated colours are up to 38 grey levels off. */
static void
add_color_filters (GString *text, const RvVideoProbe *facts)
{
  if (!facts->primaries && !facts->transfer)
    return;
  const char *primaries = facts->primaries ? facts->primaries : "bt2020";
  g_string_append_printf (text, ",format=yuv444p16le|gbrp16le,zscale=matrix=gbr:range=pc:primariesin=%s", primaries);
  if (!facts->tagged)
    g_string_append (text, ":matrixin=bt2020nc");
  if (facts->transfer)
    g_string_append_printf (text,
                            ":primaries=%s:transferin=%s:transfer=linear:npl=203:agamma=false,format=gbrpf32le,"
                            "zscale=primaries=bt709,tonemap=mobius:param=0.5:desat=0,zscale=transfer=iec61966-2-1",
                            primaries, facts->transfer);
  else
    g_string_append (text, ":primaries=bt709:transferin=bt709:transfer=bt709");
  g_string_append (text, ",format=gbrp16le");
}

/* Time range that ffmpeg reads, in s. A part of a video begins half a frame before its first frame. It ends half a
 * frame before the frame after its last. Rounded times then select the same frames. With source_times there is no half
 * frame. */
typedef struct {
  double seek_s;                    /* from the video's start; 0: the start */
  double begin_s, first_s, until_s; /* relative to seek_s, or, if that is 0, to the first frame of the video: begin of
                                       the part, its first frame, its end; 0: as in the video */
} Range;

/* Range from part->from_s to part->to_s (0: to the end) of the video @facts. facts->source_times selects the half
 * frame; part->source_times is not read. */
static Range
compute_range (const RvVideoProbe *facts, const RvVideoReadOptions *part)
{
  double half_s = facts->source_times ? 0 : 0.5 * facts->info.rate_den / facts->info.rate_num;
  double first_s = rv__ffmpeg_frame_s (facts, part->from_s), seek_s = rv__ffmpeg_seek_s (facts, first_s);
  double zero_s = seek_s > 0 ? seek_s : facts->delay_s;
  double until_s = part->to_s > 0 ? rv__ffmpeg_frame_s (facts, part->to_s) - half_s - zero_s : 0;
  return (Range){ seek_s, MAX (first_s - half_s - zero_s, 0), first_s - zero_s, MAX (until_s, 0) };
}

/* (transfer full): ffmpeg filters that select frames and times; each ends in a comma, so that another filter must
 * follow. They deinterlace, cut to @range, repeat or drop frames to a constant rate unless facts->source_times, and
 * take every part->every-th. Cannot fail. */
static GString *
frame_filters (const RvVideoProbe *facts, const RvVideoReadOptions *part, const Range *range)
{
  const RvVideoInfo *video = &facts->info;
  GString *text = g_string_new (NULL);
  if (facts->interlaced && video->width >= MIN_FIELD_PX && video->height >= MIN_FIELD_PX)
    g_string_append (text, "scale,bwdif=mode=send_frame:deint=interlaced,"); /* bwdif needs frames of one size */
  /* Without fps=, missing frames that a header does not show would make the sound run ahead. Times count from the first
   * frame: half-way between two frames, rounding would drop and double frames. */
  if (!facts->source_times) /* times in AVI and Y4M are whole numbers of frames */
    g_string_append (text, "settb=AVTB,");
  if (range->seek_s == 0) /* times count from the start in some containers, from the first frame in others */
    g_string_append (text, "setpts=PTS-STARTPTS,");
  if (range->begin_s > 0)
    g_string_append_printf (text, "trim=start=%s,", RV_FFMPEG_SECONDS (range->begin_s));
  if (range->until_s > 0)
    g_string_append_printf (text, "trim=end=%s,", RV_FFMPEG_SECONDS (range->until_s));
  g_string_append_printf (text, "setpts=PTS-%s/TB,", RV_FFMPEG_SECONDS (range->first_s));
  if (!facts->source_times)
    g_string_append_printf (text, "fps=%d/%d,", video->rate_num, video->rate_den);
  if (part->every > 1)
    g_string_append_printf (text, "framestep=%d,", part->every);
  return text;
}

/* (transfer full): frame_filters(), then scaling to the size of @out, alpha over black, and add_color_filters(). */
static char *
filters (const RvVideoProbe *facts, const RvVideoReadOptions *part, const Range *range, const RvVideoInfo *out)
{
  const RvVideoInfo *video = &facts->info;
  GString *text = frame_filters (facts, part, range);
  g_string_append_printf (text, "scale=%d:%d:flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp%s,setsar=1",
                          out->width, out->height,
                          !facts->tagged && video->height >= RV_VIDEO_HD_ROWS ? ":in_color_matrix=bt709" : "");
  if (facts->over_black) /* over black, as in players; transparent pixels of masks are black as well */
    g_string_append (text, ",format=gbrap16,premultiply=inplace=1");
  add_color_filters (text, facts);
  return g_string_free (text, FALSE);
}

/* (transfer full) (nullable): starts ffmpeg for @range of @filename, "-" included; the caller reads its standard
 * output. @filter: video filters; @tail (NULL-terminated): options of the output. */
static RvSubprocess *
start_ffmpeg (const char *filename, const RvVideoProbe *facts, const Range *range, const char *filter,
              const char *const *tail, GError **error)
{
  gboolean is_stream = rv__video_is_stream (filename);
  int input = is_stream ? rv__standard_input_open (error) : -1;
  if (is_stream && input < 0)
    return NULL;
  g_autofree char *url = is_stream ? g_strdup (RV_SUBPROCESS_EXTRA) : rv__ffmpeg_url (filename);
  double frame_s = (double) facts->info.rate_den / facts->info.rate_num; /* added, since ffmpeg rounds a frame away */
  g_autoptr (GPtrArray) argv = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  rv__subprocess_add (argv, "ffmpeg", "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", NULL);
  /* With new filters, times would start anew where the size of the frames changes. */
  rv__subprocess_add (argv, "-reinit_filter", "0", NULL);
  if (range->seek_s > 0)
    rv__subprocess_add (argv, "-ss", RV_FFMPEG_SECONDS (range->seek_s), NULL);
  if (range->until_s > 0)
    rv__subprocess_add (argv, "-t", RV_FFMPEG_SECONDS (facts->delay_s + range->until_s + frame_s), NULL);
  if (facts->decoder)
    rv__subprocess_add (argv, "-c:v", facts->decoder, NULL);
  rv__subprocess_add (argv, "-i", url, "-map", "0:V:0", "-vf", filter, "-fps_mode", "passthrough", NULL);
  while (*tail)
    rv__subprocess_add (argv, *tail++, NULL);
  rv__subprocess_add (argv, "pipe:1", NULL);
  RvSubprocess *child = rv__subprocess_start ((const char *const *) argv->pdata, FALSE, input, error);
  if (input >= 0)
    close (input);
  return child;
}

/* Whether the Y4M file @filename ends inside a frame, which ffmpeg drops without a message. All frames have the same
 * number of bytes after their header lines. FALSE for other formats, unreadable files, and fewer than two frames. */
static gboolean
ends_inside_frame (const char *filename)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (filename, FALSE, NULL);
  const char *data = file ? g_mapped_file_get_contents (file) : NULL;
  const char *end = data ? data + g_mapped_file_get_length (file) : NULL;
  if (end - data < (gssize) strlen (Y4M_MAGIC) || strncmp (data, Y4M_MAGIC, strlen (Y4M_MAGIC)) != 0)
    return FALSE;
  const char *header = memmem (data, (gsize) (end - data), Y4M_FRAME, strlen (Y4M_FRAME));
  const char *frame = header ? memchr (header, '\n', (gsize) (end - header)) : NULL;
  header = frame ? memmem (frame, (gsize) (end - frame), Y4M_FRAME, strlen (Y4M_FRAME)) : NULL;
  gssize frame_bytes = header ? header - frame : 0;
  while (header && header < end && *header == *Y4M_FRAME) {
    frame = memchr (header, '\n', (gsize) (end - header));
    if (!frame || end - frame < frame_bytes)
      return TRUE;
    header = frame + frame_bytes;
  }
  return FALSE;
}

/* (transfer full) (nullable): a new reader of the frames of @part with the size and bits of @out; starts ffmpeg. "-"
 * only the first time in a process. Close with rv__ffmpeg_close(). */
static Reading *
open_video (const char *filename, const RvVideoProbe *given, const RvVideoReadOptions *part, const RvVideoInfo *out,
            GError **error)
{
  Reading *reading = g_new0 (Reading, 1);
  RvVideoProbe facts = *given;
  facts.source_times = part->source_times && facts.info.variable_rate;
  const Range range = compute_range (&facts, part);
  const char *const tail[] = { "-f", "rawvideo", "-pix_fmt", out->bits > 8 ? "rgb48le" : "rgb24", NULL };
  g_autofree char *filter = filters (&facts, part, &range, out);
  reading->filename = g_strdup (rv__video_display_name (filename));
  reading->info = *out;
  reading->frame_bytes = rv__video_frame_bytes (out);
  if (!facts.estimated && !(facts.info.variable_rate && (part->from_s > 0 || part->to_s > 0)))
    reading->fewest = (gint64) ((double) out->n_frames * (1 - MISSING_PART)) - 2;
  reading->is_truncated = range.until_s == 0 && !rv__video_is_stream (filename) && ends_inside_frame (filename);
  if ((reading->frame = rv__alloc (reading->frame_bytes, "a frame", error)) &&
      (reading->child = start_ffmpeg (filename, &facts, &range, filter, tail, error)))
    return reading;
  rv__ffmpeg_close (reading);
  return NULL;
}

gpointer
rv__ffmpeg_open (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part,
                 const RvVideoInfo *out, GError **error)
{
  if (!rv__video_is_stream (filename))
    return open_video (filename, facts, part, out, error);
  /* A process has one reader of standard input, never freed. A job reads one frame before it begins; after the next
   * open, rv__ffmpeg_next() returns this frame again. */
  g_mutex_lock (&standard_input_lock);
  if (!standard_input)
    g_atomic_pointer_set (&standard_input, open_video ("-", facts, part, out, error));
  Reading *reading = standard_input;
  g_mutex_unlock (&standard_input_lock);
  if (!reading)
    return NULL;
  if (reading->n_read > 1 || reading->info.width != out->width || reading->info.height != out->height)
    return rv__error_null (error, RV_ERROR_FILE, "standard input can be read only once");
  reading->again = reading->n_read == 1;
  return reading;
}

GArray *
rv__ffmpeg_times (const char *filename, const RvVideoProbe *facts, const RvVideoReadOptions *part, GError **error)
{
  static const char *const tail[] = {
    "-enc_time_base", "1:" G_STRINGIFY (TIMES_CLOCK), "-flush_packets", "1", "-f", "framecrc", NULL
  };
  const Range range = compute_range (facts, part);
  GString *filter = frame_filters (facts, part, &range);
  g_string_append (filter, "scale=2:2");
  g_autofree char *chain = g_string_free (filter, FALSE);
  g_autoptr (RvSubprocess) child = start_ffmpeg (filename, facts, &range, chain, tail, error);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GString) text = g_string_new (NULL);
  char chunk[4096];
  gssize got = -1;
  while (child && (got = rv__subprocess_read (child, chunk, sizeof chunk, error)) > 0) {
    g_string_append_len (text, chunk, got);
    for (char *end; (end = strchr (text->str, '\n')); g_string_erase (text, 0, end - text->str + 1)) {
      gint64 pts;
      *end = '\0';
      if (sscanf (text->str, "0, %*d, %" G_GINT64_FORMAT, &pts) == 1) {
        double time_s = times->len == 0 ? 0 : (double) pts / TIMES_CLOCK;
        g_array_append_val (times, time_s);
      }
    }
  }
  if (got < 0)
    return NULL;
  double frame_s = (double) facts->info.rate_den / facts->info.rate_num * MAX (part->every, 1);
  double last_s = times->len > 0 ? g_array_index (times, double, times->len - 1) : 0;
  double end_s = facts->delay_s + facts->info.duration_s;
  end_s = (part->to_s > 0 ? MIN (part->to_s, end_s) : end_s) - rv__ffmpeg_frame_s (facts, part->from_s);
  end_s = end_s > last_s ? end_s : last_s + frame_s;
  g_array_append_val (times, end_s);
  return g_steal_pointer (&times);
}

/* Checks after the last frame that the video ended there, ends ffmpeg, and sets reading->child to NULL. @left_over:
 * bytes of an incomplete frame. RV_ERROR_FORMAT: ffmpeg failed, no frame, or the video was cut short. */
static gboolean
check_end (Reading *reading, gsize left_over, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (RvSubprocess) child = g_steal_pointer (&reading->child);
  gboolean ended = rv__subprocess_end (child, &why);
  g_autofree char *said = ended ? rv__subprocess_stderr_line (child) : g_strdup (why->message);
  if (ended && left_over == 0 && !reading->is_truncated && (!*said || reading->n_read >= reading->fewest) &&
      reading->n_read > 0)
    return TRUE;
  if (!rv__check_cancelled (error))
    return FALSE;
  if (ended && reading->n_read == 0 && !*said)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s has no frame in this range: 'from' may be after the last frame",
                          reading->filename);
  return rv__error_set (error, RV_ERROR_FORMAT, "%s can be read up to frame %" G_GINT64_FORMAT " only%s%s%s",
                        reading->filename, reading->n_read, *said ? " (" : "", said, *said ? ")" : "");
}

RvImage *
rv__ffmpeg_next (gpointer data, GError **error)
{
  Reading *reading = data;
  if (!reading->again) {
    gssize got =
      reading->child ? rv__subprocess_read (reading->child, reading->frame, reading->frame_bytes, error) : -1;
    if (got < 0)
      return NULL;
    if ((gsize) got < reading->frame_bytes) {
      check_end (reading, (gsize) got, error);
      return NULL;
    }
    reading->n_read++;
  }
  reading->again = FALSE;
  return rv__video_frame_unpack (&reading->info, reading->frame, error);
}
