/* state.h -- states of runs that can resume: texts and numbers in a tensor map. Layer 6 (method). */
#pragma once

#include "base/option.h"
#include "method/objective/objective.h"
#include <reverie/kernels.h>

/* A new state with texts: "reverie" (the version), "settings" (names and values of @settings by @table), and the
 * kernels as rv__state_set_kernels(). (transfer full). Leaves out the settings that may change before a resumption:
 * time, memory, tile. */
RvTensorMap *rv__state_new (const RvOption *table, const void *settings, const RvKernelTable *kernels);
/* Adds the tensor @name of @type and @shape, replacing an earlier one. It refers to @data, which is not copied and must
 * outlive @state. Cannot fail. */
void rv__state_set_view (RvTensorMap *state, const char *name, RvType type, const RvShape *shape, gconstpointer data);
/* Stores the @n @fits, one for each stage, all their members, in @state as the text "fits". Cannot fail. */
void rv__state_set_fits (RvTensorMap *state, const RvFit *fits, guint n);

/* Checks that @state was written by this version with these settings, except time, memory and tile. FALSE:
 * RV_ERROR_SETTING about the first setting that differs; RV_ERROR_FORMAT for another version, or other options. @table
 * may have options that @state lacks, if their value is "". @what: for the error, such as "a style transfer". */
gboolean rv__state_check (const RvTensorMap *state, const RvOption *table, const void *settings, const char *what,
                          GError **error);

/* Stores the entries of @kernels in @state as the text "kernels", its kernels in use as "kernels used". Cannot fail. */
void rv__state_set_kernels (RvTensorMap *state, const RvKernelTable *kernels);
/* Replaces all entries of @kernels, and all its kernels in use, by those of @state: the resumed run then computes the
 * same bytes. This includes kernels that were chosen without measurement, which have no entry. A state without kernels
 * empties the table. Cannot fail. */
void rv__state_get_kernels (const RvTensorMap *state, RvKernelTable *kernels);

/* Sets *count to the text @key of @state, a number from 0 to @max. FALSE, with *count unchanged: RV_ERROR_FORMAT for a
 * missing text or another value. */
gboolean rv__state_get_count (const RvTensorMap *state, const char *key, gint64 max, gint64 *count, GError **error);
/* Tensor @name of @state. Borrowed (nullable). NULL: RV_ERROR_FORMAT if it is missing or has another type or shape. */
const RvTensor *rv__state_get_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape,
                                      GError **error);
/* Copies the numbers of tensor @name to @to, which has room for @shape. RV_ERROR_FORMAT, @to unchanged: the tensor
 * is missing, or has another type or shape. Other errors may overwrite @to. */
gboolean rv__state_read_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape, void *to,
                                GError **error);
/* Overwrites the @n @fits, one for each stage, all their members, from the text "fits" of @state. FALSE:
 * RV_ERROR_FORMAT if the text is missing, wrong or too short; @fits may be partly overwritten. */
gboolean rv__state_get_fits (const RvTensorMap *state, RvFit *fits, guint n, GError **error);
/* Sets RV_ERROR_FORMAT with the message "the checkpoint @why". Returns FALSE, always. */
gboolean rv__state_refuse (GError **error, const char *why);
