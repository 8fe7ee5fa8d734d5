/* state.h -- what the states of runs that can go on have in common: texts and numbers in a tensor map.
 * Layer 6 (method). */
#ifndef RV_RUN_STATE_H
#define RV_RUN_STATE_H

#include "base/option.h"
#include "method/objective/objective.h"
#include <reverie/kernels.h>

/* rv__state_new: (transfer full): with the texts "reverie" (the version), "settings", and the kernels.
 * rv__state_set_view: what lies at @data becomes a tensor, not a copy. _set_fits: how each of @n sizes is made to fit.
 */
RvTensorMap *rv__state_new (const RvOption *table, const void *settings, const RvKernelTable *kernels);
void rv__state_set_count (RvTensorMap *state, const char *key, gint64 count);
void rv__state_set_view (RvTensorMap *state, const char *name, RvType type, const RvShape *shape, gconstpointer data);
void rv__state_set_fits (RvTensorMap *state, const RvFit *fits, guint n);

/* rv__state_check: of this version, and of these settings: RV_ERROR_FORMAT; RV_ERROR_SETTING, naming the first that
 * differs. @what: "a style transfer". */
gboolean rv__state_check (const RvTensorMap *state, const RvOption *table, const void *settings, const char *what,
                          GError **error);

/* rv__state_set_kernels: the texts "kernels" and "kernels used". rv__state_get_kernels: @kernels is as it was then,
 * with no others: what was guessed computes again. */
void rv__state_set_kernels (RvTensorMap *state, const RvKernelTable *kernels);
void rv__state_get_kernels (const RvTensorMap *state, RvKernelTable *kernels);

/* Each RV_ERROR_FORMAT for a damaged state. _get_count: from 0 to @max. _get_tensor: of that type and shape; borrowed.
 * _read_tensor: its numbers, into @to; RV_ERROR_FILE too. _refuse: FALSE, and "the state @why". */
gboolean rv__state_get_count (const RvTensorMap *state, const char *key, gint64 max, gint64 *count, GError **error);
const RvTensor *rv__state_get_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape,
                                      GError **error);
gboolean rv__state_read_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape, void *to,
                                GError **error);
gboolean rv__state_get_fits (const RvTensorMap *state, RvFit *fits, guint n, GError **error);
gboolean rv__state_refuse (GError **error, const char *why);

#endif
