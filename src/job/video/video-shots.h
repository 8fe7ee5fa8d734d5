/* video-shots.h -- shots of a video that several processes render: ranks (cluster.h), which take the next shot when
 * they are free, or independent processes with a fixed share. Their frames lie next to the video until all are
 * complete: OUT.shots-3.frames, with the index OUT.shots-3.safetensors.
 * Layer 7 (job). */
#ifndef RV_JOB_VIDEO_SHOTS_H
#define RV_JOB_VIDEO_SHOTS_H

#include <reverie/video.h>
#include <reverie/tensor.h>

typedef struct _RvVideoShots RvVideoShots;

/* Shots that this process renders. */
typedef struct {
  int owner;         /* number in the names of its files */
  gboolean dealt;    /* shots come from the work queue; else: */
  int part, n_parts; /* 1 to n_parts: every n_parts-th shot */
} RvVideoShotsHow;

/* (transfer full) (nullable): opens the files of this process next to @output. @same: text that identifies video and
 * settings. @resume: keep the existing shots of the same video; otherwise its own file is emptied. RV_ERROR_FILE. */
RvVideoShots *rv__video_shots_new (const char *output, const RvVideoInfo *info, const char *same, gboolean resume,
                                   const RvVideoShotsHow *how, GError **error);
/* (nullable). Leaves the files. */
void rv__video_shots_free (RvVideoShots *shots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoShots, rv__video_shots_free)
/* Whether files with shots of the same video exist next to @output. */
gboolean rv__video_shots_exist (const char *output, const char *same);
/* Removes all files of shots of @output, even of another video. */
void rv__video_shots_remove (const char *output);

/* RvVideoRunSpec.wants. Completes the current shot on disk and begins @shot, from 0, whose first frame is @number, from
 * 1. *wanted: whether this process renders it, by part or work queue; not if a process has made it. */
gboolean rv__video_shots_begin (RvVideoShots *shots, gint64 shot, gint64 number, gboolean *wanted, GError **error);
/* Appends the next frame of the current shot to the file. */
gboolean rv__video_shots_add (RvVideoShots *shots, const RvImage *frame, GError **error);
/* Adds a line to the log of the current shot. */
void rv__video_shots_log (RvVideoShots *shots, const char *line);
/* Completes the last shot. @n_frames: frames of the video; @kernels: text of the kernels that were used. */
gboolean rv__video_shots_end (RvVideoShots *shots, gint64 n_frames, const char *kernels, GError **error);

/* All shots of a video, from all processes. */
typedef struct _RvVideoCut RvVideoCut;
/* (transfer full) (nullable): collects all shots next to @output that match @same. RV_ERROR_FILE, naming the first
 * missing frame; RV_ERROR_FORMAT for a damaged index. */
RvVideoCut *rv__video_cut_new (const char *output, const RvVideoInfo *info, const char *same, GError **error);
void rv__video_cut_free (RvVideoCut *cut);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoCut, rv__video_cut_free)
/* Number of frames. */
gint64 rv__video_cut_frames (const RvVideoCut *cut);
/* Number of shots. */
int rv__video_cut_shots (const RvVideoCut *cut);
/* (transfer full) (nullable): frame @k, from 0. */
RvImage *rv__video_cut_get (RvVideoCut *cut, gint64 k, GError **error);
/* Log of the shot that begins with frame @k; NULL for other frames. Borrowed. */
const char *rv__video_cut_log (const RvVideoCut *cut, gint64 k);
/* Text of the kernels that were used; "": unknown. Borrowed. */
const char *rv__video_cut_kernels (const RvVideoCut *cut);

#endif
