/* pieces.h -- chunks of loops over features, for several threads.
 * Layer 2 (op). A chunk is some positions of one plane (a channel, or a block of channels). Chunks go through the same
 * part of all planes before the next part. With `schedule(static)` each thread gets the same part of the picture in all
 * ops, also in convolutions (backend/turns.h), and finds it in its cache. */
#ifndef RV_PIECES_H
#define RV_PIECES_H

#include "op.h"

#define RV_PARTS_OF_A_PICTURE 16
#define RV_FLAT_PIECE 8192 /* numbers; a multiple of 64: no two threads share a byte of ReLU bits */

typedef struct {
  gint64 n_planes;  /* per picture */
  gint64 positions; /* per plane */
  gint64 step;      /* positions per chunk */
  gint64 n_parts, n_pieces;
} RvPieces;

typedef struct {
  gint64 picture, plane; /* index in the picture */
  gint64 from, end;      /* positions */
} RvPiece;

static inline RvPieces
rv__pieces (gint64 n_pictures, gint64 n_planes, gint64 positions, gint64 step)
{
  gint64 n_parts = step > 0 ? (positions + step - 1) / step : 0;
  return (RvPieces){ n_planes, positions, step, n_parts, n_pictures * n_parts * n_planes };
}

/* Chunks of [pictures, planes, positions]; a position is a row or a pixel. */
static inline RvPieces
rv__pieces_of_planes (gint64 n_pictures, gint64 n_planes, gint64 positions)
{
  gint64 n_parts = MAX (RV_PARTS_OF_A_PICTURE / MAX (n_pictures, 1), 1);
  return rv__pieces (n_pictures, n_planes, positions, (positions + n_parts - 1) / n_parts);
}

/* Chunks of features in channel blocks; anything else is one plane of all its numbers. */
static inline RvPieces
rv__pieces_of (const RvView *view)
{
  const gint64 *dim = view->shape.dim;
  if (view->shape.n != 4 || view->block < 8)
    return rv__pieces (1, 1, rv_shape_count (&view->shape), RV_FLAT_PIECE);
  return rv__pieces_of_planes (dim[0], dim[1] / view->block, dim[2] * dim[3]);
}

static inline RvPiece
rv__piece (const RvPieces *pieces, gint64 i)
{
  gint64 part = i / pieces->n_planes % pieces->n_parts, from = part * pieces->step;
  return (RvPiece){ i / pieces->n_planes / pieces->n_parts, i % pieces->n_planes, from,
                    MIN (from + pieces->step, pieces->positions) };
}

/* Offset from the first number of @view, and number *n, of chunk @i of rv__pieces_of(). */
static inline gint64
rv__span_of_piece (const RvPieces *pieces, const RvView *view, gint64 i, gint64 *n)
{
  gint64 block = pieces->n_planes == 1 && view->block < 8 ? 1 : MAX (view->block, 1);
  RvPiece piece = rv__piece (pieces, i);
  *n = (piece.end - piece.from) * block;
  return ((piece.picture * pieces->n_planes + piece.plane) * pieces->positions + piece.from) * block;
}

#endif
