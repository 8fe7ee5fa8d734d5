/* test-flow-file.c -- flow files, written and read; invalid, damaged and hostile files. */
#include "base/alloc.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/flow-file.h>
#include <reverie/image.h>
#include <string.h>

#define HEIGHT 5
#define WIDTH 7
#define PIXELS (HEIGHT * WIDTH)

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* (transfer full): a flow of multiples of 1/64 px, exact in both formats; one vector is unknown. */
static RvTensor *
some_flow (void)
{
  RvShape shape = rv_shape (4, 1, 2, HEIGHT, WIDTH);
  RvTensor *flow = rv_tensor_new (RV_F32, &shape, NULL);
  for (int i = 0; i < 2 * PIXELS; i++)
    ((float *) flow->data)[i] = (float) (i * 301 % 4001 - 2000) / 64;
  ((float *) flow->data)[11] = ((float *) flow->data)[PIXELS + 11] = NAN;
  return flow;
}

static void
test_round_trip (void)
{
  static const char *const names[] = { "a.flo", "a.FLO", "a.png" };
  g_autoptr (RvTensor) flow = some_flow ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = path_of (names[i]);
    g_assert_true (rv_flow_file_save (flow, path, TRUE, &error));
    g_autoptr (RvTensor) again = rv_flow_file_load (path, &error);
    g_assert_no_error (error);
    g_assert_true (rv_shape_equal (&flow->shape, &again->shape));
    for (int p = 0; p < 2 * PIXELS; p++) {
      float a = ((float *) flow->data)[p], b = ((float *) again->data)[p];
      g_assert_true (a == b || (isnan (a) && isnan (b)));
    }
  }
  g_assert_true (rv_flow_file_is ("x/y.flo"));
  g_assert_true (rv_flow_file_is ("Y.FLO"));
  g_assert_false (rv_flow_file_is ("flo.png"));
}

/* Whether the bytes can be read as a flow; if not, checks the error. */
static gboolean
reads (gconstpointer bytes, gsize size)
{
  static int n_files; /* a new name each time, as libvips caches by name */
  g_autofree char *name = g_strdup_printf ("bytes-%d", n_files++), *path = path_of (name);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  g_autoptr (RvTensor) flow = rv_flow_file_load (path, &error);
  g_assert_true ((flow != NULL) == (error == NULL));
  if (error)
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  return flow != NULL;
}

/* A .flo file by hand: 2 x 1 px, the vector (1, -2) and an unknown vector. */
static const guint8 two_pixels[] = { 'P',  'I',  'E', 'H', 2, 0,    0,    0,    1,    0,    0,    0,    0,    0,
                                     0x80, 0x3f, 0,   0,   0, 0xc0, 0xf9, 0x02, 0x15, 0x50, 0xf9, 0x02, 0x15, 0x50 };

static void
test_flo_by_hand (void)
{
  g_autofree char *path = path_of ("hand.flo");
  g_assert_true (g_file_set_contents (path, (const char *) two_pixels, sizeof two_pixels, NULL));
  g_autoptr (RvTensor) flow = rv_flow_file_load (path, NULL);
  const float *u = flow->data;
  g_assert_cmpint (flow->shape.dim[2], ==, 1);
  g_assert_cmpint (flow->shape.dim[3], ==, 2);
  g_assert_true (u[0] == 1 && u[2] == -2 && isnan (u[1]) && isnan (u[3]));
}

static void
test_hostile_flo (void)
{
  guint8 bytes[sizeof two_pixels + 1] = { 0 };
  memcpy (bytes, two_pixels, sizeof two_pixels);
  g_assert_true (reads (bytes, sizeof two_pixels));
  for (gsize size = 0; size < sizeof two_pixels; size++)
    g_assert_false (reads (bytes, size));
  g_assert_false (reads (bytes, sizeof bytes));
  static const guint32 sizes[][2] = { { 0, 1 },        { 2, 0 },         { 0xffffffff, 1 },    { 2, 0xffffffff },
                                      { 1u << 31, 2 }, { 40000, 40000 }, { 0x40000000, 0x10 }, { 3, 1 },
                                      { 32768, 1 },    { 1, 2 } };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint32 size[2] = { GUINT32_TO_LE (sizes[i][0]), GUINT32_TO_LE (sizes[i][1]) };
    memcpy (bytes + 4, size, sizeof size);
    g_assert_true (reads (bytes, sizeof two_pixels) == (sizes[i][0] == 1)); /* 1 x 2 has the same size as 2 x 1 */
  }
  g_assert_false (reads ("a text, no flow", 15));
}

static void
test_hostile_png (void)
{
  g_autoptr (RvTensor) flow = some_flow ();
  g_autoptr (RvImage) image = rv_image_new (9, 9, NULL);
  g_autofree char *flow_path = path_of ("b.png"), *image_path = path_of ("c.png"), *bytes = NULL, *eight = NULL;
  gsize size, eight_size;
  g_assert_true (rv_flow_file_save (flow, flow_path, TRUE, NULL));
  g_assert_true (rv_image_save (image, image_path, NULL, NULL)); /* 8 bits: a picture */
  g_assert_true (g_file_get_contents (flow_path, &bytes, &size, NULL));
  g_assert_true (g_file_get_contents (image_path, &eight, &eight_size, NULL));
  g_assert_true (reads (bytes, size));
  g_assert_false (reads (eight, eight_size));
  for (gsize n = 0; n + 40 < size; n++) /* the last bytes are checksums and the end chunk, which no pixel needs */
    g_assert_false (reads (bytes, n));
  for (gsize i = 0; i < size; i++) { /* one wrong byte: an error or another flow, never a crash */
    bytes[i] ^= 0x55;
    reads (bytes, size);
    bytes[i] ^= 0x55;
  }
}

static void
not_read (const char *path, RvError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_flow_file_load (path, &error));
  g_assert_error (error, RV_ERROR, (int) code);
}

static void
not_saved (const RvTensor *flow, const char *name, RvError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = path_of (name);
  g_assert_false (rv_flow_file_save (flow, path, TRUE, &error));
  g_assert_error (error, RV_ERROR, (int) code);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_errors (void)
{
  g_autoptr (RvTensor) flow = some_flow (), half = rv_tensor_to_f16 (flow, NULL);
  RvShape plane = rv_shape (2, HEIGHT, WIDTH);
  g_autoptr (RvTensor) other = rv_tensor_new (RV_F32, &plane, NULL);
  g_autofree char *nothing = path_of ("nothing.flo");
  not_read (nothing, RV_ERROR_FILE);
  not_read (folder, RV_ERROR_FORMAT);
  not_saved (flow, "a.jpg", RV_ERROR_SETTING);
  g_autoptr (GError) no_format = NULL, no_folder = NULL;
  g_assert_false (rv_flow_file_check_target ("a.jpg", &no_format));
  g_assert_error (no_format, RV_ERROR, RV_ERROR_SETTING);
  g_assert_false (rv_flow_file_check_target ("/no-such-folder/a.flo", &no_folder));
  g_assert_error (no_folder, RV_ERROR, RV_ERROR_FILE);
  g_autofree char *writable = g_build_filename (folder, "a.flo", NULL);
  g_assert_true (rv_flow_file_check_target (writable, NULL));
  not_saved (flow, "no/folder.flo", RV_ERROR_FILE);
  not_saved (flow, "no/folder.png", RV_ERROR_FILE);
  not_saved (half, "half.flo", RV_ERROR_TYPE);
  not_saved (other, "plane.flo", RV_ERROR_SHAPE);
  RvShape long_side = rv_shape (4, 1, 2, 1, 32768);
  g_autoptr (RvTensor) wide = rv_tensor_new (RV_F32, &long_side, NULL);
  not_saved (wide, "wide.flo", RV_ERROR_SHAPE);
  ((float *) flow->data)[3] = 512;
  not_saved (flow, "far.png", RV_ERROR_NUMBER);
  ((float *) flow->data)[3] = INFINITY;
  not_saved (flow, "farther.png", RV_ERROR_NUMBER);
  ((float *) flow->data)[3] = -512;
  rv__alloc_fail_at (1);
  not_saved (flow, "memory.png", RV_ERROR_MEMORY);
  rv__alloc_fail_at (0);
  g_autofree char *edge = path_of ("edge.png");
  g_assert_true (rv_flow_file_save (flow, edge, TRUE, NULL));
  rv__alloc_fail_at (1);
  not_read (edge, RV_ERROR_MEMORY);
  rv__alloc_fail_at (0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK); /* libvips warns of damaged files */
  folder = g_dir_make_tmp ("reverie-flow-XXXXXX", NULL);
  g_test_add_func ("/flow-file/round-trip", test_round_trip);
  g_test_add_func ("/flow-file/flo-by-hand", test_flo_by_hand);
  g_test_add_func ("/flow-file/hostile-flo", test_hostile_flo);
  g_test_add_func ("/flow-file/hostile-png", test_hostile_png);
  g_test_add_func ("/flow-file/errors", test_errors);
  int code = g_test_run ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = path_of (name);
    g_unlink (path);
  }
  g_rmdir (folder);
  g_free (folder);
  return code;
}
