/* state.h -- states of runs that can resume: texts and numbers in a tensor map. Layer 6 (method). */
#ifndef RV_RUN_STATE_H
#define RV_RUN_STATE_H

#include "base/option.h"
#include "method/objective/objective.h"
#include <reverie/kernels.h>

/* A new state with the texts "reverie" (the version), "settings" and the kernels. (transfer full). Settings that may
 * change before a resumption (time, memory, tile) are left out. */
RvTensorMap *rv__state_new (const RvOption *table, const void *settings, const RvKernelTable *kernels);
/* Stores @count as the text @key. */
void rv__state_set_count (RvTensorMap *state, const char *key, gint64 count);
/* Adds a tensor that refers to @data, which must outlive @state and is not copied. */
void rv__state_set_view (RvTensorMap *state, const char *name, RvType type, const RvShape *shape, gconstpointer data);
/* Stores @fits, how each of @n stages fits, as the text "fits". */
void rv__state_set_fits (RvTensorMap *state, const RvFit *fits, guint n);

/* Checks that @state has this version and these settings, except time, memory and tile. RV_ERROR_FORMAT;
 * RV_ERROR_SETTING names the first setting that differs. @what: for the error, such as "a style transfer". */
gboolean rv__state_check (const RvTensorMap *state, const RvOption *table, const void *settings, const char *what,
                          GError **error);

/* Stores the texts "kernels" and "kernels used". */
void rv__state_set_kernels (RvTensorMap *state, const RvKernelTable *kernels);
/* Replaces the choices in @kernels by the stored ones, also those made without measurement: they compute the same bytes
 * again. A state without them empties the table. */
void rv__state_get_kernels (const RvTensorMap *state, RvKernelTable *kernels);

/* Reads the text @key as a count from 0 to @max. RV_ERROR_FORMAT. */
gboolean rv__state_get_count (const RvTensorMap *state, const char *key, gint64 max, gint64 *count, GError **error);
/* Tensor @name. Borrowed (nullable). RV_ERROR_FORMAT unless it has this type and shape. */
const RvTensor *rv__state_get_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape,
                                      GError **error);
/* Copies the numbers of tensor @name to @to, which has the size of @shape. RV_ERROR_FORMAT, RV_ERROR_FILE. */
gboolean rv__state_read_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape, void *to,
                                GError **error);
/* Overwrites @fits, how each of @n stages fits. RV_ERROR_FORMAT; @fits may be partly overwritten. */
gboolean rv__state_get_fits (const RvTensorMap *state, RvFit *fits, guint n, GError **error);
/* Sets RV_ERROR_FORMAT, "the checkpoint @why". Returns FALSE. */
gboolean rv__state_refuse (GError **error, const char *why);

#endif
