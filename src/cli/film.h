/* film.h -- what the commands that make a film share: whether one is wanted, and its job, run.
 * Layer 8 (cli). */
#ifndef RV_CLI_FILM_H
#define RV_CLI_FILM_H

#include "cli/job-run.h"

/* film_is_wanted: OUT is to be a film: by its suffix; where that could be a picture's too, or there is no OUT, as
 * @content is. Looks at files. */
gboolean film_is_wanted (const char *output, const char *content);
/* film_refuse: @what, if it is not NULL, cannot be had with a film: RV_ERROR_SETTING. */
gboolean film_refuse (const char *what, GError **error);

/* film_options_check: none of those is given that a picture has no use for; @more: one of them, or NULL.
 * RV_ERROR_SETTING. */
gboolean film_options_check (const GPtrArray *given, const char *more, GError **error);

/* film_run: the job, with all that is shown of it meanwhile, or in a dry run what it will take; returns the exit code.
 */
int film_run (RvJob *job, const char *content, const PictureOptions *picture, RvKernelTable *kernels, GError **error);

#endif
