/* format.h -- what a weight format is: one file in this folder that ends in a descriptor.
 * Layer 2 (io). */
#ifndef RV_WEIGHTS_FORMAT_H
#define RV_WEIGHTS_FORMAT_H

#include <reverie/weights.h>

typedef struct {
  const char *name;
  gboolean (*sniff) (const guint8 *data, gsize size); /* does it look like one? */
  /* @name is for messages. The map's tensors may point into @bytes, which they keep alive. */
  RvTensorMap *(*parse) (GBytes *bytes, const char *name, GError **error);
  /* The bytes of a file with this content. */
  GBytes *(*write) (const RvTensorMap *map, GError **error);
} RvWeightsClass;

/* rv__weights_parse: a whole file in memory, of any format. */
RvTensorMap *rv__weights_parse (GBytes *bytes, const char *name, GError **error);

#endif
