/* keras-zip.c -- detects Keras 3's .keras: a zip archive that holds model.weights.h5. The program src/hdf5 reads it. */
#include "format.h"
#include <string.h>

#define SIGNATURE "PK\003\004"
#define MEMBER "model.weights.h5"
#define DIRECTORY_BYTES 65536 /* at the end; holds the central directory of so small an archive */

static gboolean
keras_zip_sniff (const guint8 *data, gsize size)
{
  gsize from = size > DIRECTORY_BYTES ? size - DIRECTORY_BYTES : 0;
  return size > strlen (SIGNATURE) && memcmp (data, SIGNATURE, strlen (SIGNATURE)) == 0 &&
         memmem (data + from, size - from, MEMBER, strlen (MEMBER));
}

const RvWeightsClass rv__weights_keras_zip = {
  .summary = "a Keras 3 model",
  .sniff = keras_zip_sniff,
};
