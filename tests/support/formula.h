/* formula.h -- weights and pictures that a formula makes, the same here and in tests/golden/formula.py; and what the
 * golden scripts wrote. */
#ifndef RV_TEST_FORMULA_H
#define RV_TEST_FORMULA_H

#include <reverie/image.h>
#include <reverie/net.h>

/* What a name's letters, or any bytes, hash to: FNV-1a. */
guint64 formula_hash (gconstpointer bytes, gsize size);

/* The 64 bits, and the number in -1..1, of element @element of @name. */
guint64 formula_bits (const char *name, guint64 element);
double formula_number (const char *name, guint64 element);

/* formula_vgg: (transfer full): VGG16 or VGG19 with formula weights, under the parameters' names of one form:
 * "Keras" or "torchvision". */
RvNet *formula_vgg (const char *network, const char *form, double gain, double bias);

/* formula_net: (transfer full): any network with formula weights under its own names, batch norm with statistics that
 * matter; formula.keras_weights in the scripts. */
RvNet *formula_net (const char *network);
/* formula_net_as: (transfer full): the same under the names of one form; NULL: its own. */
RvNet *formula_net_as (const char *network, const char *form);

/* formula_picture: (transfer full): "content" has large shapes, others fine ones. */
RvImage *formula_picture (const char *name, int height, int width);

/* formula_noise: one plane of the fine noise that pictures are made of, with a lattice every @cell px. */
void formula_noise (const char *name, int cell, int height, int width, guint8 *plane);

/* formula_compare: asserts that @values, @n of them, are those of a golden line: "NAME COUNT NORM LARGEST SAMPLE...";
 * @relative bounds ||a - b|| / ||b|| over the samples and the difference of the norms, @largest the largest difference
 * over the largest value. */
void formula_compare (const char *golden, const double *values, gint64 n, double relative, double largest);

/* formula_golden: (transfer full): the lines of a file in tests/golden, NULL-terminated, the empty last one cut off. */
char **formula_golden (const char *file);

/* formula_check_tensor: @map has @name, f32, of that shape, with the formula's numbers. */
void formula_check_tensor (const RvTensorMap *map, const char *name, const RvShape *shape);

#endif
