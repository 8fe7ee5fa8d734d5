/* flow-file.h -- optical flow files.
 * Layer 2 (io). Implemented in src/io/flow/. */
#ifndef RV_FLOW_FILE_H
#define RV_FLOW_FILE_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** rv_flow_file_is: whether @filename ends in ".flo", in any case: the suffix that only flows have. FALSE for ".png",
 * also KITTI's. Reads no file. Since: 0.1 */
RV_API gboolean rv_flow_file_is (const char *filename);
/** rv_flow_file_check_target: whether a flow can be saved to @filename: the suffix is .flo or .png, the folder is
 * writable. Writes nothing; an existing file is no error. FALSE sets an error. Errors: %RV_ERROR_SETTING for the
 * suffix, else %RV_ERROR_FILE. Since: 0.1 */
RV_API gboolean rv_flow_file_check_target (const char *filename, GError **error);
/** rv_flow_file_load: reads @filename, Middlebury's .flo or KITTI's 16-bit PNG, detected from the content. Errors:
 * %RV_ERROR_FILE if it cannot be read; %RV_ERROR_FORMAT if it is neither, is damaged, or has a side above 32,767 px;
 * %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED; %RV_ERROR_BACKEND for a .png in a forked process. Returns: (transfer full)
 * (nullable): f32 [1, 2, height, width], px: u to the right, then v downwards; NaN where the file marks a pixel as
 * unknown. Since: 0.1 */
RV_API RvTensor *rv_flow_file_load (const char *filename, GError **error);

/**
 * rv_flow_file_save:
 * @flow:     f32 [1, 2, height, width], px; NaN: unknown
 * @filename: .flo: lossless; .png: KITTI's format, rounded to 1/64 px. The file is complete or unchanged
 * @replace:  replaces an existing file. Else the file stays, the result is saved beside it, and the error says where
 *
 * Errors: %RV_ERROR_SETTING for another suffix, %RV_ERROR_SHAPE, %RV_ERROR_TYPE; %RV_ERROR_NUMBER for a vector of more
 * than 512 px in a .png; %RV_ERROR_FILE, also for a file that stays; %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED;
 * %RV_ERROR_BACKEND for a .png in a forked process. Returns: whether @filename has the flow. Since: 0.1
 */
RV_API gboolean rv_flow_file_save (const RvTensor *flow, const char *filename, gboolean replace, GError **error);

G_END_DECLS
#endif
