/* batch.h -- many pictures at once: contents times styles, one job for each.
 *
 *   g_autoptr (RvJob) like = rv_job_new ("style", NULL);
 *   rv_job_set (like, "output", "out/{content}-{style}.png", NULL);
 *   g_autoptr (RvBatch) batch = rv_batch_new (like, contents, styles, &error);
 *   for (guint i = 0; batch && i < rv_batch_n (batch); i++) {
 *     g_autoptr (RvJob) job = rv_batch_job (batch, i, NULL);
 *     rv_job_run (job, NULL, &error);
 *   }
 *
 * Several processes can divide a batch: rv_batch_next() assigns the pictures. */
#ifndef RV_BATCH_H
#define RV_BATCH_H

#include <reverie/job.h>

G_BEGIN_DECLS

/** RvBatch: a list of pictures to make. Used by one thread at a time; its jobs may be used by other threads. */
typedef struct _RvBatch RvBatch;

/**
 * rv_batch_new:
 * @like:     template of all jobs: kind, settings, common inputs, network, kernels. Kept by reference; later changes
 *            count for jobs made later. It is not run itself
 * @contents: (array zero-terminated=1) (nullable): files for the kind's first input; a folder stands for the pictures
 *            in it, by name, without hidden files and outputs of other contents. NULL: an empty batch
 * @styles:   (array zero-terminated=1) (nullable): files and folders for the input `style`, in the same way. NULL if
 *            the setting `learned` of @like names learned styles
 *
 * In the settings `output`, `log`, `plot`, `timeline` and `live`, {content} and {style} stand for the file names
 * without folder and suffix. Each content is painted in all styles, blended. With {style} in `output` it is painted
 * once in each style, and all contents in one style come before the next style. Files are not read, folders are probed.
 * Errors: %RV_ERROR_SETTING for two pictures with one file name, for an impossible `learned`, for masks whose number is
 * not that of the styles, and for a `part` of a single picture or of a folder that is written into; %RV_ERROR_FILE for
 * a folder without pictures or that cannot be read; %RV_ERROR_MEMORY. Returns: (transfer full) (nullable): free with
 * rv_batch_free(). Since: 0.1
 */
RV_API RvBatch *rv_batch_new (RvJob *like, const char *const *contents, const char *const *styles, GError **error);
/** rv_batch_free: (nullable): frees the batch and its references to jobs; jobs of rv_batch_job() stay. Since: 0.1 */
RV_API void rv_batch_free (RvBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvBatch, rv_batch_free)

/** rv_batch_n: number of pictures to make, of all ranks and shards; 0 without contents. Since: 0.1 */
RV_API guint rv_batch_n (const RvBatch *batch);
/** rv_batch_n_styles: number of styles that are blended in each picture: 1 with {style} in `output`; 0 without styles.
 * Since: 0.1 */
RV_API guint rv_batch_n_styles (const RvBatch *batch);
/** rv_batch_content: the content file of picture @i, 0 to rv_batch_n() - 1, which is not checked; borrowed.
 * Since: 0.1 */
RV_API const char *rv_batch_content (const RvBatch *batch, guint i);
/** rv_batch_output: (nullable): the output file of picture @i, 0 to rv_batch_n() - 1, which is not checked; NULL
 * without the setting `output`. Borrowed. Since: 0.1 */
RV_API const char *rv_batch_output (const RvBatch *batch, guint i);
/** rv_batch_left_out: one error message for each file of the folders that is no picture, hidden files excepted. Never
 * NULL; NULL-terminated. Borrowed. Since: 0.1 */
RV_API const char *const *rv_batch_left_out (const RvBatch *batch);

/** rv_batch_job: a new job for picture @i, 0 to rv_batch_n() - 1, which is not checked; run it by rv_job_run(). It
 * reuses the data that the last planned or run job prepared, as far as both are alike. With the setting `resume`,
 * rv_job_is_complete() says whether to skip it. Errors: %RV_ERROR_SETTING for an input or a setting that the kind does
 * not take. Returns: (transfer full) (nullable). Since: 0.1 */
RV_API RvJob *rv_batch_job (RvBatch *batch, guint i, GError **error);

/** rv_batch_next: sets *@i to the next picture for this process; to -1, with TRUE, at the end, and to -1 with FALSE
 * after an error. Ranks of rv_process_join() get pictures in the order in which they ask; their first call is
 * collective: it waits for all ranks. A single process gets all pictures, or its shard with the setting `part` of the
 * template. Errors: %RV_ERROR_BACKEND if the other ranks do not answer, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API gboolean rv_batch_next (RvBatch *batch, gint64 *i, GError **error);
/** rv_batch_is_in_shard: whether picture @i, from 0, belongs to the shard of the setting `part` of the template; TRUE
 * without it. Ranks do not matter. Since: 0.1 */
RV_API gboolean rv_batch_is_in_shard (const RvBatch *batch, guint i);

/** rv_batch_set_outcome: stores the outcome of picture @i, which rv_batch_next() gave to this process, for
 * rv_batch_get_outcome(); replaces an earlier one. @failure: (nullable): the error, copied; NULL: success. Does nothing
 * before the first rv_batch_next(). Since: 0.1 */
RV_API void rv_batch_set_outcome (RvBatch *batch, guint i, const char *failure);
/** rv_batch_end: collects all outcomes on rank 0; collective, after the last picture. Gives up pictures that this rank
 * has not got yet. Returns TRUE at once in a single process, before the first rv_batch_next(), and if repeated.
 * Errors: %RV_ERROR_BACKEND if the other ranks do not answer, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API gboolean rv_batch_end (RvBatch *batch, GError **error);
/** rv_batch_get_outcome: whether this process has the outcome of picture @i, from 0: of its own pictures; on rank 0,
 * after rv_batch_end(), of all. FALSE is no error. *@failure: (out) (optional) (nullable): the error; NULL: success, or
 * no outcome. Borrowed. Since: 0.1 */
RV_API gboolean rv_batch_get_outcome (const RvBatch *batch, guint i, const char **failure);

G_END_DECLS
#endif
