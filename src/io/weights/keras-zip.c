/* keras-zip.c -- detects Keras 3's .keras: a zip archive that holds model.weights.h5. The program src/hdf5 reads it. */
#include "format.h"
#include "stored-zip.h"

static gboolean
keras_zip_sniff (const guint8 *data, gsize size)
{
  return rv__stored_zip_may_have (data, size, "model.weights.h5");
}

const RvWeightsClass rv__weights_keras_zip = {
  .summary = "a Keras 3 model",
  .sniff = keras_zip_sniff,
};
