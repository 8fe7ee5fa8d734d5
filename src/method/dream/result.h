/* result.h -- who is to have a dream's result, for who runs it. Layer 6 (method). */
#ifndef RV_DREAM_RESULT_H
#define RV_DREAM_RESULT_H

#include "method/run/result.h"
#include "method/dream/dream.h"

/* rv__dream_result_wanted: to be set before the run. Borrowed. */
RvResultWanted *rv__dream_result_wanted (RvDream *dream);

#endif
