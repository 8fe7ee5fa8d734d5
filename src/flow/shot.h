/* shot.h -- detection of cuts.
 * Layer 5 (flow). */
#pragma once

#include <reverie/flow.h>

/* Sets *is_cut: whether @frame begins a new shot: more than 60 % of @confidence is lost, or the colour histograms
 * differ too much. @last, @frame: the previous frame and this one, f32 [1, 3, height, width], 0..255, of one size.
 * @confidence: (nullable): rv_flow_confidence() of the flow from @frame to @last; NULL: colours alone decide. FALSE
 * only with an error; then *is_cut is unchanged. */
gboolean rv__flow_detect_cut (const RvTensor *last, const RvTensor *frame, const RvTensor *confidence, gboolean *is_cut,
                              GError **error);
