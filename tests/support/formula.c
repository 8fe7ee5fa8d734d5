/* formula.c -- weights and pictures from a formula, as in tests/golden/formula.py. */
#include "formula.h"
#include "support.h"
#include "net/net.h"
#include <math.h>
#include <string.h>

#define GOLDEN_RATIO G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)
#define N_SAMPLES 200

guint64
formula_hash (gconstpointer bytes, gsize size)
{
  guint64 hash = G_GUINT64_CONSTANT (0xCBF29CE484222325);
  for (gsize i = 0; i < size; i++)
    hash = (hash ^ ((const guint8 *) bytes)[i]) * G_GUINT64_CONSTANT (0x100000001B3);
  return hash;
}

static guint64
mix (guint64 z)
{
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return z ^ (z >> 31);
}

guint64
formula_bits (const char *name, guint64 element)
{
  return mix (formula_hash (name, strlen (name)) + (element + 1) * GOLDEN_RATIO);
}

double
formula_number (const char *name, guint64 element)
{
  return (double) (formula_bits (name, element) >> 40) / (1 << 23) - 1;
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

static void
add_tensor (RvTensorMap *map, const char *stored, const char *kind, const char *own, const RvShape *shape, float scale)
{
  g_autofree char *formula_name = g_strconcat (own, ".", kind, NULL), *name = g_strconcat (stored, ".", kind, NULL);
  g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, shape, NULL);
  guint64 hash = formula_hash (formula_name, strlen (formula_name));
  for (gint64 i = 0, n = rv_tensor_count (tensor); i < n; i++) {
    guint64 bits = mix (hash + ((guint64) i + 1) * GOLDEN_RATIO);
    ((float *) tensor->data)[i] = (float) ((double) (bits >> 40) / (1 << 23) - 1) * scale;
  }
  rv_tensor_map_set (map, name, tensor);
}

/* Networks are cached, because their millions of numbers take time to compute. */
static GHashTable *nets_made; /* key -> RvNet */

static RvNet *
kept_net (const char *key)
{
  RvNet *net = nets_made ? g_hash_table_lookup (nets_made, key) : NULL;
  return net ? rv_net_ref (net) : NULL;
}

/* Caches @net under @key. Returns @net (transfer full). */
static RvNet *
keep_net (const char *key, RvNet *net)
{
  if (!nets_made)
    nets_made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (nets_made, g_strdup (key), rv_net_ref (net));
  return net;
}

RvNet *
formula_vgg (const char *network, const char *naming_name, double gain, double bias)
{
  g_autofree char *key = g_strdup_printf ("%s %s %g %g", network, naming_name, gain, bias);
  RvNet *net = kept_net (key);
  if (net)
    return net;
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (GArray) layers = rv_net_describe (network, 64, 64);
  const RvWeightsNaming *naming = rv__net_find (network)->namings;
  g_autoptr (GError) error = NULL;
  gint64 in_channels = 3;
  int n_convs = 0;

  while (strcmp (naming->name, naming_name) != 0)
    naming++;
  for (guint i = 0; i < layers->len; i++) {
    const RvLayer *layer = &g_array_index (layers, RvLayer, i);
    if (!g_str_has_prefix (layer->name, "conv"))
      continue;
    RvShape weight = rv_shape (4, layer->channels, in_channels, 3, 3), bias_shape = rv_shape (1, layer->channels);
    g_autofree char *stored = naming->convs ? g_strdup (naming->convs[n_convs])
                                            : g_strdup_printf ("%s%d", naming->stem, naming->order[n_convs]);
    n_convs++;
    add_tensor (map, stored, "weight", layer->name, &weight, (float) (gain * sqrt (6.0 / (double) (in_channels * 9))));
    add_tensor (map, stored, "bias", layer->name, &bias_shape, (float) bias);
    in_channels = layer->channels;
  }
  net = rv_net_new (network, map, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rv_net_publisher (net), ==, naming_name);
  return keep_net (key, net);
}

/* Adds parameter @name to @map, with formula numbers in the range of its kind. */
static void
add_parameter (const char *name, const RvShape *shape, gpointer map)
{
  g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, shape, NULL);
  gint64 fan_in = shape->n == 4 ? shape->dim[1] * shape->dim[2] * shape->dim[3] : 1;
  float he = (float) sqrt (6.0 / (double) fan_in), *to = tensor->data;
  guint64 hash = formula_hash (name, strlen (name));
  for (gint64 i = 0, n = rv_tensor_count (tensor); i < n; i++) {
    double number = (double) (mix (hash + ((guint64) i + 1) * GOLDEN_RATIO) >> 40) / (1 << 23) - 1;
    if (shape->n == 4)
      to[i] = (float) number * he;
    else if (g_str_has_suffix (name, ".gamma") || g_str_has_suffix (name, ".bn.weight"))
      to[i] = (float) (1 + 0.3 * number);
    else if (g_str_has_suffix (name, ".moving_variance") || g_str_has_suffix (name, ".running_var"))
      to[i] = (float) (1 + 0.5 * number);
    else
      to[i] = (float) (0.2 * number);
  }
  rv_tensor_map_set (map, name, tensor);
}

static gboolean
pass_over (const char *layer, int value, gpointer user_data)
{
  return FALSE;
}

RvNet *
formula_net (const char *network)
{
  return formula_net_as (network, NULL);
}

RvNet *
formula_net_as (const char *network, const char *naming)
{
  g_autofree char *key = g_strdup_printf ("%s %s", network, naming ? naming : "its own");
  RvNet *net = kept_net (key);
  if (net)
    return net;
  RvNet names = { .class = rv__net_find (network) };
  for (names.naming = names.class->namings; naming && strcmp (names.naming->name, naming) != 0; names.naming++)
    g_assert_nonnull (names.naming->name);
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  g_autoptr (GError) error = NULL;
  RvShape shape = rv_shape (4, 1, 3, RV_NET_FITTING_SIDE, RV_NET_FITTING_SIDE);
  RvNetBuilder builder = { .program = program,
                           .class = names.class,
                           .net = naming ? &names : NULL,
                           .purpose = RV_BUILD_SHAPES,
                           .on_parameter = add_parameter,
                           .on_layer = pass_over,
                           .user_data = map };
  builder.class->build (&builder, rv__program_input (program, &shape));
  g_assert_no_error (program->error);
  net = rv_net_new (NULL, map, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rv_net_name (net), ==, network);
  return keep_net (key, net);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* Value noise at (x, y), in integers: a random lattice every @cell px, interpolated bilinearly. 0..255. */
static int
noise (const char *plane, int cell, int width, int y, int x)
{
  g_autofree char *name = g_strdup_printf ("%s/%d", plane, cell);
  int n = width / cell + 2, fy = y % cell, fx = x % cell, corner[2][2];
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      corner[i][j] = (int) (formula_bits (name, (guint64) ((y / cell + i) * n + x / cell + j)) >> 56);
  return ((cell - fy) * ((cell - fx) * corner[0][0] + fx * corner[0][1]) +
          fy * ((cell - fx) * corner[1][0] + fx * corner[1][1])) /
         (cell * cell);
}

void
formula_noise (const char *name, int cell, int height, int width, guint8 *plane)
{
  for (int i = 0; i < height * width; i++)
    plane[i] = (guint8) noise (name, cell, width, i / width, i % width);
}

RvImage *
formula_picture (const char *name, int height, int width)
{
  gboolean content = strcmp (name, "content") == 0;
  int coarse = content ? 32 : 8, fine = content ? 4 : 2, share = content ? 6 : 3;
  RvImage *image = rv_image_new (width, height, NULL);
  float *to = image->rgb->data;
  for (int c = 0; c < 3; c++) {
    g_autofree char *plane = g_strdup_printf ("%s/%d", name, c);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        *to++ =
          (float) ((share * noise (plane, coarse, width, y, x) + (8 - share) * noise (plane, fine, width, y, x)) / 8);
  }
  return image;
}

/* ---- goldens ----------------------------------------------------------------------------------------------------- */

char **
formula_golden (const char *file)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", file, NULL), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (g_strchomp (text), "\n", -1);
}

void
formula_compare (const char *golden, const double *values, gint64 n, double relative, double largest)
{
  g_auto (GStrv) words = g_strsplit (golden, " ", -1);
  g_autofree char *sample_name = g_strconcat ("sample/", words[0], NULL);
  double norm = 0, golden_norm = g_ascii_strtod (words[2], NULL), golden_largest = g_ascii_strtod (words[3], NULL);
  double kept[N_SAMPLES], wanted[N_SAMPLES], worst = 0;

  g_assert_cmpint (g_strv_length (words), ==, 4 + N_SAMPLES);
  g_assert_cmpint (n, ==, g_ascii_strtoll (words[1], NULL, 10));
  for (gint64 i = 0; i < n; i++)
    norm += values[i] * values[i];
  norm = sqrt (norm);
  for (int s = 0; s < N_SAMPLES; s++) {
    kept[s] = values[formula_bits (sample_name, (guint64) s) % (guint64) n];
    wanted[s] = g_ascii_strtod (words[4 + s], NULL);
    worst = MAX (worst, fabs (kept[s] - wanted[s]));
  }
  g_test_message ("%s: norm off by %.2g, samples by %.2g, largest %.2g", words[0], norm / golden_norm - 1,
                  test_relative (kept, wanted, N_SAMPLES), worst / golden_largest);
  assert_less (fabs (norm / golden_norm - 1), relative);
  assert_less (test_relative (kept, wanted, N_SAMPLES), relative);
  assert_less (worst / golden_largest, largest);
}

void
formula_check_tensor (const RvTensorMap *map, const char *name, const RvShape *shape)
{
  const RvTensor *tensor = rv_tensor_map_get (map, name);
  g_assert_true (tensor && tensor->type == RV_F32 && rv_shape_equal (&tensor->shape, shape));
  for (gint64 i = 0, n = rv_tensor_count (tensor); i < n; i++)
    g_assert_cmpfloat (((float *) tensor->data)[i], ==, (float) formula_number (name, (guint64) i));
}
