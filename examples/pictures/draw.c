/* draw.c -- draw PICTURE OUT [HEIGHT]: draws the example pictures of Reverie. lake, table and portrait are contents;
 * strokes, waves and glass are styles. draw skies FOLDER [HEIGHT]: many small pictures, to train on. */
#include "draw.h"
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  int width, height;
  void (*draw) (Canvas *canvas);
} pictures[] = {
  { "lake", 1152, 768, draw_lake },   { "table", 1152, 864, draw_table }, { "strokes", 1024, 800, draw_strokes },
  { "waves", 1024, 768, draw_waves }, { "glass", 900, 900, draw_glass },  { "portrait", 640, 800, draw_portrait },
};

#define N_SKIES 2000
#define SKY_HEIGHT 64

static double linear_of[256]; /* linear light by sRGB byte */

Vec
rgb (int hex)
{
  return vec (linear_of[hex >> 16 & 255], linear_of[hex >> 8 & 255], linear_of[hex & 255]);
}

double
hash_01 (int x, int y, int seed)
{
  uint32_t h = (uint32_t) x * 374761393u + (uint32_t) y * 668265263u + (uint32_t) seed * 2246822519u;
  h = (h ^ h >> 13) * 1274126177u;
  h = (h ^ h >> 16) * 2246822519u;
  return (h ^ h >> 13) / 4294967296.0;
}

double
noise (double x, double y, int seed)
{
  int i = (int) floor (x), j = (int) floor (y);
  double u = x - i, v = y - j;
  u = u * u * u * (u * (u * 6 - 15) + 10);
  v = v * v * v * (v * (v * 6 - 15) + 10);
  double top = hash_01 (i, j, seed) * (1 - u) + hash_01 (i + 1, j, seed) * u;
  double bottom = hash_01 (i, j + 1, seed) * (1 - u) + hash_01 (i + 1, j + 1, seed) * u;
  return 2 * (top * (1 - v) + bottom * v) - 1;
}

double
fractal (double x, double y, int octaves, int seed)
{
  double sum = 0, size = 0.5;
  for (int k = 0; k < octaves; k++) {
    sum += size * noise (x, y, seed + k);
    double turned = 0.8 * x - 0.6 * y; /* rotates each octave, so that the lattice does not show */
    y = 2 * (0.6 * x + 0.8 * y);
    x = 2 * turned;
    size *= 0.5;
  }
  return sum;
}

void
draw_shaded (Canvas *canvas, Vec (*shade) (double x, double y))
{
  double half = MIN (canvas->width, canvas->height) / 2.0;
#pragma omp parallel for schedule(dynamic, 4)
  for (int j = 0; j < canvas->height; j++)
    for (int i = 0; i < canvas->width; i++) {
      Vec sum = vec (0, 0, 0);
      for (int s = 0; s < 4; s++)
        sum = add (sum, shade ((i + 0.25 + 0.5 * (s % 2) - canvas->width / 2.0) / half,
                               -(j + 0.25 + 0.5 * (s / 2) - canvas->height / 2.0) / half));
      canvas->pixels[j * canvas->width + i] = times (sum, 0.25);
    }
}

static float
to_byte (double linear)
{
  return (float) (255 * pow (clamp (linear, 0, 1), 1 / 2.2));
}

static int
save (const Canvas *canvas, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) image = rv_image_new (canvas->width, canvas->height, &error);
  int plane = canvas->width * canvas->height;
  for (int p = 0; image && p < plane; p++) {
    float *red = (float *) image->rgb->data + p;
    red[0] = to_byte (canvas->pixels[p].x);
    red[plane] = to_byte (canvas->pixels[p].y);
    red[2 * plane] = to_byte (canvas->pixels[p].z);
  }
  if (image && rv_image_save (image, file, NULL, &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "draw: %s\n", error->message);
  return EXIT_FAILURE;
}

/* Draws a picture, the @number-th of many, of @width x @height px to @file. Returns an exit code. */
static int
draw (void (*picture) (Canvas *canvas), int number, int width, int height, const char *file)
{
  Canvas canvas = { .width = width, .height = height, .number = number };
  canvas.pixels = g_new0 (Vec, (gsize) width * (gsize) height);
  picture (&canvas);
  int code = save (&canvas, file);
  g_free (canvas.pixels);
  return code;
}

/* Draws N_SKIES skies, squares of @height px, to @folder. Returns an exit code. */
static int
draw_skies (const char *folder, int height)
{
  int code = EXIT_SUCCESS;
  g_mkdir_with_parents (folder, 0777);
  for (int i = 0; i < N_SKIES && code == EXIT_SUCCESS; i++) {
    g_autofree char *file = g_strdup_printf ("%s/%04d.png", folder, i);
    code = draw (draw_sky, i, height, height, file);
  }
  return code;
}

int
main (int argc, char **argv)
{
  int height = argc > 3 ? (int) g_ascii_strtoll (argv[3], NULL, 10) : 0;
  for (int byte = 0; byte < 256; byte++)
    linear_of[byte] = pow (byte / 255.0, 2.2);
  if (argc > 3 && (height < 16 || height > 8192))
    argc = 0;
  if (argc >= 3 && strcmp (argv[1], "skies") == 0)
    return draw_skies (argv[2], height ? height : SKY_HEIGHT);
  for (guint i = 0; argc >= 3 && i < G_N_ELEMENTS (pictures); i++)
    if (strcmp (argv[1], pictures[i].name) == 0) {
      int full = pictures[i].height, chosen = height ? height : full;
      return draw (pictures[i].draw, 0, pictures[i].width * chosen / full, chosen, argv[2]);
    }
  fprintf (stderr, "usage: draw lake|table|portrait|strokes|waves|glass OUT [HEIGHT]\n"
                   "       draw skies FOLDER [HEIGHT]\n");
  return 2;
}
