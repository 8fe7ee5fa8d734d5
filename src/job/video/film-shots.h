/* film-shots.h -- a film whose shots several processes make: ranks (cluster.h), who take the next as they become free,
 * or processes of which each has a part and none knows of another. What one has made lies beside the film until all are
 * there: OUT.shots-3.frames, and OUT.shots-3.safetensors, which says which frames those are.
 * Layer 7 (job). */
#ifndef RV_JOB_FILM_SHOTS_H
#define RV_JOB_FILM_SHOTS_H

#include <reverie/film.h>
#include <reverie/tensor.h>

typedef struct _RvFilmShots RvFilmShots;

/* Which shots are this process's. */
typedef struct {
  int owner;         /* in the names of its files */
  gboolean dealt;    /* whoever asks first has the next; else */
  int part, n_parts; /* 1 ... n_parts: each n_parts-th */
} RvFilmShotsHow;

/* rv__film_shots_new: (transfer full) (nullable): for @output; @same says what the film is made of and how. @resume:
 * what lies there of it stays. RV_ERROR_FILE. */
RvFilmShots *rv__film_shots_new (const char *output, const RvFilmInfo *info, const char *same, gboolean resume,
                                 const RvFilmShotsHow *how, GError **error);
/* rv__film_shots_free: files stay. */
void rv__film_shots_free (RvFilmShots *shots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFilmShots, rv__film_shots_free)
/* rv__film_shots_lie_there: whether some of that film do. _forget: removes all that lie there, of whatever film. */
gboolean rv__film_shots_lie_there (const char *output, const char *same);
void rv__film_shots_forget (const char *output);

/* rv__film_shots_wants: as RvFilmFrames has it. _add: the next frame of the shot. _log: its line. _end: of @n_frames of
 * the film all were looked at; @kernels: that it was made with. */
gboolean rv__film_shots_wants (RvFilmShots *shots, gint64 shot, gint64 number, gboolean *wanted, GError **error);
gboolean rv__film_shots_add (RvFilmShots *shots, const RvImage *frame, GError **error);
void rv__film_shots_log (RvFilmShots *shots, const char *line);
gboolean rv__film_shots_end (RvFilmShots *shots, gint64 n_frames, const char *kernels, GError **error);

/* All shots of a film, whoever made them. rv__film_cut_new: (transfer full) (nullable): RV_ERROR_FILE where some are
 * not there yet, saying which. _get: (transfer full) (nullable): frame 0, 1, ... _log: that of its shot, where it
 * begins one, else NULL; borrowed. _kernels: borrowed. */
typedef struct _RvFilmCut RvFilmCut;
RvFilmCut *rv__film_cut_new (const char *output, const RvFilmInfo *info, const char *same, GError **error);
void rv__film_cut_free (RvFilmCut *cut);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFilmCut, rv__film_cut_free)
gint64 rv__film_cut_frames (const RvFilmCut *cut);
int rv__film_cut_shots (const RvFilmCut *cut);
RvImage *rv__film_cut_get (RvFilmCut *cut, gint64 k, GError **error);
const char *rv__film_cut_log (const RvFilmCut *cut, gint64 k);
const char *rv__film_cut_kernels (const RvFilmCut *cut);

#endif
