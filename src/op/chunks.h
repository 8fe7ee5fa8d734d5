/* chunks.h -- chunks of loops over features, for several threads. Layer 2 (op). A chunk is some positions of one plane
 * (a channel, or a block of channels). The chunks of the same positions in all planes come before those of the next
 * positions. With `schedule(static)` each thread gets the same part of the picture in all ops, also in convolutions
 * (backend/kernels/work-queue.h), and finds it in its cache. */
#pragma once

#include "op.h"

#define RV_CHUNKS_PER_IMAGE 16
#define RV_FLAT_CHUNK 8192 /* numbers; a multiple of 64: no two threads share a byte of ReLU bits */

typedef struct {
  gint64 n_planes;          /* per picture */
  gint64 positions;         /* per plane */
  gint64 step;              /* positions per chunk */
  gint64 n_parts, n_chunks; /* chunks per plane; chunks of all planes of all pictures */
} RvChunks;

typedef struct {
  gint64 picture, plane; /* @plane: index in the picture */
  gint64 index;          /* index of the plane, counted over all pictures */
  gint64 from, end;      /* positions */
} RvChunk;

/* Chunks of @step positions, the last of a plane fewer, of [@n_pictures, @n_planes, @positions]. @step 0: no chunks. */
static inline RvChunks
rv__chunks (gint64 n_pictures, gint64 n_planes, gint64 positions, gint64 step)
{
  gint64 n_parts = step > 0 ? (positions + step - 1) / step : 0;
  return (RvChunks){ n_planes, positions, step, n_parts, n_pictures * n_parts * n_planes };
}

/* Chunks of [pictures, planes, positions]: at most RV_CHUNKS_PER_IMAGE / @n_pictures in each plane, at least 1. A
 * position is a row or a pixel. */
static inline RvChunks
rv__chunks_of_planes (gint64 n_pictures, gint64 n_planes, gint64 positions)
{
  gint64 n_parts = MAX (RV_CHUNKS_PER_IMAGE / MAX (n_pictures, 1), 1);
  return rv__chunks (n_pictures, n_planes, positions, (positions + n_parts - 1) / n_parts);
}

/* Chunks of features in channel blocks; anything else is one plane of all its numbers. */
static inline RvChunks
rv__chunks_of (const RvView *view)
{
  const gint64 *dim = view->shape.dim;
  if (view->shape.n != 4 || view->block < 8)
    return rv__chunks (1, 1, rv_shape_count (&view->shape), RV_FLAT_CHUNK);
  return rv__chunks_of_planes (dim[0], dim[1] / view->block, dim[2] * dim[3]);
}

/* Chunk @i, 0 .. n_chunks-1. The chunks of the same positions in all planes of a picture are consecutive. */
static inline RvChunk
rv__chunk (const RvChunks *chunks, gint64 i)
{
  gint64 part = i / chunks->n_planes % chunks->n_parts, from = part * chunks->step;
  gint64 picture = i / chunks->n_planes / chunks->n_parts, plane = i % chunks->n_planes;
  return (RvChunk){ picture, plane, picture * chunks->n_planes + plane, from,
                    MIN (from + chunks->step, chunks->positions) };
}

/* Returns the offset of chunk @i of rv__chunks_of(), in numbers from the first of @view, and sets *n to its numbers. */
static inline gint64
rv__chunk_span (const RvChunks *chunks, const RvView *view, gint64 i, gint64 *n)
{
  gint64 block = chunks->n_planes == 1 && view->block < 8 ? 1 : MAX (view->block, 1);
  RvChunk chunk = rv__chunk (chunks, i);
  *n = (chunk.end - chunk.from) * block;
  return (chunk.index * chunks->positions + chunk.from) * block;
}
