/* shapes.c -- shapes FOLDER: drawings of 28 x 28 px as IDX files with MNIST's names, 12,000 for training and 2,000 for
 * tests, for reverie vae. Also an example of a custom dataset.
 *
 * Six factors: shape (disc, square, triangle, cross; the label), size, x, y, roundness of corners, and line width. Very
 * round shapes are discs, so that a model finds a path between any two drawings. */
#include <glib.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 28
#define N_TRAIN 12000
#define N_TEST 2000

typedef enum { DISC, SQUARE, TRIANGLE, CROSS, N_SHAPES } Shape;

typedef struct {
  Shape shape;
  double x, y, size, round; /* px; @round: fraction of the size */
  double stroke;            /* px */
} Drawing;

/* Distance from the intersection of two shapes, by the distance from each, with a round corner outside. */
static double
both (double a, double b)
{
  return hypot (MAX (a, 0), MAX (b, 0)) + MIN (MAX (a, b), 0);
}

/* Signed distance from the outline, below 0 inside, of a shape of radius 1 around (0, 0); y grows downward. */
static double
distance (Shape shape, double x, double y)
{
  double ax = fabs (x), ay = fabs (y);
  switch (shape) {
  case DISC:
    return sqrt (x * x + y * y) - 1;
  case SQUARE:
    return both (ax - 0.85, ay - 0.85);
  case TRIANGLE:
    return both (ax * 0.866 - y * 0.5 - 0.55, y - 0.55);
  case CROSS:
    return MIN (both (ax - 1, ay - 0.3), both (ax - 0.3, ay - 1));
  default:
    return 0;
  }
}

/* Sets each pixel by its distance from the outline, with an edge one pixel wide. */
static void
draw (const Drawing *d, guint8 *pixels)
{
  double size = d->size - d->round;
  for (int i = 0; i < SIDE * SIDE; i++) {
    double x = i % SIDE + 0.5 - d->x, y = i / SIDE + 0.5 - d->y;
    double far = distance (d->shape, x / size, y / size) * size - d->round;
    far = MAX (far, -(far + d->stroke));
    pixels[i] = (guint8) (255 * CLAMP (0.5 - far, 0, 1) + 0.5);
  }
}

static Drawing
random_drawing (GRand *random)
{
  double size = g_rand_double_range (random, 6.5, 11);
  return (Drawing){ .shape = (Shape) g_rand_int_range (random, 0, N_SHAPES),
                    .x = g_rand_double_range (random, 12.5, 15.5),
                    .y = g_rand_double_range (random, 12.5, 15.5),
                    .size = size,
                    .round = size * g_rand_double_range (random, 0, 0.6),
                    .stroke = g_rand_double_range (random, 3, 8) };
}

static void
add_header (GByteArray *file, int n_dims, const guint32 *dims)
{
  const guint8 magic[] = { 0, 0, 8, (guint8) n_dims };
  g_byte_array_append (file, magic, sizeof magic);
  for (int i = 0; i < n_dims; i++) {
    guint32 big = GUINT32_TO_BE (dims[i]);
    g_byte_array_append (file, (const guint8 *) &big, sizeof big);
  }
}

static gboolean
save (const GByteArray *file, const char *folder, const char *part, const char *kind, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s-%s-ubyte", part, kind), *path = g_build_filename (folder, name, NULL);
  return g_file_set_contents (path, (const char *) file->data, file->len, error);
}

/* Writes @n random drawings as two IDX files, PART-images-idx3-ubyte and PART-labels-idx1-ubyte. */
static gboolean
write_part (const char *folder, const char *part, guint32 n, guint32 seed, GError **error)
{
  g_autoptr (GByteArray) pictures = g_byte_array_new (), labels = g_byte_array_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  const guint32 dims[] = { n, SIDE, SIDE };
  add_header (pictures, 3, dims);
  add_header (labels, 1, dims);
  for (guint32 i = 0; i < n; i++) {
    guint8 pixels[SIDE * SIDE], label;
    Drawing drawing = random_drawing (random);
    draw (&drawing, pixels);
    label = (guint8) drawing.shape;
    g_byte_array_append (pictures, pixels, sizeof pixels);
    g_byte_array_append (labels, &label, 1);
  }
  return save (pictures, folder, part, "images-idx3", error) && save (labels, folder, part, "labels-idx1", error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc != 2) {
    fprintf (stderr, "usage: shapes FOLDER\n");
    return 2;
  }
  g_mkdir_with_parents (argv[1], 0777);
  if (write_part (argv[1], "train", N_TRAIN, 1, &error) && write_part (argv[1], "t10k", N_TEST, 2, &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "shapes: %s\n", error->message);
  return EXIT_FAILURE;
}
