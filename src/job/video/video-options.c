/* video-options.c -- settings of style-video and dream-video jobs, and checks before any file is read. */
#include "job/video/video-run.h"
#include "base/error.h"
#include "base/settings.h"
#include "io/video/video-format.h"
#include "method/video/video-baseline.h"
#include "method/run/scheduler.h"
#include <math.h>
#include <string.h>

#define FIELD(f) offsetof (RvVideoOptions, f)

#define ROW(field, name, type, ...)                                                                                    \
  {                                                                                                                    \
    name, 0, type, FIELD (field), __VA_ARGS__                                                                          \
  }

/* Rows of both tables. Recipes of earlier versions have no `baseline-pairs`, so its default is 0, not -1. */
#define VIDEO_ROWS                                                                                                     \
  ROW (from, "from", RV_OPTION_TEXT, .unit = "TIME", .help = "video: start, such as 0:12 or 12.5", .group = "video"),  \
    ROW (to, "to", RV_OPTION_TEXT, .unit = "TIME", .help = "video: end"),                                              \
    ROW (every, "every", RV_OPTION_INT, "1", 1, 1000, .unit = "COUNT",                                                 \
         .help = "video: use every COUNT-th frame and lower the rate"),                                                \
    ROW (loop, "loop", RV_OPTION_BOOL, .help = "video: blend the last second into the first frame, for endless play"), \
    ROW (long_term_frames, "long-term-frames", RV_OPTION_TEXT, "1", .unit = "COUNT,...", .old_name = "memory-frames",  \
         .help = "video: earlier frames to compare with, such as 1,2,4: hidden areas come back as they were painted"), \
    ROW (n_pairs, "baseline-pairs", RV_OPTION_INT, NULL, -1, RV_VIDEO_MAX_PAIRS, .unit = "PAIRS",                      \
         .old_name = "frame-by-frame",                                                                                 \
         .help = "video: also render PAIRS pairs of frames independently, to report how much steadier the video is; "  \
                 "-1: up to three pairs, if that takes at most 5 % of the time"),                                      \
    ROW (crf, "crf", RV_OPTION_INT, NULL, 0, 63, .unit = "1..63",                                                      \
         .help = "video: lower is better and larger [18 for .mp4, .mov and .mkv, 28 for .webm]"),                      \
    ROW (codec, "codec", RV_OPTION_TEXT, .unit = "NAME",                                                               \
         .help = "video: codec, as ffmpeg names it [libx264; libvpx-vp9 for .webm]"),                                  \
    ROW (frame_iterations, "frame-iterations", RV_OPTION_INT, NULL, 1, 1e6, .unit = "COUNT",                           \
         .help = "video: iterations of each frame after a shot's first, which has 'iterations' [20; dreams: 3, at "    \
                 "each octave]"),                                                                                      \
  {                                                                                                                    \
    NULL                                                                                                               \
  }

const RvOption rv__style_video_options[] = {
  { "learned", 0, RV_OPTION_TEXT, FIELD (learned), .old_name = "with", .unit = "NAME|FILE[:WEIGHT],...",
    .help = "paint in one pass, in learned styles: NAME is a built-in style (a wrong name prints the list; all: each), "
            "FILE or FILE:STYLE comes from `reverie learn`, FILE.onnx from another program. All pictures are contents. "
            "any: in the style of the given paintings (MicroAST)",
    .group = "learned styles" },
  VIDEO_ROWS,
};

const RvOption rv__dream_video_options[] = {
  { "style-weight", 0, RV_OPTION_REAL, FIELD (style_weight), "0.7", 0, 1e3, .unit = "WEIGHT",
    .help = "weight of the style in a step; the objective's is 1", .group = "video" },
  { "blend", 0, RV_OPTION_REAL, FIELD (blend), "0.85", 0, 1, .unit = "0..1",
    .help = "fraction of the last dream in the next frame" },
  VIDEO_ROWS,
};

const RvSettingsClass rv__settings_style_video = { "style-video", "style", rv__style_video_options,
                                                   sizeof (RvVideoOptions) };
const RvSettingsClass rv__settings_dream_video = { "dream-video", "dream", rv__dream_video_options,
                                                   sizeof (RvVideoOptions) };

const RvVideoOptions *
rv__video_options_of (const RvJobRequest *request)
{
  return request->kind_settings->fields;
}

/* Parses @text (NULL: 0), "1:02:03.5" or "12.5", into *seconds. RV_ERROR_SETTING, naming the option @name. */
static gboolean
parse_time (const char *name, const char *text, double *seconds, GError **error)
{
  *seconds = 0;
  for (const char *part = text; part;) {
    char *end = NULL;
    double value = g_ascii_isdigit (*part) || *part == '.' ? g_ascii_strtod (part, &end) : -1;
    if (value < 0 || !isfinite (value) || end == part || (*end && *end != ':'))
      return rv__error_setting (error, name, "'%s': '%s' is not a time such as 12.5, 0:12 or 1:02:03", name, text);
    *seconds = 60 * *seconds + value;
    part = *end ? end + 1 : NULL;
  }
  return TRUE;
}

gboolean
rv__video_read_options (const RvVideoOptions *video, RvVideoReadOptions *range, GError **error)
{
  range->every = (int) video->every;
  if (!parse_time ("from", video->from, &range->from_s, error) || !parse_time ("to", video->to, &range->to_s, error))
    return FALSE;
  return !video->to || range->to_s > range->from_s ||
         rv__error_setting (error, "to,from", "'to' %s is not after 'from' %s", video->to,
                            video->from ? video->from : "0");
}

const char *
rv__video_shard (const RvJobRequest *request)
{
  const char *part = request->options->part;
  return part && *part ? part : NULL;
}

/* Checks `part`, if set: its form I/N, no loop or keyframes, and no stream as input or output. RV_ERROR_SETTING. */
static gboolean
check_part (const RvJobRequest *request, GError **error)
{
  int part, n_parts;
  if (!rv__video_shard (request))
    return TRUE;
  if (rv__video_options_of (request)->loop || rv__request_input (request, "keyframe"))
    return rv__error_setting (error, "part,loop,keyframes",
                              "'part' cannot be combined with 'loop' or 'keyframes': they blend across shots");
  if (rv__video_is_stream (request->options->output) ||
      rv__video_is_stream (rv__request_input (request, "content")->file))
    return rv__error_setting (error, "part", "'part' works only with videos that are files");
  return rv__shard_parse (rv__video_shard (request), &part, &n_parts, error);
}

gboolean
rv__video_check (RvJobRequest *request, GError **error)
{
  RvVideoReadOptions range;
  RvLongTermFrames memory;
  RvVideoOptions *own = request->kind_settings->fields;
  RvPictureOptions *options = request->options;
  gboolean into_stream = rv__video_is_stream (options->output);
  const char *of_pictures = options->save_every > 0 ? "save-every,log"
                            : options->plot         ? "plot,log"
                            : options->timeline     ? "timeline,log"
                                                    : NULL;
  if (own->frame_iterations == 0) /* sets the default, which the recipe then names */
    own->frame_iterations = request->class->video->frame_iterations;
  if (rv__video_shard (request)) { /* logs belong to shots; a shard has no checkpoint of its own */
    g_clear_pointer (&options->log, g_free);
    request->state_options.every_s = 0;
  }
  if (into_stream) { /* a stream has no folder for other files */
    options->keep_recipe = FALSE;
    request->state_options.every_s = 0;
  }
  if (!rv__video_read_options (own, &range, error) ||
      !rv__long_term_parse (own->long_term_frames, memory.reaches, error) || !rv__keyframes_check (request, error))
    return FALSE;
  if (own->loop && rv__request_input (request, "keyframe"))
    return rv__error_setting (error, "keyframes,loop", "'keyframes' cannot be combined with 'loop'");
  if (into_stream && request->state_options.resume)
    return rv__error_setting (error, "resume", "'resume' works only with videos that are written to a file");
  if (of_pictures)
    return rv__error_setting (error, of_pictures, "'%.*s' works only with pictures, and this makes a video; see 'log'",
                              (int) strcspn (of_pictures, ","), of_pictures);
  if (!options->output && !options->dry_run)
    return rv__error_setting (error, "output", "a video needs 'output': it is written frame by frame");
  return check_part (request, error) &&
         (!options->output || rv_video_check_target (options->output, error) || rv__error_set_option (error, "output"));
}
