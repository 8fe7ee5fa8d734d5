/* faces.h -- faces of a picture, by BlazeFace. Layer 6 (method). */
#pragma once

#include "method/features.h"

#define RV_FACES_SIDE_PX 128 /* side of the network's square input */
#define RV_FACES_ANCHORS 896 /* 16 x 16 positions with 2 anchors each, then 8 x 8 with 6 each */
#define RV_FACES_N_POINTS 6
#define RV_FACES_NUMBERS                                                                                               \
  (4 + 2 * RV_FACES_N_POINTS) /* per anchor: x, y, width, height of the box; then x, y of points */

/* A point, in the unit of its face (RvFace). */
typedef struct {
  double x, y;
} RvFacePoint;

/* Indices of RvFace.point; left and right as in the picture. */
enum { RV_FACE_EYE_LEFT, RV_FACE_EYE_RIGHT, RV_FACE_NOSE, RV_FACE_MOUTH, RV_FACE_EAR_LEFT, RV_FACE_EAR_RIGHT };

/* A detected face, in px of the picture, or in 0..1 of a window. */
typedef struct {
  double left, top, right, bottom;
  RvFacePoint point[RV_FACES_N_POINTS];
  double score_01;
} RvFace;

/* (transfer full) (nullable): the built-in network, compiled for a processor. @n_threads: 0: one for each physical
 * core. */
RvFeaturesEngine *rv__face_net_new (int n_threads, GError **error);
/* Runs the network on @window, [3, 128, 128], -1..1. @scores: (out caller-allocates): logits [RV_FACES_ANCHORS].
 * @boxes: (out caller-allocates): [RV_FACES_ANCHORS, RV_FACES_NUMBERS], px: centre, width and height of the face, then
 * the points of the face. Centre and points are relative to the anchor's centre. An error leaves both arrays
 * unchanged. */
gboolean rv__face_net_run (const RvFeaturesEngine *net, const float *window, float *scores, float *boxes,
                           GError **error);

/* Decodes @scores and @boxes, outputs of rv__face_net_run(), and appends the faces with a score of @min_score_01 or
 * more, and a width and height above 0, to @faces, of RvFace, with coordinates in 0..1 of the window. Cannot fail. */
void rv__faces_decode (const float *scores, const float *boxes, double min_score_01, GArray *faces);
/* Merges overlapping faces of @faces, of RvFace, by weighted non-maximum suppression; removes faces within others.
 * The best score comes first. Cannot fail. */
void rv__faces_merge (GArray *faces);
/* (transfer full: g_array_unref()) (nullable): the faces of @picture, RvFace in px, as rv__faces_merge() leaves them.
 * @n_threads: 0: one for each physical core. */
GArray *rv__faces_detect (const RvImage *picture, int n_threads, GError **error);
