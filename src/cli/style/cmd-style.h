/* cmd-style.h -- reverie style, for one picture and for many. Layer 8 (cli). */
#pragma once

#include "cli/video-command.h"

/* Rejects options that cannot be combined with --learned. @given: ParsedOption of the command line. @is_video: options
 * of videos are allowed, too; @is_any: options for --learned any instead of those for style networks. RV_ERROR_SETTING
 * names the first other option. */
gboolean style_check_learned_usage (const GPtrArray *given, gboolean is_video, gboolean is_any, GError **error);
/* Sets the setting `learned` of @job to the text of @learned, and adds its style network files as inputs "painter".
 * Loads no file. RV_ERROR_SETTING if @job rejects the setting or an input, as after its start; inputs that were added
 * stay. */
gboolean style_add_learned (RvJob *job, const RvLearnedStyles *learned, GError **error);
