/* test-squeezenet.c -- SqueezeNet with its published weights: top class and logit of 24 labelled photographs equal
 * those of tests/golden/squeezenet.py, an independent forward pass. Skipped without weights and photographs, which are
 * not in the repository. */
#include "net/net.h"
#include "support/support.h"
#include <math.h>
#include <reverie/image.h>
#include <reverie/weights.h>
#include <string.h>

#define SHORT_SIDE 256
#define CROP 227
#define LOGIT_TOLERANCE 1e-3

static const char *data_folder, *golden_file;

/* Scales @image to 256 px on the short side, and writes the central 227 x 227 px to @x. Nearest neighbour, source pixel
 * floor ((k + 0.5) * in / out). */
static void
resize_and_crop (const RvImage *image, float *x)
{
  double scale = (double) SHORT_SIDE / MIN (image->width, image->height);
  int rows = (int) rint (image->height * scale), cols = (int) rint (image->width * scale);
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < CROP; i++)
      for (int j = 0; j < CROP; j++) {
        int row = (int) floor ((i + (rows - CROP) / 2 + 0.5) * image->height / rows);
        int col = (int) floor ((j + (cols - CROP) / 2 + 0.5) * image->width / cols);
        x[(c * CROP + i) * CROP + j] =
          ((float *) image->rgb->data)[((gint64) c * image->height + row) * image->width + col];
      }
}

static gboolean
on_layer (const char *layer, int value, gpointer data)
{
  if (strcmp (layer, "class") == 0)
    *(int *) data = value;
  return strcmp (layer, "class") == 0;
}

static void
test_labelled (gconstpointer backend)
{
  g_autofree char *weights_file = g_build_filename (data_folder, "weights", "squeezenet_v1.1.safetensors", NULL);
  g_autofree char *golden = NULL;
  g_autoptr (GError) error = NULL;
  if (!g_file_test (weights_file, G_FILE_TEST_EXISTS)) {
    g_test_skip ("the weights of SqueezeNet are not here");
    return;
  }
  g_autoptr (RvTensorMap) weights = rv_weights_load (weights_file, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (RvNet) net = rv_net_new (NULL, weights, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rv_net_name (net), ==, "squeezenet");
  RvShape shape = rv_shape (4, 1, 3, CROP, CROP);
  RvProgram *program = rv__program_new (RV_F32);
  int x = rv__program_input (program, &shape), map = -1;
  rv__net_record (net, &(RvNetVariant){ 0 }, program, x, &rv__rgb_0_255, on_layer, &map);
  g_assert_no_error (program->error);
  rv__program_output (program, map);
  program->n_forward = (int) program->calls->len;
  g_autoptr (RvExecutable) executable = test_executable (program, backend);
  gint64 positions = rv__program_shape (program, map)->dim[2] * rv__program_shape (program, map)->dim[3];

  g_assert_true (g_file_get_contents (golden_file, &golden, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (g_strstrip (golden), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 24);
  for (char **line = lines; *line; line++) {
    g_auto (GStrv) words = g_strsplit (*line, " ", -1);
    g_autofree char *path = g_build_filename (data_folder, "pictures", "labelled", words[0], NULL);
    g_autoptr (RvImage) image = rv_image_load (path, 0, 0, &error);
    g_assert_no_error (error);
    g_autofree float *picture = g_new (float, 3 * CROP * CROP);
    resize_and_crop (image, picture);
    rv__executable_set (executable, x, picture, NULL);
    g_assert_true (rv__executable_forward (executable, NULL));
    g_autofree double *z = test_get (executable, map);
    int top = 0;
    double best = -1;
    for (int k = 0; k < 1000; k++) {
      double logit = 0;
      for (gint64 p = 0; p < positions; p++)
        logit += MAX (z[k * positions + p], 0) / (double) positions;
      if (logit > best)
        top = k, best = logit;
    }
    g_assert_cmpint (top, ==, g_ascii_strtoll (words[2], NULL, 10));
    assert_less (fabs (best - g_ascii_strtod (words[3], NULL)), LOGIT_TOLERANCE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  data_folder = argc > 1 ? argv[1] : ".";
  golden_file = argc > 2 ? argv[2] : "squeezenet.txt";
  test_add_for_backends ("/squeezenet/labelled", test_labelled);
  return g_test_run ();
}
