/* reverie.h -- all of libreverie. A whole program that uses it: examples/embed.c.
 *
 * Structs. A program runs with any later library of the same soname, whatever members structs have got by then. They
 * grow at their end only. Those that the library makes (pictures, tensors, datasets, a run's progress) come by pointer:
 * programs do not copy them, or make their own. Those that a program makes, to be filled (a plan, scores) or to say
 * what it wants (how to save), go with their size as the program knows it: rv_job_plan() is rv_job_plan_sized()
 * with sizeof, which other languages call themselves. What only the program knows is set to 0; what only the library
 * knows is as if it were 0. RvShape, RvLayer, RvWord, RvInputTrial and RvFileHashes, of which there are arrays, never
 * change.
 *
 * Calls. What is returned or set is the caller's, to be freed, where it says (transfer full): texts and other plain
 * memory by g_free(), a type of ours by its own _unref or _free, which take NULL. Static: it is there for good.
 * Borrowed: it belongs to the first argument, and is there as long as that is. Arguments stay the caller's, and are
 * looked at during the call alone, unless it is said that they are copied, or kept by reference. What may be NULL is
 * (nullable). Texts are UTF-8.
 *
 * Errors. A call that takes a GError fails with one of RvError and the result NULL, FALSE, or what it says; a call
 * that takes none cannot fail.
 *
 * Long calls end soon once a GCancellable is cancelled, from any thread, with RV_ERROR_CANCELLED: one that they are
 * given; and where a call takes none, but reads, writes or resizes, or looks for a flow, the current one of its thread
 * (g_cancellable_push_current()), which for a job that runs is the job's own.
 *
 * Threads. Each type says who may use it, where it is defined or at the head of its page. Structs that are filled in,
 * or come with a report, belong to the thread that has them. Functions of no type may be called from any thread, from
 * several at once, unless they say otherwise (process.h does). */
#ifndef RV_REVERIE_H
#define RV_REVERIE_H

#include <reverie/batch.h>
#include <reverie/dataset.h>
#include <reverie/error.h>
#include <reverie/features.h>
#include <reverie/fetch.h>
#include <reverie/film.h>
#include <reverie/flow-file.h>
#include <reverie/flow.h>
#include <reverie/image.h>
#include <reverie/job.h>
#include <reverie/json.h>
#include <reverie/kernel-cache.h>
#include <reverie/kernels.h>
#include <reverie/learn.h>
#include <reverie/net.h>
#include <reverie/networks.h>
#include <reverie/process.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
#include <reverie/text.h>
#include <reverie/vae.h>
#include <reverie/verify.h>
#include <reverie/version.h>
#include <reverie/weights.h>

#endif
