/* learned.c -- reverie style --learned: pictures in learned styles. */
#include "cmd-style.h"

/* Options that always work with --learned. */
static const char *const useful[] = { "learned",  "output",        "size",   "height",  "width",    "quality",
                                      "bits",     "dpi",           "recipe", "force",   "settings", "quiet",
                                      "threads",  "strength",      "resume", "dry-run", "offline",  "keep-colors",
                                      "truncate", "cell",          "mask",   "memory",  "part",     "only",
                                      "keep",     "keep-strength", NULL };
/* Options that work with --learned only for videos. */
static const char *const of_videos[] = { "from",
                                         "to",
                                         "every",
                                         "loop",
                                         "crf",
                                         "codec",
                                         "log",
                                         "live",
                                         "preview",
                                         "state-every",
                                         "temporal-weight",
                                         "long-term-frames",
                                         "baseline-pairs",
                                         NULL };
/* Options that work only with --learned any. */
static const char *const of_any[] = { "style", "style-blend", "style-scale", "weights", NULL };
/* Options that work only with learned styles other than any. */
static const char *const of_style_nets[] = { "backend", "gpu", "preprocessing", NULL };

gboolean
style_check_learned_usage (const GPtrArray *given, gboolean is_video, gboolean is_any, GError **error)
{
  for (guint i = 0; i < given->len; i++) {
    const char *name = rv_option_name (((ParsedOption *) given->pdata[i])->option);
    if (!g_strv_contains (useful, name) && !(is_video && g_strv_contains (of_videos, name)) &&
        !g_strv_contains (is_any ? of_any : of_style_nets, name))
      return error_set (error, RV_ERROR_SETTING, "--%s cannot be combined with --learned", name);
  }
  return TRUE;
}

gboolean
style_add_learned (RvJob *job, const RvLearnedStyles *learned, GError **error)
{
  g_autofree char *text = rv_learned_styles_text (learned, -1);
  for (guint i = 0; i < rv_learned_styles_n (learned); i++)
    if (!job_add_if (job, "painter", rv_learned_styles_file (learned, i), error))
      return FALSE;
  return rv_job_set (job, "learned", text, error);
}
