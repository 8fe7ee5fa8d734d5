/* hdf5.c -- detects Keras weights in HDF5: .h5 and .weights.h5. The program src/hdf5 reads them, since libhdf5 is not
 * safe on hostile files. */
#include "format.h"
#include <string.h>

#define SIGNATURE "\211HDF\r\n\032\n"
#define SIGNATURE_BYTES 8
#define FIRST_OFFSET 512 /* the signature stands at 0, 512, 1024, 2048 ... */

/* RvWeightsClass.sniff: whether HDF5's signature is at byte 0, or at FIRST_OFFSET times a power of two. */
static gboolean
hdf5_sniff (const guint8 *data, gsize size)
{
  for (gsize offset = 0; offset + SIGNATURE_BYTES <= size; offset = offset ? offset * 2 : FIRST_OFFSET)
    if (memcmp (data + offset, SIGNATURE, SIGNATURE_BYTES) == 0)
      return TRUE;
  return FALSE;
}

const RvWeightsClass rv__weights_hdf5 = {
  .summary = "a Keras HDF5 file",
  .sniff = hdf5_sniff,
};
