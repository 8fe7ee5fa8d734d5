/* batch.h -- many pictures at once: contents times styles, a job for each.
 *
 *   g_autoptr (RvJob) like = rv_job_new ("style", NULL);
 *   rv_job_set (like, "output", "out/{content}-{style}.png", NULL);
 *   g_autoptr (RvBatch) batch = rv_batch_new (like, contents, styles, &error);
 *   for (guint i = 0; batch && i < rv_batch_n (batch); i++) {
 *     g_autoptr (RvJob) job = rv_batch_job (batch, i, NULL);
 *     rv_job_run (job, NULL, &error);
 *   }
 *
 * Several processes share a batch where rv_batch_next() says which pictures are whose. */
#ifndef RV_BATCH_H
#define RV_BATCH_H

#include <reverie/job.h>

G_BEGIN_DECLS

/** RvBatch: one thread at a time; each of its jobs may be used by a thread of its own. */
typedef struct _RvBatch RvBatch;

/**
 * rv_batch_new:
 * @like:     what each job is like: its kind, settings, inputs that all have, network, kernels. It is
 *            held, and what is changed in it later counts for jobs made later; it is not run itself
 * @contents: (array zero-terminated=1): files, of the kind's first input; a folder stands for the pictures in it, by
 *            name, but for hidden ones
 * @styles:   (array zero-terminated=1) (nullable): files of the input `style`, and folders, in the same way. NULL where
 *            there are none: what was learnt is named by @like's setting `with`
 *
 * In the settings `output`, `log`, `plot` and `timeline`, {content} and {style} become the names of these without
 * folder and ending. Each content is painted in all styles, blended, unless `output` has {style}: once in each, then,
 * all contents in one before the next. Errors: %RV_ERROR_SETTING where two pictures would be one file, for a `with`
 * that cannot be, for masks that are not as many as styles, and for a `part` of what is one picture, or of a folder
 * that is written into; %RV_ERROR_FILE for a folder without pictures. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvBatch *rv_batch_new (RvJob *like, const char *const *contents, const char *const *styles, GError **error);
RV_API void rv_batch_free (RvBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvBatch, rv_batch_free)

/** rv_batch_n: pictures, 0 for no contents. rv_batch_n_styles: in which each is painted. rv_batch_content,
 * rv_batch_output: the @i-th's file, from 0; borrowed; rv_batch_output() is NULL where none is asked for. Since: 0.1 */
RV_API guint rv_batch_n (const RvBatch *batch);
RV_API guint rv_batch_n_styles (const RvBatch *batch);
RV_API const char *rv_batch_content (const RvBatch *batch, guint i);
RV_API const char *rv_batch_output (const RvBatch *batch, guint i);

/** rv_batch_left_out: of the folders' files, but for hidden ones, those that are no pictures: a sentence each,
 * NULL-terminated; borrowed. Since: 0.1 */
RV_API const char *const *rv_batch_left_out (const RvBatch *batch);

/** rv_batch_job: the @i-th picture's, made anew by each call. It takes over what the last one that was planned or run
 * has found already, as far as both are alike. With the setting `resume`, rv_job_is_made() says which are left out.
 * Errors: as rv_job_add_file(). Returns: (transfer full) (nullable). Since: 0.1 */
RV_API RvJob *rv_batch_job (RvBatch *batch, guint i, GError **error);

/** rv_batch_next: *@i is the next picture that this process is to make, -1: there are no more. Of processes that a
 * launcher has started together (rv_process_join()), collective at the first call, whoever asks first has the next;
 * else all are this one's, or, with the setting `part` of @like, its share of them. rv_batch_is_mine: whether that
 * setting leaves it to this process. Errors: %RV_ERROR_BACKEND when the others cannot be asked. Since: 0.1 */
RV_API gboolean rv_batch_next (RvBatch *batch, gint64 *i, GError **error);
RV_API gboolean rv_batch_is_mine (const RvBatch *batch, guint i);

/** rv_batch_tell: what became of picture @i, which rv_batch_next() gave to this process: @failure: why there is none,
 * NULL: it is made. rv_batch_end: collective, after the last: rank 0 knows what became of all. rv_batch_was_told:
 * whether this process knows it of picture @i; *@failure (nullable): as it was told, borrowed. Errors: as
 * rv_batch_next(). Since: 0.1 */
RV_API void rv_batch_tell (RvBatch *batch, guint i, const char *failure);
RV_API gboolean rv_batch_end (RvBatch *batch, GError **error);
RV_API gboolean rv_batch_was_told (const RvBatch *batch, guint i, const char **failure);

G_END_DECLS
#endif
