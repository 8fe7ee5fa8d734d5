/* formula.h -- weights and pictures from a formula, equal to those of tests/golden/formula.py; and results of the
 * golden scripts. */
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

/* (transfer full): any network with formula weights under its own names, with batch norm statistics;
 * formula.keras_weights in the scripts. */
RvNet *formula_net (const char *network);
/* (transfer full): formula_net() with the parameter names of @form. NULL: its own. */
RvNet *formula_net_as (const char *network, const char *form);

/* (transfer full): "content" has large shapes, other names fine ones. */
RvImage *formula_picture (const char *name, int height, int width);

/* One plane of fine noise with a lattice every @cell px. */
void formula_noise (const char *name, int cell, int height, int width, guint8 *plane);

/* Asserts that @values, @n of them, match a golden line: "NAME COUNT NORM LARGEST SAMPLE...". @relative limits ||a -
 * b|| / ||b|| of samples and norms. @largest limits the largest difference over the largest value. */
void formula_compare (const char *golden, const double *values, gint64 n, double relative, double largest);

/* (transfer full): lines of a file in tests/golden, NULL-terminated, without the empty last one. */
char **formula_golden (const char *file);

/* Asserts that @map has @name, f32, with this shape and formula numbers. */
void formula_check_tensor (const RvTensorMap *map, const char *name, const RvShape *shape);

#endif
