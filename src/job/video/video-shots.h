/* video-shots.h -- shots of a video that several processes render. The processes are ranks (cluster.h), which get the
 * next shot when they are idle, or independent processes with fixed shots. Until the video is complete, its frames are
 * in files next to it: OUT.shots-3.frames, with the index OUT.shots-3.safetensors.
 * Layer 7 (job). */
#pragma once

#include <reverie/video.h>
#include <reverie/tensor.h>

typedef struct _RvVideoShots RvVideoShots;

/* Choice of the shots that this process renders. */
typedef struct {
  int owner;           /* number in the names of the files of this process */
  gboolean uses_queue; /* shots come from the work queue; else: */
  int part, n_parts;   /* 1 to n_parts: every n_parts-th shot */
} RvVideoShotChoice;

/* (transfer full) (nullable): opens the files of this process next to @output, for frames of @info. @identity:
 * rv__video_identity(). @resume: keeps finished shots with the same identity, of all processes; else, and if frames are
 * missing, the files of this process are emptied. @choice is copied. */
RvVideoShots *rv__video_shots_new (const char *output, const RvVideoInfo *info, const char *identity, gboolean resume,
                                   const RvVideoShotChoice *choice, GError **error);
/* Frees @shots (nullable). The files stay; an incomplete shot is lost. */
void rv__video_shots_free (RvVideoShots *shots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoShots, rv__video_shots_free)
/* Whether an index of shots with @identity, from any process, is next to @output. Unreadable indexes do not count. */
gboolean rv__video_shots_exist (const char *output, const char *identity);
/* Deletes all files of shots that were made for the output @output, by any rank or shard and from any input video.
 * Errors are ignored. */
void rv__video_shots_remove (const char *output);

/* RvVideoRunSpec.begin_shot. Writes the current shot to the index, and begins @shot, from 0, whose first frame is
 * @number, from 1. *is_ours: (out): whether this process renders it, by part or work queue; FALSE also if any process
 * has rendered it already. */
gboolean rv__video_shots_begin (RvVideoShots *shots, gint64 shot, gint64 number, gboolean *is_ours, GError **error);
/* Appends @frame, of the size given to rv__video_shots_new(), to the current shot's file. */
gboolean rv__video_shots_add (RvVideoShots *shots, const RvImage *frame, GError **error);
/* Appends @line (copied), which ends with a newline, to the log of the current shot. */
void rv__video_shots_add_log (RvVideoShots *shots, const char *line);
/* Completes the last shot, and writes the index. @n_frames: of the whole video; @kernels: text of the kernels that were
 * used, copied. */
gboolean rv__video_shots_end (RvVideoShots *shots, gint64 n_frames, const char *kernels, GError **error);

/* All shots of a video, from all processes. */
typedef struct {
  gint64 n_frames;  /* of the whole video, 1 or more */
  GArray *shots;    /* 1 or more, sorted by frame; private data of video-shots.c */
  GPtrArray *files; /* RvRawFrames */
  char *kernels;    /* text of kernels that were used, of one process; NULL: unknown */
} RvVideoAssembly;

/* (transfer full) (nullable): collects all shots next to @output that have @identity, and opens their frames. Shots
 * that two files have count once; frames that are not used may be deleted. @info: size of frames. */
RvVideoAssembly *rv__video_assembly_new (const char *output, const RvVideoInfo *info, const char *identity,
                                         GError **error);
/* Frees @assembly (nullable), and closes its files, which stay. */
void rv__video_assembly_free (RvVideoAssembly *assembly);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVideoAssembly, rv__video_assembly_free)
/* (transfer full) (nullable): frame @k of the video, from 0; must exist. */
RvImage *rv__video_assembly_get (RvVideoAssembly *assembly, gint64 k, GError **error);
/* (nullable): text of the log of the shot that begins with frame @k, from 0; NULL: none begins there. Borrowed. */
const char *rv__video_assembly_log (const RvVideoAssembly *assembly, gint64 k);
