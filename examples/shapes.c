/* shapes.c -- shapes FOLDER: drawings of 28 x 28 px as IDX files under MNIST's names, 12,000 to train on and 2,000 to
 * test on, for reverie vae. Five factors: shape (disc, square, triangle, cross; the label), size, place across, place
 * down, and stroke: a line of some width, or filled. Also an example of a dataset of one's own. */
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
  double x, y, size; /* px */
  double stroke;     /* px; 0: filled */
} Drawing;

/* Signed distance from the outline, below 0 inside, of a shape of radius 1 around (0, 0); y grows downwards. */
static double
distance (Shape shape, double x, double y)
{
  double ax = fabs (x), ay = fabs (y);
  switch (shape) {
  case DISC:
    return sqrt (x * x + y * y) - 1;
  case SQUARE:
    return MAX (ax, ay) - 0.85;
  case TRIANGLE:
    return MAX (ax * 0.866 + -y * 0.5, y) - 0.55;
  case CROSS:
    return MIN (MAX (ax - 1, ay - 0.3), MAX (ax - 0.3, ay - 1));
  default:
    return 0;
  }
}

/* A pixel is as bright as the outline's distance says: a soft edge of one pixel. */
static void
draw (const Drawing *d, guint8 *pixels)
{
  for (int i = 0; i < SIDE * SIDE; i++) {
    double far = distance (d->shape, (i % SIDE + 0.5 - d->x) / d->size, (i / SIDE + 0.5 - d->y) / d->size) * d->size;
    if (d->stroke > 0)
      far = fabs (far) - d->stroke / 2;
    pixels[i] = (guint8) (255 * CLAMP (0.5 - far, 0, 1) + 0.5);
  }
}

static Drawing
random_drawing (GRand *random)
{
  return (Drawing){ .shape = (Shape) g_rand_int_range (random, 0, N_SHAPES),
                    .x = g_rand_double_range (random, 12.5, 15.5),
                    .y = g_rand_double_range (random, 12.5, 15.5),
                    .size = g_rand_double_range (random, 6, 11),
                    .stroke = g_rand_boolean (random) ? g_rand_double_range (random, 1.2, 3) : 0 };
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
