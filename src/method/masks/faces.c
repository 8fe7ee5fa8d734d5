/* faces.c -- a mask of faces: for each an ellipse around eyes, mouth, chin and forehead, rotated like the face.
 *
 *   centre     halfway between the middle of the eyes and the mouth
 *   half axes  ALONG a along the face, a: from the middle of the eyes to the mouth; across it ACROSS a, or ACROSS_EARS
 *              of the distance of the ears if that is more */
#include "masks.h"
#include "method/faces/faces.h"
#include <math.h>
#include <string.h>

#define ALONG 1.75       /* half axis along the face, in lengths from the eyes to the mouth */
#define ACROSS 1.3       /* half axis across */
#define ACROSS_EARS 0.55 /* half axis across, in distances between the ears */
#define INNER 0.6        /* fraction of an ellipse's radius that is white; from there to the edge: soft */
#define WHITE 255.0f

typedef struct {
  RvFacePoint center, down; /* `down`: unit vector from the eyes to the mouth */
  double along_px, across_px;
} Ellipse;

/* Point halfway between @a and @b. */
static RvFacePoint
middle (RvFacePoint a, RvFacePoint b)
{
  return (RvFacePoint){ (a.x + b.x) / 2, (a.y + b.y) / 2 };
}

/* Ellipse around @face, in px of the picture. */
static Ellipse
ellipse_of (const RvFace *face)
{
  const RvFacePoint *point = face->point;
  RvFacePoint eyes = middle (point[RV_FACE_EYE_LEFT], point[RV_FACE_EYE_RIGHT]), mouth = point[RV_FACE_MOUTH];
  double length = hypot (mouth.x - eyes.x, mouth.y - eyes.y);
  double ears = hypot (point[RV_FACE_EAR_RIGHT].x - point[RV_FACE_EAR_LEFT].x,
                       point[RV_FACE_EAR_RIGHT].y - point[RV_FACE_EAR_LEFT].y);
  double width = face->right - face->left;
  RvFacePoint down =
    length > 0 ? (RvFacePoint){ (mouth.x - eyes.x) / length, (mouth.y - eyes.y) / length } : (RvFacePoint){ 0, 1 };
  double unit = MAX (length, 0.3 * width); /* minimum, for a face that is tilted down */
  return (Ellipse){ middle (eyes, mouth), down, ALONG * unit, MAX (ACROSS * unit, ACROSS_EARS * ears) };
}

/* Draws @ellipse into @plane, [@height, @width], 0..255: white in its inner part, falling softly to 0 at its edge. The
 * brighter value stays. */
static void
draw (const Ellipse *ellipse, float *plane, int width, int height)
{
  double reach = MAX (ellipse->along_px, ellipse->across_px);
  int top = (int) CLAMP (floor (ellipse->center.y - reach), 0, height);
  int bottom = (int) CLAMP (ceil (ellipse->center.y + reach), 0, height);
  int left = (int) CLAMP (floor (ellipse->center.x - reach), 0, width);
  int right = (int) CLAMP (ceil (ellipse->center.x + reach), 0, width);
  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++) {
      double dx = x + 0.5 - ellipse->center.x, dy = y + 0.5 - ellipse->center.y;
      double along = (dx * ellipse->down.x + dy * ellipse->down.y) / ellipse->along_px;
      double across = (dx * ellipse->down.y - dy * ellipse->down.x) / ellipse->across_px;
      double t = CLAMP ((1 - hypot (along, across)) / (1 - INNER), 0, 1);
      float value = (float) (WHITE * t * t * (3 - 2 * t));
      float *pixel = plane + (gint64) y * width + x;
      *pixel = MAX (*pixel, value);
    }
}

/* RvMaskClass.make. (transfer full) (nullable): white in ellipses around the faces of @picture. *found: such as "2
 * faces"; without faces it is unchanged, and the mask is black. */
static RvImage *
make (const RvImage *picture, int n_threads, char **found, GError **error)
{
  g_autoptr (GArray) faces = rv__faces_detect (picture, n_threads, error);
  RvImage *mask = faces ? rv_image_new (picture->width, picture->height, error) : NULL;
  if (!mask)
    return NULL;
  gint64 plane = (gint64) mask->width * mask->height;
  float *grey = mask->rgb->data;
  for (guint i = 0; i < faces->len; i++) {
    Ellipse ellipse = ellipse_of (&g_array_index (faces, RvFace, i));
    draw (&ellipse, grey, mask->width, mask->height);
  }
  for (int c = 1; c < 3; c++)
    memcpy (grey + c * plane, grey, (gsize) plane * sizeof (float));
  if (faces->len > 0)
    *found = g_strdup_printf ("%u face%s", faces->len, faces->len == 1 ? "" : "s");
  return mask;
}

const RvMaskClass rv__mask_faces = { "faces", make };
