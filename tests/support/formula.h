/* formula.h -- weights and pictures from a formula, equal to those of tests/golden/formula.py. Also reads and
 * compares results of the golden scripts. */
#ifndef RV_TEST_FORMULA_H
#define RV_TEST_FORMULA_H

#include <reverie/image.h>
#include <reverie/net.h>

/* FNV-1a hash. */
guint64 formula_hash (gconstpointer bytes, gsize size);

/* 64 random bits for element @element of @name. */
guint64 formula_bits (const char *name, guint64 element);
/* Number in -1..1 from formula_bits(). */
double formula_number (const char *name, guint64 element);

/* (transfer full): VGG16 or VGG19 with formula weights. @form: parameter names of "Keras" or "torchvision". */
RvNet *formula_vgg (const char *network, const char *form, double gain, double bias);

/* (transfer full): @network with formula weights and batch norm statistics, under the network's own parameter names.
 * Equal to formula.keras_weights of the golden scripts. */
RvNet *formula_net (const char *network);
/* (transfer full): formula_net() with the parameter names of @form. @form NULL: the network's own names. */
RvNet *formula_net_as (const char *network, const char *form);

/* (transfer full): a picture of value noise. The picture "content" has large shapes, all others have fine shapes. */
RvImage *formula_picture (const char *name, int height, int width);

/* Fills @plane, [height, width], with value noise on a lattice of @cell px, 0..255. */
void formula_noise (const char *name, int cell, int height, int width, guint8 *plane);

/* Asserts that @values, @n of them, match a golden line: "NAME COUNT NORM LARGEST SAMPLE...". @relative limits ||a -
 * b|| / ||b|| of samples and of norms. @largest limits the largest difference of samples, divided by LARGEST. */
void formula_compare (const char *golden, const double *values, gint64 n, double relative, double largest);

/* (transfer full): lines of a file in tests/golden, NULL-terminated, without the empty last line. */
char **formula_golden (const char *file);

/* Asserts that @map has the f32 tensor @name with @shape and formula numbers. */
void formula_check_tensor (const RvTensorMap *map, const char *name, const RvShape *shape);

#endif
