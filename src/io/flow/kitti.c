/* kitti.c -- KITTI's flows, as 16-bit PNG. Red is 64 u + 2^15, green is 64 v + 2^15, and blue is 1 if the vector is
 * known. Geiger, Lenz, Urtasun 2012; the development kit's readme.txt. */
#include "flow-format.h"
#include "base/alloc.h"
#include "base/error.h"
#include "io/image/samples.h"
#include <math.h>

#define PER_PX 64.0f
#define ZERO 32768.0f
#define CHANNELS 3

/* RvFlowFormat.load for KITTI's PNG. (transfer full) (nullable): f32 [1, 2, height, width], px, to the right, then
 * down; both are NaN where blue is 0. */
static RvTensor *
kitti_load (const char *filename, GError **error)
{
  int height, width;
  g_autofree guint16 *samples = rv__image_load_u16 (filename, CHANNELS, RV_FLOW_MAX_SIDE, &height, &width, error);
  if (!samples)
    return NULL;
  RvShape shape = rv_shape (4, 1, 2, height, width);
  RvTensor *flow = rv_tensor_new (RV_F32, &shape, error);
  gint64 plane = (gint64) height * width;
  float *u = flow ? flow->data : NULL;
  for (gint64 p = 0; flow && p < plane; p++)
    for (int c = 0; c < 2; c++)
      u[c * plane + p] = samples[CHANNELS * p + 2] ? ((float) samples[CHANNELS * p + c] - ZERO) / PER_PX : NAN;
  return flow;
}

/* Writes the vector @u, @v, px, as three samples of 16 bits, in the processor's byte order, to @pixel: u and v times
 * 64, rounded, plus 32768, then 1. If u or v is NaN, writes 0, 0, 0: unknown. FALSE without an error: a rounded
 * number is outside [-512, 512 - 1 / 64] px; @pixel is 0, 0, 0. */
static gboolean
put_vector (guint16 *pixel, float u, float v)
{
  pixel[0] = pixel[1] = pixel[2] = 0;
  if (isnan (u) || isnan (v))
    return TRUE;
  float red = rintf (u * PER_PX) + ZERO, green = rintf (v * PER_PX) + ZERO;
  if (!(red >= 0 && red <= G_MAXUINT16 && green >= 0 && green <= G_MAXUINT16))
    return FALSE;
  pixel[0] = (guint16) red, pixel[1] = (guint16) green, pixel[2] = 1;
  return TRUE;
}

/* RvFlowFormat.save for KITTI's PNG: rounds to 1/64 px; a vector with a NaN is stored as unknown. @flow: f32 [1, 2,
 * height, width], px, checked by rv_flow_file_save(). RV_ERROR_NUMBER for a number that, rounded to 1 / 64, is
 * outside [-512, 512) px. */
static gboolean
kitti_save (const RvTensor *flow, const char *filename, gboolean replace, GError **error)
{
  int height = (int) flow->shape.dim[2], width = (int) flow->shape.dim[3];
  gint64 plane = (gint64) height * width;
  const float *u = flow->data;
  guint16 *samples = rv__alloc ((gsize) plane * CHANNELS * sizeof *samples, "a flow's file", error);
  gboolean ok = samples != NULL;
  for (gint64 p = 0; ok && p < plane; p++)
    if (!(ok = put_vector (samples + CHANNELS * p, u[p], u[plane + p])))
      rv__error_set (error, RV_ERROR_NUMBER, "%s: vectors of more than 512 px do not fit a .png; use .flo", filename);
  ok = ok && rv__image_save_u16 (samples, CHANNELS, height, width, filename, replace, error);
  rv__free (samples);
  return ok;
}

const RvFlowFormat rv__flow_kitti = { ".png", "\x89PNG", kitti_load, kitti_save };
