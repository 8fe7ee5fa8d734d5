/* flow-scene.h -- two frames with known optical flow: a textured ground that zooms, rotates and pans, and a disc in
 * front with its own motion. */
#ifndef RV_TEST_FLOW_SCENE_H
#define RV_TEST_FLOW_SCENE_H

#include <reverie/image.h>

typedef struct {
  double zoom, turn_degrees; /* about the centre */
  double pan_x, pan_y;       /* px */
  double disc_x, disc_y;     /* motion of the disc, px; both 0: no disc */
  double noise;              /* standard deviation, grey levels; if not 0, values are integers in 0..255 */
} FlowMotion;

/* Motions with a 2 % zoom, a rotation by 1 degree, a small or large pan, a disc and noise. */
extern const FlowMotion flow_motions[2];

typedef struct {
  RvTensor *from, *to;        /* grey, [1, 1, H, W], 0..255 */
  RvTensor *flow, *back;      /* [1, 2, H, W]: from @from to @to, and back */
  RvTensor *seen, *back_seen; /* [1, 1, H, W]: 1: visible in the other frame, else 0 */
} FlowScene;

FlowScene *flow_scene_new (int height, int width, const FlowMotion *motion);
void flow_scene_free (FlowScene *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FlowScene, flow_scene_free)

/* Writes FOLDER/NAMEfrom.png, NAMEto.png and NAMEtruth.flo, with unknown flow at pixels that are hidden in the second
 * frame. */
gboolean flow_scene_save (const FlowScene *scene, const char *folder, const char *name, GError **error);

/* Mean of |flow - truth|, px, over pixels with @seen 1. @seen NULL: all pixels. */
double flow_error (const RvTensor *flow, const RvTensor *truth, const RvTensor *seen);

#endif
