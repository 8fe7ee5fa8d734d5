/* format.h -- the interface of a weight format: one file in this folder that ends in a descriptor. Layer 2 (io). */
#pragma once

#include <reverie/weights.h>

/* Weight format. */
typedef struct {
  const char *summary;                                /* with an article, for messages; only without parse() */
  gboolean (*sniff) (const guint8 *data, gsize size); /* whether the file begins like this format */
  /* (transfer full) (nullable): the tensors of a file that belong to @part. @sibling: (nullable): content of the file
   * that sibling_name() names. @name is for messages. The map's tensors may point into @bytes and @sibling, which they
   * keep alive. NULL: the helper program converts the file to safetensors. */
  RvTensorMap *(*parse) (GBytes *bytes, GBytes *sibling, RvWeightsFilter part, const char *name, GError **error);
  /* (transfer full) (nullable): the plain name of the file, in the same folder, that holds numbers of this one. NULL:
   * there is none. A class without this member has no such files. */
  char *(*sibling_name) (GBytes *bytes);
} RvWeightsClass;

/* (transfer full) (nullable): the tensors of a file in memory that belong to @part, and its metadata; the first bytes
 * decide the format. They may point into @bytes, which they keep. @name: for messages. */
RvTensorMap *rv__weights_parse (GBytes *bytes, RvWeightsFilter part, const char *name, GError **error);
/* Whether to read a tensor of @shape for @part: FALSE only for a matrix with RV_WEIGHTS_CONVOLUTIONS. Biases of
 * matrices are accepted as well, since they need their weight to decide: rv__weights_parse() removes them. */
gboolean rv__weights_filter_accepts (RvWeightsFilter part, const RvShape *shape);

/* (transfer full) (nullable): rv__weights_parse() of the file @filename, which is mapped: tensors read their numbers
 * when they are used (tensor/tensor-file.h). @name: for messages. */
RvTensorMap *rv__weights_parse_file (const char *filename, RvWeightsFilter part, const char *name, GError **error);

/* Whether @dict may have tensors of a network that rv__state_dict_add_graph() recognises, dense layers aside. */
gboolean rv__state_dict_may_have_graph (const RvTensorMap *dict);
/* (transfer full): the network of @dict (transfer full), a state dict just read from @filename, with the texts of a
 * format that has an architecture (net-graph.h). @dict itself if its tensors are not exactly those of a network. */
RvTensorMap *rv__state_dict_add_graph (RvTensorMap *dict, const char *filename);
/* Sets the text "preprocessing" of @map, unless it has one, from timm's "config.json" in the folder of @filename, if
 * that is called "model.safetensors". RV_ERROR_FORMAT: another architecture than that of @map, if known. */
gboolean rv__state_dict_read_config (RvTensorMap *map, const char *filename, GError **error);

/* (transfer full) (nullable): path of the file that holds numbers of the weights file @filename, by sibling_name().
 * NULL: there is none, or @filename is no weights file or cannot be read. The path need not exist. */
char *rv__weights_sibling (const char *filename);

/* (transfer full) (nullable): a tensor of @shape over the @size bytes at @at in @bytes, or a copy if they are not
 * aligned for its @type. */
RvTensor *rv__weights_tensor (GBytes *bytes, RvType type, const RvShape *shape, const guint8 *at, gsize size,
                              GError **error);

/* Sets RV_ERROR_FORMAT: "NAME is damaged or not KIND: ...". Returns FALSE. */
gboolean G_GNUC_PRINTF (4, 5)
  rv__weights_damaged (const char *name, const char *kind, GError **error, const char *format, ...);

/* (transfer full) (nullable): a safetensors file in memory with all tensors and texts of @map: the bytes that
 * rv_weights_save() writes. */
GBytes *rv__safetensors_bytes (const RvTensorMap *map, GError **error);

/* Writes a safetensors file with all tensors and texts of @map to @fd. FALSE with @error if a tensor cannot be read or
 * the thread is cancelled, else with errno set. */
gboolean rv__safetensors_write (const RvTensorMap *map, int fd, GError **error);

/* (transfer full) (nullable): the tensors of the Keras file @filename that belong to @part, converted by the helper
 * program. @cache (nullable): folder, made if missing, that keeps the converted file; a later call reads that unless
 * @filename has changed. Blocks while the helper runs. NULL: RV_ERROR_FILE if no temporary folder can be made. */
RvTensorMap *rv__weights_convert (const char *filename, RvWeightsFilter part, const char *cache, GError **error);

/* Timeout of the helper in s; tests shorten it. */
extern int rv__helper_timeout_s;
