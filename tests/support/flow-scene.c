/* flow-scene.c -- two frames with known optical flow. Grey values are functions of real coordinates: the second frame
 * is drawn, not resampled. */
#include "flow-scene.h"
#include "base/random.h"
#include <math.h>
#include <reverie/flow-file.h>
#include <string.h>

#define GROUND 1
#define DISC 2
#define NOISE 3

const FlowMotion flow_motions[2] = {
  { 1.02, 1, 4, -3, -8, 5, 2 },
  { 1.02, 1, 18, -12, -25, 16, 2 },
};

/* Smooth noise on a lattice, 0..1, with quintic interpolation. */
static double
lattice (guint32 stream, double x, double y)
{
  double left = floor (x), top = floor (y), corner[4];
  x -= left, y -= top;
  for (int i = 0; i < 4; i++) {
    guint64 column = (guint64) (gint64) (left + i % 2 + 5e5), row = (guint64) (gint64) (top + i / 2 + 5e5);
    corner[i] = rv__random_uniform_01 (7, stream, row * 1000000 + column);
  }
  double a = x * x * x * (x * (6 * x - 15) + 10), b = y * y * y * (y * (6 * y - 15) + 10);
  double upper = corner[0] + a * (corner[1] - corner[0]), lower = corner[2] + a * (corner[3] - corner[2]);
  return upper + b * (lower - upper);
}

/* Sum of lattices with cells from 96 to 6 px, in grey levels around 128. */
static double
texture (guint32 stream, double x, double y)
{
  double sum = 0, weight = 90;
  for (double cell = 96; cell >= 6; cell /= 2, weight *= 0.62)
    sum += weight * (lattice (stream + 16 * (guint32) cell, x / cell, y / cell) - 0.5);
  return 128 + sum;
}

typedef struct {
  int height, width;
  const FlowMotion *motion;
  double cosine, sine, middle_x, middle_y; /* rotation and centre of the ground */
  double disc_x, disc_y, radius;           /* centre and radius in the first frame, px */
} Scene;

static gboolean
in_disc (const Scene *s, double x, double y, gboolean second)
{
  double dx = x - s->disc_x - (second ? s->motion->disc_x : 0), dy = y - s->disc_y - (second ? s->motion->disc_y : 0);
  return (s->motion->disc_x != 0 || s->motion->disc_y != 0) && dx * dx + dy * dy < s->radius * s->radius;
}

/* Position in the other frame of the ground at (x, y). @back: from the second frame to the first. */
static void
move_ground (const Scene *s, double x, double y, gboolean back, double *to_x, double *to_y)
{
  const FlowMotion *m = s->motion;
  double dx = x - s->middle_x, dy = y - s->middle_y;
  if (back) {
    dx = (dx - m->pan_x) / m->zoom, dy = (dy - m->pan_y) / m->zoom;
    *to_x = s->middle_x + s->cosine * dx + s->sine * dy;
    *to_y = s->middle_y - s->sine * dx + s->cosine * dy;
    return;
  }
  *to_x = s->middle_x + m->zoom * (s->cosine * dx - s->sine * dy) + m->pan_x;
  *to_y = s->middle_y + m->zoom * (s->sine * dx + s->cosine * dy) + m->pan_y;
}

static double
grey_at (const Scene *s, double x, double y, gboolean second)
{
  if (in_disc (s, x, y, second))
    return texture (DISC, x - (second ? s->motion->disc_x : 0), y - (second ? s->motion->disc_y : 0));
  if (second)
    move_ground (s, x, y, TRUE, &x, &y);
  return texture (GROUND, x, y);
}

/* Draws one frame into @grey. @flow: motion to the other frame; @seen: 1 for pixels that are visible in the other
 * frame. */
static void
draw_frame (const Scene *s, gboolean second, float *grey, float *flow, float *seen)
{
  gint64 plane = (gint64) s->height * s->width;
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++) {
    double x = (double) (p % s->width), y = (double) (p / s->width), to_x, to_y, value = grey_at (s, x, y, second);
    if (s->motion->noise > 0) {
      value += s->motion->noise * rv__random_normal (7, NOISE + (guint32) second, (guint64) p);
      value = floor (CLAMP (value, 0, 255) + 0.5);
    }
    gboolean disc = in_disc (s, x, y, second);
    move_ground (s, x, y, second, &to_x, &to_y);
    if (disc) {
      to_x = x + (second ? -1 : 1) * s->motion->disc_x;
      to_y = y + (second ? -1 : 1) * s->motion->disc_y;
    }
    grey[p] = (float) value;
    flow[p] = (float) (to_x - x), flow[plane + p] = (float) (to_y - y);
    seen[p] = to_x >= 0 && to_x <= s->width - 1 && to_y >= 0 && to_y <= s->height - 1 &&
              (disc || !in_disc (s, to_x, to_y, !second));
  }
}

static RvTensor *
planes_new (int channels, int height, int width)
{
  RvShape shape = rv_shape (4, 1, channels, height, width);
  return rv_tensor_new (RV_F32, &shape, NULL);
}

FlowScene *
flow_scene_new (int height, int width, const FlowMotion *motion)
{
  double radians = motion->turn_degrees * G_PI / 180;
  Scene s = { .height = height,
              .width = width,
              .motion = motion,
              .cosine = cos (radians),
              .sine = sin (radians),
              .middle_x = (width - 1) / 2.0,
              .middle_y = (height - 1) / 2.0,
              .disc_x = 0.4 * width,
              .disc_y = 0.55 * height,
              .radius = 0.16 * MIN (height, width) };
  FlowScene *scene = g_new (FlowScene, 1);
  *scene = (FlowScene){ planes_new (1, height, width), planes_new (1, height, width), planes_new (2, height, width),
                        planes_new (2, height, width), planes_new (1, height, width), planes_new (1, height, width) };
  draw_frame (&s, FALSE, scene->from->data, scene->flow->data, scene->seen->data);
  draw_frame (&s, TRUE, scene->to->data, scene->back->data, scene->back_seen->data);
  return scene;
}

void
flow_scene_free (FlowScene *scene)
{
  RvTensor *all[] = { scene->from, scene->to, scene->flow, scene->back, scene->seen, scene->back_seen };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    rv_tensor_unref (all[i]);
  g_free (scene);
}

static gboolean
save_grey (const RvTensor *grey, const char *folder, const char *name, const char *which, GError **error)
{
  int height = (int) grey->shape.dim[2], width = (int) grey->shape.dim[3];
  g_autoptr (RvImage) image = rv_image_new (width, height, error);
  g_autofree char *file = g_strdup_printf ("%s/%s%s.png", folder, name, which);
  for (int c = 0; image && c < 3; c++)
    memcpy ((float *) image->rgb->data + (gint64) c * height * width, grey->data, rv_tensor_bytes (grey));
  return image && rv_image_save (image, file, NULL, error);
}

gboolean
flow_scene_save (const FlowScene *scene, const char *folder, const char *name, GError **error)
{
  g_autofree char *file = g_strdup_printf ("%s/%struth.flo", folder, name);
  g_autoptr (RvTensor) truth = rv_tensor_to_f32 (scene->flow, error);
  if (!truth)
    return FALSE;
  gint64 plane = rv_tensor_count (scene->seen);
  float *u = truth->data;
  for (gint64 p = 0; p < plane; p++)
    if (((const float *) scene->seen->data)[p] == 0)
      u[p] = u[plane + p] = NAN;
  return save_grey (scene->from, folder, name, "from", error) && save_grey (scene->to, folder, name, "to", error) &&
         rv_flow_file_save (truth, file, TRUE, error);
}

double
flow_error (const RvTensor *flow, const RvTensor *truth, const RvTensor *seen)
{
  gint64 plane = flow->shape.dim[2] * flow->shape.dim[3], n = 0;
  const float *a = flow->data, *b = truth->data, *mask = seen ? seen->data : NULL;
  double sum = 0;
  for (gint64 p = 0; p < plane; p++)
    if (!mask || mask[p] > 0) {
      sum += hypot ((double) a[p] - b[p], (double) a[plane + p] - b[plane + p]);
      n++;
    }
  return n > 0 ? sum / (double) n : 0;
}
