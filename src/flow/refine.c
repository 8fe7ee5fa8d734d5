/* refine.c -- step 6: variational refinement. Brox, Bruhn, Papenberg, Weickert 2004, "High accuracy optical flow
 * estimation based on a theory for warping", with the normalised data terms of Zimmer, Bruhn, Weickert 2011.
 *
 * For a flow (u, v) the increment (du, dv) makes brightness and its gradient constant and the flow smooth, all with the
 * robust norm sqrt (x^2 + eps^2). I1w = I1 (p + (u, v)), A = (I0 + I1w) / 2, Iz = I1w - I0 without its median (so that
 * light may change). Subscripts are central differences of A and Iz.
 *
 *   brightness  n = Ix^2 + Iy^2 + zeta^2,  r = Iz + Ix du + Iy dv,  k = (delta / 2) / sqrt (r^2 / n + eps^2) / n
 *   gradient    n1 = Ixx^2 + Ixy^2 + zeta^2,  n2 = Iyy^2 + Ixy^2 + zeta^2,  r1 = Ixz + Ixx du + Ixy dv,
 *               r2 = Iyz + Ixy du + Iyy dv,  k' = (gamma / 2) / sqrt (r1^2 / n1 + r2^2 / n2 + eps^2)
 *   smoothness  s = (alpha / 2) / sqrt (|grad (u + du)|^2 + |grad (v + dv)|^2 + eps^2), forward differences
 *
 * Each fixed-point step keeps k, k' and s constant and makes five steps of red-black successive over-relaxation for
 *
 *   (a11 + sum s) du + a12 dv = b1 + sum s (u' + du' - u),  (a22 + sum s) dv + a12 du = b2 + sum s (v' + dv' - v)
 *
 * over the four neighbours, marked '. A pair of pixels uses s of its left or upper pixel. If p + (u, v) lies outside of
 * the picture, there is no data term and only smoothness counts.
 *
 * Pixels are stored in two planes by colour, x + y even or odd, so that a step of one colour reads whole vectors. `omp
 * simd` marks loops over more planes than the compiler would check for overlaps. */
#include "flow-internal.h"
#include "base/alloc.h"
#include "base/parallel.h"
#include <math.h>
#include <string.h>

#define SOR_STEPS 5
#define OMEGA 1.6f
#define ALPHA 20.0f
#define GAMMA 10.0f
#define DELTA 5.0f
#define ZETA2 (0.1f * 0.1f)
#define EPS2 (0.001f * 0.001f)
#define PAD 2    /* px around planes: reach of second differences */
#define CHUNK 64 /* px of a row in one batch; even */

/* Data of the pixels of one colour; pixel j of row y is x = 2 j + ((y + colour) & 1). Members point at pixel (0, 0). */
typedef struct {
  float *du, *dv;
  float *right, *below; /* s of the pair with the pixel to the right and below; 0 without that pixel */
  float *a12, *c1, *c2; /* c: terms without the increments */
  float *d1, *d2;       /* omega / (a11 + sum s), omega / (a22 + sum s) */
} Colour;

/* Planes have PAD px around them: the repeated edge for A, Iz, now_u and now_v, zeros for others. */
typedef struct {
  int width, height;
  gint64 stride, half_stride; /* floats per row, of whole planes and of planes of one colour */
  float *A, *Iz, *u, *v;      /* u, v: the initial flow */
  float *now_u, *now_v;       /* u + du, v + dv */
  float *right, *below;
  Colour colour[2];
  float *memory;
} Refine;

/* Floats of a row of @n pixels with PAD on both sides, rounded up to a multiple of 16. */
static gint64
padded (gint64 n)
{
  return (n + 2 * PAD + 15) / 16 * 16;
}

/* Sets r's size to that of @flow, allocates r->memory, all zeros, and points all planes into it; does not copy @flow.
 * The caller frees r->memory with rv__free(). After an error r->memory is NULL. */
static gboolean
refine_init (Refine *r, const RvFlowField *flow, GError **error)
{
  float **whole[] = { &r->A, &r->Iz, &r->u, &r->v, &r->now_u, &r->now_v, &r->right, &r->below };
  r->width = flow->width, r->height = flow->height;
  r->stride = padded (r->width), r->half_stride = padded ((r->width + 1) / 2);
  gsize rows = (gsize) r->height + 2 * PAD, plane = rows * (gsize) r->stride, half = rows * (gsize) r->half_stride;
  gsize n_half = 2 * sizeof (Colour) / sizeof (float *);
  r->memory =
    rv__alloc ((G_N_ELEMENTS (whole) * plane + n_half * half) * sizeof (float), "the flow's refinement", error);
  if (!r->memory)
    return FALSE;
  float *next = r->memory;
  for (guint i = 0; i < G_N_ELEMENTS (whole); i++, next += plane)
    *whole[i] = next + PAD * r->stride + PAD;
  for (int c = 0; c < 2; c++) {
    Colour *colour = &r->colour[c];
    float **halves[] = { &colour->du, &colour->dv, &colour->right, &colour->below, &colour->a12,
                         &colour->c1, &colour->c2, &colour->d1,    &colour->d2 };
    for (guint i = 0; i < G_N_ELEMENTS (halves); i++, next += half)
      *halves[i] = next + PAD * r->half_stride + PAD;
  }
  return TRUE;
}

/* ---- the pictures ------------------------------------------------------------------------------------------------ */

/* Sets row @y of A, the mean of both pictures, and of Iz, their difference, with @to warped by (@u, @v). */
RV_CLONES static void
warp_row (const RvGrey *from, const RvGrey *to, int y, const float *restrict u, const float *restrict v,
          float *restrict A, float *restrict Iz)
{
  const float *I0 = from->at + y * from->stride;
  for (int x = 0; x < from->width; x++) {
    float I1 = rv__grey_interpolate (to, (float) x + u[x], (float) y + v[x]);
    A[x] = 0.5f * (I0[x] + I1);
    Iz[x] = I1 - I0[x];
  }
}

/* Copies @flow to the start flow (u, v) and the current flow (now_u, now_v). Sets A to the mean of @from and @to, and
 * Iz to @to minus @from, less the median of the differences. @to is warped by @flow. Fills the borders of all but u and
 * v. */
static void
load_pictures (Refine *r, const RvGrey *from, const RvGrey *to, const RvFlowField *flow)
{
  float *const planes[] = { r->A, r->Iz, r->now_u, r->now_v };
  gsize bytes = (gsize) r->width * sizeof (float);
#pragma omp parallel for schedule(static)
  for (int y = 0; y < r->height; y++) {
    gint64 at = y * r->stride, p = (gint64) y * r->width;
    memcpy (r->u + at, flow->u + p, bytes);
    memcpy (r->v + at, flow->v + p, bytes);
    memcpy (r->now_u + at, flow->u + p, bytes);
    memcpy (r->now_v + at, flow->v + p, bytes);
    warp_row (from, to, y, r->u + at, r->v + at, r->A + at, r->Iz + at);
  }
  float median = rv__flow_median (r->Iz, r->width, 1, r->height, r->stride);
#pragma omp parallel for schedule(static)
  for (int y = 0; y < r->height; y++) {
    for (int x = 0; x < r->width; x++)
      r->Iz[y * r->stride + x] -= median;
    for (guint i = 0; i < G_N_ELEMENTS (planes); i++)
      rv__extend_row (planes[i] + y * r->stride, r->width, PAD);
  }
  for (guint i = 0; i < G_N_ELEMENTS (planes); i++)
    rv__extend_rows (planes[i], r->width, r->height, r->stride, PAD);
}

/* ---- the equations ----------------------------------------------------------------------------------------------- */

/* Overwrites the smoothness weights s of a row of @n pixels, see the top of this file. @right: between each pixel
 * and the next one, 0 for the last. @below: between it and the one below, 0 if @last (the last row). @u, @v: flow
 * of the row; rows are @stride floats apart. Also reads the pixel after the row and the row below, even if @last:
 * borders must be filled. */
RV_CLONES static void
smoothness_row (const float *u, const float *v, gint64 stride, int n, gboolean last, float *restrict right,
                float *restrict below)
{
  for (int x = 0; x < n; x++) {
    float ux = u[x + 1] - u[x], uy = u[x + stride] - u[x], vx = v[x + 1] - v[x], vy = v[x + stride] - v[x];
    float s = ALPHA / 2 / sqrtf (ux * ux + uy * uy + vx * vx + vy * vy + EPS2);
    right[x] = s;
    below[x] = last ? 0 : s;
  }
  right[n - 1] = 0;
}

/* Coefficients of the equations of up to CHUNK pixels, as in Colour. */
typedef struct {
  float a12[CHUNK], c1[CHUNK], c2[CHUNK], d1[CHUNK], d2[CHUNK];
} Equations;

/* Overwrites @e with the equations of the @n pixels of row @y from @first_x on; @n at most CHUNK. */
RV_CLONES static void
equations_of (const Refine *r, int first_x, int y, int n, Equations *e)
{
  gint64 stride = r->stride, at = y * stride + first_x;
  const float *A = r->A + at, *Iz = r->Iz + at, *u = r->u + at, *v = r->v + at;
  const float *now_u = r->now_u + at, *now_v = r->now_v + at, *right = r->right + at, *below = r->below + at;
  float far_x = (float) (r->width - 1), far_y = (float) (r->height - 1);

#pragma omp simd
  for (int i = 0; i < n; i++) {
    float du = now_u[i] - u[i], dv = now_v[i] - v[i];
    float to_x = (float) (first_x + i) + u[i], to_y = (float) y + v[i];
    float inside = (to_x >= 0) & (to_x <= far_x) & (to_y >= 0) & (to_y <= far_y) ? 1 : 0;

    float Ix = 0.5f * (A[i + 1] - A[i - 1]), Iy = 0.5f * (A[i + stride] - A[i - stride]);
    float n0 = 1 / (Ix * Ix + Iy * Iy + ZETA2), r0 = Iz[i] + Ix * du + Iy * dv;
    float k = inside * (DELTA / 2) * n0 / sqrtf (r0 * r0 * n0 + EPS2);
    float a11 = k * Ix * Ix + ZETA2, a12 = k * Ix * Iy, a22 = k * Iy * Iy + ZETA2;
    float b1 = -k * Ix * Iz[i], b2 = -k * Iy * Iz[i];

    float Ixx = 0.25f * (A[i + 2] - 2 * A[i] + A[i - 2]);
    float Iyy = 0.25f * (A[i + 2 * stride] - 2 * A[i] + A[i - 2 * stride]);
    float Ixy = 0.25f * (A[i + 1 + stride] - A[i - 1 + stride] - A[i + 1 - stride] + A[i - 1 - stride]);
    float Ixz = 0.5f * (Iz[i + 1] - Iz[i - 1]), Iyz = 0.5f * (Iz[i + stride] - Iz[i - stride]);
    float n1 = 1 / (Ixx * Ixx + Ixy * Ixy + ZETA2), n2 = 1 / (Iyy * Iyy + Ixy * Ixy + ZETA2);
    float r1 = Ixz + Ixx * du + Ixy * dv, r2 = Iyz + Ixy * du + Iyy * dv;
    k = inside * (GAMMA / 2) / sqrtf (r1 * r1 * n1 + r2 * r2 * n2 + EPS2);
    a11 += k * (Ixx * Ixx * n1 + Ixy * Ixy * n2);
    a12 += k * (Ixx * Ixy * n1 + Ixy * Iyy * n2);
    a22 += k * (Ixy * Ixy * n1 + Iyy * Iyy * n2);
    b1 -= k * (Ixx * Ixz * n1 + Ixy * Iyz * n2);
    b2 -= k * (Ixy * Ixz * n1 + Iyy * Iyz * n2);

    float s_right = right[i], s_left = right[i - 1], s_below = below[i], s_above = below[i - stride];
    float sum = s_right + s_left + s_below + s_above;
    e->a12[i] = a12;
    e->c1[i] = b1 + s_right * (u[i + 1] - u[i]) + s_left * (u[i - 1] - u[i]) + s_below * (u[i + stride] - u[i]) +
               s_above * (u[i - stride] - u[i]);
    e->c2[i] = b2 + s_right * (v[i + 1] - v[i]) + s_left * (v[i - 1] - v[i]) + s_below * (v[i + stride] - v[i]) +
               s_above * (v[i - stride] - v[i]);
    e->d1[i] = OMEGA / (a11 + sum);
    e->d2[i] = OMEGA / (a22 + sum);
  }
}

/* Copies the @n numbers of @from at even indices to @even, those at odd ones to @odd. */
RV_CLONES static void
split_parity (const float *restrict from, int n, float *restrict even, float *restrict odd)
{
  for (int j = 0; j < n / 2; j++) {
    even[j] = from[2 * j];
    odd[j] = from[2 * j + 1];
  }
  if (n & 1)
    even[n / 2] = from[n - 1];
}

/* Computes the equations of row @y for the current flow and the smoothness weights. Stores a12, c1, c2, d1, d2, right
 * and below (see Colour) in the row of both r->colour. Rows are independent of each other. */
static void
set_equations (const Refine *r, int y)
{
  const Colour *even = &r->colour[y & 1], *odd = &r->colour[!(y & 1)];
  for (int x = 0; x < r->width; x += CHUNK) {
    Equations e;
    int n = MIN (CHUNK, r->width - x);
    gint64 whole = y * r->stride + x, half = y * r->half_stride + x / 2;
    equations_of (r, x, y, n, &e);
    split_parity (r->right + whole, n, even->right + half, odd->right + half);
    split_parity (r->below + whole, n, even->below + half, odd->below + half);
    split_parity (e.a12, n, even->a12 + half, odd->a12 + half);
    split_parity (e.c1, n, even->c1 + half, odd->c1 + half);
    split_parity (e.c2, n, even->c2 + half, odd->c2 + half);
    split_parity (e.d1, n, even->d1 + half, odd->d1 + half);
    split_parity (e.d2, n, even->d2 + half, odd->d2 + half);
  }
}

/* ---- the steps --------------------------------------------------------------------------------------------------- */

/* One step of red-black successive over-relaxation in row @y: updates du and dv of its pixels of the colour @colour, 0
 * or 1 (see Colour), from those of the other colour. */
RV_CLONES static void
relax_row (const Refine *r, int colour, int y)
{
  const Colour *mine = &r->colour[colour], *other = &r->colour[!colour];
  int odd = (y + colour) & 1, n = (r->width - odd + 1) / 2;
  gint64 at = y * r->half_stride, below = at + r->half_stride, above = at - r->half_stride;
  float *restrict du = mine->du + at, *restrict dv = mine->dv + at;
  const float *right = mine->right + at, *left = other->right + at + odd - 1, *s_below = mine->below + at;
  const float *s_above = other->below + above, *a12 = mine->a12 + at;
  const float *c1 = mine->c1 + at, *c2 = mine->c2 + at, *d1 = mine->d1 + at, *d2 = mine->d2 + at;
  const float *u = other->du + at + odd, *u_below = other->du + below, *u_above = other->du + above;
  const float *v = other->dv + at + odd, *v_below = other->dv + below, *v_above = other->dv + above;

#pragma omp simd
  for (int j = 0; j < n; j++) {
    float around_u = right[j] * u[j] + left[j] * u[j - 1] + s_below[j] * u_below[j] + s_above[j] * u_above[j];
    float around_v = right[j] * v[j] + left[j] * v[j - 1] + s_below[j] * v_below[j] + s_above[j] * v_above[j];
    float new_u = (1 - OMEGA) * du[j] + d1[j] * (c1[j] - a12[j] * dv[j] + around_u);
    du[j] = new_u;
    dv[j] = (1 - OMEGA) * dv[j] + d2[j] * (c2[j] - a12[j] * new_u + around_v);
  }
}

/* Sets the row @now of one plane, @n numbers, to @start plus the increments of both colours: @even at even indices,
 * @odd at odd ones. */
RV_CLONES static void
add_row (const float *restrict start, const float *restrict even, const float *restrict odd, int n, float *restrict now)
{
  for (int j = 0; j < n / 2; j++) {
    now[2 * j] = start[2 * j] + even[j];
    now[2 * j + 1] = start[2 * j + 1] + odd[j];
  }
  if (n & 1)
    now[n - 1] = start[n - 1] + even[n / 2];
}

/* Sets row @y of now_u and now_v to the start flow plus the increments, and fills the row's borders. */
static void
add_increments (const Refine *r, int y)
{
  const Colour *even = &r->colour[y & 1], *odd = &r->colour[!(y & 1)];
  gint64 at = y * r->stride, half = y * r->half_stride;
  add_row (r->u + at, even->du + half, odd->du + half, r->width, r->now_u + at);
  add_row (r->v + at, even->dv + half, odd->dv + half, r->width, r->now_v + at);
  rv__extend_row (r->now_u + y * r->stride, r->width, PAD);
  rv__extend_row (r->now_v + y * r->stride, r->width, PAD);
}

/* Runs one fixed-point step: smoothness weights, equations, SOR_STEPS relaxations of du and dv, then now_u and now_v
 * with their borders. All threads of an OpenMP team call it and divide the rows. Ends with a barrier. */
static void
refine_once (const Refine *r)
{
#pragma omp for schedule(static)
  for (int y = 0; y < r->height; y++) {
    gint64 at = y * r->stride;
    smoothness_row (r->now_u + at, r->now_v + at, r->stride, r->width, y == r->height - 1, r->right + at,
                    r->below + at);
  }
#pragma omp for schedule(static)
  for (int y = 0; y < r->height; y++)
    set_equations (r, y);
  for (int half = 0; half < 2 * SOR_STEPS; half++)
#pragma omp for schedule(static)
    for (int y = 0; y < r->height; y++)
      relax_row (r, half & 1, y);
#pragma omp for schedule(static)
  for (int y = 0; y < r->height; y++)
    add_increments (r, y);
#pragma omp single
  {
    rv__extend_rows (r->now_u, r->width, r->height, r->stride, PAD);
    rv__extend_rows (r->now_v, r->width, r->height, r->stride, PAD);
  }
}

gboolean
rv__flow_refine (const RvGrey *from, const RvGrey *to, int n_refinements, const RvFlowField *flow, GError **error)
{
  Refine r;
  if (!refine_init (&r, flow, error))
    return FALSE;
  load_pictures (&r, from, to, flow);
#pragma omp parallel
  for (int i = 0; i < n_refinements; i++)
    refine_once (&r);
  for (int y = 0; y < r.height; y++) {
    gint64 at = y * r.stride, p = (gint64) y * r.width;
    memcpy (flow->u + p, r.now_u + at, (gsize) r.width * sizeof (float));
    memcpy (flow->v + p, r.now_v + at, (gsize) r.width * sizeof (float));
  }
  rv__free (r.memory);
  return TRUE;
}
