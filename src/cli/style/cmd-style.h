/* cmd-style.h -- reverie style, for one picture and for many. Layer 8 (cli). */
#pragma once

#include "cli/video-command.h"

/* Rejects options that cannot be combined with --learned. @is_video: for a video; @is_any: for --learned any.
 * RV_ERROR_SETTING. */
gboolean style_check_learned_usage (const GPtrArray *given, gboolean is_video, gboolean is_any, GError **error);
/* Sets `learned` and adds the files of the style networks as inputs. RV_ERROR_SETTING. */
gboolean style_add_learned (RvJob *job, const RvLearnedStyles *learned, GError **error);
