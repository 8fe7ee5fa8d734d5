/* video-shots.h -- a film whose shots several processes make: ranks (cluster.h), who take the next as they become free,
 * or processes of which each has a part and none knows of another. What one has made lies beside the film until all are
 * there: OUT.shots-3.frames, and OUT.shots-3.safetensors, which says which frames those are.
 * Layer 7 (job). */
#ifndef RV_JOB_VIDEO_SHOTS_H
#define RV_JOB_VIDEO_SHOTS_H

#include <reverie/video.h>
#include <reverie/tensor.h>

typedef struct _RvVideoShots RvVideoShots;

/* Which shots are this process's. */
typedef struct {
  int owner;         /* in the names of its files */
  gboolean dealt;    /* whoever asks first has the next; else */
  int part, n_parts; /* 1 ... n_parts: each n_parts-th */
} RvVideoShotsHow;

/* rv__video_shots_new: (transfer full) (nullable): for @output; @same says what the film is made of and how. @resume:
 * what lies there of it stays. RV_ERROR_FILE. */
RvVideoShots *rv__video_shots_new (const char *output, const RvVideoInfo *info, const char *same, gboolean resume,
                                   const RvVideoShotsHow *how, GError **error);
/* rv__video_shots_free: files stay. */
void rv__video_shots_free (RvVideoShots *shots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoShots, rv__video_shots_free)
/* rv__video_shots_exist: whether some of that film do. _forget: removes all that lie there, of whatever film. */
gboolean rv__video_shots_exist (const char *output, const char *same);
void rv__video_shots_remove (const char *output);

/* rv__video_shots_is_required: as RvVideoRunSpec has it. _add: the next frame of the shot. _log: its line. _end: of
 * @n_frames of the film all were looked at; @kernels: that it was made with. */
gboolean rv__video_shots_is_required (RvVideoShots *shots, gint64 shot, gint64 number, gboolean *wanted,
                                      GError **error);
gboolean rv__video_shots_add (RvVideoShots *shots, const RvImage *frame, GError **error);
void rv__video_shots_log (RvVideoShots *shots, const char *line);
gboolean rv__video_shots_end (RvVideoShots *shots, gint64 n_frames, const char *kernels, GError **error);

/* All shots of a film, whoever made them. rv__video_cut_new: (transfer full) (nullable): RV_ERROR_FILE where some are
 * not there yet, saying which. _get: (transfer full) (nullable): frame 0, 1, ... _log: that of its shot, where it
 * begins one, else NULL; borrowed. _kernels: borrowed. */
typedef struct _RvVideoCut RvVideoCut;
RvVideoCut *rv__video_cut_new (const char *output, const RvVideoInfo *info, const char *same, GError **error);
void rv__video_cut_free (RvVideoCut *cut);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoCut, rv__video_cut_free)
gint64 rv__video_cut_frames (const RvVideoCut *cut);
int rv__video_cut_shots (const RvVideoCut *cut);
RvImage *rv__video_cut_get (RvVideoCut *cut, gint64 k, GError **error);
const char *rv__video_cut_log (const RvVideoCut *cut, gint64 k);
const char *rv__video_cut_kernels (const RvVideoCut *cut);

#endif
