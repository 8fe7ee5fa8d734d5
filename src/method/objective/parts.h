/* parts.h -- a picture of which each rank holds its part.
 * Layer 6 (method). May include: cluster, base.
 *
 * A rank's own pixels are its tiles' cores: only there its gradient is whole, and only there it moves the picture. What
 * its windows see besides is held, and comes from the ranks whose own it is, in strips. An array is as long as the
 * picture's numbers on every rank (base/part.h). */
#ifndef RV_PARTS_H
#define RV_PARTS_H

#include "base/part.h"
#include "cluster/cluster.h"
#include "tiles.h"

/* Which numbers of a picture are whose. Reference-counted. */
typedef struct _RvParts RvParts;

/* rv__parts_all: (transfer full): of @planes of @plane numbers, all of which are this process's own.
 * rv__parts_of: (transfer full): of a tiling's picture, where rank r of @cluster has the tiles from @first[r] up to
 * @first[r + 1].
 * rv__parts_of_rows: (transfer full): of a picture of @cols columns that is cut into pieces, piece i the rows from
 * @start[i] up to @start[i + 1], where rank r has the pieces from @first[r] up to @first[r + 1]. Pieces are its tiles;
 * nobody holds what is another's. */
RvParts *rv__parts_all (int planes, gint64 plane);
RvParts *rv__parts_of (RvCluster *cluster, const RvTiling *tiling, const int *first, int planes);
RvParts *rv__parts_of_rows (RvCluster *cluster, const int *start, const int *first, gint64 cols, int planes);
RvParts *rv__parts_ref (RvParts *parts);
void rv__parts_unref (RvParts *parts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvParts, rv__parts_unref)

/* rv__parts_are_shared: whether other ranks have parts of their own. rv__parts_n_ranks: that have; 1: this one alone.
 */
gboolean rv__parts_are_shared (const RvParts *parts);
int rv__parts_n_ranks (const RvParts *parts);

/* rv__parts_own: this rank's own numbers. rv__parts_held: those and what its windows see besides. No span reaches from
 * one plane into the next. Borrowed. rv__parts_held_of: likewise, of @rank, or of
 * all where nobody shares it. rv__parts_count: of the whole picture. */
const RvPart *rv__parts_own (const RvParts *parts);
const RvPart *rv__parts_held (const RvParts *parts);
const RvPart *rv__parts_held_of (const RvParts *parts, int rank);
gint64 rv__parts_count (const RvParts *parts);

/* rv__parts_tiles: RvPart: this rank's own numbers, tile by tile; of a picture that is no tiling's, one. Borrowed.
 * rv__parts_sum: collective: @n numbers for each tile of all ranks, added in the order of the tiles, whoever has which;
 * @of_tiles: those of this rank's. rv__parts_most: collective: of what each has, 0 or more. @parts: an RvParts: they
 * are an optimiser's (optim/optim.h). */
const GPtrArray *rv__parts_tiles (const RvParts *parts);
gboolean rv__parts_sum (gpointer parts, const double *of_tiles, gint64 n, double *total, GError **error);
gboolean rv__parts_most (gpointer parts, double *value, GError **error);

/* ---- planning ---- */

/* rv__parts_most_own: numbers of the rank that has most. rv__parts_own_bytes, _held_bytes: that an array takes in which
 * those are written, on the rank where it takes most. rv__parts_strips_bytes: that rank 0 sends and receives in
 * rv__parts_exchange(), _bring_bytes: in rv__parts_bring(). _room_bytes: that it takes. */
gint64 rv__parts_most_own (const RvParts *parts);
gsize rv__parts_own_bytes (const RvParts *parts, gsize unit);
gsize rv__parts_held_bytes (const RvParts *parts, gsize unit);
gsize rv__parts_strips_bytes (const RvParts *parts);
gsize rv__parts_bring_bytes (const RvParts *parts, RvPart *const *wanted);
gsize rv__parts_room_bytes (const RvParts *parts);

/* ---- of all ranks, of floats ---- */

/* rv__parts_bind: takes that room, before what follows. */
gboolean rv__parts_bind (RvParts *parts, GError **error);

/* rv__parts_exchange: what @x holds of others' own becomes what they have there.
 * rv__parts_bring: what each rank wants of others' own comes to its place in its @array, whose other numbers stay as
 * they are; @wanted: of each rank. Nothing need be bound. Of rows @array may have fewer planes.
 * rv__parts_tell: numbers @from up to @end of an array of which each rank has its own, into @out, everywhere.
 * rv__parts_gather: on rank 0; on others @out is not looked at. */
gboolean rv__parts_exchange (RvParts *parts, float *x, GError **error);
gboolean rv__parts_bring (const RvParts *parts, float *array, RvPart *const *wanted, GError **error);
gboolean rv__parts_tell (RvParts *parts, const float *array, gint64 from, gint64 end, float *out, GError **error);
gboolean rv__parts_gather (RvParts *parts, const float *array, gint64 from, gint64 end, float *out, GError **error);

#endif
