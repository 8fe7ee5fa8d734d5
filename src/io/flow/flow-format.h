/* flow-format.h -- how a format of flow files is written: one file that ends in a descriptor, one row in flow-file.c.
 * Layer 2 (io). */
#ifndef RV_FLOW_FORMAT_H
#define RV_FLOW_FORMAT_H

#include <reverie/flow-file.h>

#define RV_FLOW_MAX_SIDE 32767 /* px of a file that is read; what KITTI's and Middlebury's are is 2,000 or so */

typedef struct {
  const char *suffix;
  const char *begin; /* the file's first four bytes */
  RvTensor *(*load) (const char *filename, GError **error);
  gboolean (*save) (const RvTensor *flow, const char *filename, gboolean replace, GError **error);
} RvFlowFormat;

extern const RvFlowFormat rv__flow_flo, rv__flow_kitti;

#endif
