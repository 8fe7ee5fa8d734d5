/* test-loss.c -- every row of the loss table: its gradient against central differences of the whole loss in double, as
 * one tile and as 3 x 3 tiles; 0 at the target; and values worked by hand. */
#include "loss/loss.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

#define C 3
#define H 6
#define W 9
#define CENTRAL_STEP 1e-5
#define TOLERANCE 1e-7
#define N_TILES 3 /* a side */

static const RvLossClass *
all_losses (guint i)
{
  static const struct {
    RvLossRole role;
    const char *const *(*names) (void);
  } roles[] = { { RV_LOSS_STYLE, rv__loss_style_names },
                { RV_LOSS_CONTENT, rv__loss_content_names },
                { RV_LOSS_TV, rv__loss_tv_names } };
  for (guint r = 0; r < G_N_ELEMENTS (roles); r++) {
    const char *const *names = roles[r].names ();
    guint n = g_strv_length ((char **) names);
    if (i < n)
      return rv__loss_find (roles[r].role, names[i]);
    i -= n;
  }
  return NULL;
}

/* The sums of one tile, and their backward pass. */
typedef struct {
  RvExecutable *executable;
  int x, target, grad_x, sum[RV_LOSS_MAX_SUMS], grad_sum[RV_LOSS_MAX_SUMS];
  int top, left, h, w;
} Tile;

static Tile
new_tile (const RvLossClass *loss, int top, int left, int h, int w)
{
  RvProgram *program = rv__program_new (RV_F64);
  RvShape shape = rv_shape (4, 1, C, h, w);
  Tile tile = { .top = top, .left = left, .h = h, .w = w, .target = -1 };
  RvSeed seeds[RV_LOSS_MAX_SUMS];
  tile.x = rv__program_input (program, &shape);
  if (loss->role == RV_LOSS_CONTENT)
    tile.target = rv__program_input (program, &shape);
  loss->record (program, tile.x, tile.target, tile.sum);
  g_assert_no_error (program->error);
  for (int k = 0; k < loss->n_sums; k++) {
    RvShape sum = *rv__program_shape (program, tile.sum[k]);
    rv__program_keep (program, tile.sum[k]);
    tile.grad_sum[k] = rv__program_input (program, &sum);
    seeds[k] = (RvSeed){ tile.sum[k], tile.grad_sum[k] };
  }
  tile.grad_x = rv__graph_differentiate (program, seeds, loss->n_sums, tile.x);
  tile.executable = test_executable (program, NULL);
  return tile;
}

static void
cut (const double *whole, const Tile *tile, double *part)
{
  for (int c = 0; c < C; c++)
    for (int i = 0; i < tile->h; i++)
      for (int j = 0; j < tile->w; j++)
        part[(c * tile->h + i) * tile->w + j] = whole[(c * H + tile->top + i) * W + tile->left + j];
}

/* A loss over any number of tiles that cover the picture. */
typedef struct {
  const RvLossClass *loss;
  Tile *tiles;
  int n_tiles;
  RvLossInfo info;
  RvLossTarget target;
  double picture_target[C * H * W];
} Whole;

static gint64
sum_length (const Whole *whole, int k)
{
  return rv_shape_count (rv__program_shape (whole->tiles[0].executable->program, whole->tiles[0].sum[k]));
}

static double
evaluate (const Whole *whole, const double *x, double *grad)
{
  double *sums[RV_LOSS_MAX_SUMS] = { NULL }, *grads[RV_LOSS_MAX_SUMS] = { NULL }, part[C * H * W];
  for (int k = 0; k < whole->loss->n_sums; k++) {
    sums[k] = g_new0 (double, sum_length (whole, k));
    grads[k] = g_new0 (double, sum_length (whole, k));
  }
  for (int t = 0; t < whole->n_tiles; t++) {
    const Tile *tile = &whole->tiles[t];
    cut (x, tile, part);
    rv__executable_set (tile->executable, tile->x, part, NULL);
    cut (whole->picture_target, tile, part);
    if (tile->target >= 0)
      rv__executable_set (tile->executable, tile->target, part, NULL);
    rv__executable_forward (tile->executable, NULL);
    for (int k = 0; k < whole->loss->n_sums; k++) {
      g_autofree double *sum = test_get (tile->executable, tile->sum[k]);
      for (gint64 i = 0; i < sum_length (whole, k); i++)
        sums[k][i] += sum[i];
    }
  }
  double loss = whole->loss->evaluate (&whole->info, (const double *const *) sums, &whole->target, grads);
  if (grad)
    memset (grad, 0, sizeof (double) * C * H * W);
  for (int t = 0; grad && t < whole->n_tiles; t++) {
    const Tile *tile = &whole->tiles[t];
    for (int k = 0; k < whole->loss->n_sums; k++)
      rv__executable_set (tile->executable, tile->grad_sum[k], grads[k], NULL);
    rv__executable_backward (tile->executable, NULL);
    rv__executable_get (tile->executable, tile->grad_x, part, NULL);
    for (int c = 0; c < C; c++)
      for (int i = 0; i < tile->h; i++)
        for (int j = 0; j < tile->w; j++)
          grad[(c * H + tile->top + i) * W + tile->left + j] += part[(c * tile->h + i) * tile->w + j];
  }
  for (int k = 0; k < RV_LOSS_MAX_SUMS; k++) {
    g_free (sums[k]);
    g_free (grads[k]);
  }
  return loss;
}

static void
fill (double *x, guint32 stream)
{
  for (int i = 0; i < C * H * W; i++)
    x[i] = test_number (stream, (guint64) i) + 0.3;
}

/* A target: of a style another "picture" with its sums, of a content loss features and their norm. */
static void
set_target (Whole *whole)
{
  fill (whole->picture_target, 5);
  if (whole->loss->role == RV_LOSS_TV)
    return;
  double *sums[RV_LOSS_MAX_SUMS] = { g_new0 (double, C *C + 1), g_new0 (double, C *C + 1) };
  Tile tile = new_tile (whole->loss, 0, 0, H, W);
  double zero[C * H * W] = { 0 };
  rv__executable_set (tile.executable, tile.x, whole->picture_target, NULL);
  if (tile.target >= 0)
    rv__executable_set (tile.executable, tile.target, zero, NULL);
  rv__executable_forward (tile.executable, NULL);
  for (int k = 0; k < whole->loss->n_sums; k++)
    rv__executable_get (tile.executable, tile.sum[k], sums[k], NULL);
  rv__executable_free (tile.executable);
  whole->target = (RvLossTarget){ .sum = { sums[0], sums[1] }, .positions = H * W };
}

static Whole
new_whole (const RvLossClass *loss, int n)
{
  Whole whole = { .loss = loss, .n_tiles = n * n, .tiles = g_new0 (Tile, n * n) };
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      whole.tiles[i * n + j] = new_tile (loss, H / n * i, W / n * j, H / n, W / n);
  whole.info = (RvLossInfo){ .channels = C, .positions = H * W, .picture_h = H, .picture_w = W, .n_layers = 2 };
  set_target (&whole);
  return whole;
}

static void
free_whole (Whole *whole)
{
  for (int t = 0; t < whole->n_tiles; t++)
    rv__executable_free (whole->tiles[t].executable);
  g_free (whole->tiles);
  g_free (whole->target.sum[0]);
  g_free (whole->target.sum[1]);
}

static void
test_gradient (gconstpointer data)
{
  Whole whole = new_whole (data, 1);
  double x[C * H * W], grad[C * H * W], numeric[C * H * W];
  fill (x, 6);
  evaluate (&whole, x, grad);
  for (int i = 0; i < C * H * W; i++) {
    double kept = x[i];
    x[i] = kept + CENTRAL_STEP;
    double above = evaluate (&whole, x, NULL);
    x[i] = kept - CENTRAL_STEP;
    numeric[i] = (above - evaluate (&whole, x, NULL)) / (2 * CENTRAL_STEP);
    x[i] = kept;
  }
  assert_less (test_relative (grad, numeric, C * H * W), TOLERANCE);
  free_whole (&whole);
}

static void
test_tiles (gconstpointer data)
{
  const RvLossClass *loss = data;
  Whole one = new_whole (loss, 1), nine = new_whole (loss, N_TILES);
  double x[C * H * W], grad_one[C * H * W], grad_nine[C * H * W];
  fill (x, 6);
  double a = evaluate (&one, x, grad_one), b = evaluate (&nine, x, grad_nine);
  assert_less (fabs (a - b), 1e-12 * fabs (a));
  assert_less (test_relative (grad_nine, grad_one, C * H * W), 1e-12);
  free_whole (&one);
  free_whole (&nine);
}

static void
test_zero_at_target (gconstpointer data)
{
  const RvLossClass *loss = data;
  Whole whole = new_whole (loss, 1);
  double flat[C * H * W];
  for (int i = 0; i < C * H * W; i++)
    flat[i] = 2;
  double at_target = evaluate (&whole, loss->role == RV_LOSS_TV ? flat : whole.picture_target, NULL);
  assert_less (fabs (at_target), 1e-20);
  free_whole (&whole);
}

/* One channel pair, one number each, by hand: G = [[5, 11], [11, 25]], S = 0, 2 positions of a 4 x 6 picture. */
static void
test_worked (void)
{
  static const struct {
    const char *name;
    double loss;
  } cases[] = {
    { "keras", (25 + 121 + 121 + 625) / (4 * 9 * 24.0 * 24.0) / 5 },
    { "d2l", (25 + 121 + 121 + 625) / (4.0 * 4.0) / 4 },
    { "gatys", (25 + 121 + 121 + 625) / (4.0 * 4.0 * 4.0) },
  };
  double G[4] = { 5, 11, 11, 25 }, zero[4] = { 0 }, grad[4], *grads[] = { grad, NULL };
  const double *sums[] = { G, NULL };
  RvLossInfo info = { .channels = 2, .positions = 2, .picture_h = 4, .picture_w = 6, .n_layers = 5 };
  RvLossTarget target = { .sum = { zero }, .positions = 2 };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    double loss = rv__loss_find (RV_LOSS_STYLE, cases[i].name)->evaluate (&info, sums, &target, grads);
    assert_less (fabs (loss - cases[i].loss), 1e-12 * cases[i].loss);
  }
  double S[4] = { 10, 0, 0, 0 };
  target.sum[0] = S; /* relative: ||G/2 - S/2||^2 / ||S/2||^2 = (25 + 121 + 121 + 625) / 100 */
  double loss = rv__loss_find (RV_LOSS_STYLE, "relative")->evaluate (&info, sums, &target, grads);
  assert_less (fabs (loss - 8.92), 1e-12);
}

/* A style picture of another size: its sums stand for as many positions as ours. */
static void
test_style_size (void)
{
  const char *const *names = rv__loss_style_names ();
  double G[4] = { 4, 2, 2, 6 }, G2[4] = { 8, 4, 4, 12 }, s[2] = { 3, 1 }, s2[2] = { 6, 2 }, grad[4], grad2[4];
  for (int i = 0; names[i]; i++) {
    const RvLossClass *loss = rv__loss_find (RV_LOSS_STYLE, names[i]);
    gboolean means = strcmp (names[i], "mean-var") == 0;
    const double *sums[] = { means ? s : G, means ? G : s };
    double *twice[] = { means ? s2 : G2, means ? G2 : s2 };
    double *grads[] = { grad, grad2 };
    RvLossInfo info = { .channels = 2, .positions = 10, .picture_h = 5, .picture_w = 2, .n_layers = 1 };
    RvLossTarget target = { .sum = { twice[0], twice[1] }, .positions = 20 };
    assert_less (fabs (loss->evaluate (&info, sums, &target, grads)), 1e-20);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; all_losses (i); i++) {
    static const char *const roles[] = { "style", "content", "tv" };
    const RvLossClass *loss = all_losses (i);
    g_autofree char *base = g_strdup_printf ("%s-%s", roles[loss->role], loss->name);
    g_autofree char *gradient = g_strdup_printf ("/loss/gradient/%s", base);
    g_autofree char *tiles = g_strdup_printf ("/loss/tiles/%s", base);
    g_autofree char *zero = g_strdup_printf ("/loss/zero-at-target/%s", base);
    g_test_add_data_func (gradient, loss, test_gradient);
    if (loss->role != RV_LOSS_TV)
      g_test_add_data_func (tiles, loss, test_tiles);
    g_test_add_data_func (zero, loss, test_zero_at_target);
  }
  g_test_add_func ("/loss/worked", test_worked);
  g_test_add_func ("/loss/style-size", test_style_size);
  return g_test_run ();
}
