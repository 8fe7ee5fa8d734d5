/* flow-format.h -- the interface of a flow format: one file that ends in a descriptor, one row in flow-file.c.
 * Layer 2 (io). */
#pragma once

#include <reverie/flow-file.h>

#define RV_FLOW_MAX_SIDE 32767 /* px, limit of a file; those of KITTI and Middlebury have about 2,000 */

typedef struct {
  const char *suffix;
  const char *begin;                                        /* first four bytes of the file */
  RvTensor *(*load) (const char *filename, GError **error); /* (transfer full) (nullable): f32 [1, 2, height, width] */
  gboolean (*save) (const RvTensor *flow, const char *filename, gboolean replace, GError **error);
} RvFlowFormat;

extern const RvFlowFormat rv__flow_flo, rv__flow_kitti;
