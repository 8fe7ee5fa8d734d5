/* format.h -- what a weight format is: one file in this folder that ends in a descriptor.
 * Layer 2 (io). */
#ifndef RV_WEIGHTS_FORMAT_H
#define RV_WEIGHTS_FORMAT_H

#include <reverie/weights.h>

typedef struct {
  const char *name, *summary;
  gboolean (*sniff) (const guint8 *data, gsize size); /* does it look like one? */
  /* @name is for messages. The map's tensors may point into @bytes, which they keep alive. NULL: the helper program
   * turns the file into safetensors. */
  RvTensorMap *(*parse) (GBytes *bytes, RvWeightsPart part, const char *name, GError **error);
  /* Writes a file with this content to @fd. FALSE with @error where the content cannot be read, else with errno. NULL:
   * such files are only read. */
  gboolean (*write) (const RvTensorMap *map, int fd, GError **error);
} RvWeightsClass;

/* rv__weights_parse: a whole file in memory, of any format that is read here. */
RvTensorMap *rv__weights_parse (GBytes *bytes, RvWeightsPart part, const char *name, GError **error);
/* rv__weights_wanted: whether a tensor of this shape belongs to @part. Readers that copy ask before they do. */
gboolean rv__weights_wanted (RvWeightsPart part, const RvShape *shape);

/* rv__weights_parse_file: a file of any format that is read here. @name is for messages. RV_ERROR_FILE too. */
RvTensorMap *rv__weights_parse_file (const char *filename, RvWeightsPart part, const char *name, GError **error);

/* rv__weights_damaged: FALSE, with RV_ERROR_FORMAT: "NAME is damaged or not KIND: ...". */
gboolean G_GNUC_PRINTF (4, 5)
  rv__weights_damaged (const char *name, const char *kind, GError **error, const char *format, ...);

/* rv__safetensors_bytes: (transfer full) (nullable): what rv_weights_save() writes, in memory. RV_ERROR_MEMORY;
 * RV_ERROR_FILE where a tensor cannot be read. */
GBytes *rv__safetensors_bytes (const RvTensorMap *map, GError **error);

extern const RvWeightsClass rv__weights_safetensors;

#endif
