/* flow-scene.h -- two frames whose optical flow is known: a textured ground that is zoomed, turned and panned, and a
 * disc in front that goes its own way. */
#ifndef RV_TEST_FLOW_SCENE_H
#define RV_TEST_FLOW_SCENE_H

#include <reverie/image.h>

typedef struct {
  double zoom, turn_degrees; /* around the middle */
  double pan_x, pan_y;       /* px */
  double disc_x, disc_y;     /* the disc's motion, px; both 0: there is no disc */
  double noise;              /* standard deviation, grey levels; with any, values are whole numbers in 0..255 */
} FlowMotion;

/* The motions of the scene: a 2 % zoom, a turn of 1 degree, a pan, a disc, noise; at a smaller and a larger
 * pan. */
extern const FlowMotion flow_motions[2];

typedef struct {
  RvTensor *from, *to;        /* grey, [1, 1, H, W], 0..255 */
  RvTensor *flow, *back;      /* [1, 2, H, W]: from @from to @to, and back */
  RvTensor *seen, *back_seen; /* [1, 1, H, W]: 1 where what is here is visible in the other frame, else 0 */
} FlowScene;

FlowScene *flow_scene_new (int height, int width, const FlowMotion *motion);
void flow_scene_free (FlowScene *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FlowScene, flow_scene_free)

/* flow_scene_save: FOLDER/NAMEfrom.png, NAMEto.png and NAMEtruth.flo, in which what is hidden is unknown. */
gboolean flow_scene_save (const FlowScene *scene, const char *folder, const char *name, GError **error);

/* flow_error: the mean of |flow - truth| over the pixels where @seen (NULL: all) is 1, px. */
double flow_error (const RvTensor *flow, const RvTensor *truth, const RvTensor *seen);

#endif
