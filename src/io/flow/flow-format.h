/* flow-format.h -- the interface of a flow format: one file that ends in a descriptor, one row in flow-file.c.
 * Layer 2 (io). */
#pragma once

#include <reverie/flow-file.h>

#define RV_FLOW_MAX_SIDE 32767 /* px, limit of a file; those of KITTI and Middlebury have about 2,000 */

/* Format of flow files: selected by `begin` for reading, by `suffix` for writing. */
typedef struct {
  const char *suffix; /* in lower case, such as ".flo" */
  const char *begin;  /* first four bytes of a file */
  /* (transfer full) (nullable): f32 [1, 2, height, width], px; NaN: unknown. NULL: errors of rv_flow_file_load(). */
  RvTensor *(*load) (const char *filename, GError **error);
  /* @flow: f32 [1, 2, height, width], px, checked by rv_flow_file_save(). Without @replace an existing file stays:
   * FALSE with RV_ERROR_FILE; the result gets another name, which the message gives. Other errors of
   * rv_flow_file_save(), with an old file unchanged. */
  gboolean (*save) (const RvTensor *flow, const char *filename, gboolean replace, GError **error);
} RvFlowFormat;

extern const RvFlowFormat rv__flow_flo, rv__flow_kitti;
