/* reverie.h -- all public headers of libreverie. A whole program that uses the library: examples/embed.c.
 *
 * Structs. A program works with any later library of the same soname: structs only grow at their end. The library makes
 * some structs itself (pictures, tensors, datasets, reports) and passes them by pointer. Programs do not copy these and
 * do not make their own. A program passes each struct that it makes (a plan to fill, options) with the size that it was
 * compiled with. rv_job_plan() passes sizeof to rv_job_plan_sized(); bindings of other languages call the latter.
 * Members that are newer than the library are set to 0; members that are newer than the program read as 0. RvShape,
 * RvLayer, RvClassScore, RvPreprocessingTrial and RvFileHashes never change, because programs have arrays of them.
 *
 * Ownership. (transfer full): the caller owns the result. Texts and other plain memory are freed with g_free(), a type
 * of this library with its own _unref or _free, which accept NULL. Static: the result is never freed. Borrowed: the
 * first argument owns the result and must outlive it. Arguments stay the caller's and are read only during the call,
 * unless the comment says that they are copied or kept by reference. (nullable): NULL is allowed. Texts are UTF-8.
 *
 * Errors. A call with a GError parameter fails with one of RvError and returns NULL, FALSE, or the value that its
 * comment names. A call without a GError cannot fail.
 *
 * Cancelling. A long call ends soon after its GCancellable was cancelled, from any thread, with RV_ERROR_CANCELLED.
 * Calls without a GCancellable parameter, and calls that get NULL, use the current one of their thread
 * (g_cancellable_push_current()). Within a running job, the current one is that of the job.
 *
 * Threads. Each type says which threads may use it, at its definition or in the head of its header. Structs that a
 * caller fills in, or gets with a report, belong to the thread that has them. Functions without a type may be called
 * from any thread, from several at once, unless their comment says otherwise (process.h). */
#ifndef RV_REVERIE_H
#define RV_REVERIE_H

#include <reverie/batch.h>
#include <reverie/dataset.h>
#include <reverie/error.h>
#include <reverie/features.h>
#include <reverie/fetch.h>
#include <reverie/video.h>
#include <reverie/flow-file.h>
#include <reverie/flow.h>
#include <reverie/image.h>
#include <reverie/job.h>
#include <reverie/json.h>
#include <reverie/kernel-cache.h>
#include <reverie/kernels.h>
#include <reverie/mask.h>
#include <reverie/style-net.h>
#include <reverie/net.h>
#include <reverie/networks.h>
#include <reverie/process.h>
#include <reverie/scorer.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
#include <reverie/text.h>
#include <reverie/vae.h>
#include <reverie/verify.h>
#include <reverie/version.h>
#include <reverie/weights.h>

#endif
