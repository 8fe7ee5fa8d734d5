/* flow-file.h -- optical flows from and to files.
 * Layer 2 (io). Implemented in src/io/flow/. */
#ifndef RV_FLOW_FILE_H
#define RV_FLOW_FILE_H

#include <reverie/tensor.h>
G_BEGIN_DECLS

/** rv_flow_file_is: Whether the file's name ends as that of a flow only: ".flo". Can't fail. Since: 0.1 */
RV_API gboolean rv_flow_file_is (const char *filename);

/** rv_flow_file_check_target: Whether a flow could be saved there: the suffix is known, the folder can be written.
 * Errors: %RV_ERROR_SETTING for the suffix, else %RV_ERROR_FILE. Since: 0.1 */
RV_API gboolean rv_flow_file_check_target (const char *filename, GError **error);

/**
 * rv_flow_file_load:
 * @filename: Middlebury's .flo, or KITTI's PNG of 16 bits; told by what is in it
 *
 * Errors: %RV_ERROR_FILE when it cannot be read, %RV_ERROR_FORMAT when it is neither or damaged, %RV_ERROR_MEMORY.
 *
 * Returns: (transfer full) (nullable): f32 [1, 2, height, width], px: u to the right, then v downwards; NaN where the
 * file says that it is unknown. Since: 0.1
 */
RV_API RvTensor *rv_flow_file_load (const char *filename, GError **error);

/**
 * rv_flow_file_save:
 * @flow:     f32 [1, 2, height, width], px; NaN: unknown
 * @filename: .flo: every bit is kept; .png: as KITTI has it, rounded to 1/64 px; whole or untouched
 * @replace:  as in rv_weights_save()
 *
 * Errors: %RV_ERROR_SETTING for another suffix, %RV_ERROR_SHAPE, %RV_ERROR_TYPE, %RV_ERROR_NUMBER for a vector of more
 * than 512 px in a .png, %RV_ERROR_FILE, %RV_ERROR_MEMORY. Since: 0.1
 */
RV_API gboolean rv_flow_file_save (const RvTensor *flow, const char *filename, gboolean replace, GError **error);

G_END_DECLS
#endif
