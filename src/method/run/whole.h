/* whole.h -- pictures, moments, averages of which ranks hold parts, as the first of them wants the whole while it
 * reports: to show, to save. It comes piece by piece; the others send theirs. Layer 6 (method). */
#ifndef RV_WHOLE_H
#define RV_WHOLE_H

#include "method/objective/parts.h"
#include "method/run/run.h"

/* One of a method's arrays. */
typedef struct {
  RvRun *run;
  RvParts *parts; /* of @array */
  const float *array;
  gint64 which; /* the method's number for it */
} RvWhole;

/* rv__whole_read: numbers @from up to @end; where ranks share it, on the first, which asks for them: RV_ERROR_SETTING
 * on others, RV_ERROR_MEMORY, RV_ERROR_BACKEND. rv__whole_serve: on the others, what it asks for (RvServeFunc).
 * rv__whole_tensor: (transfer full): on the first rank; it is read as it is written, or lies in the run's own memory.
 */
gboolean rv__whole_read (const RvWhole *whole, gint64 from, gint64 end, float *out, GError **error);
gboolean rv__whole_serve (const RvWhole *whole, const RvAsked *asked, GError **error);
RvTensor *rv__whole_tensor (const RvWhole *whole, const RvShape *shape);

#endif
